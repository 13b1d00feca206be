"""The table of metrics: to add one is to write its function and add a line here and in records/metrics.py."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from mergegate.compare import decisions, probabilistic, ranking, regression
from mergegate.compare.sample import Sample, UndefinedError
from mergegate.records.metrics import METRIC_TASKS, Task, greater_is_better, split_class, tasks_of

Function = Callable[[Sample], float]


@dataclass(frozen=True)
class Metric:
    """A metric by scikit-learn's name; `function` raises UndefinedError where it has no value."""

    name: str
    tasks: tuple[Task, ...]
    greater_is_better: bool
    needs_probabilities: bool
    function: Function


@dataclass(frozen=True)
class Value:
    """A metric's value on some rows: a finite number, or None and the reason why there is none."""

    number: float | None
    reason: str = ""


_FUNCTIONS: dict[str, Function] = {
    "roc_auc": ranking.roc_auc,
    "average_precision": ranking.average_precision,
    "log_loss": probabilistic.log_loss,
    "brier_score_loss": probabilistic.brier_score_loss,
    "accuracy": decisions.accuracy,
    "balanced_accuracy": decisions.balanced_accuracy,
    "precision": decisions.precision,
    "recall": decisions.recall,
    "f1": decisions.f1,
    "matthews_corrcoef": decisions.matthews_corrcoef,
    "precision_macro": decisions.precision_macro,
    "recall_macro": decisions.recall_macro,
    "f1_macro": decisions.f1_macro,
    "precision_weighted": decisions.precision_weighted,
    "recall_weighted": decisions.recall_weighted,
    "f1_weighted": decisions.f1_weighted,
    "roc_auc_ovr": ranking.roc_auc_ovr,
    "mean_absolute_error": regression.mean_absolute_error,
    "root_mean_squared_error": regression.root_mean_squared_error,
    "r2_score": regression.r2_score,
    "median_absolute_error": regression.median_absolute_error,
    "mean_absolute_percentage_error": regression.mean_absolute_percentage_error,
    "mean_pinball_loss": regression.mean_pinball_loss,
}

_FROM_PROBABILITIES = frozenset(
    {"roc_auc", "average_precision", "log_loss", "brier_score_loss", "roc_auc_ovr"}
)

METRICS: dict[str, Metric] = {
    name: Metric(
        name=name,
        tasks=METRIC_TASKS[name],
        greater_is_better=greater_is_better(name),
        needs_probabilities=name in _FROM_PROBABILITIES,
        function=function,
    )
    for name, function in _FUNCTIONS.items()
}
"""Every metric by name."""

_PER_CLASS = {"precision": decisions.precision, "recall": decisions.recall, "f1": decisions.f1}


def names(task: Task) -> tuple[str, ...]:
    """The metrics of a task, in the table's order."""
    return tuple(name for name, metric in METRICS.items() if task in metric.tasks)


def evaluate(name: str, sample: Sample, *, task: Task) -> Value:
    """One metric on some rows; never NaN or infinite, never a numpy warning.

    `name` may be of one class (`recall[late]`). Anything that has no value gives None and the reason.
    """
    try:
        if task not in tasks_of(name):
            raise UndefinedError(f"{name} is no metric of a {task} task")
        _check(sample)
        with np.errstate(all="ignore"):
            number = _function(name, sample)(sample)
        if not math.isfinite(number):
            raise UndefinedError("the numbers are too large to compute with")
        return Value(number)
    except UndefinedError as undefined:
        return Value(None, str(undefined))


def _function(name: str, sample: Sample) -> Function:
    metric, label = split_class(name)
    if label is None:
        return METRICS[name].function
    if label not in sample.classes:
        raise UndefinedError(f"no row is truly {label} or predicted to be")
    return partial(_PER_CLASS[metric], code=sample.classes.index(label))


def _check(sample: Sample) -> None:
    """Raise UndefinedError for rows or weights that give no metric a value."""
    if not sample.rows:
        raise UndefinedError("there are no rows")
    weight = sample.weight
    if weight is None:
        return
    if not np.isfinite(weight).all() or weight.min() < 0:
        raise UndefinedError("a weight is negative, NaN or infinite")
    if not weight.any():
        raise UndefinedError("every weight is 0")
