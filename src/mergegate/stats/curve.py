"""What areas under curves are made of: the weight of both classes at each score, from the highest down."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Design, Floats, UndefinedError, summed
from mergegate.stats.ranking import Ranking


@dataclass(frozen=True, eq=False)
class Block:
    """Some of the scores, falling: b different ones that m rows have.

    `gained`, `lost` (b,) are the weight of positives and negatives with each score, `hits`, `alarms` (b,)
    with it or a higher one. `rows` (m,) are their row numbers, `mark` (m,) marks the positive ones, and
    `counts` (b,) tells how many rows have each score; None where each has one.
    """

    gained: Floats
    lost: Floats
    hits: Floats
    alarms: Floats
    rows: NDArray[np.int64] | NDArray[np.int32]
    mark: NDArray[np.bool_]
    counts: NDArray[np.int64] | None

    def spread(self, of_positive: Floats, of_negative: Floats, into: Floats) -> None:
        """Give every row, in `into` (n,), what its score (b,) and class say."""
        if self.counts is not None:
            of_positive, of_negative = (np.repeat(x, self.counts) for x in (of_positive, of_negative))
        into[self.rows] = np.where(self.mark, of_positive, of_negative)


class Curve:
    """Both classes along a ranking, block by block: ten million rows never stand in memory at once.

    `true` (n,) marks the positive rows; `positives`, `negatives` are the weight of each class.
    Raises UndefinedError where one class has no weight.
    """

    def __init__(self, true: NDArray[np.bool_], ranking: Ranking, design: Design) -> None:
        self.true, self.ranking, self.design = true, ranking, design
        self._mark = true.take(ranking.order)
        self._bounds = ranking.bounds()
        sums = np.array([self._sums(number) for number in range(len(self._bounds) - 1)])
        self._above = np.cumsum(sums, axis=0) - sums
        self.positives, self.negatives = (float(total) for total in self._above[-1] + sums[-1])
        if not self.positives:
            raise UndefinedError("no row is truly positive")
        if not self.negatives:
            raise UndefinedError("every row is truly positive")

    def blocks(self, *, upward: bool = False) -> Iterator[Block]:
        """The blocks from the highest score down, or from the lowest up."""
        numbers = range(len(self._bounds) - 1)
        return map(self._block, reversed(numbers) if upward else numbers)

    @cached_property
    def hits(self) -> Floats:
        """Weight (t,) of the positives at or above each different score."""
        return np.concatenate([block.hits for block in self.blocks()])

    @cached_property
    def alarms(self) -> Floats:
        """Weight (t,) of the negatives at or above each different score."""
        return np.concatenate([block.alarms for block in self.blocks()])

    @cached_property
    def gained(self) -> Floats:
        """Weight (t,) of the positives with each score."""
        return np.concatenate([block.gained for block in self.blocks()])

    @cached_property
    def left_out(self) -> tuple[Floats, Floats]:
        """Weight (G, t) of positives and of negatives by rank bin, with each of the clusters left out."""
        design = self.design
        if design.cluster is None:
            raise ValueError("the rows have no clusters")
        bins = self.ranking.bins()
        count = int(bins.max()) + 1
        cells = design.cluster * count
        cells += bins
        tables = []
        for own in (self.true, ~self.true):
            weight = None if design.weight is None else design.weight[own]
            table = summed(cells[own], weight, design.clusters * count).reshape(design.clusters, count)
            tables.append(table.sum(axis=0) - table)
        return tables[0], tables[1]

    @property
    def carried(self) -> float:
        """Effective rows of the smaller class."""
        return min(self.design.effective(self.true), self.design.effective(~self.true))

    def influence(self, of_positive: Floats, of_negative: Floats) -> Floats:
        """Give every row (n,) what its score (t,) and class say, times its own weight."""
        result = np.empty(self.ranking.rows)
        start = 0
        for block in self.blocks():
            own = slice(start, start + len(block.hits))
            block.spread(of_positive[own], of_negative[own], result)
            start = own.stop
        return self.weighted(result)

    def weighted(self, rows: Floats, *, positive: float = 0.0, negative: float = 0.0) -> Floats:
        """Add a number for its class to every row (n,), and multiply by its weight; both in place."""
        weight = self.design.weight
        if positive == negative == 0 and weight is None:
            return rows
        for start in range(0, len(rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            rows[block] += np.where(self.true[block], positive, negative)
            if weight is not None:
                rows[block] *= weight[block]
        return rows

    def _weights(self, own: slice) -> tuple[Floats, Floats]:
        """Weight (m,) of the rows at some places, as positives and as negatives."""
        weight = self.design.weight
        if weight is None:
            gained = self._mark[own].astype(np.float64)
            return gained, 1.0 - gained
        taken = weight.take(self.ranking.order[own])
        gained = taken * self._mark[own]
        return gained, taken - gained

    def _places(self, number: int) -> slice:
        return slice(int(self._bounds[number]), int(self._bounds[number + 1]))

    def _sums(self, number: int) -> tuple[float, float]:
        own = self._places(number)
        if self.design.weight is None:
            count = float(np.count_nonzero(self._mark[own]))
            return count, own.stop - own.start - count
        gained, lost = self._weights(own)
        return float(np.cumsum(gained)[-1]), float(np.cumsum(lost)[-1])

    def _block(self, number: int) -> Block:
        own = self._places(number)
        mark, rows = self._mark[own], self.ranking.order[own]
        if self.design.weight is None and not self.ranking.ties:
            # Whole numbers are summed twice as fast.
            hits = np.cumsum(mark, dtype=np.int32) + self._above[number, 0]
            gained = mark.astype(np.float64)
            alarms = np.arange(own.start + 1.0, own.stop + 1.0) - hits
            return Block(gained, 1.0 - gained, hits, alarms, rows, mark, None)
        gained, lost = self._weights(own)
        firsts, counts = np.flatnonzero(self.ranking.starts[own]), None
        if len(firsts) < len(gained):
            counts = np.diff(firsts, append=len(gained))
            gained, lost = np.add.reduceat(gained, firsts), np.add.reduceat(lost, firsts)
        hits, alarms = (
            np.cumsum(x) + above for x, above in zip((gained, lost), self._above[number], strict=True)
        )
        return Block(gained, lost, hits, alarms, rows, mark, counts)


_BLOCK = 1 << 13
"""Rows weighted at a time."""
