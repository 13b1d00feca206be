"""Cells of head that hold nothing, column by column: null, or NaN, which a model can't tell from it."""

from collections.abc import Iterator

from mergegate.amounts import list_some
from mergegate.config.data import OTHERS
from mergegate.config.datasets import missing_bar
from mergegate.gates.case import told_apart
from mergegate.gates.data.held import Asked, Held, Kind, allowed_by
from mergegate.records.data import ColumnProfile
from mergegate.records.verdict import GateResult

WORD = "max_missing"
_SHOWN = 3


def ask(held: Held) -> Iterator[Asked]:
    """Each column that is named and was ever there; the others together."""
    bars = _bars(held)
    own = held.dataset.gates.max_missing
    known = {profile.column for profile in held.review.profiles}
    for column in bars:
        # A common bar is for whichever datasets have the column.
        if column != OTHERS and (column in known or (isinstance(own, dict) and column in own)):
            yield Asked(WORD, column)
    if OTHERS in bars:
        yield Asked(WORD)


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """Judge one column, or the worst of those that no bar names."""
    profiles = {profile.column: profile for profile in held.review.profiles}
    of = held.review.rows.new if held.review.rows else None
    bar = missing_bar(held.gates, asked.column or OTHERS) or 0.0
    if not held.review.files_read_new:
        yield held.judged(asked, True, "no file of head differs.", value=0.0, bar=bar)
        return
    if of is None or not profiles:
        yield held.result(asked, "fail", "missing cells were not counted.", bar=bar)
        return
    if asked.column:
        found = profiles.get(asked.column)
        if found is None or found.missing_new is None:
            sentence = f"head has no column {asked.column}; restore it, or {allowed_by(WORD)}."
            yield held.result(asked, "fail", sentence, bar=bar)
            return
        chosen = [found]
    else:
        named = _bars(held)
        chosen = [each for each in profiles.values() if each.column not in named]
    yield _worst(held, asked, {each.column: _share(each, of) for each in chosen}, bar)


def _worst(held: Held, asked: Asked, shares: dict[str, float], bar: float) -> GateResult:
    over = sorted((column for column in shares if not shares[column] <= bar), key=lambda name: -shares[name])
    value = max(shares.values(), default=0.0)
    shown, line = told_apart(value, bar)
    where = " of the files that differ" if held.review.files_skipped else ""
    if over:
        listed = list_some((f"{name} ({told_apart(shares[name], bar)[0]})" for name in over), _SHOWN)
        sentence = (
            f"cells{where} are missing in {listed}, where at most a share of {line} may be; fill them, "
            f"or {allowed_by(WORD)}."
        )
    elif asked.column:
        sentence = f"a share of {shown} of {asked.column}'s cells{where} is missing; up to {line} may be."
    else:
        sentence = f"in no column{where} is more than a share of {shown} missing; up to {line} may be."
    return held.judged(asked, not over, sentence, value=value, bar=bar)


def _share(profile: ColumnProfile, rows: int) -> float:
    return ((profile.missing_new or 0) + (profile.nan_new or 0)) / rows if rows else 0.0


def _bars(held: Held) -> dict[str, float]:
    return held.gates.max_missing if isinstance(held.gates.max_missing, dict) else {}


MISSING = Kind(ask, judge, of_head=True)
