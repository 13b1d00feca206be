"""Base and head on the same rows, with the same truth: what a paired difference is of."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate import stats, threads
from mergegate.compare.sample import Sample
from mergegate.stats import Design


class Exam:
    """Two models' answers, row by row the same; `design` brings the rows' weights and clusters.

    `alone` is base's own value, by the function that gives it, as found on the way to a difference while
    `keeps_alone`.
    """

    def __init__(self, base: Sample, head: Sample, design: Design) -> None:
        self.base, self.head, self.design = base, head, design
        self.keeps_alone = False
        self.alone: dict[object, stats.Estimate] = {}

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.head.rows

    @cached_property
    def decisions(self) -> stats.Decisions:
        """Both models' classes against the truth."""
        answers = (side.y_pred for side in (self.base, self.head))
        return stats.Decisions(self.head.y_true, *answers, classes=len(self.head.classes), design=self.design)

    @cached_property
    def identical(self) -> bool:
        """Whether the two models give the same answer on every row, probabilities included."""
        return self.base.same_as(self.head)

    def split(self, codes: NDArray[Any], count: int) -> Callable[[int], "Exam | None"]:
        """What gives the rows of a slice, `codes` (n,) below `count`; None for one without weight or rows."""
        partition = stats.Partition(codes, count)
        base, head = threads.both(
            lambda: self.base.split(partition), lambda: self.head.split(partition), rows=self.rows
        )
        every = partition.rows  # all that is kept of the partition

        def part(place: int) -> Exam | None:
            rows = every[place].astype(np.int64)
            if not self._counts(rows):
                return None
            old, new = base(place, rows), head(place, rows)
            new.y_true = old.y_true  # the truth is the same, and picked once
            return Exam(old, new, self.design.subset(rows))

        return part

    def _counts(self, rows: NDArray[np.int64]) -> bool:
        weight = self.design.weight
        return bool(len(rows)) and (weight is None or bool(weight[rows].any()))
