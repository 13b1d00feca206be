"""Do strangers' runs wait until a maintainer says so?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.on_github.facts import GitHubFacts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "approval before the runs of outside contributors start"
FINDS_HOLES = False

CHECK = "fork-approval"

ALL = "all_external_contributors"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say whose code starts unasked."""
    if facts.private:
        return
    policy = seen(facts.forks).policy
    if policy != ALL:
        whose = (
            "who is new to GitHub"
            if policy.endswith("new_to_github")
            else "who contributes for the first time"
        )
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"only {whose} waits for approval; anyone else's runs start at once",
            why="their code runs on your minutes and reaches what your runners reach; it holds no secret",
            mend=f"gh api -X PUT repos/{facts.repository}/actions/permissions/fork-pr-contributor-approval "
            f"-f approval_policy={ALL}",
            where="Settings → Actions → General",
        )
