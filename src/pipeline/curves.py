"""What DVC plots draw: rows of plain numbers, few enough for git."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics
from sklearn.calibration import calibration_curve

MAX_POINTS = 200
DIGITS = 6

Rows = list[dict[str, Any]]


def roc(truth: NDArray[np.bool_], chance: NDArray[np.float64]) -> Rows:
    """ROC curve of n rows: false and true positive rate."""
    fpr, tpr, _ = metrics.roc_curve(truth, chance)
    return _points(fpr=fpr, tpr=tpr)


def precision_recall(truth: NDArray[np.bool_], chance: NDArray[np.float64]) -> Rows:
    """Precision over recall."""
    precision, recall, _ = metrics.precision_recall_curve(truth, chance)
    return _points(recall=recall[::-1], precision=precision[::-1])


def calibration(truth: NDArray[np.bool_], chance: NDArray[np.float64], *, bins: int) -> Rows:
    """Observed share over predicted probability, in bins of about as many rows each."""
    observed, predicted = calibration_curve(truth, chance, n_bins=bins, strategy="quantile")
    return _points(predicted=predicted, observed=observed)


def confusion(y_true: NDArray[Any], y_pred: NDArray[Any], classes: tuple[str, ...]) -> Rows:
    """Rows per actual and predicted class."""
    counts = metrics.confusion_matrix(y_true, y_pred, labels=list(classes))
    return [
        {"actual": actual, "predicted": predicted, "rows": int(counts[row, column])}
        for row, actual in enumerate(classes)
        for column, predicted in enumerate(classes)
    ]


def regression_calibration(y_true: NDArray[np.float64], y_pred: NDArray[np.float64], *, bins: int) -> Rows:
    """Mean observed over mean predicted value, in bins of about as many rows each."""
    parts = [part for part in np.array_split(np.argsort(y_pred, kind="stable"), bins) if len(part)]
    return _points(
        predicted=np.array([y_pred[part].mean() for part in parts]),
        observed=np.array([y_true[part].mean() for part in parts]),
    )


def residuals(y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> Rows:
    """Rows per error, in bins of one width; each bin by its middle."""
    counts, edges = np.histogram(y_true - y_pred, bins=30)
    return [
        {"error": round(float(middle), DIGITS), "rows": int(count)}
        for middle, count in zip((edges[:-1] + edges[1:]) / 2, counts, strict=True)
    ]


def _points(**columns: NDArray[np.float64]) -> Rows:
    """At most MAX_POINTS of a curve's points, its ends among them."""
    length = len(next(iter(columns.values())))
    kept = np.unique(np.linspace(0, length - 1, min(length, MAX_POINTS)).round().astype(int))
    return [{name: round(float(values[at]), DIGITS) for name, values in columns.items()} for at in kept]
