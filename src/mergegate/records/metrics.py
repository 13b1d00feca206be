"""The metrics that a policy may name: scikit-learn's names, the tasks of each, which way is better."""

from typing import Literal

Task = Literal["binary", "multiclass", "regression"]

_BINARY: tuple[Task, ...] = ("binary",)
_MULTICLASS: tuple[Task, ...] = ("multiclass",)
_CLASSES: tuple[Task, ...] = ("binary", "multiclass")
_REGRESSION: tuple[Task, ...] = ("regression",)

METRIC_TASKS: dict[str, tuple[Task, ...]] = {
    "roc_auc": _BINARY,
    "average_precision": _BINARY,
    "log_loss": _CLASSES,
    "brier_score_loss": _BINARY,
    "accuracy": _CLASSES,
    "balanced_accuracy": _CLASSES,
    "precision": _BINARY,
    "recall": _BINARY,
    "f1": _BINARY,
    "matthews_corrcoef": _BINARY,
    "squared_calibration_error": _BINARY,
    "expected_calibration_error": _BINARY,
    "precision_macro": _MULTICLASS,
    "recall_macro": _MULTICLASS,
    "f1_macro": _MULTICLASS,
    "precision_weighted": _MULTICLASS,
    "recall_weighted": _MULTICLASS,
    "f1_weighted": _MULTICLASS,
    "roc_auc_ovr": _MULTICLASS,
    "mean_absolute_error": _REGRESSION,
    "root_mean_squared_error": _REGRESSION,
    "r2_score": _REGRESSION,
    "median_absolute_error": _REGRESSION,
    "mean_absolute_percentage_error": _REGRESSION,
    "mean_pinball_loss": _REGRESSION,
}
"""Every metric by name, in the order in which people read them."""

LOWER_IS_BETTER = frozenset(
    {
        "log_loss",
        "brier_score_loss",
        "squared_calibration_error",
        "expected_calibration_error",
        "mean_absolute_error",
        "root_mean_squared_error",
        "median_absolute_error",
        "mean_absolute_percentage_error",
        "mean_pinball_loss",
    }
)

POINT_ONLY = frozenset({"expected_calibration_error"})
"""Metrics that no interval covers: shown, never a gate."""

MEAN_COST = "mean_cost"
"""The metric that a policy's cost matrix gives."""

PRECISION_AT_TOP = "precision_at_top"
"""The share of positives among the rows that rank highest; a policy says how many by `top_share`."""

TOP_K_ACCURACY = "top_k_accuracy_score"
"""The share of rows whose class is among the k likeliest; a policy says k by `top_k`."""

ON_REQUEST = (MEAN_COST, PRECISION_AT_TOP, TOP_K_ACCURACY)
"""Metrics that there are only where the policy says what they need."""

PER_CLASS = frozenset({"precision", "recall", "f1"})
"""Metrics that a multiclass policy may ask of one class: `recall[late]`."""


def split_class(name: str) -> tuple[str, str | None]:
    """Metric and class of a name: ("recall", "late") of `recall[late]`, ("recall", None) of `recall`."""
    metric, bracket, rest = name.partition("[")
    if bracket and rest.endswith("]") and len(rest) > 1:
        return metric, rest[:-1]
    return name, None


def tasks_of(name: str) -> tuple[Task, ...]:
    """The tasks that a metric is for, per-class names included; empty when there is no such metric."""
    metric, label = split_class(name)
    if label is None:
        return METRIC_TASKS.get(metric, ())
    return _CLASSES if metric in PER_CLASS else ()


def greater_is_better(name: str) -> bool:
    """Whether a higher value of the metric is the better one."""
    return split_class(name)[0] not in LOWER_IS_BETTER and name != MEAN_COST
