"""Times and days that all moved by as much, or lost their time of day."""

from collections.abc import Iterator, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from mergegate.amounts import amount
from mergegate.dataset.cells import Changed, present

_DAY = 86_400


def find(changed: Changed, places: Sequence[int]) -> dict[int, str]:
    """The pattern of each column that has one; a shift shows no value, and so is told of private ones."""
    found = changed.fetch_one(**dict(_moves(changed, places)))
    told = {place: "losing the time of day" for place in places if found[f"days{place}"] == 0}
    shifts = {
        place: seconds
        for place in places
        if place not in told and (seconds := _shift(found, place)) is not None
    }
    if not shifts:
        return told
    left = changed.fetch_one(**dict(_left(changed, shifts)))
    return told | {place: _words(seconds) for place, seconds in shifts.items() if left[f"left{place}"] == 0}


def _times(changed: Changed, place: int) -> tuple[ir.TimestampValue, ir.TimestampValue]:
    old, new = (changed.rows[f"{side}{place}"] for side in "on")
    return tuple(side.cast("timestamp") if side.type().is_date() else side for side in (old, new))


def _moves(changed: Changed, places: Sequence[int]) -> Iterator[tuple[str, ir.Scalar]]:
    for place in places:
        old, new = _times(changed, place)
        both = present(changed.rows, place)
        move = new.epoch_seconds().cast("float64") - old.epoch_seconds().cast("float64")
        move = both.ifelse(move.round(), ibis.null("float64"))
        yield f"low{place}", move.min()
        yield f"high{place}", move.max()
        yield f"days{place}", changed.rows.count(where=both & (new != old.truncate("D")))


def _shift(found: Mapping[str, object], place: int) -> int | None:
    low, high = found[f"low{place}"], found[f"high{place}"]
    if isinstance(low, int | float) and isinstance(high, int | float) and low and low == high:
        return int(low)
    return None


def _left(changed: Changed, shifts: Mapping[int, int]) -> Iterator[tuple[str, ir.Scalar]]:
    """How many cells are not where the shift would have put them: fractions of seconds count."""
    for place, seconds in shifts.items():
        old, new = _times(changed, place)
        moved = old + ibis.interval(seconds=seconds)
        yield f"left{place}", changed.rows.count(where=present(changed.rows, place) & (new != moved))


def _words(seconds: int) -> str:
    sign = "+" if seconds > 0 else "−"
    days, rest = divmod(abs(seconds), _DAY)
    if rest:
        return f"{sign}{abs(seconds):,} s"
    return f"{sign}{amount(days, 'day')}"
