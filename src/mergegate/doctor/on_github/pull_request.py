"""Must a change come by a pull request?"""

from collections.abc import Iterator

from mergegate.doctor.on_github.facts import STATUS, Branch, GitHubFacts, Guard
from mergegate.doctor.on_github.guarding import HERE, each_branch, place, some_guard
from mergegate.doctor.on_github.who import may_write
from mergegate.records.doctor import Ailment

LOOKS_FOR = "a pull request required before anything enters a protected branch, with no exemptions"
FINDS_HOLES = True

CHECK = "pull-request"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Name the branches that may be pushed to."""
    return each_branch(facts, lambda branch, guards: _look(facts, branch, guards))


def _look(facts: GitHubFacts, branch: Branch, guards: tuple[Guard, ...]) -> Iterator[Ailment]:
    if some_guard(guards, lambda guard: guard.reviews is not None and not guard.exempt):
        return
    exempt = tuple(who for guard in guards for who in guard.exempt)
    yield Ailment(
        check=CHECK,
        level="hole",
        what=f"{', '.join(exempt)} may push to {HERE} without a pull request"
        if exempt
        else f"{HERE} may be pushed to without a pull request",
        why=f"a commit that is green for another branch bears `{STATUS}` already: pushed, it enters judged "
        "by nobody here",
        mend=f"{place(guards)}: require a pull request before merging"
        + (", and let nobody bypass it" if exempt else ""),
        by=exempt or may_write(facts),
    )
