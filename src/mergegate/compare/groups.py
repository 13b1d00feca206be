"""How far apart a metric of head lies between the groups of a column, as an estimate for a gate."""

from collections.abc import Collection, Sequence
from contextlib import suppress

import msgspec

from mergegate.compare.measured import Ask, Key, Measured, too_few
from mergegate.compare.sides import Sides
from mergegate.compare.slices import evaluate_slices
from mergegate.compare.slicing import NO_HEAD
from mergegate.stats import Design, Estimate, UndefinedError
from mergegate.stats.gap import widest
from mergegate.stats.pivots import Student


class GapAsk(msgspec.Struct, frozen=True):
    """What a gate asks: the gap of a metric over a column's groups with at least `min_rows` that carry it."""

    metric: str
    column: str
    min_rows: int

    @property
    def key(self) -> Key:
        """Under what the evidence has the answer."""
        return Key(f"the gap of {self.metric} over {self.column}", "head")


def measure_gap(sides: Sides, ask: GapAsk) -> Measured:
    """The largest difference between two groups, on all of head's rows.

    There is none where head has too few rows of a group that base's own rows could tell of: a change must not
    lose the group that lies furthest off.
    """
    sample = sides.whole("head")
    if sample is None:
        return Measured(0, head_reason=NO_HEAD)
    try:
        design = Design(sample.rows, weight=sides.weight("head"), cluster=sides.cluster())
        levels = sides.slicing.own_levels(ask.column)
        _note_moved(sides, ask.column)
        asked = [Ask(ask.metric, bars=True)]
        found = evaluate_slices(sample, design, ask.column, levels, asked, sides.setting.options)
        groups = {key.level: measured.estimate for key, measured in found if measured.estimate is not None}
    except UndefinedError as error:
        return Measured(0, head_reason=str(error))
    enough = {level: each for level, each in groups.items() if not too_few(each, ask.min_rows)}
    lost = _lost(sides, ask, enough)
    if lost is not None:
        where = f"where {ask.column} is {lost}"
        return Measured(
            sample.rows, problem=f"enough rows carry {ask.metric} in base {where}, and too few in head"
        )
    estimate = widest([*enough.values()]) if len(enough) > 1 else _unknown([*groups.values()], ask)
    return Measured(sample.rows, head=estimate.value, estimate=estimate)


def _note_moved(sides: Sides, column: str) -> None:
    """Tell where head's column says something else of the rows that both judged."""
    if sides.exam is not None:
        with suppress(UndefinedError):
            sides.slicing.levels(column)
    if column in sides.slicing.moved:
        sides.notes.append(sides.slicing.moved[column])


def _lost(sides: Sides, ask: GapAsk, enough: Collection[str]) -> str | None:
    """The first group that base could tell of and head can't."""
    base = sides.slicing.whole("base", ask.column)
    for level in base.texts if base is not None else ():
        if level not in enough:
            alone = sides.base_alone(ask.metric, ask.column, level)
            if alone is not None and not too_few(alone, ask.min_rows):
                return level
    return None


def _unknown(groups: Sequence[Estimate], ask: GapAsk) -> Estimate:
    """Too few groups to lie apart."""
    return Estimate(
        value=0.0,
        standard_error=0.0,
        df=1.0,
        carried=max((group.carried for group in groups), default=0.0),
        method="",
        pivot=Student(0.0, 0.0, 1.0),
        problem=f"fewer than two groups of {ask.column} have {ask.min_rows:,} rows that carry {ask.metric}",
    )
