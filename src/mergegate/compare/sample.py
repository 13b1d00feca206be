"""The rows that metrics are computed on: arrays, weights, and what several metrics share."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate.records.predictions import Predictions

Rows = NDArray[np.int64] | slice
"""Which rows: an index array (m,), or a slice when they are all of them."""

EVERY = slice(None)


class UndefinedError(Exception):
    """A metric has no value on these rows; the message says why."""


class Sample:
    """Some rows of predictions, with a weight per row or none.

    `rows` picks m of n rows, `weight` (m,) are finite numbers of at least 0. What several metrics need
    (counts, rankings) is computed once.
    """

    def __init__(
        self, predictions: Predictions, rows: Rows = EVERY, *, weight: NDArray[np.float64] | None = None
    ) -> None:
        self.classes = predictions.classes
        self.y_true: NDArray[Any] = predictions.y_true[rows]
        self.y_pred: NDArray[Any] = predictions.y_pred[rows]
        self.weight = weight
        self._predictions = predictions
        self._rows = rows
        self._rankings: dict[int, Ranking] = {}

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.y_true)

    @property
    def positive(self) -> int:
        """The code of a binary task's positive class."""
        return len(self.classes) - 1

    @property
    def has_probabilities(self) -> bool:
        """Whether the model gave probabilities."""
        return self._predictions.probabilities is not None

    def probability(self, code: int) -> NDArray[np.float64]:
        """Probability (m,) of one class. Raises UndefinedError when the model gave none."""
        matrix = self._predictions.probabilities
        if matrix is None:
            raise UndefinedError("the file has no proba_<class> columns")
        return matrix[:, code][self._rows]

    def probability_of_truth(self) -> NDArray[np.float64]:
        """Probability (m,) given to each row's own class. Raises UndefinedError as `probability`."""
        result = np.empty(self.rows)
        for code in range(len(self.classes)):
            np.copyto(result, self.probability(code), where=self.y_true == code)
        return result

    def mean(self, values: NDArray[np.float64]) -> float:
        """Weighted mean of values (m,)."""
        return float(np.mean(values) if self.weight is None else np.average(values, weights=self.weight))

    @cached_property
    def counts(self) -> NDArray[np.float64]:
        """Summed weight (k, k) by class: rows are the truth, columns the prediction."""
        return self._table(self.weight)

    @cached_property
    def present(self) -> NDArray[np.int64]:
        """Codes of the classes that occur in the truth or the prediction, whatever their weight."""
        table = self._table(None)
        return np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))

    def _table(self, weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
        size = len(self.classes)
        cells = np.multiply(self.y_true, size, dtype=np.int64)
        cells += self.y_pred
        return np.bincount(cells, weight, size * size).astype(np.float64).reshape(size, size)

    def ranking(self, code: int) -> "Ranking":
        """Rows by falling probability of one class. Raises UndefinedError when the model gave none."""
        if code not in self._rankings:
            self._rankings[code] = Ranking(self.y_true == code, self.probability(code), self.weight)
        return self._rankings[code]


class Ranking:
    """Rows by falling probability, ties as one step: weight of positives and negatives at or above each.

    `true` (m,) bool, `score` (m,) between 0 and 1; `positives` and `negatives` (t,) for t different scores.
    Rows of weight 0 count for nothing.
    """

    def __init__(
        self, true: NDArray[np.bool_], score: NDArray[np.float64], weight: NDArray[np.float64] | None
    ) -> None:
        if weight is None:
            ordered, last = _sort_unweighted(true, score)
            self.positives = np.cumsum(ordered, dtype=np.float64)[last]
            self.negatives = (last + 1) - self.positives
            return
        kept = weight > 0
        true, score, weight = true[kept], score[kept], weight[kept]
        order = np.argsort(score)[::-1]
        true, weight, last = true[order], weight[order], _last_of_ties(score[order])
        self.positives = np.cumsum(np.where(true, weight, 0.0))[last]
        self.negatives = np.cumsum(np.where(true, 0.0, weight))[last]


def _sort_unweighted(
    true: NDArray[np.bool_], score: NDArray[np.float64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Truth by falling score, and where each run of equal scores ends.

    The bits of floats from 0 to 1 sort as the floats do and leave the top bit unused: with the truth as the
    lowest bit one sort of numbers does it, at half the time of an argsort and two gathers.
    """
    # Adding 0 turns -0.0, whose top bit is set, into 0.0.
    packed = (score + 0.0).view(np.uint64)
    packed <<= np.uint64(1)
    packed |= true
    packed.sort()
    packed = packed[::-1]
    last = _last_of_ties(packed >> np.uint64(1))
    return packed & np.uint64(1), last


def _last_of_ties(ordered: NDArray[Any]) -> NDArray[np.int64]:
    """The place (t,) of the last of each run of equal values."""
    return np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
