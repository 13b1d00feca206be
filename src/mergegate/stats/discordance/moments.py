"""What a mean of rows and its variance are made of, for many groups of rows at once."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Floats

_BLOCK = 1 << 16
"""Rows summed together: their codes are widened in the processor's own memory."""


class Moments(msgspec.Struct, frozen=True, eq=False):
    """Sums (k,) over the rows of k groups: w, w², w·d, w²·d and w²·d², of rows' weights w and values d."""

    weight: Floats
    squares: Floats
    first: Floats
    cross: Floats
    second: Floats

    def __getitem__(self, which: Any) -> "Moments":
        """Some of the groups, as an index or a mask picks them."""
        return Moments(*(each[which] for each in self._all()))

    def without(self, part: "Moments") -> "Moments":
        """What is left of each group once the rows of a part of it are gone."""
        return Moments(*(mine - gone for mine, gone in zip(self._all(), part._all(), strict=True)))

    def total(self) -> "Moments":
        """All groups as one."""
        return Moments(*(each.sum(keepdims=True) for each in self._all()))

    @property
    def rows(self) -> Floats:
        """Rows (k,) that an equally weighted sample would need for the same precision (Kish 1965)."""
        result: Floats = np.square(self.weight) / np.where(self.squares > 0, self.squares, 1.0)
        return result

    def means(self) -> Floats:
        """Weighted means (k,); 0 without rows."""
        result: Floats = self.first / np.where(self.weight > 0, self.weight, 1.0)
        return result

    def variances(self) -> Floats:
        """Variance (k,) of one row's value, as far as the rows tell; 0 where there is but one."""
        mean, rows = self.means(), self.rows
        spread = self.second - 2 * mean * self.cross + np.square(mean) * self.squares
        # A rest that is none is left with the rounding of what was taken from it.
        np.maximum(spread, 0.0, out=spread)
        result: Floats = spread / np.where(self.squares > 0, self.squares, 1.0)
        result *= np.where(rows > 1, rows / np.where(rows > 1, rows - 1, 1.0), 0.0)
        return result

    def _all(self) -> tuple[Floats, ...]:
        return self.weight, self.squares, self.first, self.cross, self.second


def summed_over(codes: NDArray[Any], size: int, values: Floats, weight: Floats | None = None) -> Moments:
    """The moments of values (n,) by group, `codes` (n,) below `size`; weights (n,) or none."""
    sums = np.zeros((5 if weight is not None else 3, size))
    for start in range(0, len(codes), _BLOCK):
        block = slice(start, start + _BLOCK)
        code, value = codes[block].astype(np.intp), values[block]
        if weight is None:
            for place, each in enumerate((None, value, np.square(value))):
                sums[place] += np.bincount(code, each, size)
        else:
            w = weight[block]
            ww = np.square(w)
            for place, each in enumerate((w, ww, w * value, ww * value, ww * np.square(value))):
                sums[place] += np.bincount(code, each, size)
    if weight is None:
        count, first, second = sums
        return Moments(count, count, first, first, second)
    return Moments(*sums)
