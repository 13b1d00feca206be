"""Rows that head adds beside base's, column by column: a notable shift, or a PSI over its bar."""

from collections.abc import Iterator, Mapping

from mergegate.config.data import OTHERS, Level
from mergegate.config.datasets import shift_bar
from mergegate.gates.case import told_apart
from mergegate.gates.data.held import Asked, Held, Kind, allowed_by
from mergegate.records.data import Shift
from mergegate.records.verdict import GateResult

WORD = "shift"
_SHOWN = 3


def ask(held: Held) -> Iterator[Asked]:
    """Each column that is named and is in the dataset; the others together."""
    bars, own = _bars(held), held.dataset.gates.shift
    known = {profile.column for profile in held.review.profiles} | _shifts(held).keys()
    for column, bar in bars.items():
        if column == OTHERS or bar == "ignore":
            continue
        # A common bar is for whichever datasets have the column.
        if column in known or (isinstance(own, dict) and column in own):
            yield Asked(WORD, column, _level(bar))
    others = bars.get(OTHERS, "ignore")
    if others != "ignore":
        yield Asked(WORD, level=_level(others))


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """Judge one column by its bar, or all that are not named together."""
    found = held.review.rows
    bar = shift_bar(held.gates, asked.column or OTHERS)
    line = None if isinstance(bar, str) else bar
    if found is not None and not found.added:
        yield held.judged(asked, True, "head adds no row, so nothing shifts.", value=None, bar=line)
        return
    shifts = _shifts(held)
    if asked.column:
        chosen = {asked.column: shifts[asked.column]} if asked.column in shifts else {}
    else:
        named = _bars(held)
        chosen = {name: shift for name, shift in shifts.items() if name not in named}
    if not chosen:
        what = asked.column or "any column"
        sentence = f"can't tell: the added rows' {what} was not held against base's."
        yield held.result(asked, "insufficient", sentence, bar=line)
    elif line is None:
        yield _by_words(held, asked, list(chosen.values()))
    else:
        yield _by_number(held, asked, list(chosen.values()), line)


def _by_words(held: Held, asked: Asked, shifts: list[Shift]) -> GateResult:
    notable = [shift for shift in shifts if shift.notable]
    if not notable:
        return held.judged(asked, True, "the added rows are much like base's.", value=0.0, bar=0.0)
    sentence = f"{_listed(notable)}; {_advice()}."
    return held.judged(asked, False, sentence, value=float(len(notable)), bar=0.0)


def _by_number(held: Held, asked: Asked, shifts: list[Shift], bar: float) -> GateResult:
    if any(shift.psi is None for shift in shifts):
        without = next(shift.column for shift in shifts if shift.psi is None)
        return held.result(asked, "insufficient", f"can't tell: {without} has no PSI.", bar=bar)
    over = [shift for shift in shifts if not (shift.psi or 0.0) <= bar]
    worst = max(shifts, key=lambda shift: shift.psi or 0.0)
    value = worst.psi or 0.0
    shown, line = told_apart(value, bar)
    if over:
        sentence = f"{_listed(over)}; PSI {shown}, where at most {line} may be; {_advice()}."
    else:
        sentence = f"{worst.column} of the added rows has PSI {shown}; up to {line} may be."
    return held.judged(asked, not over, sentence, value=value, bar=bar)


def _listed(shifts: list[Shift]) -> str:
    said = [shift.sentence.rstrip(".") or f"{shift.column} shifted" for shift in shifts[:_SHOWN]]
    rest = len(shifts) - _SHOWN
    return "; ".join(said) + (f"; and {rest:,} more" if rest > 0 else "")


def _advice() -> str:
    return f"look whether the world changed or its measurement, or {allowed_by(WORD)}"


def _shifts(held: Held) -> Mapping[str, Shift]:
    """Whole columns; slices are shown only."""
    return {shift.column: shift for shift in held.review.shift if not shift.slice_column}


def _bars(held: Held) -> Mapping[str, Level | float]:
    return held.gates.shift if isinstance(held.gates.shift, dict) else {}


def _level(bar: Level | float) -> Level:
    return bar if isinstance(bar, str) else "forbid"


SHIFT = Kind(ask, judge)
