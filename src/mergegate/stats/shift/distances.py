"""How far two distributions are apart: stability index, Wasserstein, Jensen–Shannon, Kolmogorov–Smirnov."""

import math

import numpy as np
from numpy.typing import ArrayLike

from mergegate.stats.shift.tally import Floats, Tally, check_counts

SMOOTHING = 0.5
"""Rows that every bin has beforehand, so that an empty one gives a finite logarithm (Jeffreys 1946)."""
_MANY = 30.0
"""Expected rows from which a bin's share of the noise is that of the limit."""


def stability_index(old: ArrayLike, new: ArrayLike, *, smoothing: float = SMOOTHING) -> float:
    """Population stability index of counts (k,): Σ (q − p)·ln(q / p), in nats, from 0 without a bound.

    p and q are the shares of `old` and `new`, each bin with `smoothing` rows more; bins that are empty on
    both sides don't count. It is the sum of both Kullback–Leibler divergences (Jeffreys 1946; in credit
    scoring, Siddiqi 2006, where 0.1 is a moderate and 0.25 a large move). Without smoothing, a bin that only
    one side has makes it infinite.
    """
    first, second = check_counts(old, new)
    used = (first > 0) | (second > 0)
    p, q = first[used] + smoothing, second[used] + smoothing
    p, q = p / p.sum(), q / q.sum()
    with np.errstate(divide="ignore"):
        return float(np.sum((q - p) * (np.log(q) - np.log(p))))


def stability_noise(old: ArrayLike, new: ArrayLike, *, smoothing: float = SMOOTHING) -> float:
    """The stability index that two samples of one population have on average, given the bins' rows together.

    Counts (k,) as for `stability_index`. About (B − 1)·(1/n + 1/m) for B bins and n, m rows, since
    PSI·nm/(n + m) is then about chi-square with B − 1 degrees of freedom (Yurdakul 2018). Bins where the
    smaller sample expects fewer than 30 rows are added up exactly: its rows there are hypergeometric.
    """
    first, second = check_counts(old, new)
    both = first + second
    sizes, times = np.unique(both[both > 0], return_counts=True)
    n, m = sorted((float(first.sum()), float(second.sum())))
    bins, share = float(times.sum()), n / (n + m)
    expected = sizes * share
    many = expected >= _MANY
    limit = (1 / n + 1 / m) * float(np.sum((times * (1 - sizes / (n + m)))[many]))
    few, weight = sizes[~many], times[~many]
    if not len(few):
        return limit
    j = np.arange(int(_MANY + 12 * math.sqrt(_MANY)) + 1, dtype=np.float64)
    chances = _hypergeometric(few[:, None], n, n + m, j)
    p = (j + smoothing) / (n + smoothing * bins)
    q = (np.maximum(few[:, None] - j, 0) + smoothing) / (m + smoothing * bins)
    return limit + float(np.sum(weight * np.sum(chances * (q - p) * (np.log(q) - np.log(p)), axis=1)))


def _hypergeometric(marked: Floats, drawn: float, rows: float, j: Floats) -> Floats:
    """Probability (k, j) of 0, 1, ... marked rows among `drawn` of `rows`, each from the one before."""
    unmarked = rows - marked - drawn + j[1:]
    ways = np.maximum(marked - j[:-1], 0) * np.maximum(drawn - j[:-1], 0)
    steps = np.where(unmarked > 0, ways / (j[1:] * np.where(unmarked > 0, unmarked, 1)), 1.0)
    weights = np.cumprod(np.column_stack([np.ones(len(marked)), steps]), axis=1)
    weights[j < drawn + marked - rows] = 0.0
    result: Floats = weights / weights.sum(axis=1, keepdims=True)
    return result


def jensen_shannon(old: ArrayLike, new: ArrayLike) -> float:
    """Jensen–Shannon distance of counts (k,): the root of the divergence in bits, 0 (alike) to 1 (disjoint).

    Endres and Schindelin (2003).
    """
    first, second = check_counts(old, new)
    p, q = first / first.sum(), second / second.sum()
    middle = (p + q) / 2
    return math.sqrt(max(0.0, (_divergence(p, middle) + _divergence(q, middle)) / 2))


def wasserstein(tally: Tally, *, scaled: bool = False) -> float:
    """Wasserstein-1 distance, the area between both distribution functions, in the values' unit.

    `scaled`: in standard deviations of the old sample (the population's formula); 0 where nothing moved,
    infinite where the old sample is constant and the new one is not the same. NaN with infinite values.
    """
    if not np.isfinite(tally.values).all():
        return math.nan
    gaps = np.abs(np.cumsum(tally.old / tally.rows_old) - np.cumsum(tally.new / tally.rows_new))
    moved = float(np.sum(gaps[:-1] * np.diff(tally.values)))
    if not scaled:
        return moved
    spread = standard_deviation(tally.values, tally.old)
    if spread > 0:
        return moved / spread
    return math.inf if moved > 0 else 0.0


def kolmogorov_smirnov(tally: Tally) -> float:
    """The largest distance of both distribution functions, 0 to 1 (Smirnov 1939)."""
    gaps = np.abs(np.cumsum(tally.old) / tally.rows_old - np.cumsum(tally.new) / tally.rows_new)
    return float(gaps.max())


def mean(values: Floats, counts: Floats) -> float:
    """Mean of `values` (k,) with `counts` (k,)."""
    return float(np.sum(values * (counts / counts.sum())))


def standard_deviation(values: Floats, counts: Floats) -> float:
    """Standard deviation of `values` (k,) with `counts` (k,), divided by the rows (not one less)."""
    share = counts / counts.sum()
    return math.sqrt(float(np.sum(share * (values - mean(values, counts)) ** 2)))


def _divergence(p: Floats, q: Floats) -> float:
    """Kullback–Leibler divergence in bits; q is positive wherever p is."""
    used = p > 0
    return float(np.sum(p[used] * np.log2(p[used] / q[used])))
