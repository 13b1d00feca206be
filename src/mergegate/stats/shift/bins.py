"""Bins: quantiles of the old sample for numbers; for categories the common ones and the rest."""

import numpy as np
from numpy.typing import ArrayLike

from mergegate.stats.shift.tally import Floats, Tally, add_up, check_counts

BINS = 10
"""Deciles, as the stability index is used in credit scoring (Siddiqi 2006)."""
LEAST_EXPECTED = 5.0
"""Rows that a bin should expect in either sample for chi-square's law to hold (Cochran 1954)."""


def bin_by_quantiles(tally: Tally, *, bins: int = BINS) -> tuple[Floats, Floats]:
    """Both samples' counts (b,) in bins that end at quantiles of the old one.

    A value is never split, so that there may be fewer bins than asked for. Values below the old sample's
    lowest and above its highest have bins of their own: b ≤ bins + 2.
    """
    reached = np.cumsum(tally.old) / tally.rows_old
    places = np.flatnonzero(tally.old)
    # A share that should be 3/10 may miss it by its last digit.
    ends = [int(np.searchsorted(reached, share - 1e-12)) for share in np.arange(1, bins) / bins]
    edges = np.unique([places[0] - 1, *ends, places[-1]])
    code = np.searchsorted(edges, np.arange(len(tally.values)))
    old, new = add_up(code, tally.old), add_up(code, tally.new)
    used = (old > 0) | (new > 0)
    return old[used], new[used]


def lump_rare(old: ArrayLike, new: ArrayLike, *, least: float = LEAST_EXPECTED) -> tuple[Floats, Floats]:
    """Counts (k,) with the categories too rare for chi-square added up as the last one.

    Rare is by both samples together, which under homogeneity says nothing of their difference: the smaller
    sample expects fewer than `least` rows.
    """
    first, second = check_counts(old, new)
    n, m = first.sum(), second.sum()
    rare = (first + second) * min(n, m) / (n + m) < least
    if not rare.any():
        return first, second
    return np.append(first[~rare], first[rare].sum()), np.append(second[~rare], second[rare].sum())
