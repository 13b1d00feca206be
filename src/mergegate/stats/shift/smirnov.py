"""The two-sample Kolmogorov–Smirnov test: exact for small samples, else by the law of one sample."""

from typing import Literal

import msgspec
import numpy as np

from mergegate.stats.shift.distances import kolmogorov_smirnov
from mergegate.stats.shift.kolmogorov import kolmogorov_tail
from mergegate.stats.shift.tally import Tally

MOST_EXACT = 2_000
"""Rows of the larger sample up to which "auto" is exact; beyond, the limit is off by a sixth at most."""


class Smirnov(msgspec.Struct, frozen=True):
    """The largest distance of two distribution functions, its two-sided p-value, and how that was found."""

    statistic: float
    p: float
    method: Literal["exact", "asymptotic"]


def smirnov_test(tally: Tally, *, method: Literal["auto", "exact", "asymptotic"] = "auto") -> Smirnov:
    """Whether two samples come from one population, by Smirnov's (1939) distance.

    Exact counts lattice paths (Hodges 1957); asymptotic is Kolmogorov's law for a sample of nm/(n + m) rows.
    Both suppose that no value comes twice: with ties they are too careful, never too bold. "auto" is exact
    for whole counts of up to 2,000 rows each, and of one row held against any number: beyond all of these,
    it would have the limit's p-value 0. Raises ValueError for "exact" with weights that are not whole.
    """
    whole = bool((tally.old % 1 == 0).all() and (tally.new % 1 == 0).all())
    if method == "auto":
        fewest, most = sorted((tally.rows_old, tally.rows_new))
        method = "exact" if whole and (most <= MOST_EXACT or fewest == 1) else "asymptotic"
    statistic = kolmogorov_smirnov(tally)
    n, m = tally.rows_old, tally.rows_new
    if method == "asymptotic":
        return Smirnov(statistic, kolmogorov_tail(max(1, round(n * m / (n + m))), statistic), method)
    if not whole:
        raise ValueError("an exact p-value needs whole counts")
    old, new = np.cumsum(tally.old.astype(np.int64)), np.cumsum(tally.new.astype(np.int64))
    apart = int(np.abs(old * int(m) - new * int(n)).max())
    p = _one_outside(int(max(n, m)), apart) if min(n, m) == 1 else _outside(int(n), int(m), apart)
    return Smirnov(statistic, p, method)


def _one_outside(rows: int, apart: int) -> float:
    """The same of one row among `rows`: the share of its places with `apart` rows or more on one side."""
    return min(1.0, 2 * (rows - apart + 1) / (rows + 1))


def _outside(n: int, m: int, apart: int) -> float:
    """Share of the lattice paths from (0, 0) to (n, m) that reach a point with |i·m − j·n| ≥ `apart`.

    Step by step along i + j: a path to (i, j) came by (i − 1, j) with probability i / (i + j), else by
    (i, j − 1). Only points between both borders are kept; beyond them the share is 1.
    """
    if apart <= 0:
        return 1.0
    # One place to the left of i = 0, which is never reached.
    shares = np.ones(n + 3)
    shares[1] = 0.0
    i = np.arange(-1, n + 2, dtype=np.float64)
    for step in range(1, n + m + 1):
        low = max((step * n - apart) // (n + m) + 1, 0, step - m)
        high = min(-((-step * n - apart) // (n + m)) - 1, n, step)
        if low > high:
            return 1.0
        here, before = slice(low + 1, high + 2), slice(low, high + 1)
        share = i[here] / step
        shares[here] = share * shares[before] + (1 - share) * shares[here]
        shares[low] = 1.0
        shares[high + 2] = 1.0
    return float(shares[n + 1])
