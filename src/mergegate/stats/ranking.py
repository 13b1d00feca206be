"""The order in which a classifier puts the rows: sorted once, split into slices without sorting again."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mergegate.stats.order import sort_keys

BINS = 4_096
"""Rank bins that stand for the scores where clusters are left out one by one; for standard errors only."""
BLOCK = 1 << 13
"""Rows that are looked at together: small enough that malloc keeps the working memory."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """n rows by falling score: `order` (n,) row numbers, `starts` (n,) where the score is a new one."""

    order: NDArray[np.int64] | NDArray[np.int32]
    starts: NDArray[np.bool_]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.order)

    @cached_property
    def ties(self) -> bool:
        """Whether two rows have the same score."""
        return not self.starts.all()

    @property
    def step(self) -> NDArray[np.int32]:
        """Which of the different scores each place (n,) has, 0 for the highest."""
        steps = np.cumsum(self.starts, dtype=np.int32)
        steps -= 1
        return steps

    def bounds(self) -> NDArray[np.int64]:
        """Places, from 0 to n, between which there are about BLOCK rows, and all rows of a score."""
        even = np.arange(0, self.rows, BLOCK)
        if self.ties:
            firsts = np.append(np.flatnonzero(self.starts), self.rows)
            even = np.unique(firsts[np.searchsorted(firsts, even)])
            even = even[even < self.rows]
        return np.append(even, self.rows)

    def bins(self) -> NDArray[np.int64]:
        """The rank bin (n,) of each row, below BINS; exact where there are no more different scores."""
        places = self.step.astype(np.int64)
        if places[-1] >= BINS:
            last = np.append(np.flatnonzero(self.starts)[1:], self.rows) - 1
            places = (last * BINS // self.rows)[places]
        result = np.empty(self.rows, np.int64)
        result[self.order] = places
        return result


def rank(score: ArrayLike) -> Ranking:
    """Rank rows by score (n,), finite numbers, at least one; rows of one score stand in their own order."""
    order, another = sort_keys(_falling(np.asarray(score, np.float64)))
    return Ranking(order, np.append(True, another))


class Partition:
    """Rows split into slices: `codes` (n,) from 0 to `slices` − 1, of at most 2³¹ rows.

    `rows` are the row numbers of each slice, int32, in their order.
    """

    def __init__(self, codes: NDArray[Any], slices: int) -> None:
        # numpy sorts small integers by radix, in linear time.
        self._codes = codes.astype(
            np.uint8 if slices <= 1 << 8 else np.uint16 if slices <= 1 << 16 else np.int64
        )
        sizes = np.bincount(self._codes, minlength=slices)
        self._ends = np.cumsum(sizes)[:-1]
        by_slice = np.argsort(self._codes, kind="stable").astype(np.int32)
        self.rows: list[NDArray[Any]] = np.split(by_slice, self._ends)
        self._number = np.empty(len(codes), np.int32)
        for rows in self.rows:
            self._number[rows] = np.arange(len(rows), dtype=np.int32)

    def split(self, ranking: Ranking) -> list[Ranking | None]:
        """The ranking of each slice's rows, numbered as in `rows`; None for a slice without any."""
        places = np.argsort(self._codes.take(ranking.order), kind="stable")
        order = self._number.take(ranking.order).take(places)
        starts = np.ones(len(order), np.bool_)
        if ranking.ties:
            step = ranking.step.take(places)
            np.not_equal(step[1:], step[:-1], out=starts[1:])
            firsts = np.append(0, self._ends)
            starts[firsts[firsts < len(starts)]] = True
        parts = zip(np.split(order, self._ends), np.split(starts, self._ends), strict=True)
        return [Ranking(own, new) if len(own) else None for own, new in parts]


def _falling(score: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Whole numbers (n,) that rise where the scores (n,) fall, equal where they are equal."""
    keys = (score + 0.0).view(np.uint64)  # zeros of both signs are one score
    if score.min() < 0:
        # IEEE 754: the sign bit stands above the size, which rises whatever the sign.
        negative = np.right_shift(keys.view(np.int64), 63).view(np.uint64)
        keys ^= negative >> np.uint64(1)
        keys ^= np.uint64(1 << 63)
    return np.invert(keys, out=keys)
