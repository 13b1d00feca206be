"""Can a role of the cloud tell one run from another?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.on_github.facts import GitHubFacts, Hosted
from mergegate.doctor.workflow import Job
from mergegate.records.doctor import Ailment

LOOKS_FOR = "a subject in OIDC tokens that says for what a run was started"
FINDS_HOLES = False

CHECK = "oidc-subject"

_TELLING = frozenset(
    {"context", "ref", "environment", "event_name", "job_workflow_ref", "workflow_ref", "sub"}
)


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say where every run of every branch has the same subject; nothing where no workflow asks for a role."""
    subject = seen(facts.subject)
    asking = sorted({each.file for each in seen(facts.workflows) for job in each.jobs if _asks(each, job)})
    if asking and subject.claims and not _TELLING & set(subject.claims):
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"OIDC tokens have a subject of {', '.join(subject.claims)} alone: all runs share one",
            why=f"the role that {asking[0]} asks for is then every branch's",
            mend=f"gh api -X PUT repos/{facts.repository}/actions/oidc/customization/sub -F use_default=true",
            where="actions/oidc/customization/sub",
        )


def _asks(hosted: Hosted, job: Job) -> bool:
    """Whether a job may ask for a role."""
    given = (hosted.workflow.permissions_of(job) if hosted.workflow else None) or {}
    return "write" in (given.get("id-token"), given.get("*"))
