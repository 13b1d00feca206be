"""Joint cells of truth and answers: how much weight lies in each, and what a row more would change."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.counts import Margins
from mergegate.stats.design import Design, Floats, summed

Codes = NDArray[np.int64]

_TABLE_UP_TO = 1 << 20
"""Joint cells up to which all are counted in a table; beyond it only those that occur."""
_BLOCK = 1 << 13
"""Rows looked at together: small enough that malloc keeps the working memory."""

ROWS_A_CLASS = 20
"""With fewer rows for each class the rows added to the joint cells would outweigh them."""


def added_rows(classes: int, models: int) -> float:
    """Rows added to each joint cell: as measured for 2 and 4 classes; beyond, 1.6 a class in all."""
    if models == 1:
        return 0.5 if classes == 2 else min(0.4, 1.6 / classes)
    return 0.25 if classes == 2 else min(0.1, 1.6 / classes**2)


def classes_problem(classes: int, design: Design) -> str:
    """Why so many classes can't give an interval; empty when they can."""
    if classes == 2 or design.effective() >= ROWS_A_CLASS * classes:
        return ""
    return f"{design.rows:,} rows are too few for {classes:,} classes"


class Cells:
    """Class codes (n,) from 0 to `classes` − 1 of the truth and of each model's answers, counted jointly.

    The c cells that occur have `of_truth` (c,), `of_answers` (c,) for each model, and `count` (c,) rows of
    some weight, summed `weight` (c,) and summed `squares` (c,) of weight.
    """

    def __init__(
        self, truth: NDArray[Any], answers: Sequence[NDArray[Any]], classes: int, design: Design
    ) -> None:
        self.classes, self.design = classes, design
        self._code = _joint(truth, answers, classes)
        size = classes ** (1 + len(answers))
        if size > _TABLE_UP_TO:
            found, self._code = np.unique(self._code, return_inverse=True)
            found, size = found.astype(np.int64), len(found)
            cells = self._place = np.arange(size)
        else:
            occurs = np.bincount(self._code, minlength=size) > 0
            found = cells = np.flatnonzero(occurs)
            self._place = np.cumsum(occurs) - 1
        weight = design.weight
        self.weight = summed(self._code, weight, size)[cells]
        if weight is None:
            self.count = self.squares = self.weight
        else:
            self.count = summed(self._code[weight > 0], None, size)[cells]
            self.squares = summed(self._code, weight**2, size)[cells]
        digits = []
        for _ in answers:
            found, answer = np.divmod(found, classes)
            digits.append(answer)
        self.of_truth, self.of_answers = found, tuple(reversed(digits))

    @property
    def row(self) -> Codes:
        """Each row's cell (n,)."""
        return self._place.take(self._code)

    @property
    def row_weight(self) -> float:
        """The weight of one effective row."""
        return self.design.total / self.design.effective()

    def effective(self, among: NDArray[np.bool_]) -> float:
        """Effective rows in some of the cells, a mask (c,)."""
        square = float(self.squares[among].sum())
        return float(self.weight[among].sum()) ** 2 / square if square else 0.0

    @cached_property
    def margins(self) -> tuple[Margins, ...]:
        """The margins (k,) of each model."""
        return tuple(self._margins(answer) for answer in self.of_answers)

    def augmented(self, side: int, added: float) -> Margins:
        """A model's margins after `added` weight in every one of the joint cells, empty ones too."""
        m, k, models = self.margins[side], float(self.classes), len(self.of_answers)
        hits, marginal = added * k ** (models - 1), added * k**models
        return Margins(m.hits + hits, m.truth + marginal, m.answer + marginal)

    def by_cluster(self, side: int) -> Margins:
        """A model's margins (G, k) in each cluster."""
        design, k = self.design, self.classes
        weight = np.ones(design.rows) if design.weight is None else design.weight
        cluster = np.asarray(design.cluster, np.int64) * k
        row = self.row
        truth, answer = self.of_truth[row], self.of_answers[side][row]
        hit = np.where(truth == answer, weight, 0.0)
        shape, size = (design.clusters, k), design.clusters * k
        return Margins(
            summed(cluster + truth, hit, size).reshape(shape),
            summed(cluster + truth, weight, size).reshape(shape),
            summed(cluster + answer, weight, size).reshape(shape),
        )

    def moves(self, slopes: Sequence[Margins]) -> Floats:
        """How far a unit of weight in each cell (c,) that occurs moves a metric, by its slopes per model."""
        moves = np.zeros(len(self.weight))
        for slope, answer in zip(slopes, self.of_answers, strict=True):
            moves += np.where(self.of_truth == answer, slope.hits[self.of_truth], 0.0)
            moves += slope.truth[self.of_truth] + slope.answer[answer]
        return moves

    def _margins(self, answer: Codes) -> Margins:
        hits = np.where(self.of_truth == answer, self.weight, 0.0)
        return Margins(
            summed(self.of_truth, hits, self.classes),
            summed(self.of_truth, self.weight, self.classes),
            summed(answer, self.weight, self.classes),
        )


def squares_over_all(slopes: Sequence[Margins]) -> float:
    """Squared moves summed over all k^(m + 1) cells of m models, those that don't occur too, in time k.

    A cell's move is T[t] + Σ over models of (H[t]·[answer = t] + A[answer]); at one truth the answers of
    different models are independent over the cells, so that means and variances add.
    """
    k = len(slopes[0].truth)
    centre = np.sum([slope.truth for slope in slopes], axis=0)
    around = np.zeros(k)
    for slope in slopes:
        first = (slope.hits + slope.answer.sum()) / k
        second = (slope.hits**2 + 2 * slope.hits * slope.answer + slope.answer @ slope.answer) / k
        centre = centre + first
        around += np.maximum(second - first**2, 0.0)
    return float((centre**2 + around).sum()) * float(k) ** len(slopes)


def _joint(truth: NDArray[Any], answers: Sequence[NDArray[Any]], classes: int) -> NDArray[Any]:
    """One code (n,) for the truth and all answers, in as few bytes as will do."""
    result = np.empty(len(truth), np.min_scalar_type(classes ** (1 + len(answers)) - 1))
    for start in range(0, len(truth), _BLOCK):
        block = slice(start, start + _BLOCK)
        code = truth[block].astype(np.int64)
        for answer in answers:
            code *= classes
            code += answer[block]
        result[block] = code
    return result
