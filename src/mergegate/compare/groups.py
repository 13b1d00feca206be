"""How far apart a metric of head lies between the groups of a column, as an estimate for a gate."""

from collections.abc import Sequence

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
    """The largest difference between two groups, on all of head's rows."""
    sample = sides.whole("head")
    if sample is None:
        return Measured(0, head_reason=NO_HEAD)
    try:
        design = Design(sample.rows, weight=sides.weight("head"), cluster=sides.cluster())
        levels = sides.slicing.own_levels(ask.column)
        asked = [Ask(ask.metric, bars=True)]
        found = evaluate_slices(sample, design, ask.column, levels, asked, sides.setting.options)
        groups = [measured.estimate for _, measured in found if measured.estimate is not None]
    except UndefinedError as error:
        return Measured(0, head_reason=str(error))
    enough = [each for each in groups if not too_few(each, ask.min_rows)]
    estimate = widest(enough) if len(enough) > 1 else _unknown(groups, ask)
    return Measured(sample.rows, head=estimate.value, estimate=estimate)


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
