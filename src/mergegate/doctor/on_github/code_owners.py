"""Does somebody else look before the policy or a workflow changes?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.on_github.facts import Branch, GitHubFacts, Guard, Owners
from mergegate.doctor.on_github.guarding import HERE, each_branch, place, requiring, some_guard
from mergegate.doctor.on_github.owning import owners_of
from mergegate.doctor.on_github.who import is_alone, may_write
from mergegate.records.doctor import Ailment, Level

LOOKS_FOR = "a review by code owners before the policy or a workflow changes, and owners for both"
FINDS_HOLES = True

CHECK = "code-owners"

_FOLDER = ".github/workflows/"
_NEW = "a new workflow"

_TWO_STEPS = (
    "a change of the policy or of a workflow is judged by the old ones, and takes effect once it is merged: "
    "one person alone can merge that, and the next change enters as they like"
)


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say where one person alone may lower the bar for the change after."""
    owners = seen(facts.owners)
    yield from _find_unowned(facts, owners)
    yield from each_branch(facts, lambda branch, guards: _look(facts, branch, guards, owners))


def _find_unowned(facts: GitHubFacts, owners: Owners, on: str = "") -> Iterator[Ailment]:
    deciding = (
        facts.policy,
        f"{_FOLDER}review.yml",
        f"{_FOLDER}comment.yml",
        # A workflow that is new may ask for the App's key, and a new owner may be anybody.
        f"{_FOLDER}ANY.yml",
        f"{_FOLDER}ANY.yaml",
        *((owners.path,) if owners.path else ()),
    )
    unowned = [
        _NEW if ".ANY." in f".{path.rpartition('/')[2]}" else path
        for path in deciding
        if not owners_of(path, owners.text, owners.unusable)
    ]
    if unowned:
        yield Ailment(
            check=CHECK,
            level=_level(facts),
            what=f"{owners.path or 'CODEOWNERS'}{on} names nobody for {', '.join(dict.fromkeys(unowned))}",
            why=_TWO_STEPS,
            mend=f"add to .github/CODEOWNERS: `/{facts.policy} @OWNER`, `/.github/ @OWNER`",
            where=owners.path,
            by=may_write(facts),
        )
    if owners.errors:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"GitHub can't use {owners.errors:,} of the lines of {owners.path}{on}",
            why="an owner who is unknown, or may not write, is asked for nothing",
            mend=f"gh api repos/{facts.repository}/codeowners/errors",
            where=owners.path,
        )


def _look(
    facts: GitHubFacts, branch: Branch, guards: tuple[Guard, ...], default: Owners
) -> Iterator[Ailment]:
    if not requiring(guards):
        return
    if branch.owners is not None and (own := seen(branch.owners)).text != default.text:
        yield from _find_unowned(facts, own, f" on {branch.name}")
    if not some_guard(guards, asks):
        yield Ailment(
            check=CHECK,
            level=_level(facts),
            what=f"no review by code owners is required on {HERE}",
            why=_TWO_STEPS,
            mend=f"{place(guards)}: require a pull request, 1 approval, and review from code owners",
            by=may_write(facts),
        )
    elif not some_guard(guards, _asks_again):
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"on {HERE} an approval outlives the commits that are pushed after it",
            why="what was approved is not what is merged",
            mend=f"{place(guards)}: dismiss stale approvals, or require approval of the most recent push",
        )


def _level(facts: GitHubFacts) -> Level:
    # Nobody can be asked to look, and whoever is alone may change the settings too.
    return "warning" if is_alone(facts) else "hole"


def asks(guard: Guard) -> bool:
    """Whether it requires an approval by a code owner."""
    return guard.reviews is not None and guard.reviews.code_owners and guard.reviews.approvals > 0


def _asks_again(guard: Guard) -> bool:
    return guard.reviews is not None and (guard.reviews.stale_dismissed or guard.reviews.last_push)
