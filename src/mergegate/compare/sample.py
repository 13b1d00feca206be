"""One model's answers on some rows, with class codes that base and head share."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate import stats
from mergegate.compare.columns import numbers
from mergegate.records.predictions import Predictions
from mergegate.stats import UndefinedError

Rows = NDArray[np.int64] | slice
"""Which rows: an index array (m,), or a slice when they are all of them."""

EVERY = slice(None)

NO_PROBABILITIES = "the file has no proba_<class> columns"

_BLOCK = 1 << 13
"""Rows looked up together: small enough that malloc keeps the working memory."""
_FEW = 2
"""Classes whose probabilities are kept once picked; those of more would double the memory."""


class Sample:
    """m of a model's rows: `y_true`, `y_pred` (m,) codes into `classes`, or numbers for regression.

    `classes` may hold more than the file knows, such as those of the other side: nothing was given to these.
    What several metrics need, the rankings, is computed once.
    """

    def __init__(
        self, predictions: Predictions, rows: Rows = EVERY, *, classes: tuple[str, ...] | None = None
    ) -> None:
        self.task = predictions.task
        self.classes = classes or complete(predictions)
        self._predictions = predictions
        self._rows = rows
        self._whole: tuple[Sample, NDArray[np.int64]] | None = None
        self._rankings: dict[int, stats.Ranking] = {}
        self._probabilities: dict[int, NDArray[np.float64]] = {}
        self._of_truth: NDArray[np.float64] | None = None
        self._curves: dict[int, stats.Curve] = {}

    @cached_property
    def y_true(self) -> NDArray[Any]:
        """Each row's true class, or number."""
        return self._pick("y_true")

    @cached_property
    def y_pred(self) -> NDArray[Any]:
        """Each row's predicted class, or number."""
        return self._pick("y_pred")

    def _pick(self, name: str) -> NDArray[Any]:
        if self._whole is not None:
            whole, rows = self._whole
            picked: NDArray[Any] = getattr(whole, name).take(rows)
            return picked
        values: NDArray[Any] = getattr(self._predictions, name)[self._rows]
        if self._predictions.classes == self.classes:
            return values
        places = {label: place for place, label in enumerate(self.classes)}
        table = np.array([places[label] for label in self._predictions.classes], values.dtype)
        return table.take(values)

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

    @cached_property
    def occurring(self) -> frozenset[int]:
        """Codes of the classes that some row is truly of."""
        if len(self.classes) == _FEW:
            second = int(np.count_nonzero(self.y_true))
            return frozenset(code for code, rows in enumerate((self.rows - second, second)) if rows)
        return frozenset(np.flatnonzero(np.bincount(self.y_true, minlength=len(self.classes))).tolist())

    def probability(self, code: int) -> NDArray[np.float64]:
        """Probability (m,) of one class, 0 for one that the model does not know.

        Raises UndefinedError when the model gave none.
        """
        matrix, label = self._predictions.probabilities, self.classes[code]
        if matrix is None:
            raise UndefinedError(NO_PROBABILITIES)
        if label not in self._predictions.classes:
            return np.zeros(self.rows)
        if code in self._probabilities:
            return self._probabilities[code]
        found: NDArray[np.float64] = matrix[:, self._predictions.classes.index(label)][self._rows]
        if len(self.classes) <= _FEW:
            self._probabilities[code] = found
        return found

    def probability_of_truth(self) -> NDArray[np.float64]:
        """Probability (m,) given to each row's own class. Raises UndefinedError as `probability`."""
        if self._whole is not None:
            whole, rows = self._whole
            return whole.probability_of_truth().take(rows)
        if self._of_truth is None:
            self._of_truth = self._look_up_truth()
        return self._of_truth

    def _look_up_truth(self) -> NDArray[np.float64]:
        matrix, known = self._predictions.probabilities, self._predictions.classes
        if matrix is None:
            raise UndefinedError(NO_PROBABILITIES)
        # One look-up a row, however many classes there are: the matrix lies column by column in memory.
        flat, rows = matrix.ravel(order="F"), len(matrix)
        starts = np.array([known.index(label) * rows if label in known else -1 for label in self.classes])
        result = np.empty(self.rows)
        for first in range(0, self.rows, _BLOCK):
            last = min(first + _BLOCK, self.rows)
            start = starts.take(self.y_true[first:last])
            own = np.arange(first, last) if isinstance(self._rows, slice) else self._rows[first:last]
            result[first:last] = np.where(start < 0, 0.0, flat.take(np.maximum(start, 0) + own))
        return result

    def column(self, name: str) -> NDArray[np.float64]:
        """A further column (m,) of the file, as numbers. Raises UndefinedError where it has none."""
        if name not in self._predictions.columns:
            raise UndefinedError(f"the file has no column {name}")
        return numbers(self._predictions.columns[name], name)[self._rows]

    def ranking(self, code: int) -> stats.Ranking:
        """Rows by falling probability of one class. Raises UndefinedError when the model gave none."""
        if code not in self._rankings:
            self._rankings[code] = stats.rank(self.probability(code))
        return self._rankings[code]

    def curve(self, code: int, design: stats.Design) -> stats.Curve:
        """One class against the rest along its ranking; kept for the next metric of the same design."""
        known = self._curves.get(code)
        if known is None or known.design is not design:
            known = self._curves[code] = stats.Curve(self.y_true == code, self.ranking(code), design)
        return known

    @cached_property
    def bins(self) -> NDArray[Any]:
        """Bins (m,) of equal size by the probability of a binary task's positive class."""
        return stats.equal_bins(self.probability(self.positive), self.ranking(self.positive))

    def same_as(self, other: "Sample") -> bool:
        """Whether another model answers every one of the same rows alike, probabilities included."""
        if self.has_probabilities != other.has_probabilities or self.classes != other.classes:
            return False
        codes = range(len(self.classes)) if self.has_probabilities else ()
        return np.array_equal(self.y_pred, other.y_pred) and all(
            np.array_equal(self.probability(code), other.probability(code)) for code in codes
        )

    def split(self, partition: stats.Partition) -> "Callable[[int, NDArray[np.int64]], Sample]":
        """What gives a slice, by its number and rows, as a sample; what is ranked is not sorted again."""
        splits = {code: partition.split(ranking) for code, ranking in self._rankings.items()}

        def part(place: int, rows: NDArray[np.int64]) -> Sample:
            own = Sample(
                self._predictions,
                rows if isinstance(self._rows, slice) else self._rows.take(rows),
                classes=self.classes,
            )
            own._whole = self, rows
            found = ((code, split[place]) for code, split in splits.items())
            own._rankings = {code: ranking for code, ranking in found if ranking is not None}
            return own

        return part


def complete(predictions: Predictions) -> tuple[str, ...]:
    """The classes of one file; a binary task always has two, the positive one last."""
    return joint_classes(predictions)


def joint_classes(*sides: Predictions) -> tuple[str, ...]:
    """The classes of several files of one task; for a binary task two, the positive one last.

    Raises UndefinedError where binary files do not mean the same two classes.
    """
    known = [side.classes for side in sides if side.classes]
    if not known or sides[0].task != "binary":
        return tuple(dict.fromkeys(label for classes in known for label in classes))
    positive = known[0][-1]
    others = tuple(dict.fromkeys(label for classes in known for label in classes if label != positive))
    if len(others) > 1 or any(classes[-1] != positive for classes in known):
        shown = " and ".join(", ".join(classes) for classes in known)
        raise UndefinedError(f"the two files do not hold the same two classes: {shown}")
    return (*(others or (f"not {positive}",)), positive)
