"""Bins: quantiles of the old sample for numbers; for categories the common ones and the rest."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    # Not np.unique, which imports numpy.ma.
    edges = np.array(sorted({int(places[0]) - 1, *ends, int(places[-1])}))
    code = np.searchsorted(edges, np.arange(len(tally.values)))
    old, new = add_up(code, tally.old), add_up(code, tally.new)
    used = (old > 0) | (new > 0)
    return old[used], new[used]


def lump_rare(old: ArrayLike, new: ArrayLike, *, least: float = LEAST_EXPECTED) -> tuple[Floats, Floats]:
    """Counts (b,) of categories (k,), commonest first, the smaller sample expecting `least` of each bin.

    Rarer categories are added up with their neighbours in size until they do; what is left goes with the last
    bin. Sizes are those of both samples together, which under homogeneity say nothing of their difference;
    equal ones stay in the order given. There is always a bin, though it may expect less.
    """
    first, second = check_counts(old, new)
    both = first + second
    order = np.argsort(-both, kind="stable")
    expected = both[order] * _smaller_share(first, second)
    bins, filled, reached = np.empty(len(both), dtype=np.intp), 0, 0.0
    for place, rows in zip(order, expected.tolist(), strict=True):
        bins[place] = filled
        reached += rows
        if reached >= least:
            filled, reached = filled + 1, 0.0
    np.minimum(bins, max(filled - 1, 0), out=bins)
    return add_up(bins, first), add_up(bins, second)


def find_rare(old: ArrayLike, new: ArrayLike, *, below: float = LEAST_EXPECTED) -> NDArray[np.bool_]:
    """Which categories (k,) are so rare in both samples together that the smaller expects `below` rows."""
    first, second = check_counts(old, new)
    rare: NDArray[np.bool_] = (first + second) * _smaller_share(first, second) < below
    return rare


def _smaller_share(old: Floats, new: Floats) -> float:
    n, m = float(old.sum()), float(new.sum())
    return min(n, m) / (n + m)
