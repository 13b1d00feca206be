"""Metrics of predicted classes as functions of three sums per class, with their slopes.

Per class: `hits`, the weight of rows rightly predicted to be of it; `truth`, truly of it; `answer`,
predicted to be. To add a metric is to write its function and add a line to a table below.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Floats, UndefinedError


@dataclass(frozen=True, eq=False)
class Margins:
    """Summed weight (…, k) by class; or the slopes of a metric by each of them."""

    hits: Floats
    truth: Floats
    answer: Floats

    @property
    def total(self) -> Floats:
        """Summed weight (…, 1) of all rows."""
        total: Floats = self.truth.sum(axis=-1, keepdims=True)
        return total


Present = NDArray[np.bool_]
"""Which classes (k,) occur in the truth or the model's predictions."""

Count = Callable[[Margins, Present], tuple[Floats, Margins]]
"""A metric: its value (…) and its slopes by the margins."""


def accuracy(m: Margins, present: Present) -> tuple[Floats, Margins]:
    """Share of rows whose class is predicted."""
    value = m.hits.sum(axis=-1, keepdims=True) / m.total
    one = np.ones_like(m.hits)
    return value[..., 0], Margins(one / m.total, -one * value / m.total, 0 * one)


def matthews_corrcoef(m: Margins, present: Present) -> tuple[Floats, Margins]:
    """Correlation of truth and prediction; 0 where every row gets the same prediction (Gorodkin 2004)."""
    total, right = m.total, m.hits.sum(axis=-1, keepdims=True)
    covariance = right * total - (m.truth * m.answer).sum(axis=-1, keepdims=True)
    of_truth = total**2 - (m.truth**2).sum(axis=-1, keepdims=True)
    of_answer = total**2 - (m.answer**2).sum(axis=-1, keepdims=True)
    root = np.sqrt(np.maximum(of_truth * of_answer, 0))
    value = _divide(covariance, root)
    shrink_truth, shrink_answer = _divide(value, of_truth), _divide(value, of_answer)
    return value[..., 0], Margins(
        _divide(total, root) + 0 * m.hits,
        _divide(right - m.answer, root) - shrink_truth * (total - m.truth) - shrink_answer * total,
        _divide(-m.truth, root) + shrink_answer * m.answer,
    )


def precision(m: Margins) -> tuple[Floats, Margins]:
    """Of each class (…, k): share of the rows predicted to be of it that truly are; 0 without any."""
    value, slope = _divide(m.hits, m.answer), _divide(1.0, m.answer)
    return value, Margins(slope, np.zeros_like(slope), -value * slope)


def recall(m: Margins) -> tuple[Floats, Margins]:
    """Of each class (…, k): share of the rows truly of it that are predicted to be; 0 without any."""
    value, slope = _divide(m.hits, m.truth), _divide(1.0, m.truth)
    return value, Margins(slope, -value * slope, np.zeros_like(slope))


def f1(m: Margins) -> tuple[Floats, Margins]:
    """Of each class (…, k): harmonic mean of precision and recall; 0 without any row."""
    slope = _divide(1.0, m.truth + m.answer)
    value = 2 * m.hits * slope
    return value, Margins(2 * slope, -value * slope, -value * slope)


PerClass = Callable[[Margins], tuple[Floats, Margins]]


def of_class(function: PerClass, code: int) -> Count:
    """The metric of one class."""

    def count(m: Margins, present: Present) -> tuple[Floats, Margins]:
        value, slopes = function(m)
        only = np.arange(m.hits.shape[-1]) == code
        return value[..., code], Margins(slopes.hits * only, slopes.truth * only, slopes.answer * only)

    return count


def macro(function: PerClass) -> Count:
    """The plain mean over the classes present."""

    def count(m: Margins, present: Present) -> tuple[Floats, Margins]:
        value, slopes = function(m)
        share = present / np.count_nonzero(present)
        return (value * share).sum(axis=-1), Margins(
            slopes.hits * share, slopes.truth * share, slopes.answer * share
        )

    return count


def weighted(function: PerClass) -> Count:
    """The mean over the classes, each by its true rows."""

    def count(m: Margins, present: Present) -> tuple[Floats, Margins]:
        value, slopes = function(m)
        share = m.truth / m.total
        mean = (value * share).sum(axis=-1, keepdims=True)
        return mean[..., 0], Margins(
            slopes.hits * share, slopes.truth * share + (value - mean) / m.total, slopes.answer * share
        )

    return count


def balanced_accuracy(m: Margins, present: Present) -> tuple[Floats, Margins]:
    """Mean recall over the classes present in the truth."""
    return macro(recall)(m, present)


WHOLE: dict[str, Count] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "matthews_corrcoef": matthews_corrcoef,
    "precision_macro": macro(precision),
    "recall_macro": macro(recall),
    "f1_macro": macro(f1),
    "precision_weighted": weighted(precision),
    "recall_weighted": weighted(recall),
    "f1_weighted": weighted(f1),
}
"""Metrics of all classes together."""

PER_CLASS: dict[str, Count] = {
    "precision": of_class(precision, 1),
    "recall": of_class(recall, 1),
    "f1": of_class(f1, 1),
}
"""Metrics of one class, which has the code 1 where the others have 0."""


def require(name: str, m: Margins) -> None:
    """Raise UndefinedError where a metric has no value on margins (k,)."""
    if name in ("balanced_accuracy", "matthews_corrcoef") and np.count_nonzero(m.truth) < 2:
        raise UndefinedError("every row is truly of the same class")
    if name == "precision" and not m.answer[1]:
        raise UndefinedError("no row is predicted to be of the class")
    if name == "recall" and not m.truth[1]:
        raise UndefinedError("no row is truly of the class")
    if name == "f1" and not m.truth[1] + m.answer[1]:
        raise UndefinedError("no row is truly of the class or predicted to be")


def _divide(part: Floats | float, whole: Floats) -> Floats:
    """Divide, 0 where there is nothing to divide by."""
    shape = np.broadcast_shapes(np.shape(part), whole.shape)
    return np.divide(part, whole, out=np.zeros(shape), where=whole > 0)
