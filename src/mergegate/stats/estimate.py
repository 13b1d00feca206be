"""A number with what the sample says about it: standard error, limits, p-values."""

import math
from dataclasses import dataclass

from mergegate.stats.pivots import Pivot, Student


@dataclass(frozen=True)
class Interval:
    """Limits that hold the true value with probability `confidence`."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True, eq=False)
class Estimate:
    """A metric's value, or head's less base's on the same rows, and how far it can be trusted.

    `standard_error` is in the metric's units, `df` its degrees of freedom (inf: normal). `carried` is the
    number of (effective) rows that carry the number: the smaller class for rankings, the class's rows for a
    recall. `discordant` counts rows where base and head decide differently, None where that means nothing.
    `clusters` is None when rows stand alone. `problem` says why the sample can't tell, empty when it can.
    """

    value: float
    standard_error: float
    df: float
    carried: float
    method: str
    pivot: Pivot
    discordant: int | None = None
    clusters: int | None = None
    problem: str = ""

    def interval(self, confidence: float = 0.95) -> Interval:
        """Two-sided limits; `confidence` between 0 and 1."""
        if not 0 < confidence < 1:
            raise ValueError(f"confidence lies between 0 and 1, not {confidence}")
        tail = (1 - confidence) / 2
        low, high = self.pivot.low(tail), self.pivot.high(tail)
        return Interval(
            -math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high, confidence
        )

    def p_below(self, bar: float) -> float:
        """One-sided p-value of the claim that the true value is below `bar`."""
        return self.pivot.below(bar)

    def p_above(self, bar: float) -> float:
        """One-sided p-value of the claim that the true value is above `bar`."""
        return self.pivot.above(bar)


def identical(carried: float, *, discordant: int | None = None) -> Estimate:
    """The difference of two models that predict the same on every row: 0, and no sample would tell otherwise.

    `carried` rows carry the metric; `discordant` 0 for a metric of decisions. For a relative regression too
    the bar is 0. Ask for it only where each prediction, not merely the metric, is equal.
    """
    return Estimate(
        value=0.0,
        standard_error=0.0,
        df=max(carried - 1, 1.0),
        carried=carried,
        method="identical predictions",
        pivot=Student(0.0, 0.0, math.inf),
        discordant=discordant,
    )
