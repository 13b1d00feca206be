"""The table of metrics: to add one is to write its function and add a line here and in records/metrics.py."""

import math
from functools import partial

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.compare import own, probabilistic, ranking, regression
from mergegate.compare.exam import Exam
from mergegate.compare.measured import Measured
from mergegate.compare.measures import ByDecisions, ByRows, ByTopHits, Measure, PointOnly, unchanged
from mergegate.compare.own import Options
from mergegate.compare.sample import Sample
from mergegate.records.metrics import (
    MEAN_COST,
    METRIC_TASKS,
    PRECISION_AT_TOP,
    TOP_K_ACCURACY,
    Task,
    greater_is_better,
    split_class,
    tasks_of,
)
from mergegate.stats import Design, Estimate, UndefinedError

MOST_CLASSES = 10
"""Up to as many classes, precision, recall and F1 of each are shown unasked."""


class Metric(msgspec.Struct, frozen=True):
    """A metric by scikit-learn's name, and how its value, interval and paired difference are had."""

    name: str
    tasks: tuple[Task, ...]
    greater_is_better: bool
    measure: Measure


class Value(msgspec.Struct, frozen=True):
    """A metric's value on some rows: a finite number or None, and why it, or its interval, is none."""

    number: float | None
    reason: str = ""
    estimate: Estimate | None = None


_MEASURES: dict[str, Measure] = {
    "roc_auc": ByRows(ranking.roc_auc),
    "average_precision": ByRows(ranking.average_precision),
    "log_loss": ByRows(probabilistic.log_loss),
    "brier_score_loss": ByRows(probabilistic.brier_score_loss),
    "accuracy": ByDecisions("accuracy"),
    "balanced_accuracy": ByDecisions("balanced_accuracy"),
    "precision": ByDecisions("precision"),
    "recall": ByDecisions("recall"),
    "f1": ByDecisions("f1"),
    "matthews_corrcoef": ByDecisions("matthews_corrcoef"),
    "squared_calibration_error": ByRows(probabilistic.squared_calibration_error),
    "expected_calibration_error": PointOnly(probabilistic.expected_calibration_error),
    "precision_macro": ByDecisions("precision_macro"),
    "recall_macro": ByDecisions("recall_macro"),
    "f1_macro": ByDecisions("f1_macro"),
    "precision_weighted": ByDecisions("precision_weighted"),
    "recall_weighted": ByDecisions("recall_weighted"),
    "f1_weighted": ByDecisions("f1_weighted"),
    "roc_auc_ovr": ByRows(ranking.roc_auc_ovr),
    "mean_absolute_error": ByRows(regression.mean_absolute_error),
    "root_mean_squared_error": ByRows(regression.root_mean_squared_error),
    "r2_score": ByRows(regression.r2_score),
    "median_absolute_error": ByRows(regression.median_absolute_error),
    "mean_absolute_percentage_error": ByRows(regression.mean_absolute_percentage_error),
    "mean_pinball_loss": ByRows(regression.mean_pinball_loss),
}

METRICS: dict[str, Metric] = {
    name: Metric(name, METRIC_TASKS[name], greater_is_better(name), measure)
    for name, measure in _MEASURES.items()
}
"""Every metric by name."""


def names(task: Task) -> tuple[str, ...]:
    """The metrics of a task, in the table's order."""
    return tuple(name for name, metric in METRICS.items() if task in metric.tasks)


def shown(task: Task, classes: tuple[str, ...], options: Options) -> tuple[str, ...]:
    """The metrics that a comparison shows unasked: the team's own, the task's, those of each class."""
    each: tuple[str, ...] = ()
    if task == "multiclass" and len(classes) <= MOST_CLASSES:
        each = tuple(f"{name}[{label}]" for label in classes for name in ("precision", "recall", "f1"))
    return (*options.names, *names(task), *each)


