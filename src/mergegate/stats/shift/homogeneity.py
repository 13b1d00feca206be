"""Whether two samples of categories come from one population: chi-square, and Fisher's exact test for two."""

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from mergegate.stats.shift.gamma import chi_square_tail
from mergegate.stats.shift.tally import check_counts


class ChiSquare(msgspec.Struct, frozen=True):
    """The statistic, its degrees of freedom and p-value; 0, 0 and 1 where there is one category only."""

    statistic: float
    df: int
    p: float


def chi_square(old: ArrayLike, new: ArrayLike) -> ChiSquare:
    """Pearson's (1900) test of homogeneity of two rows of counts (k,); categories without rows don't count.

    No continuity correction. Counts should expect 5 rows in either sample: see `lump_rare`.
    """
    first, second = check_counts(old, new)
    used = (first > 0) | (second > 0)
    first, second = first[used], second[used]
    df = len(first) - 1
    if df == 0:
        return ChiSquare(0.0, 0, 1.0)
    n, m, both = first.sum(), second.sum(), first + second
    expected_old, expected_new = both * (n / (n + m)), both * (m / (n + m))
    statistic = float(
        np.sum((first - expected_old) ** 2 / expected_old)
        + np.sum((second - expected_new) ** 2 / expected_new)
    )
    return ChiSquare(statistic, df, chi_square_tail(statistic, df))


MOST_EXACT = 100_000
"""Rows of the smallest margin up to which `fisher` adds up all tables."""


def fisher(old: tuple[int, int], new: tuple[int, int]) -> float:
    """Two-sided p-value of a 2 × 2 table, rows `old` and `new`: Fisher's (1935) exact test.

    It adds up the tables that are at most as likely. Where all margins are above 100,000 it is chi-square's,
    which is then the same to three digits. Raises ValueError for a negative count.
    """
    (a, b), (c, d) = old, new
    if min(a, b, c, d) < 0:
        raise ValueError("a count is negative")
    if not (a + b and c + d and a + c and b + d):
        return 1.0
    if min(a + b, c + d, a + c, b + d) > MOST_EXACT:
        return chi_square([a, b], [c, d]).p
    drawn, of_first, of_second = a + c, a + b, c + d
    low, high = max(0, drawn - of_second), min(drawn, of_first)
    k = np.arange(low, high, dtype=np.float64)
    # Each table's probability from the one before: no factorial, so no digits lost to a large one.
    steps = np.log((of_first - k) * (drawn - k)) - np.log((k + 1) * (of_second - drawn + k + 1))
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(logs - logs.max())
    # Tables as likely as ours may differ from it by rounding.
    as_likely = weights <= weights[a - low] * (1 + 1e-7)
    return min(1.0, float(weights[as_likely].sum() / weights.sum()))
