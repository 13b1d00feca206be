"""Metrics of predictions, by scikit-learn and under its names."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

Task = Literal["binary", "multiclass", "regression"]

GREATER_IS_WORSE = frozenset(
    {
        "log_loss",
        "brier_score_loss",
        "mean_absolute_error",
        "root_mean_squared_error",
        "median_absolute_error",
        "mean_absolute_percentage_error",
    }
)


def score(
    task: Task,
    y_true: NDArray[Any],
    y_pred: NDArray[Any],
    *,
    probabilities: NDArray[np.float64] | None,
    classes: tuple[str, ...],
    positive: str | None,
) -> dict[str, float]:
    """All metrics of a task for n rows.

    `y_true`, `y_pred` (n,) labels as text, or numbers for regression; `probabilities` (n, k) in the order of
    `classes`, or None. Metrics that need probabilities, or more classes than these rows have, are left out.
    """
    if task == "regression":
        return _regression(y_true, y_pred)
    # By place: scikit-learn sorts labels, and text sorts "10" before "9".
    place = {label: index for index, label in enumerate(classes)}
    truth, guess = (np.array([place[label] for label in labels.tolist()]) for labels in (y_true, y_pred))
    if task == "binary":
        chosen = place[str(positive)]
        chance = None if probabilities is None else probabilities[:, chosen]
        return _binary(truth == chosen, guess == chosen, chance)
    return _multiclass(truth, guess, probabilities, len(classes))


def _binary(
    truth: NDArray[np.bool_], guess: NDArray[np.bool_], chance: NDArray[np.float64] | None
) -> dict[str, float]:
    scores: dict[str, Any] = {}
    if chance is not None:
        if truth.any() and not truth.all():
            scores["roc_auc"] = metrics.roc_auc_score(truth, chance)
            scores["average_precision"] = metrics.average_precision_score(truth, chance)
        scores["log_loss"] = metrics.log_loss(truth, chance, labels=[False, True])
        scores["brier_score_loss"] = metrics.brier_score_loss(truth, chance, labels=[False, True])
    scores["accuracy"] = metrics.accuracy_score(truth, guess)
    scores["balanced_accuracy"] = metrics.balanced_accuracy_score(truth, guess)
    scores["precision"] = metrics.precision_score(truth, guess, zero_division=0.0)
    scores["recall"] = metrics.recall_score(truth, guess, zero_division=0.0)
    scores["f1"] = metrics.f1_score(truth, guess, zero_division=0.0)
    scores["matthews_corrcoef"] = metrics.matthews_corrcoef(truth, guess)
    return {name: float(value) for name, value in scores.items()}


def _multiclass(
    truth: NDArray[np.int64],
    guess: NDArray[np.int64],
    probabilities: NDArray[np.float64] | None,
    classes: int,
) -> dict[str, float]:
    labels = list(range(classes))
    scores: dict[str, Any] = {}
    if probabilities is not None:
        # The graph's float32 sum to one within 1e-7, which is not near enough for scikit-learn.
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
        scores["log_loss"] = metrics.log_loss(truth, probabilities, labels=labels)
        if len(np.unique(truth)) == classes > 2:
            scores["roc_auc_ovr"] = metrics.roc_auc_score(
                truth, probabilities, multi_class="ovr", labels=labels
            )
    scores["accuracy"] = metrics.accuracy_score(truth, guess)
    scores["balanced_accuracy"] = metrics.balanced_accuracy_score(truth, guess)
    for average in ("macro", "weighted"):
        settings: dict[str, Any] = {"labels": labels, "average": average, "zero_division": 0.0}
        scores[f"precision_{average}"] = metrics.precision_score(truth, guess, **settings)
        scores[f"recall_{average}"] = metrics.recall_score(truth, guess, **settings)
        scores[f"f1_{average}"] = metrics.f1_score(truth, guess, **settings)
    return {name: float(value) for name, value in scores.items()}


def _regression(y_true: NDArray[Any], y_pred: NDArray[Any]) -> dict[str, float]:
    scores = {
        "mean_absolute_error": metrics.mean_absolute_error(y_true, y_pred),
        "root_mean_squared_error": metrics.root_mean_squared_error(y_true, y_pred),
        "r2_score": metrics.r2_score(y_true, y_pred) if len(y_true) > 1 else float("nan"),
        "median_absolute_error": metrics.median_absolute_error(y_true, y_pred),
        "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error(y_true, y_pred),
    }
    return {name: float(value) for name, value in scores.items() if np.isfinite(value)}
