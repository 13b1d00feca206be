"""Each protected branch by itself: what can't be seen of one hides nothing of another."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from mergegate.doctor.check import BlindError, seen
from mergegate.doctor.on_github.facts import Branch, GitHubFacts, Guard
from mergegate.doctor.on_github.who import listed
from mergegate.records.doctor import Ailment

RULESETS = "Settings → Rules → Rulesets"


HERE = "<branches>"
"""Stands in an ailment for the branches that it is of."""


def each_branch(
    facts: GitHubFacts, look: Callable[[Branch, tuple[Guard, ...]], Iterator[Ailment]]
) -> Iterator[Ailment]:
    """Look at every protected branch and what binds it; what ails several alike is told once.

    Raises BlindError at the end, for what was unseen.
    """
    blind = [facts.left_out] if facts.left_out else []
    found: dict[Ailment, list[str]] = {}
    for branch in seen(facts.branches):
        try:
            for ailment in look(branch, seen(branch.guards)):
                found.setdefault(ailment, []).append(branch.shown)
        except BlindError as error:
            blind.append(str(error))
    for ailment, names in found.items():
        yield replace(ailment, what=ailment.what.replace(HERE, listed(names)), where=listed(names))
    if blind:
        raise BlindError("; ".join(dict.fromkeys(blind)))


def some_guard(guards: tuple[Guard, ...], has: Callable[[Guard], object]) -> bool:
    """Whether one of what binds a branch does so. Raises BlindError where that may be, unseen."""
    if any(has(guard) for guard in guards):
        return True
    for guard in guards:
        if guard.hidden:
            raise BlindError(guard.hidden)
    return False


def requiring(guards: tuple[Guard, ...]) -> tuple[Guard, ...]:
    """Those that require the status."""
    return tuple(guard for guard in guards if guard.sources)


def place(guards: tuple[Guard, ...]) -> str:
    """Where to change what binds a branch."""
    return guards[0].where if guards else f"{RULESETS} → New branch ruleset"
