"""The order in which a classifier puts the rows: sorted once, split into slices without sorting again."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mergegate.stats.order import sort_keys

BINS = 4_096
"""Rank bins that stand for the scores where clusters are left out one by one; for standard errors only."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """n rows by falling score: `order` (n,) row numbers, `last` (t,) the last place of each score."""

    order: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.order)

    @cached_property
    def step(self) -> NDArray[np.int32]:
        """Which of the t scores each place (n,) has, from the highest."""
        starts = np.zeros(self.rows, np.int32)
        starts[self.last[:-1] + 1] = 1
        return np.cumsum(starts, dtype=np.int32)

    def bins(self) -> NDArray[np.int64]:
        """The rank bin (n,) of each row, below BINS; exact where there are no more different scores."""
        if len(self.last) <= BINS:
            places = self.step.astype(np.int64)
        else:
            places = (self.last * BINS // self.rows)[self.step]
        result = np.empty(self.rows, np.int64)
        result[self.order] = places
        return result


def rank(score: ArrayLike) -> Ranking:
    """Rank rows by score (n,), finite numbers, at least one; rows of one score stand in their own order."""
    order, another = sort_keys(_falling(np.asarray(score, np.float64)))
    return Ranking(order, _last(another))


class Partition:
    """Rows split into slices: `codes` (n,) from 0 to `slices` − 1.

    `rows` are the row numbers of each slice, in their order.
    """

    def __init__(self, codes: NDArray[Any], slices: int) -> None:
        # numpy sorts small integers by radix, in linear time.
        self._codes = codes.astype(
            np.uint8 if slices <= 1 << 8 else np.uint16 if slices <= 1 << 16 else np.int64
        )
        sizes = np.bincount(self._codes, minlength=slices)
        self._ends = np.cumsum(sizes)[:-1]
        by_slice = np.argsort(self._codes, kind="stable")
        self.rows: list[NDArray[np.int64]] = np.split(by_slice, self._ends)
        self._number = np.empty(len(codes), np.int64)
        self._number[by_slice] = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)

    def split(self, ranking: Ranking) -> list[Ranking | None]:
        """The ranking of each slice's rows, numbered as in `rows`; None for a slice without any."""
        places = np.argsort(self._codes.take(ranking.order), kind="stable")
        order = self._number.take(ranking.order.take(places))
        step = ranking.step.take(places)
        parts = zip(np.split(order, self._ends), np.split(step, self._ends), strict=True)
        return [Ranking(own, _last(steps[1:] != steps[:-1])) if len(own) else None for own, steps in parts]


def _falling(score: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Whole numbers (n,) that rise where the scores (n,) fall, equal where they are equal."""
    keys = (score + 0.0).view(np.uint64)  # zeros of both signs are one score
    if score.min() < 0:
        # IEEE 754: the sign bit stands above the size, which rises whatever the sign.
        negative = np.right_shift(keys.view(np.int64), 63).view(np.uint64)
        keys ^= negative >> np.uint64(1)
        keys ^= np.uint64(1 << 63)
    return np.invert(keys, out=keys)


def _last(another: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The last place (t,) of each score, from where (n − 1,) the next place has another one."""
    return np.flatnonzero(np.append(another, True))
