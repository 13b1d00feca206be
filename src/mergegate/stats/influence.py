"""From each row's influence on a metric to an estimate, paired or alone, weighted or clustered.

A metric's influence is how its value moves with the weight of each row: w · ∂value/∂w, which sums to 0. The
variance is the sum of squares (the infinitesimal jackknife: Jaeckel 1972, Efron 1982). A paired difference
has the difference of the influences, a cluster the sum of its rows' (Obuchowski 1997). For the area under
the ROC curve this is DeLong's (1988) variance.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import ENOUGH_CLUSTERS, JACKKNIFE_BELOW, Design, Floats
from mergegate.stats.distributions import t_quantile
from mergegate.stats.estimate import Estimate
from mergegate.stats.pivots import Below, Hall, Logit, Pivot, Score, Student, Union
from mergegate.stats.ranking import BLOCK

CORRECTED_BELOW = 100_000
"""Rows from which no correction for skewness or heavy tails changes a limit that anyone would see."""

Skewed = Literal["nowhere", "always", "ratio"]

_UNBOUNDED = (-math.inf, math.inf)


@dataclass(frozen=True, eq=False)
class Influence:
    """A metric's `value` on n rows and each row's influence on it.

    `rows` (n,) sum to 0. `carried` is the effective number of rows that carry the metric. `strata` (n,) bool
    splits rows whose numbers are fixed (positives and negatives). `support` bounds the metric. `without()`
    gives its value (G,) with each cluster left out; without it the clusters' summed influence is used.
    `skewed`: what Student's t alone does not cover: a mean of long-tailed values, or one model's ratio of
    means. `bias` is how much too high one model's value is on few rows.
    """

    value: float
    rows: Floats
    carried: float
    method: str
    support: tuple[float, float] = _UNBOUNDED
    strata: NDArray[np.bool_] | None = None
    without: Callable[[], Floats] | None = None
    skewed: Skewed = "nowhere"
    bias: float = 0.0


def difference(base: Influence, head: Influence, design: Design, share: float = 1.0) -> Estimate:
    """Head's value less base's, or less `share` (above 0) times base's, on the same rows; both by one metric.

    A relative regression of at most r is judged with the share 1 − r (higher is better) or 1 + r (lower is)
    against the bar 0 (the linear form of Fieller 1954): base's own value is noise too.
    """
    low, high = head.support
    apart = Influence(
        value=head.value - share * base.value,
        rows=head.rows - (base.rows if share == 1 else share * base.rows),
        carried=min(base.carried, head.carried),
        method=head.method,
        support=(low - share * high, high - share * low),
        strata=head.strata,
        without=_both(base.without, head.without, share),
        skewed="nowhere" if head.skewed == "ratio" else head.skewed,
    )
    error = standard_error(apart, design)
    df = degrees_of_freedom(apart.carried, design)
    if not error and base.value == head.value and base.value in (low, high):
        # Two models without a mistake are not known to be equal: what one of them alone could hide.
        error = _hidden(apart.carried, df)
    pivot: Pivot = Student(apart.value, error, df, apart.support)
    if apart.skewed == "always" and error:
        pivot = _skewed(apart, error, df, design)
    return _estimate(apart, error, df, pivot, design)


def absolute(influence: Influence, design: Design) -> Estimate:
    """One model's own value, for a bar that is a number."""
    error = standard_error(influence, design)
    df = degrees_of_freedom(influence.carried, design)
    value, (low, high) = influence.value, influence.support
    pivot: Pivot = Student(value, error, df, influence.support)
    if math.isfinite(low) and math.isfinite(high):
        pivot = _bounded(influence, error, df, design)
    elif influence.skewed == "always" and error:
        pivot = _skewed(influence, error, df, design)
    elif influence.skewed == "ratio" and error and value < high:
        pivot = Union((pivot, Below(value, error, df, high)))
    return _estimate(influence, error, df, pivot, design)


def standard_error(influence: Influence, design: Design) -> float:
    """Root of the summed squares of the rows', or clusters', influence.

    Each row's square is divided by 1 − its share of its class's weight, which is n / (n − 1) for equal
    weights (HC2 of MacKinnon & White 1985).
    """
    if design.cluster is not None:
        return math.sqrt(_cluster_variance(influence, design))
    rows, true = influence.rows, influence.strata
    if true is None:
        return math.sqrt(_squares(rows, design.weight))
    weight = design.weight
    if weight is None:
        return math.sqrt(_squares_by_class(rows, true))
    return math.sqrt(sum(_squares(rows[part], weight[part]) for part in (true, ~true)))


def degrees_of_freedom(carried: float, design: Design) -> float:
    """Of a standard error: carrying rows, or clusters, less one; never below one."""
    if design.cluster is not None:
        return max(design.effective_clusters() - 1, 1.0)
    return max(carried - 1, 1.0)


def cautious(df: float, tails: float) -> float:
    """Degrees of freedom of a variance that few rows make, by `tails` Σψ⁴ / (Σψ²)² over their influence.

    Twice Satterthwaite's, as measured to suffice; never more than `df`.
    """
    return max(min(df, 4 / tails), 1.0) if tails else df


