"""What may a job that declares nothing?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.on_github.facts import GitHubFacts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "jobs that declare nothing reading only, and Actions that approve no pull request"
FINDS_HOLES = False

CHECK = "token-permissions"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say what every workflow is given unasked."""
    tokens = seen(facts.tokens)
    mend = (
        f"gh api -X PUT repos/{facts.repository}/actions/permissions/workflow "
        "-f default_workflow_permissions=read -F can_approve_pull_request_reviews=false"
    )
    if tokens.default != "read":
        yield Ailment(
            check=CHECK,
            level="warning",
            what="a job that declares no permissions gets a token that may write",
            why="a workflow that forgets `permissions:` holds `statuses: write` beside code of a change",
            mend=mend,
            where="Settings → Actions → General → Workflow permissions",
        )
    if tokens.approves:
        yield Ailment(
            check=CHECK,
            level="warning",
            what="GitHub Actions may create and approve pull requests",
            why="a workflow on anyone's branch can give the approval that the rules ask for",
            mend=mend,
            where="Settings → Actions → General → Workflow permissions",
        )
