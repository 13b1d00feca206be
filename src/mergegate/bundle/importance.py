"""Permutation importance: how much worse a model gets when one input's values change places between rows.

Breiman, L. (2001), Random Forests, Machine Learning 45, in the form of scikit-learn's permutation_importance:
on rows that the model was not fitted to, the drop of a metric, repeated.
"""

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mergegate.bundle.columns import Feed
from mergegate.bundle.scoring_messages import Shuffled
from mergegate.bundle.session import Predicted
from mergegate.records.manifest import Manifest

REPEATS = 5
MOST_PREDICTIONS = 5_000_000
"""Rows predicted for one bundle's importances; with many inputs fewer rows are taken."""

SMALLEST = 2.0**-52
"""What a probability of 0 counts as in the log loss."""

Score = Callable[[Predicted], float]
"""How well a model answers, higher is better."""


def rows_for(inputs: int, rows: int) -> int:
    """How many of `rows` to take for a model of so many inputs: all, unless that is too much work."""
    return min(rows, max(1, MOST_PREDICTIONS // (max(inputs, 1) * REPEATS)))


def permute(
    predict: Callable[[Feed], Predicted], feed: Feed, manifest: Manifest, score: Score, *, seed: int = 0
) -> tuple[Shuffled, ...]:
    """The loss of `score` with each input of the manifest shuffled, mean and standard deviation over REPEATS.

    `feed` maps tensors to (n, 1). Positive means that the input helps. The shuffles depend on the seed and
    the input's name alone, so that two models with an input in common see the same ones.
    """
    whole = score(predict(feed))
    rows = len(next(iter(feed.values())))
    found = []
    for column in manifest.inputs:
        random = np.random.default_rng([seed, zlib.crc32(column.name.encode(errors="replace"))])
        values = feed[column.tensor]
        losses = [
            whole - score(predict({**feed, column.tensor: values[random.permutation(rows)]}))
            for _ in range(REPEATS)
        ]
        found.append(Shuffled(float(np.mean(losses)), float(np.std(losses, ddof=1))))
    return tuple(found)


def choose_metric(task: str, truth: NDArray[np.object_], positive: str | None, *, probabilities: bool) -> str:
    """The metric, by scikit-learn's name, that tells most of what these rows allow."""
    if task == "regression":
        return "root_mean_squared_error"
    if not probabilities:
        return "accuracy"
    if task == "binary" and len({label == positive for label in truth.tolist()}) > 1:
        return "roc_auc"
    return "log_loss"


def scorer(metric: str, truth: NDArray[np.generic], manifest: Manifest, positive: str | None) -> Score:
    """What scores answers to rows of `truth` (n,), labels as text or numbers; losses are turned round."""
    if metric == "root_mean_squared_error":
        numbers = truth.astype(np.float64)
        return lambda found: -float(np.sqrt(np.mean((found.y_pred.astype(np.float64) - numbers) ** 2)))
    if metric == "accuracy":
        return lambda found: float(np.mean(found.y_pred.astype(str).astype(object) == truth))
    if metric == "roc_auc":
        place = manifest.classes.index(positive) if positive in manifest.classes else None
        is_positive = np.asarray(truth == positive)
        return lambda found: area(is_positive, _column(found, place))
    codes = np.array([_place(label, manifest.classes) for label in truth.tolist()])
    return lambda found: float(np.mean(np.log(_of_truth(found, codes))))


def area(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the ROC curve of `score` (n,), ties shared; both kinds of rows must be there."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    first = int(np.count_nonzero(positive))
    return float((ranks[positive].sum() - first * (first + 1) / 2) / (first * (len(score) - first)))


def _place(label: object, classes: tuple[str, ...]) -> int:
    return classes.index(str(label)) if label in classes else -1


def _column(found: Predicted, place: int | None) -> NDArray[np.float64]:
    """Probability (n,) of one class, none for one that the model does not know."""
    if found.probabilities is None or place is None:
        return np.zeros(len(found.y_pred))
    column: NDArray[np.float64] = found.probabilities[:, place]
    return column


def _of_truth(found: Predicted, codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability (n,) that each row's own class was given."""
    given = np.zeros(len(codes))
    if found.probabilities is not None:
        known = np.flatnonzero(codes >= 0)
        given[known] = found.probabilities[known, codes[known]]
    return np.clip(given, SMALLEST, 1.0)