def find(name: str, task: Task, options: Options) -> Metric:
    """The metric of a name. Raises UndefinedError for one that is not of this task."""
    if name == MEAN_COST and options.costs and task != "regression":
        return Metric(name, (task,), False, own.ByCosts(options.costs))
    if name == PRECISION_AT_TOP and options.top_share is not None and task == "binary":
        return Metric(name, (task,), True, ByRows(partial(ranking.precision_at_top, share=options.top_share)))
    if name == TOP_K_ACCURACY and options.top_k is not None and task == "multiclass":
        return Metric(name, (task,), True, ByTopHits(options.top_k))
    if name in options.losses:
        column, greater = options.losses[name]
        return Metric(name, (task,), greater, ByRows(partial(own.loss, column=column)))
    if task not in tasks_of(name):
        raise UndefinedError(f"{name} is no metric of a {task} task")
    metric, label = split_class(name)
    if label is not None:
        return Metric(name, tasks_of(name), True, ByDecisions(metric, label))
    if metric == "mean_pinball_loss" and options.quantile != 0.5:
        function = partial(regression.mean_pinball_loss, quantile=options.quantile)
        return Metric(name, METRIC_TASKS[name], False, ByRows(function))
    return METRICS[name]


def evaluate(
    name: str,
    sample: Sample,
    *,
    weight: NDArray[np.float64] | None = None,
    cluster: NDArray[np.int64] | None = None,
    options: Options | None = None,
    interval: bool = False,
) -> Value:
    """One metric of one model; never NaN or infinite, never a numpy warning.

    `name` may be of one class (`recall[late]`). Anything that has no value gives None and the reason.
    """
    reason = ""
    try:
        metric = find(name, sample.task, options or Options())
        design = Design(sample.rows, weight=weight, cluster=cluster)
        with np.errstate(all="ignore"):
            try:
                estimate = metric.measure.alone(sample, design) if interval else None
            except ArithmeticError as error:
                estimate, reason = None, f"no interval: {_beyond(error)}"
            number = estimate.value if estimate else metric.measure.value(sample, design)
        return Value(_finite(number), reason, estimate)
    except UndefinedError as undefined:
        return Value(None, str(undefined))
    except ArithmeticError as error:
        return Value(None, f"{_beyond(error)} to compute with")


def compare_on(
    name: str, exam: Exam | None, *, relative: float = 0.0, options: Options | None = None
) -> Measured:
    """One metric of base and head on the same rows; None for a slice without any.

    With `relative` r the estimate is of head − base + r·|base| (− where lower is better): at or beyond 0
    the share r of base's value is not lost.
    """
    if exam is None:
        return Measured(0, base_reason="there are no rows", head_reason="there are no rows")
    try:
        metric = find(name, exam.head.task, options or Options())
        with np.errstate(all="ignore"):
            base, head, estimate = metric.measure.paired(exam)
            if estimate is not None and relative:
                # A share of a negative value, such as a correlation's, must still be a loss.
                allowed = math.copysign(relative, -base if metric.greater_is_better else base)
                estimate = metric.measure.paired(exam, allowed)[2]
        _finite(base), _finite(head)
        if estimate is None:
            return Measured(exam.rows, base, head, problem="no interval: none that is known holds")
        _finite(estimate.standard_error)
        same = _same(name, exam, options)
        if same:
            lost = relative * abs(base) * (1 if metric.greater_is_better else -1)
            estimate = unchanged(estimate.carried, lost, estimate.discordant)
        return Measured(exam.rows, base, head, estimate, identical=same)
    except (UndefinedError, ArithmeticError) as error:
        values = (
            evaluate(name, side, weight=exam.design.weight, options=options)
            for side in (exam.base, exam.head)
        )
        base_value, head_value = values
        return Measured(
            exam.rows,
            base_value.number,
            head_value.number,
            base_reason=base_value.reason,
            head_reason=head_value.reason,
            problem="" if base_value.reason or head_value.reason else _beyond(error),
            identical=_same(name, exam, options),
        )


def _same(name: str, exam: Exam, options: Options | None) -> bool:
    """Whether nothing that the metric is of differs: the answers, and a loss of the file's own column."""
    if not exam.identical or options is None or name not in options.losses:
        return exam.identical
    column = options.losses[name][0]
    try:
        return np.array_equal(exam.base.column(column), exam.head.column(column))
    except UndefinedError:
        return False


def _beyond(error: Exception) -> str:
    """What floats can't hold, where a value is a number and its square or its skewness is none."""
    return f"the numbers are too {'close to 0' if isinstance(error, ZeroDivisionError) else 'large'}"


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise UndefinedError("the numbers are too large to compute with")
    return number
