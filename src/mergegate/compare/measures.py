"""How a metric gives numbers: from each row's influence, or from counts of decisions."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate import stats, threads
from mergegate.compare.exam import Exam
from mergegate.compare.sample import Sample
from mergegate.stats import Design, Estimate, Influence, UndefinedError
from mergegate.stats.pivots import Student


class Measure(Protocol):
    """One metric of one model, and of two on the same rows; raises UndefinedError without a value."""

    def value(self, sample: Sample, design: Design) -> float:
        """The metric of one model."""

    def alone(self, sample: Sample, design: Design) -> Estimate | None:
        """The same with its interval; None where no interval of it covers."""

    def paired(self, exam: Exam, relative: float = 0.0) -> tuple[float, float, Estimate | None]:
        """Base's value, head's, and the estimate of head − base, or of head − (1 + relative)·base."""


class ByRows(msgspec.Struct, frozen=True):
    """A metric whose value moves a little with every row (stats.influence)."""

    influence: Callable[[Sample, Design], Influence]

    def value(self, sample: Sample, design: Design) -> float:
        """As in Measure."""
        return self.influence(sample, design).value

    def alone(self, sample: Sample, design: Design) -> Estimate:
        """As in Measure."""
        return stats.absolute(self.influence(sample, design), design)

    def paired(self, exam: Exam, relative: float = 0.0) -> tuple[float, float, Estimate]:
        """As in Measure."""
        base, head = threads.both(
            lambda: self.influence(exam.base, exam.design),
            lambda: self.influence(exam.head, exam.design),
            rows=exam.rows,
        )
        if exam.keeps_alone and self.influence not in exam.alone:
            exam.alone[self.influence] = stats.absolute(base, exam.design)
        return base.value, head.value, stats.difference(base, head, exam.design, share=1 + relative)


class ByDecisions(msgspec.Struct, frozen=True):
    """A metric of predicted classes (stats.counts); `label`: the class that recall and the like are of."""

    name: str
    label: str | None = None

    def value(self, sample: Sample, design: Design) -> float:
        """As in Measure."""
        code = self._code(sample)
        try:
            return self._decisions(sample, design).value(self.name, code)
        except UndefinedError as error:
            raise self._named(error, sample, code) from error

    def alone(self, sample: Sample, design: Design) -> Estimate:
        """As in Measure."""
        code = self._code(sample)
        try:
            return self._decisions(sample, design).absolute(self.name, code)
        except UndefinedError as error:
            raise self._named(error, sample, code) from error

    def paired(self, exam: Exam, relative: float = 0.0) -> tuple[float, float, Estimate]:
        """As in Measure."""
        code, decisions = self._code(exam.head), exam.decisions
        try:
            base, head = (decisions.value(self.name, code, side=side) for side in (0, 1))
            return base, head, decisions.difference(self.name, code, share=1 + relative)
        except UndefinedError as error:
            raise self._named(error, exam.head, code) from error

    def _code(self, sample: Sample) -> int:
        if self.label is None:
            return sample.positive
        if self.label not in sample.classes:
            raise UndefinedError(f"no row is truly {self.label} or predicted to be")
        return sample.classes.index(self.label)

    def _decisions(self, sample: Sample, design: Design) -> stats.Decisions:
        return stats.Decisions(sample.y_true, sample.y_pred, classes=len(sample.classes), design=design)

    def _named(self, error: UndefinedError, sample: Sample, code: int) -> UndefinedError:
        """The reason with the class by its own name."""
        if len(sample.occurring) == 1:
            only = sample.classes[next(iter(sample.occurring))]
            text = str(error).replace("of the same class", only)
        else:
            text = str(error)
        return UndefinedError(text.replace("of the class", sample.classes[code]))


class ByTopHits(msgspec.Struct, frozen=True):
    """Share of rows whose class is among the `k` likeliest; ties count as scikit-learn has them."""

    k: int

    def value(self, sample: Sample, design: Design) -> float:
        """As in Measure."""
        return design.mean(self._hits(sample).astype(np.float64))

    def alone(self, sample: Sample, design: Design) -> Estimate:
        """As in Measure."""
        return stats.Decisions.of_hits(self._hits(sample), design=design).absolute("accuracy")

    def paired(self, exam: Exam, relative: float = 0.0) -> tuple[float, float, Estimate]:
        """As in Measure."""
        base, head = self._hits(exam.base), self._hits(exam.head)
        values = [exam.design.mean(hits.astype(np.float64)) for hits in (base, head)]
        decisions = stats.Decisions.of_hits(base, head, design=exam.design)
        return values[0], values[1], decisions.difference("accuracy", share=1 + relative)

    def _hits(self, sample: Sample) -> NDArray[np.bool_]:
        """Rows (n,) whose class fewer than k others beat: of equals, the later class goes first."""
        if self.k >= len(sample.classes):
            raise UndefinedError(f"there are {len(sample.classes)} classes, so that {self.k} are all of them")
        own, better = sample.probability_of_truth(), np.zeros(sample.rows, np.int64)
        for code in range(len(sample.classes)):
            other = sample.probability(code)
            better += (other > own) | ((other == own) & (code > sample.y_true))
        hits: NDArray[np.bool_] = better < self.k
        return hits


class PointOnly(msgspec.Struct, frozen=True):
    """A metric that no interval covers: shown, never judged."""

    function: Callable[[Sample, Design], float]

    def value(self, sample: Sample, design: Design) -> float:
        """As in Measure."""
        return self.function(sample, design)

    def alone(self, sample: Sample, design: Design) -> None:
        """As in Measure."""

    def paired(self, exam: Exam, relative: float = 0.0) -> tuple[float, float, None]:
        """As in Measure."""
        base, head = threads.both(
            lambda: self.function(exam.base, exam.design),
            lambda: self.function(exam.head, exam.design),
            rows=exam.rows,
        )
        return base, head, None


def unchanged(carried: float, distance: float, discordant: int | None) -> Estimate:
    """What two models that answer every row alike differ by: exactly `distance`, whatever the sample."""
    same = stats.identical(carried, discordant=discordant)
    return replace(same, value=distance, pivot=Student(distance, 0.0, math.inf)) if distance else same
