"""Which columns' shifts are notable: of a size that matters first, then beyond what chance does to so many.

A column is notable where it moved by a moderate amount on some scale (PSI 0.1, or as much on another) *and*
that claim stands among all claims of the dataset: Holm at 0.01 over two p-values per column, of its values
and of its missing share. Holm and not a false discovery rate, because columns depend on each other in ways
nobody knows, the family is small, and a reader who is told of one shift that is none stops reading.
"""

from collections.abc import Sequence

import msgspec

from mergegate.dataset.shift_measures import Measures
from mergegate.stats import adjusted

CORRECTION = "Holm"
LEVEL = 0.01
"""The chance, at most, that a dataset without any shift has a notable column."""


class Claim(msgspec.Struct, frozen=True):
    """What of a column is notable: its values `moved`, or a share `emptied` (went missing) or filled.

    `p` and `p_adjusted` are of the values, and of the missing share where only that is notable.
    """

    moved: bool
    emptied: bool
    p: float | None
    p_adjusted: float | None

    @property
    def notable(self) -> bool:
        """Whether anything is."""
        return self.moved or self.emptied


def judge(found: Sequence[Measures]) -> tuple[Claim, ...]:
    """Judge all columns of a dataset together, in their order; in slices too, they are one family."""
    own = [(1.0 if each.p is None else each.p, each.missing_p) for each in found]
    claims = adjusted([p for pair in own for p in pair])
    return tuple(_claim(each, claims[2 * place], claims[2 * place + 1]) for place, each in enumerate(found))


def _claim(measures: Measures, p_values: float, p_missing: float) -> Claim:
    moved = measures.moved and p_values <= LEVEL
    emptied = measures.emptied and p_missing <= LEVEL
    if emptied and not moved:
        return Claim(moved, emptied, measures.missing_p, p_missing)
    return Claim(moved, emptied, measures.p, None if measures.p is None else p_values)
