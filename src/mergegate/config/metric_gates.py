"""Gates on metrics: a metric that can be judged, bars that something can meet, slices."""

import difflib
from collections.abc import Iterator

from mergegate.config import columns, own_metrics, ranges
from mergegate.config.document import Document
from mergegate.config.gates import GapGate
from mergegate.config.policy import Evaluation, MetricGate
from mergegate.config.problem import KeyPath, Problem, printable
from mergegate.records.metrics import (
    MEAN_COST,
    METRIC_TASKS,
    PER_CLASS,
    POINT_ONLY,
    PRECISION_AT_TOP,
    TOP_K_ACCURACY,
    Task,
    split_class,
    tasks_of,
)

BARS = {
    "min": ranges.BAR,
    "max": ranges.BAR,
    "max_regression": ranges.MARGIN,
    "max_relative_regression": ranges.RELATIVE_MARGIN,
}
"""The bars that a gate may set, of which it needs one."""

_NEEDS: dict[str, tuple[Task, str]] = {
    PRECISION_AT_TOP: ("binary", "top_share: 0.1"),
    TOP_K_ACCURACY: ("multiclass", "top_k: 3"),
}
"""Metrics of one task that there are only beside a key of the evaluation."""

_INSTEAD_OF_POINTS = ("log_loss", "brier_score_loss", "squared_calibration_error")


def check(
    gates: tuple[MetricGate, ...], evaluation: Evaluation, at: KeyPath, document: Document
) -> Iterator[Problem]:
    """Each gate by itself, and no metric twice."""
    own = own_metrics.names(evaluation)
    functions = own_metrics.function_names(evaluation)
    first: dict[str, KeyPath] = {}
    for index, gate in enumerate(gates):
        place = (*at, index)
        if gate.name not in own:
            yield from _metric(gate.name, evaluation.task, own, (*place, "name"), document)
        yield from _bars(gate, place, document)
        if gate.name in functions:
            yield from _function_gate(gate, place, document)
        yield from columns.check_list(gate.slices, "a slice", (*place, "slices"), document)
        yield from ranges.ROWS.check(gate.min_rows, (*place, "min_rows"), document)
        yield from ranges.CONFIDENCE.check(gate.confidence, (*place, "confidence"), document)
        if gate.name in first:
            line = document.lines.get(first[gate.name])
            message = f"a second gate for {printable(gate.name)}; the first is on line {line}"
            yield document.problem((*place, "name"), message, "put all its bars into one gate")
        first.setdefault(gate.name, (*place, "name"))


def _metric(
    name: str, task: Task, own: tuple[str, ...], place: KeyPath, document: Document
) -> Iterator[Problem]:
    """A metric that exists, is of this task, and has an interval."""
    tasks = tasks_of(name)
    if name == MEAN_COST and task != "regression":
        hint = "add `cost_matrix` to the model's `evaluation`: what each mistake costs"
        yield document.problem(place, "mean_cost needs a cost matrix", hint)
        return
    if name in _NEEDS and task == _NEEDS[name][0]:
        hint = f"add `{_NEEDS[name][1]}` to the model's `evaluation`"
        yield document.problem(place, f"{name} needs to know how many are the top", hint)
        return
    if name in POINT_ONLY and task in tasks:
        suited = [metric for metric in _INSTEAD_OF_POINTS if task in METRIC_TASKS[metric]]
        message = f"{name} can't be a gate: no interval covers it, so noise can't be told from a regression"
        hint = f"it is shown unasked; judge by {', '.join(suited[:-1])} or {suited[-1]}"
        yield document.problem(place, message, hint)
        return
    if task in tasks:
        return
    valid = [
        *own,
        *(known for known in METRIC_TASKS if task in METRIC_TASKS[known] and known not in POINT_ONLY),
    ]
    if task != "regression":
        valid += [f"{metric}[CLASS]" for metric in sorted(PER_CLASS)]
    choice = f"for {task}: {', '.join(valid)}"
    if tasks:
        message = f"{printable(name)} is a metric for {' and '.join(tasks)}, and this task is {task}"
        yield document.problem(place, message, choice)
        return
    close = difflib.get_close_matches(split_class(name)[0].lower().replace("-", "_"), valid, n=1)
    hint = (f"did you mean {close[0]}? " if close else "") + choice
    yield document.problem(place, f'no metric is called "{printable(name)}"', hint)


def _bars(gate: MetricGate, place: KeyPath, document: Document) -> Iterator[Problem]:
    """At least one bar, each finite and in its range, and a range that something can meet."""
    bars = {key: bar for key in BARS if (bar := getattr(gate, key)) is not None}
    if not bars:
        hint = f"such as {{name: {printable(gate.name)}, max_regression: 0.01}}"
        message = "a metric gate needs `min`, `max`, `max_regression` or `max_relative_regression`"
        yield document.problem(place, message, hint)
    for key, bar in bars.items():
        yield from BARS[key].check(bar, (*place, key), document)
    # Never true of NaN, and true of an infinity only beside a problem of its own.
    if gate.min is not None and gate.max is not None and gate.min > gate.max:
        message = f"min {gate.min:g} is above max {gate.max:g}: nothing could pass"
        yield document.problem((*place, "min"), message, "swap them, or remove one")


def _function_gate(gate: MetricGate, place: KeyPath, document: Document) -> Iterator[Problem]:
    """What a gate on a function can't ask: its child is called on all rows of a side, and nothing else."""
    name = printable(gate.name)
    if gate.slices:
        message = f"{name} is a function, which is called on all rows and not on slices"
        hint = "remove `slices`, or write the metric as a column for each row, under `losses`"
        yield document.problem((*place, "slices"), message, hint)
    if gate.max_relative_regression is not None:
        message = f"{name} is a function, whose difference is judged in its own units only"
        hint = "use `max_regression`, or write the metric as a column for each row, under `losses`"
        yield document.problem((*place, "max_relative_regression"), message, hint)


def check_gaps(
    gaps: tuple[GapGate, ...], evaluation: Evaluation, at: KeyPath, document: Document
) -> Iterator[Problem]:
    """Each gap by itself, and none twice."""
    own = own_metrics.names(evaluation)
    functions = own_metrics.function_names(evaluation)
    seen: set[tuple[str, str]] = set()
    for index, gap in enumerate(gaps):
        place = (*at, index)
        if gap.metric in functions:
            message = f"{printable(gap.metric)} is a function, which is called on all rows and not on groups"
            hint = "write the metric as a column for each row, under `losses`"
            yield document.problem((*place, "metric"), message, hint)
        elif gap.metric not in own:
            yield from _metric(gap.metric, evaluation.task, own, (*place, "metric"), document)
        yield from columns.check(gap.column, "a group", (*place, "column"), document)
        yield from ranges.MARGIN.check(gap.max, (*place, "max"), document)
        yield from ranges.ROWS.check(gap.min_rows, (*place, "min_rows"), document)
        if (gap.metric, gap.column) in seen:
            message = f"a second gap of {printable(gap.metric)} over {printable(gap.column)}"
            yield document.problem(place, message, "keep one of them")
        seen.add((gap.metric, gap.column))
