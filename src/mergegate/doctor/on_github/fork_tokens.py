"""What are the runs of a private repository's forks given?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.on_github.facts import GitHubFacts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "no token that may write, and no secret, for pull requests from forks"
FINDS_HOLES = True

CHECK = "fork-tokens"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say where strangers' code would hold what only trusted jobs may."""
    if not facts.private:
        # GitHub gives forks of public repositories neither, whatever is set.
        return
    forks = seen(facts.forks)
    given = [
        words
        for words, on in (("a token that may write", forks.write_tokens), ("secrets", forks.secrets))
        if forks.run and on
    ]
    if given:
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"pull requests from forks are given {' and '.join(given)}",
            why="the code of a fork can then set any status, or use what the secrets open",
            mend=f"gh api -X PUT repos/{facts.repository}/actions/permissions/"
            "fork-pr-workflows-private-repos -F run_workflows_from_fork_pull_requests=true "
            "-F send_write_tokens_to_workflows=false "
            "-F send_secrets_and_variables=false -F require_approval_for_fork_pr_workflows=true",
            where="Settings → Actions → General",
            by=("whoever may fork this repository",),
        )
