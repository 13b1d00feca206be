"""A team's own metrics: the cost matrix, losses in columns, functions; and that no two share a name."""

import re
from collections.abc import Iterator

from mergegate.config import columns, ranges
from mergegate.config.document import Document
from mergegate.config.policy import CostMatrix, Evaluation
from mergegate.config.problem import KeyPath, Problem, printable
from mergegate.config.section import FUNCTION_PATTERN, LONGEST_FUNCTION, LONGEST_UNIT, OWN_NAME_PATTERN
from mergegate.records.metrics import (
    MEAN_COST,
    METRIC_TASKS,
    ON_REQUEST,
    PRECISION_AT_TOP,
    TOP_K_ACCURACY,
    Task,
)

MOST_COSTS = 2_000


def names(evaluation: Evaluation) -> tuple[str, ...]:
    """The metrics that the policy adds, as gates may name them."""
    asked = {
        MEAN_COST: evaluation.cost_matrix,
        PRECISION_AT_TOP: evaluation.top_share,
        TOP_K_ACCURACY: evaluation.top_k,
    }
    given = (name for name, value in asked.items() if value is not None)
    return (*given, *(loss.name for loss in evaluation.losses), *function_names(evaluation))


def function_names(evaluation: Evaluation) -> tuple[str, ...]:
    """Those of them that are functions."""
    return tuple(own.name for own in evaluation.functions)


def check(evaluation: Evaluation, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Every rule about the team's own metrics, in the schema's order."""
    if evaluation.cost_matrix is not None:
        yield from _cost_matrix(evaluation.cost_matrix, evaluation.task, (*at, "cost_matrix"), document)
    first: dict[str, KeyPath] = {}
    for index, loss in enumerate(evaluation.losses):
        place = (*at, "losses", index)
        yield from _name(loss.name, first, (*place, "name"), document)
        yield from columns.check(loss.column, "a loss", (*place, "column"), document)
    for index, own in enumerate(evaluation.functions):
        place = (*at, "functions", index)
        yield from _name(own.name, first, (*place, "name"), document)
        yield from _function(own.function, (*place, "function"), document)
        yield from ranges.SECONDS.check(own.timeout, (*place, "timeout"), document)


def _cost_matrix(matrix: CostMatrix, task: Task, at: KeyPath, document: Document) -> Iterator[Problem]:
    """A matrix of a task with classes, and a unit that fits beside a number."""
    if task == "regression":
        hint = "remove it; for regression write a cost for each row, and name its column under `losses`"
        yield document.problem(at, "`cost_matrix` is for classifiers, and this task is regression", hint)
        return
    yield from _costs(matrix.costs, task, (*at, "costs"), document)
    if len(matrix.unit) > LONGEST_UNIT or not matrix.unit.isprintable():
        message = f'"{printable(matrix.unit)}" can\'t be a unit'
        hint = f"write up to {LONGEST_UNIT} printable characters, such as EUR"
        yield document.problem((*at, "unit"), message, hint)


def _costs(
    costs: dict[str, dict[str, float]], task: Task, at: KeyPath, document: Document
) -> Iterator[Problem]:
    """Finite costs, one at least that counts, of classes that there can be."""
    entries = {(truth, answer): cost for truth, row in costs.items() for answer, cost in row.items()}
    if not any(entries.values()):
        hint = "name at least one mistake that costs something: `costs: {late: {on_time: 50}}`"
        yield document.problem(at, "the matrix holds no cost", hint)
    if len(entries) > MOST_COSTS:
        message = f"the matrix holds {len(entries):,} costs, more than {MOST_COSTS:,}"
        yield document.problem(at, message, "name only the mistakes that cost something")
        return
    classes = [*costs, *dict.fromkeys(answer for _, answer in entries if answer not in costs)]
    if "" in classes:
        yield document.problem(at, "a class is empty", "write each class as `y_true` has it")
    if task == "binary" and len(classes) > 2:
        message = f"the matrix names {len(classes):,} classes, and a binary task has two"
        hint = f"keep two of {', '.join(printable(label) for label in classes[:10])}"
        yield document.problem(at, message, hint)
    for (truth, answer), cost in entries.items():
        yield from ranges.COST.check(cost, (*at, truth, answer), document)


def _name(name: str, first: dict[str, KeyPath], place: KeyPath, document: Document) -> Iterator[Problem]:
    """A name that is no other metric's."""
    shown = printable(name)
    if not re.fullmatch(OWN_NAME_PATTERN, name):
        hint = "up to 64 of a-z, A-Z, 0-9 and `_`, not beginning with a digit"
        yield document.problem(place, f"\"{shown}\" can't be a metric's name", hint)
    elif name in ON_REQUEST or name in METRIC_TASKS:
        hint = f"call yours something else, such as own_{shown}"
        yield document.problem(place, f"{shown} is a metric of mergegate's own", hint)
    elif name in first:
        line = document.lines.get(first[name])
        message = f"a second metric is called {shown}; the first is on line {line}"
        yield document.problem(place, message, "give each metric a name of its own")
    first.setdefault(name, place)


def _function(function: str, place: KeyPath, document: Document) -> Iterator[Problem]:
    """The address of a function that Python could import."""
    if len(function) > LONGEST_FUNCTION or not re.fullmatch(FUNCTION_PATTERN, function):
        message = f'"{printable(function)}" is not of the form package.module:function'
        hint = "write names of letters, digits and `_`, such as metrics.rebooking:minutes_lost"
        yield document.problem(place, message, hint)
