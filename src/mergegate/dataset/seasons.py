"""Whether base itself shows that a column moves with the months; a season is not guessed.

Nothing is said where base has no time, or where its own months don't differ.
"""

import math
from collections.abc import Collection, Sequence

import ibis.expr.types as ir
import msgspec
from msgspec.structs import replace

from mergegate.dataset.engine import Engine
from mergegate.dataset.shift_columns import kind_of, plain_value
from mergegate.dataset.shift_words import round_alike
from mergegate.records.data import Shift
from mergegate.stats.shift import WASSERSTEIN_MODERATE

FEWEST_ROWS = 30
"""Rows that a month needs for its mean to be told."""
_MOST_MONTHS = 2_400
_EXPLAINED = 0.5
"""The share of a move that must be left at most, once the same months of other years are base."""
_NAMED = 3
_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


class _Month(msgspec.Struct, frozen=True):
    """One month of base: a column's rows, mean and variance."""

    year: int
    month: int
    rows: int
    mean: float
    var: float


def find_seasons(
    engine: Engine, old: ir.Table, added: ir.Table, shifts: Sequence[Shift], private: Collection[str]
) -> tuple[Shift, ...]:
    """The shifts, with what base's own months say at the end of the sentences that they bear on."""
    time = next((name for name in old.columns if _is_time(old, name) and _is_time(added, name)), None)
    if time is None or time in private:
        return tuple(shifts)
    wanted = {
        shift.column: f"c{place}"
        for place, shift in enumerate(shifts)
        if shift.notable and shift.kind == "number" and not shift.slice_column and shift.mean_new is not None
    }
    if not wanted:
        return tuple(shifts)
    months = _monthly(engine, old, time, wanted)
    new = {(row["year"], row["month"]) for row in _monthly(engine, added, time, {})}
    return tuple(_with_season(shift, months, new, wanted) for shift in shifts)


def _is_time(table: ir.Table, name: str) -> bool:
    return name in table.columns and kind_of(table[name].type()) == "time"


def _monthly(
    engine: Engine, table: ir.Table, time: str, columns: dict[str, str]
) -> list[dict[str, float | None]]:
    """Rows, mean and variance of each column (by its plain name) by year and month, in order of time."""
    when = table[time].cast("timestamp")
    plain = table.select(
        year=when.year(),
        month=when.month(),
        **{name: plain_value(table[column], "number") for column, name in columns.items()},
    )
    plain = plain.filter(plain.year.notnull())
    measures: dict[str, ir.Scalar] = {}
    for name in columns.values():
        value = plain[name]
        measures |= {f"{name}_rows": value.count(), f"{name}_mean": value.mean()}
        measures[f"{name}_var"] = value.var(how="pop")
    months = plain.group_by(["year", "month"]).aggregate(rows=plain.count(), **measures)
    ordered = months.order_by(["year", "month"]).limit(_MOST_MONTHS)
    found: list[dict[str, float | None]] = engine.fetch(ordered).to_pylist()
    return found


def _with_season(
    shift: Shift,
    months: list[dict[str, float | None]],
    new: set[tuple[float | None, float | None]],
    wanted: dict[str, str],
) -> Shift:
    name = wanted.get(shift.column)
    if name is None or shift.slice_column or shift.mean_new is None:
        return shift
    known = [
        _Month(int(row["year"] or 0), int(row["month"] or 0), int(rows), mean, row[f"{name}_var"] or 0.0)
        for row in months
        if (rows := row[f"{name}_rows"] or 0) >= FEWEST_ROWS and (mean := row[f"{name}_mean"]) is not None
    ]
    numbers = {int(month) for _, month in new if month is not None}
    said = _say(known, numbers, shift.mean_new) if known and numbers else ""
    return replace(shift, sentence=shift.sentence + said) if said else shift


def _say(months: list[_Month], numbers: set[int], mean: float) -> str:
    """What base's months say of added rows of the calendar months `numbers` that have `mean`."""
    clear = WASSERSTEIN_MODERATE * _spread(months)
    names = _joined([_NAMES[number - 1] for number in sorted(numbers)])
    same = [month for month in months if month.month in numbers]
    others = [month for month in months if month.month not in numbers]
    if same and others:
        expected, rest = _mean(same), _mean(others)
        moves, left = abs(expected - rest) >= clear, abs(mean - expected)
        if moves and left <= _EXPLAINED * abs(mean - rest):
            told = round_alike(expected, rest)
            return f"; base has {told[0]} in {names}, too, and {told[1]} in its other months"
        return ""
    if same or len(others) < 2:
        return ""
    low, high = min(others, key=lambda m: m.mean), max(others, key=lambda m: m.mean)
    if high.mean == low.mean or high.mean - low.mean < clear:
        return ""
    told = round_alike(low.mean, high.mean)
    return (
        f"; base's own months differ, from {told[0]} in {low.year}-{low.month:02} "
        f"to {told[1]} in {high.year}-{high.month:02}, and it has no {names}"
    )


def _mean(months: Sequence[_Month]) -> float:
    return sum(month.rows * month.mean for month in months) / sum(month.rows for month in months)


def _spread(months: Sequence[_Month]) -> float:
    """The standard deviation of all rows of the months."""
    rows, centre = sum(month.rows for month in months), _mean(months)
    moves = [(month, month.mean - centre) for month in months]
    # A product too large for a float is infinite; a power would be an error.
    squares = sum(month.rows * (month.var + move * move) for month, move in moves)
    return math.sqrt(squares / rows)


def _joined(names: Sequence[str]) -> str:
    if len(names) > _NAMED:
        return "those months"
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
