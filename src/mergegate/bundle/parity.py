"""Whether a graph answers as its estimator does, row by row: that it runs does not make it right."""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mergegate.bundle.session import Predicted
from mergegate.errors import ContractError

MAX_QUESTIONS = 2000
"""Halvings after which a model is not asked again for the rows that it refuses together."""


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """n compared rows. `accepted` (n,): rows that the estimator takes; the graph is held to those alone.

    `difference` (n,): the largest over the classes, absolute for probabilities, relative to the larger of the
    row's value and the predictions' spread for regression; infinite where only one side gives NaN or the
    graph fails. `labels_differ` (n,): other labels although the estimator's probabilities of the two are no
    tie.
    """

    rows: pd.DataFrame
    accepted: NDArray[np.bool_]
    expected: Predicted
    found: Predicted
    difference: NDArray[np.float64]
    labels_differ: NDArray[np.bool_]
    error: str

    def wrong(self, tolerance: float) -> NDArray[np.intp]:
        """Positions of the rows that are not equal within `tolerance`."""
        return np.flatnonzero(self.accepted & ((self.difference > tolerance) | self.labels_differ))

    @property
    def largest(self) -> float:
        """The largest difference, 0 where nothing could be compared."""
        return float(self.difference[self.accepted].max(initial=0.0))


def compare(
    rows: pd.DataFrame,
    estimator: Callable[[pd.DataFrame], Predicted],
    graph: Callable[[pd.DataFrame], Predicted],
    *,
    classes: tuple[str, ...],
    tolerance: float,
    scale: float = 0.0,
) -> Comparison:
    """Ask both for the prepared `rows`; `classes` are the labels as text, `scale` is regression's spread."""
    accepted, expected, _ = _ask(estimator, rows, refusals=(ValueError, TypeError))
    taken = rows[accepted].reset_index(drop=True)
    answered, found, error = _ask(graph, taken, refusals=(ContractError,))
    failed = np.zeros(len(rows), dtype=bool)
    failed[np.flatnonzero(accepted)[~answered]] = True
    expected, found = _spread(expected, accepted), _spread(found, accepted & ~failed)
    if expected.probabilities is not None and found.probabilities is not None:
        difference = _gap(expected.probabilities, found.probabilities).max(axis=1)
        labels_differ = _labels_differ(expected, found, classes, tolerance)
    elif classes:
        labels_differ = np.asarray(expected.y_pred != found.y_pred, dtype=bool)
        difference = np.zeros(len(rows))
    else:
        size = np.maximum(np.abs(expected.y_pred), scale)
        difference = _gap(expected.y_pred, found.y_pred) / np.where(size > 0, size, 1.0)
        labels_differ = np.zeros(len(rows), dtype=bool)
    difference[failed] = np.inf
    return Comparison(rows, accepted, expected, found, difference, labels_differ & ~failed, error)


def _ask(
    model: Callable[[pd.DataFrame], Predicted],
    rows: pd.DataFrame,
    refusals: tuple[type[Exception], ...],
    questions: Iterator[int] | None = None,
) -> tuple[NDArray[np.bool_], Predicted | None, str]:
    """Which rows a model answers, its answers for those, and what it said to the first of the others.

    A refusal of many rows at once does not name the row: halves are asked until it is alone, or until
    MAX_QUESTIONS are used up; what then still stands together counts as refused.
    """
    questions = iter(range(MAX_QUESTIONS)) if questions is None else questions
    if len(rows) == 0:
        return np.zeros(0, dtype=bool), None, ""
    try:
        return np.ones(len(rows), dtype=bool), model(rows), ""
    except refusals as error:
        if len(rows) == 1 or next(questions, None) is None:
            return np.zeros(len(rows), dtype=bool), None, str(error)
    middle = len(rows) // 2
    left = _ask(model, rows.iloc[:middle], refusals, questions)
    right = _ask(model, rows.iloc[middle:], refusals, questions)
    answers = [part[1] for part in (left, right) if part[1] is not None]
    return np.concatenate([left[0], right[0]]), _join(answers), left[2] or right[2]


def _join(answers: list[Predicted]) -> Predicted | None:
    if not answers:
        return None
    probabilities = [answer.probabilities for answer in answers if answer.probabilities is not None]
    return Predicted(
        np.concatenate([answer.y_pred for answer in answers]),
        np.concatenate(probabilities) if probabilities else None,
    )


def _spread(answers: Predicted | None, where: NDArray[np.bool_]) -> Predicted:
    """Answers at their rows' places among all rows; what stands elsewhere is never looked at."""
    if answers is None:
        return Predicted(np.zeros(len(where)), None)
    y_pred = np.zeros(len(where), dtype=answers.y_pred.dtype)
    y_pred[where] = answers.y_pred
    if answers.probabilities is None:
        return Predicted(y_pred, None)
    probabilities = np.zeros((len(where), answers.probabilities.shape[1]))
    probabilities[where] = answers.probabilities
    return Predicted(y_pred, probabilities)


def _gap(expected: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Absolute differences; equal infinities and NaN on both sides are none, NaN on one side is infinite."""
    with np.errstate(invalid="ignore"):
        gap = np.abs(expected - found)
    same = (expected == found) | (np.isnan(expected) & np.isnan(found))
    gap[same] = 0.0
    return np.where(np.isnan(gap), np.inf, gap)


def _labels_differ(
    expected: Predicted, found: Predicted, classes: tuple[str, ...], tolerance: float
) -> NDArray[np.bool_]:
    """Rows with other labels; a tie within the tolerance may fall either way in float32."""
    probabilities = expected.probabilities
    differ = np.asarray(expected.y_pred != found.y_pred, dtype=bool)
    place = {label: index for index, label in enumerate(classes)}
    if probabilities is None:
        return differ
    for row in np.flatnonzero(differ):
        mine, theirs = place.get(str(expected.y_pred[row])), place.get(str(found.y_pred[row]))
        if mine is not None and theirs is not None:
            differ[row] = abs(probabilities[row, mine] - probabilities[row, theirs]) > 2 * tolerance
    return differ
