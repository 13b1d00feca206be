"""Is a change judged against what it is merged into?"""

from collections.abc import Iterator

from mergegate.doctor.on_github.facts import Branch, GitHubFacts, Guard
from mergegate.doctor.on_github.guarding import HERE, each_branch, requiring, some_guard
from mergegate.doctor.on_github.who import may_write
from mergegate.records.doctor import Ailment

LOOKS_FOR = "branches required to be up to date before they are merged, or a merge queue"
FINDS_HOLES = True

CHECK = "up-to-date"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Name the branches that may move between verdict and merge."""
    return each_branch(facts, lambda branch, guards: _look(facts, branch, guards))


def _look(facts: GitHubFacts, branch: Branch, guards: tuple[Guard, ...]) -> Iterator[Ailment]:
    strict = requiring(guards)
    if not strict or some_guard(guards, lambda guard: guard.strict or guard.queue):
        return
    yield Ailment(
        check=CHECK,
        level="hole",
        what=f"a change may enter {HERE} that was judged against an older state of it",
        why="two changes that each pass can fail together, and a bar that was raised since is not asked",
        mend=f"{strict[0].where}: require branches to be up to date before merging, or a merge queue",
        by=may_write(facts),
    )
