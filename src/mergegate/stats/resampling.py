"""From a metric's values on resampled rows to an estimate: for metrics that are known only as a function."""

import math
from dataclasses import dataclass

import numpy as np

from mergegate.stats.design import Design, Floats
from mergegate.stats.distributions import normal_cdf, normal_quantile, t_cdf, t_quantile
from mergegate.stats.estimate import Estimate
from mergegate.stats.influence import cluster_problem, degrees_of_freedom
from mergegate.stats.pivots import Student, Union

FEWEST = 100
"""Resamples below which there is no interval."""

MOST_LOST = 0.01
"""Share of the resamples that may give no number before there is no interval."""

ANCHOR = 10
"""The value from either end beyond which the resamples no longer say how long a tail is."""

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Percentile:
    """Percentile limits (Efron 1979) from the sorted resampled values (B,), B at least 2 · ANCHOR.

    `skewness` is theirs: on the side of the longer tail the limit goes out as BCa's does, with a sixth of it
    as acceleration and bias correction, which is what both are for a mean (Efron 1987). In tails beyond
    ANCHOR of B + 1 each limit goes on from there as Student's t does, with its own side's spread: a p-value
    is not stuck at 1 / (B + 1), which no correction for many gates would survive.
    """

    value: float
    values: Floats
    df: float
    skewness: float = 0.0

    def low(self, tail: float) -> float:
        """As in Pivot."""
        return _low(self.value, self.values, self.df, _widened(tail, -self.skewness))

    def high(self, tail: float) -> float:
        """As in Pivot."""
        return -_low(-self.value, -self.values[::-1], self.df, _widened(tail, self.skewness))

    def below(self, bar: float) -> float:
        """As in Pivot."""
        return _narrowed(_above(-self.value, -self.values[::-1], self.df, -bar), self.skewness)

    def above(self, bar: float) -> float:
        """As in Pivot."""
        return _narrowed(_above(self.value, self.values, self.df, bar), -self.skewness)


def _widened(tail: float, skewness: float) -> float:
    """The tail of the resamples at whose end the limit for `tail` lies; smaller where the tail is long."""
    a = max(skewness, 0.0) / 6
    z = a - normal_quantile(tail)
    return normal_cdf(-a - z / (1 - a * z)) if a * z < 1 else 0.0


def _narrowed(tail: float, skewness: float) -> float:
    """The inverse of `_widened`."""
    a = max(skewness, 0.0) / 6
    if tail in (0.0, 1.0):
        return _limit_of_inverse(tail, a)
    z = -normal_quantile(tail) - a
    return normal_cdf(a - z / (1 + a * z)) if a * z > -1 else 1.0


def _limit_of_inverse(tail: float, a: float) -> float:
    """What `_narrowed` tends to at both ends."""
    return 1.0 if tail else normal_cdf(a - 1 / a) if a else 0.0


def _low(value: float, values: Floats, df: float, tail: float) -> float:
    size = len(values) + 1
    if tail * size >= ANCHOR:
        return float(values[min(math.floor(tail * size + 1e-9), len(values)) - 1])
    edge = float(values[ANCHOR - 1])
    beyond = t_quantile(tail, df) / t_quantile(ANCHOR / size, df) - 1
    spread = max(value - edge, 0.0)
    return edge - spread * beyond if spread else edge


def _above(value: float, values: Floats, df: float, bar: float) -> float:
    """The smallest tail whose lower limit is above the bar."""
    size = len(values) + 1
    up_to = int(np.searchsorted(values, bar, side="right"))
    if up_to >= ANCHOR:
        return min(up_to + 1, size) / size
    edge = float(values[ANCHOR - 1])
    spread = value - edge
    if spread <= 0:
        return 0.0
    return t_cdf((1 + (edge - bar) / spread) * t_quantile(ANCHOR / size, df), df)


def resampled(value: float, values: Floats, design: Design, *, exact: bool = False) -> Estimate:
    """The estimate of a metric, or of a paired difference, from its bootstrap `values` (B,); NaN: no number.

    Limits are the wider of `value` ± t · the bootstrap's standard error and the percentiles (Efron &
    Tibshirani 1993, chapters 6 and 13), t with the degrees of freedom of the rows, or of the clusters where
    those were drawn. `exact`: the models' answers are the same, so that no spread is no lack of evidence.

    Measured coverage of the 95 % limits with 399 resamples (2,000 draws each, Monte Carlo error 0.5 points):

        rows    mean (lognormal)    F1 (3 in 10 positive)    median (lognormal)
          50        92.8 %              97.4 %                    97.9 %          one model
         200        95.0 %              96.2 %                    97.6 %          one model
         200        95.5 %              95.8 %                    97.9 %          difference
        1000        95.9 %              96.0 %                    97.8 %          one model
        1000        96.1 %              95.9 %                    97.7 %          difference

    Lognormal means of clusters of five: 92.5 % with 30 clusters, 94.5 % with 60, 95.1 % with 200; weighted
    (61 % effective rows): 93.8 % with 200 rows, 95.6 % with 1,000. With 119 resamples and 200 rows: 95.7 %,
    97.2 %, 97.7 %. The 99.9 % limits, beyond what 399 resamples resolve, held 99.8 to 100.0 % of differences.
    """
    finite = np.sort(values[np.isfinite(values)])
    units = design.clusters if design.cluster is not None else design.rows
    df = degrees_of_freedom(design.effective(), design)
    error = _standard_error(finite, units)
    student = Student(value, error, df)
    problem = _problem(values, finite, design) or (
        "every resample gives the same number, so the sample can't tell" if not error and not exact else ""
    )
    return Estimate(
        value=value,
        standard_error=error,
        df=df,
        carried=design.effective(),
        method=f"{len(finite)} bootstrap samples{'' if design.cluster is None else ' of clusters'}, "
        "the wider of t and percentiles",
        pivot=Union((student, Percentile(value, finite, df, _skewness(finite))))
        if len(finite) >= FEWEST
        else student,
        clusters=design.clusters if design.cluster is not None else None,
        problem=problem,
    )


def _standard_error(finite: Floats, units: int) -> float:
    """Spread of the resampled values; infinite when nothing is known of it."""
    if len(finite) < 2 or units < 2:
        return math.inf
    error = float(np.std(finite, ddof=1)) * math.sqrt(units / (units - 1))
    return error if error > _ROUNDING * float(np.abs(finite).max()) else 0.0


def _skewness(finite: Floats) -> float:
    apart = finite - finite.mean()
    spread = float(np.mean(apart**2))
    return float(np.mean(apart**3)) / spread**1.5 if spread else 0.0


def _problem(values: Floats, finite: Floats, design: Design) -> str:
    """Why these resamples give no interval; empty when they do."""
    lost = len(values) - len(finite)
    if problem := cluster_problem(design):
        return problem
    if design.rows < 2:
        return "one row can't tell"
    if lost > MOST_LOST * len(values):
        return f"it gives no number on {lost} of {len(values)} resamples: too few rows carry it"
    if len(finite) < FEWEST:
        return f"{len(finite)} resamples were done, and an interval needs {FEWEST}"
    return ""
