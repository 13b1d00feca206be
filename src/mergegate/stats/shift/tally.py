"""Two samples side by side as values with the rows of each: what every distance and test here takes."""

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Tally(msgspec.Struct, frozen=True, eq=False):
    """How many rows (or what weight) of each sample have a value.

    `values` (k,) ascend, each once; `old`, `new` (k,) are at least 0 and neither is all zero.
    Build it with `tally` or `tally_counts`.
    """

    values: Floats
    old: Floats
    new: Floats

    @property
    def rows_old(self) -> float:
        """Rows of the old sample in all."""
        return float(self.old.sum())

    @property
    def rows_new(self) -> float:
        """Rows of the new sample in all."""
        return float(self.new.sum())


def tally(old: ArrayLike, new: ArrayLike) -> Tally:
    """Count the values of two raw samples, (n,) and (m,). Raises ValueError for NaN or an empty sample."""
    first, second = np.asarray(old, dtype=np.float64), np.asarray(new, dtype=np.float64)
    values = np.concatenate([first, second])
    ones, zeros = np.ones(len(values)), np.zeros(len(values))
    is_old = np.arange(len(values)) < len(first)
    return tally_counts(values, np.where(is_old, ones, zeros), np.where(is_old, zeros, ones))


def tally_counts(values: ArrayLike, old: ArrayLike, new: ArrayLike) -> Tally:
    """Sort `values` (k,) and add up the counts of equal ones; −0.0 is 0.0.

    Raises ValueError for NaN, for a count that is negative or not finite, and for a sample without rows.
    """
    points = np.asarray(values, dtype=np.float64) + 0.0
    if np.isnan(points).any():
        raise ValueError("a value is NaN, which has no place in an order")
    first, second = check_counts(old, new)
    if not len(points) == len(first):
        raise ValueError(f"{len(points)} values have {len(first)} counts")
    unique, place = np.unique(points, return_inverse=True)
    return Tally(unique, add_up(place, first), add_up(place, second))


def add_up(places: NDArray[np.intp], counts: Floats) -> Floats:
    """Sum of `counts` (n,) by `places` (n,), as far as the highest place."""
    return np.bincount(places, counts).astype(np.float64, copy=False)


def check_counts(old: ArrayLike, new: ArrayLike) -> tuple[Floats, Floats]:
    """Both samples' counts (k,) as floats. Raises ValueError for what can't be a count, or no rows."""
    first, second = np.asarray(old, dtype=np.float64), np.asarray(new, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"counts must be two rows of one length, not {first.shape} and {second.shape}")
    for counts in (first, second):
        if not np.isfinite(counts).all() or (counts < 0).any():
            raise ValueError("a count is negative, NaN or infinite")
        if not counts.sum() > 0:
            raise ValueError("a sample has no rows")
    return first, second
