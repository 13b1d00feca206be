"""What all changed cells of a column have in common: another unit, a shift in time, case, spaces.

A candidate is read off a few aggregates and then held against every changed cell: what is told holds in all
of them. It reads on after "every one by".
"""

from collections.abc import Iterator, Mapping
from types import ModuleType

import ibis
import ibis.expr.types as ir

from mergegate.dataset import pattern_numbers, pattern_texts, pattern_times
from mergegate.dataset.cells import Changed, Moves, numeric, short
from mergegate.dataset.samples import show

FEWEST = 3
"""Changed cells: through any two numbers there is a line."""


def find_patterns(changed: Changed, moves: Mapping[int, Moves]) -> dict[int, str]:
    """The pattern of each column that has one, by its place.

    It is of the cells with a value on both sides where there are any. Private columns have those only that
    show no value.
    """
    families: dict[ModuleType, list[int]] = {}
    for place, move in moves.items():
        family = _family(changed, place)
        if family and move.both >= FEWEST:
            families.setdefault(family, []).append(place)
    found: dict[int, str] = {}
    for family, places in families.items():
        found |= family.find(changed, places)
    told = {place: _limited(text, moves[place]) for place, text in found.items()}
    return told | _find_gaps(changed, moves)


def _family(changed: Changed, place: int) -> ModuleType | None:
    """What knows the patterns of a column's type."""
    old, new = (changed.rows[f"{side}{place}"].type() for side in "on")
    if numeric(changed.rows, place):
        return None if changed.hides(place) else pattern_numbers
    if old.is_string() and new.is_string():
        return pattern_texts
    if (old.is_timestamp() or old.is_date()) and old.copy(nullable=True) == new.copy(nullable=True):
        return pattern_times
    return None


def _limited(text: str, move: Moves) -> str:
    return text if move.both == move.changed else f"{text}, where both sides have a value"


def _find_gaps(changed: Changed, moves: Mapping[int, Moves]) -> dict[int, str]:
    """One value that went missing everywhere, or that filled all gaps."""
    sides = {
        place: "o" if move.emptied else "n"
        for place, move in moves.items()
        if move.changed >= FEWEST
        and move.changed in (move.emptied, move.filled)
        and not changed.hides(place)
        and not changed.rows[f"o{place}"].type().is_nested()
    }
    if not sides:
        return {}
    row = changed.fetch_one(**dict(_bounds(changed, sides)))
    found = {}
    for place, side in sides.items():
        value = show(row[f"value{place}"])
        if value is not None and row[f"one{place}"]:
            found[place] = f"{value} → missing" if side == "o" else f"missing → {value}"
    return found


def _bounds(changed: Changed, sides: Mapping[int, str]) -> Iterator[tuple[str, ir.Scalar]]:
    for place, side in sides.items():
        old, new = changed.rows[f"o{place}"], changed.rows[f"n{place}"]
        value, other = (old, new) if side == "o" else (new, old)
        value = (value.notnull() & other.isnull()).ifelse(value, ibis.null(value.type()))
        yield f"one{place}", value.min() == value.max()
        yield f"value{place}", short(value.min())
