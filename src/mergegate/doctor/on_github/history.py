"""Can a protected branch be moved back, or deleted and made anew?"""

from collections.abc import Iterator

from mergegate.doctor.on_github.facts import Branch, GitHubFacts, Guard
from mergegate.doctor.on_github.guarding import HERE, each_branch, place, some_guard
from mergegate.doctor.on_github.who import may_write
from mergegate.records.doctor import Ailment

LOOKS_FOR = "force pushes and deletions blocked on protected branches"
FINDS_HOLES = True

CHECK = "history"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Name the branches whose history may be written anew."""
    return each_branch(facts, lambda branch, guards: _look(facts, branch, guards))


def _look(facts: GitHubFacts, branch: Branch, guards: tuple[Guard, ...]) -> Iterator[Ailment]:
    if not some_guard(guards, lambda guard: guard.blocks_force_pushes):
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"force pushes to {HERE} are not blocked",
            why="moved back to a commit with a laxer policy, the branch judges by that one",
            mend=f"{place(guards)}: block force pushes",
            by=may_write(facts),
        )
    # GitHub lets nobody delete the default branch.
    if branch.pattern and not some_guard(guards, lambda guard: guard.blocks_deletion):
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"{HERE} may be deleted",
            why="made anew it begins at any commit that somebody likes",
            mend=f"{place(guards)}: restrict deletions",
            by=may_write(facts),
        )
