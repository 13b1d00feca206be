"""Many p-values at once: the false discovery rate. Holm's correction is in `stats.families`."""

from collections.abc import Sequence

import numpy as np


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values of Benjamini and Hochberg (1995), in the order given.

    Claims whose own is at most q are false discoveries in a share of at most q on average, for tests that
    are independent or positively dependent (Benjamini and Yekutieli 2001).
    Raises ValueError for what is no probability.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a p-value lies between 0 and 1")
    count = len(p)
    order = np.argsort(p)[::-1]
    ranks = np.arange(count, 0, -1)
    smallest = np.minimum.accumulate(np.minimum(1.0, p[order] * count / ranks))
    result = np.empty(count)
    result[order] = smallest
    return tuple(result.tolist())