def heavy_tails(parts: Floats) -> float:
    """Σψ⁴ / (Σψ²)² over the rows' or clusters' influence; 0 without any."""
    squares = np.square(parts)
    total = float(squares.sum())
    return float(squares @ squares) / total**2 if total else 0.0


def cluster_problem(design: Design) -> str:
    """Why the clusters can't give an interval; empty when they can, or there are none."""
    if design.cluster is None or design.clusters >= ENOUGH_CLUSTERS:
        return ""
    plural = "s" if design.clusters > 1 else ""
    return f"the rows come from {design.clusters} cluster{plural}, and an interval needs {ENOUGH_CLUSTERS}"


def jackknife_variance(without: Floats) -> float:
    """Variance from the values (G,) with each cluster left out (Miller 1974)."""
    groups = len(without)
    apart = without - without.mean()
    return float(apart @ apart) * (groups - 1) / groups


def _cluster_variance(influence: Influence, design: Design) -> float:
    if influence.without is not None and 1 < design.clusters < JACKKNIFE_BELOW:
        # Without its heaviest cluster a metric may have no value at all.
        with np.errstate(all="ignore"):
            left_out = influence.without()
        if np.isfinite(left_out).all():
            return jackknife_variance(left_out)
    sums = design.by_cluster(influence.rows)
    return float(sums @ sums) * _correction(design.clusters)


def _squares(rows: Floats, weight: Floats | None) -> float:
    if weight is None:
        return float(rows @ rows) * _correction(len(rows))
    total = float(weight.sum())
    if not total:
        return 0.0
    share = weight / total
    # One row that holds all of the weight: nothing is known of its spread.
    return float(np.sum(np.square(rows) / np.where(share < 1, 1 - share, 1.0)))


def _squares_by_class(rows: Floats, true: NDArray[np.bool_]) -> float:
    """`_squares` of the positive and of the negative rows (n,) of equal weight."""
    positive = negative = 0.0
    for start in range(0, len(rows), BLOCK):
        own, mark = rows[start : start + BLOCK], true[start : start + BLOCK]
        of_positive = own * mark
        rest = own - of_positive
        positive += float(of_positive @ of_positive)
        negative += float(rest @ rest)
    count = int(np.count_nonzero(true))
    return positive * _correction(count) + negative * _correction(len(rows) - count)


def _correction(rows: float) -> float:
    return rows / (rows - 1) if rows > 1 else 1.0


def _hidden(carried: float, df: float) -> float:
    """The standard error that puts the 95 % limit where Wilson's is for `carried` rows without a mistake."""
    t = -t_quantile(0.025, df)
    return t / (carried + t * t)


def _both(
    base: Callable[[], Floats] | None, head: Callable[[], Floats] | None, share: float
) -> Callable[[], Floats] | None:
    if base is None or head is None:
        return None
    return lambda: head() - share * base()


def _bounded(influence: Influence, error: float, df: float, design: Design) -> Pivot:
    """t on the logit scale, about the value and about it less its bias; Wilson's limits at the very end."""
    value, (low, high) = influence.value, influence.support
    if not error or not low < value < high:
        return Score(value, max(influence.carried, 1.0), df, influence.support)
    df = cautious(df, _moments(influence, design)[1])
    around = Logit(value, error, df, influence.support)
    if not influence.bias:
        return around
    # However large the bias is said to be, most of the way to either end is left.
    lowest, highest = low + (value - low) / 5, high - (high - value) / 5
    moved = min(max(value - influence.bias, lowest), highest)
    return Union((around, Logit(moved, error, df, influence.support)))


def _skewed(influence: Influence, error: float, df: float, design: Design) -> Pivot:
    """The wider of t, with the degrees of freedom of a heavy-tailed variance, and of Hall's t."""
    skewness, tails = _moments(influence, design)
    return Union(
        (
            Student(influence.value, error, cautious(df, tails), influence.support),
            Hall(influence.value, error, df, skewness, influence.support),
        )
    )


def _moments(influence: Influence, design: Design) -> tuple[float, float]:
    """Σψ³ / (Σψ²)^1.5 and Σψ⁴ / (Σψ²)² over the rows' or clusters' influence; 0 where they can't matter."""
    if design.rows >= CORRECTED_BELOW and design.cluster is None:
        return 0.0, 0.0
    parts = influence.rows if design.cluster is None else design.by_cluster(influence.rows)
    squares = np.square(parts)
    total = float(squares.sum())
    if not total:
        return 0.0, 0.0
    return float(squares @ parts) / total**1.5, heavy_tails(parts)


def _estimate(influence: Influence, error: float, df: float, pivot: Pivot, design: Design) -> Estimate:
    method = influence.method
    if design.cluster is not None:
        method += ", by cluster"
    return Estimate(
        value=influence.value,
        standard_error=error,
        df=df,
        carried=influence.carried,
        method=method,
        pivot=pivot,
        clusters=design.clusters if design.cluster is not None else None,
        problem=cluster_problem(design) or ("one row can't tell" if design.rows < 2 else ""),
    )
