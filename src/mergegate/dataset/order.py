"""Values and how often each comes: which of them is at a place of their order."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.stats.shift.tally import Floats


class Counted(msgspec.Struct, frozen=True, eq=False):
    """Values (k,) and the rows of each, or None where each has one; in no order."""

    values: Floats
    rows: NDArray[np.int64] | None = None

    def where(self, wanted: NDArray[np.bool_]) -> "Counted":
        """Some of them."""
        return Counted(self.values[wanted], None if self.rows is None else self.rows[wanted])

    @property
    def total(self) -> int:
        """All rows."""
        return len(self.values) if self.rows is None else int(self.rows.sum())

    def middle(self, *, before: int, of: int) -> tuple[float, float] | None:
        """The two values in the middle `of` so many rows, `before` of them below these; they may be one.

        None where they are not among these.
        """
        low, high = (of - 1) // 2 - before, of // 2 - before
        if low < 0 or high >= self.total:
            return None
        if self.rows is None:
            found = np.partition(self.values, (low, high))[[low, high]]
        else:
            order = np.argsort(self.values)
            places = np.searchsorted(np.cumsum(self.rows[order]), (low, high), side="right")
            found = self.values[order[places]]
        return float(found[0]), float(found[1])
