"""What a maintainer's verification is believed on: that its stages ran, and how its job ended."""

from collections.abc import Mapping

from mergegate import repo
from mergegate.errors import UsageError
from mergegate.records.reproduce import Reproduction

ENDED = "MERGEGATE_RUN_ENDED"
"""Environment variable that tells how the job ended that ran the change: the run still goes on."""


def read_end(environment: Mapping[str, str]) -> str:
    """How the job ended that ran the change, in GitHub's words. Raises UsageError where nobody says."""
    ended = environment.get(ENDED, "")
    if not ended:
        raise UsageError(
            f"{ENDED} is not set, so nobody knows how the job that ran the change ended",
            hint="set it to `needs.reproduce.result` in the step that judges, as verify.yml does",
        )
    return ended


def covers(record: Reproduction, project: repo.Project, branch: str, head: str) -> bool:
    """Whether all was reproduced that a change into this branch must run: what base has is not run again."""
    if record.outcome != "reproduced" or record.base is None:
        return False
    target = repo.resolve(project, f"origin/{branch}")
    return record.base.sha == repo.merge_base(project, target, repo.resolve(project, head))
