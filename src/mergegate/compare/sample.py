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
        self.y_true = self._codes(predictions, predictions.y_true[rows])
        self.y_pred = self._codes(predictions, predictions.y_pred[rows])
        self._predictions = predictions
        self._rows = rows
        self._rankings: dict[int, stats.Ranking] = {}
        self._probabilities: dict[int, NDArray[np.float64]] = {}
        self._curves: dict[int, stats.Curve] = {}

    def _codes(self, predictions: Predictions, codes: NDArray[Any]) -> NDArray[Any]:
        if predictions.classes == self.classes:
            return codes
        places = {label: place for place, label in enumerate(self.classes)}
        moved: NDArray[Any] = np.array([places[label] for label in predictions.classes], codes.dtype)[codes]
        return moved

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
        return frozenset(np.flatnonzero(np.bincount(self.y_true, minlength=len(self.classes))).tolist())

    def probability(self, code: int) -> NDArray[np.float64]:
        """Probability (m,) of one class, 0 for one that the model does not know.

        Raises UndefinedError when the model gave none.
        """
        matrix, label = self._predictions.probabilities, self.classes[code]
        if matrix is None:
            raise UndefinedError("the file has no proba_<class> columns")
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
        result = np.empty(self.rows)
        for code in self.occurring if self.has_probabilities else range(1):
            np.copyto(result, self.probability(code), where=self.y_true == code)
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

    def split(self, partition: stats.Partition) -> "Callable[[int], Sample]":
        """What gives the rows of a slice as a sample of its own; what is ranked is not sorted again."""
        splits = {code: partition.split(ranking) for code, ranking in self._rankings.items()}

        def part(place: int) -> Sample:
            rows, own = partition.rows[place], object.__new__(Sample)
            own.task, own.classes, own._predictions = self.task, self.classes, self._predictions
            own.y_true, own.y_pred = self.y_true[rows], self.y_pred[rows]
            own._rows = rows if isinstance(self._rows, slice) else self._rows[rows]
            found = ((code, split[place]) for code, split in splits.items())
            own._rankings = {code: ranking for code, ranking in found if ranking is not None}
            own._probabilities, own._curves = {}, {}
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
