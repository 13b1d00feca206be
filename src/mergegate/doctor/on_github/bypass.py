"""Who may merge past the required status, or past what keeps that status true?"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from mergegate.doctor.check import BlindError, Unseen
from mergegate.doctor.on_github.code_owners import asks
from mergegate.doctor.on_github.facts import STATUS, Branch, GitHubFacts, Guard
from mergegate.doctor.on_github.guarding import HERE, each_branch, requiring
from mergegate.doctor.on_github.status_source import pinned_apps
from mergegate.records.doctor import Ailment

LOOKS_FOR = "people, teams, Apps and keys that may bypass the rules, administrators among them"
FINDS_HOLES = True

CHECK = "bypass"

Passing = tuple[str, ...] | Unseen


class Hold(Struct, frozen=True):
    """Something that a branch is held by: which guards do so, and who may pass one of them by."""

    what: str
    has: Callable[[Guard], object]
    passing: Callable[[Guard], Passing] = lambda guard: guard.bypass


HOLDS = (
    Hold(
        "the pull request",
        lambda guard: guard.reviews is not None and not guard.exempt,
        lambda guard: guard.pushers,
    ),
    Hold(
        "the review by code owners",
        asks,
        lambda guard: guard.bypass if isinstance(guard.bypass, Unseen) else (*guard.bypass, *guard.exempt),
    ),
    Hold("being up to date", lambda guard: guard.strict or guard.queue),
    Hold("the history", lambda guard: guard.blocks_force_pushes, lambda guard: guard.pushers),
)
"""What keeps the status true, each by a check of its own where nothing asks for it at all."""


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Name who may pass by everything that requires the status on a branch, or holds what it rests on."""
    return each_branch(facts, lambda branch, guards: _look(facts, branch, guards))


def _look(facts: GitHubFacts, branch: Branch, guards: tuple[Guard, ...]) -> Iterator[Ailment]:
    strict = requiring(guards)
    if not strict:
        return
    # Where one takes it from an App and another from anybody, the latter stops nobody who passes the former.
    pinned = tuple(guard for guard in strict if pinned_apps(facts, (guard,))) if len(strict) > 1 else ()
    blind: list[str] = []
    told: set[str] = set()
    found: dict[tuple[tuple[str, ...], tuple[Guard, ...]], list[str]] = {}
    held = [
        (hold, tuple(guard for guard in guards if hold.has(guard)))
        for hold in (*HOLDS, *((_DELETION,) if branch.pattern else ()))
    ]
    for hold, holding in [(_STATUS, pinned or strict), *held]:
        try:
            by = _who([hold.passing(guard) for guard in holding])
        except BlindError as error:
            blind.append(str(error))
            continue
        if by and not told.issuperset(by):
            found.setdefault((by, holding), []).append(hold.what)
            told.update(by if hold is _STATUS else ())
    for (by, holding), what in found.items():
        yield _ailment(by, holding, what)
    if blind:
        raise BlindError("; ".join(dict.fromkeys(blind)))


_STATUS = Hold("the status", lambda guard: guard.sources)
_DELETION = Hold("the block on deletions", lambda guard: guard.blocks_deletion, lambda guard: guard.pushers)


def _who(passing: list[Passing]) -> tuple[str, ...]:
    """Who may pass by all of them. Raises BlindError where that is not known."""
    # Rules add up: what one guard lets nobody pass, nobody passes.
    if not passing or any(each == () for each in passing):
        return ()
    known = [each for each in passing if not isinstance(each, Unseen)]
    if len(known) < len(passing):
        raise BlindError(next(each.why for each in passing if isinstance(each, Unseen)))
    everywhere = tuple(who for who in known[0] if all(who in each for each in known[1:]))
    return everywhere or (f"whoever is both {' and '.join(each[0] for each in known)}",)


def _ailment(by: tuple[str, ...], holding: tuple[Guard, ...], what: list[str]) -> Ailment:
    names = " and ".join(guard.name for guard in holding)
    status = _STATUS.what in what
    return Ailment(
        check=CHECK,
        level="hole",
        what=f"{', '.join(by)} may bypass {names} on {HERE}"
        + ("" if status else f", and so {', '.join(what)}"),
        why=f"they merge, or push, whatever `{STATUS}` says"
        if status
        else f"without that a green `{STATUS}` is not about what enters",
        mend=f"{holding[0].where}: {_mend(holding[0])}",
        by=by,
    )


def _mend(guard: Guard) -> str:
    if guard.name.startswith("the branch protection"):
        return "Do not allow bypassing the above settings"
    return "empty the bypass list"
