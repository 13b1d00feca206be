"""The order in which a classifier puts the rows: sorted once, split into slices without sorting again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 4_096
"""Rank bins that stand for the scores where clusters are left out one by one; for standard errors only."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """n rows by falling score: `order` (n,) row numbers, `step` (n,) each place's tie group from 0 up."""

    order: NDArray[np.int64]
    step: NDArray[np.int32]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.order)

    @property
    def steps(self) -> int:
        """Number of different scores."""
        return int(self.step[-1]) + 1 if len(self.step) else 0

    def bins(self) -> NDArray[np.int64]:
        """The rank bin (n,) of each row, below BINS; exact where there are no more different scores."""
        if self.steps <= BINS:
            places = self.step.astype(np.int64)
        else:
            starts = np.searchsorted(self.step, np.arange(self.steps, dtype=np.int32))
            places = (starts * BINS // self.rows)[self.step]
        result = np.empty(self.rows, np.int64)
        result[self.order] = places
        return result

    def split(self, codes: NDArray[np.int64], slices: int) -> list["Ranking"]:
        """The ranking of each slice's own rows, numbered in their order; `codes` (n,) below `slices`."""
        # numpy sorts small integers by radix, in linear time.
        small = codes.astype(np.uint16) if slices <= 1 << 16 else codes
        sizes = np.bincount(codes, minlength=slices)
        ends = np.cumsum(sizes)
        by_slice = np.argsort(small, kind="stable")
        number = np.empty(self.rows, np.int64)
        number[by_slice] = np.arange(self.rows) - np.repeat(ends - sizes, sizes)
        places = np.argsort(small[self.order], kind="stable")
        order, step = number[self.order[places]], self.step[places]
        return [
            Ranking(order[end - size : end], _renumber(step[end - size : end]))
            for size, end in zip(sizes, ends, strict=True)
        ]


def rank(score: ArrayLike) -> Ranking:
    """Rank rows by score (n,), finite numbers."""
    score = np.asarray(score)
    order = np.argsort(score)[::-1]
    return Ranking(order, _renumber(score[order]))


def _renumber(values: NDArray[np.generic]) -> NDArray[np.int32]:
    """Number the runs of equal values (n,) from 0 up."""
    step = np.zeros(len(values), np.int32)
    if len(values) > 1:
        np.cumsum(values[1:] != values[:-1], out=step[1:])
    return step
