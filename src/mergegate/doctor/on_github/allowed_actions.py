"""Do Actions run at all, and only those that were read?"""

from collections.abc import Iterator

from mergegate.doctor.check import Unseen, seen
from mergegate.doctor.on_github.facts import GitHubFacts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "Actions switched on, and required to be pinned to a commit"
FINDS_HOLES = False

CHECK = "allowed-actions"

_WHERE = "Settings → Actions → General → Actions permissions"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say what keeps the review from running, or lets an action change under it."""
    actions = seen(facts.actions)
    if not actions.enabled:
        yield Ailment(
            check=CHECK,
            level="fault",
            what="GitHub Actions are switched off",
            why="no review runs, so no status comes and no change can be merged",
            mend=f"gh api -X PUT repos/{facts.repository}/actions/permissions -F enabled=true",
            where=_WHERE,
        )
        return
    foreign = () if isinstance(facts.workflows, Unseen) else _foreign(facts)
    if actions.allowed == "local_only" and foreign:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"only this owner's actions may run, and the workflows use {', '.join(foreign[:3])}",
            why="a run that names an action which is not allowed does not start",
            mend=f"gh api -X PUT repos/{facts.repository}/actions/permissions -F enabled=true "
            "-f allowed_actions=all",
            where=_WHERE,
        )
    if actions.pinned is False:
        yield Ailment(
            check=CHECK,
            level="warning",
            what="actions need not be pinned to a full-length commit",
            why="whoever moves a tag of an action that some workflow names changes what runs here",
            mend=f"gh api -X PUT repos/{facts.repository}/actions/permissions -F enabled=true "
            f"-f allowed_actions={actions.allowed} -F sha_pinning_required=true",
            where=_WHERE,
        )


def _foreign(facts: GitHubFacts) -> tuple[str, ...]:
    """Actions of another owner."""
    owner = facts.repository.partition("/")[0].lower()
    jobs = [job for each in seen(facts.workflows) for job in each.jobs]
    used = {step.action for job in jobs for step in job.steps if step.action}
    return tuple(sorted(name for name in used if not name.lower().startswith(("./", f"{owner}/", "docker:"))))
