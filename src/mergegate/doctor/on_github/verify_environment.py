"""Who may start the run that makes a change *reproduced*?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.on_github.facts import GitHubFacts
from mergegate.doctor.on_github.who import may_write
from mergegate.records.doctor import Ailment

LOOKS_FOR = "reviewers for the environment in which verify.yml reproduces, where the policy asks for that"
FINDS_HOLES = True

CHECK = "verify-environment"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say where whoever may write may vouch for their own change."""
    if facts.required_strength != "reproduced":
        return
    workflow = next((each for each in seen(facts.workflows) if each.file == "verify.yml"), None)
    if workflow is None:
        yield Ailment(
            check=CHECK,
            level="fault",
            what="the policy asks for *reproduced*, and there is no verify.yml on the default branch",
            why="no change can be reproduced by a trusted run, so none can pass",
            mend="take .github/workflows/verify.yml from mergegate's own repository, or ask for `scored`",
            where=facts.policy,
        )
        return
    # GitHub takes two names for one that differ in their case alone.
    reviewed = {each.name.casefold() for each in seen(facts.environments) if each.reviewers}
    runs = [job for job in workflow.jobs if job.kind == "untrusted"]
    if runs and all(job.environment.casefold() in reviewed for job in runs):
        return
    yield Ailment(
        check=CHECK,
        level="hole",
        what="whoever may write may start verify.yml for their own change, and *reproduced* is asked for",
        why="that run believes what the change's code says: who starts it vouches for having read it",
        mend="give the job reproduce `environment: verify`, and that environment required reviewers, who may "
        "not approve their own (Settings → Environments)",
        where=".github/workflows/verify.yml",
        by=may_write(facts),
    )
