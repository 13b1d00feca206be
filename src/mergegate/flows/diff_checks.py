"""What must be right before two predictions files are compared: options, the task, columns, classes."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mergegate import threads
from mergegate.amounts import amount
from mergegate.compare import columns
from mergegate.compare.sample import joint_classes
from mergegate.errors import ContractError, UsageError
from mergegate.predictions.contract import listing, show
from mergegate.records.metrics import METRIC_TASKS, PER_CLASS, Task, split_class, tasks_of
from mergegate.records.predictions import Predictions
from mergegate.stats import UndefinedError

Side = tuple[str, Predictions]
"""A file's name, for errors, and what it holds."""

Use = tuple[str, str, Callable[[Any, str], object]]
"""An option, the column that it names, and what it is used as."""


def check_numbers(
    *, confidence: float, min_rows: int, threshold: float | None, quantile: float | None
) -> None:
    """Raise UsageError for an option outside its range; NaN is in none."""
    ranges = (
        ("--confidence", confidence, 0.5 < confidence < 1, "a number above 0.5 and below 1, such as 0.95"),
        ("--min-rows", min_rows, min_rows >= 1, "a whole number of at least 1, such as 50"),
        ("--threshold", threshold, threshold is None or 0 <= threshold <= 1, "a probability from 0 to 1"),
        ("--quantile", quantile, quantile is None or 0 < quantile < 1, "a number above 0 and below 1"),
    )
    for option, value, fits, wanted in ranges:
        if not fits:
            raise UsageError(f"{option} {value:g} can't be used", hint=f"write {wanted}")


def check_losses(losses: Iterable[str]) -> None:
    """Raise UsageError for a loss that would take the name of another metric."""
    for name in losses:
        if split_class(name)[0] in METRIC_TASKS:
            message = f"--loss {show(name)} names a column as a metric is named already"
            raise UsageError(message, hint="rename the column, such as to row_loss")


def check_task_options(
    task: Task, *, positive: str | None, threshold: float | None, quantile: float | None
) -> None:
    """Raise UsageError for an option that means nothing in this task."""
    options = (
        ("--positive", positive, "binary"),
        ("--threshold", threshold, "binary"),
        ("--quantile", quantile, "regression"),
    )
    for option, value, wanted in options:
        if value is not None and task != wanted:
            message = f"{option} is for {wanted} tasks, and this one is {task}"
            raise UsageError(message, hint=f"leave it out, or say `--task {wanted}`")


def check_metrics(names: Iterable[str], task: Task, losses: Sequence[str], classes: Sequence[str]) -> None:
    """Raise UsageError for a metric that is not of this task, or of a class that neither file knows."""
    known = [*losses, *(name for name, tasks in METRIC_TASKS.items() if task in tasks)]
    for name in names:
        metric, label = split_class(name)
        if label is not None and metric in PER_CLASS and label not in classes:
            message = f"--metric {show(name)} is of a class that neither file has"
            raise UsageError(message, hint=f"the classes are {listing(classes)}")
        if name in losses or task in tasks_of(name):
            continue
        close = difflib.get_close_matches(metric.lower().replace("-", "_"), known, n=1)
        each = ", ".join(f"{one}[CLASS]" for one in sorted(PER_CLASS) if task != "regression")
        choice = ", ".join(filter(None, (*known, each)))
        hint = (f"did you mean {close[0]}? " if close else "") + f"There are {choice}"
        raise UsageError(f"--metric {show(name)} is no metric of a {task} task", hint=hint)


def check_columns(
    base: Side,
    head: Side,
    *,
    weight: str | None,
    cluster: str | None,
    slices: Iterable[str],
    losses: Iterable[str],
) -> None:
    """Raise ContractError, naming the file, for a column that lacks or can't be used as it should be."""
    both: list[Use] = [("--weight", weight, _weights)] if weight is not None else []
    both += [("--loss", loss, columns.numbers) for loss in losses]
    either: list[Use] = [("--cluster", cluster, columns.groups)] if cluster is not None else []
    either += [("--slices", column, columns.levels) for column in slices]
    uses = [(side, *use) for use in both for side in (base, head)]
    for use in either:
        having = [side for side in (base, head) if use[1] in side[1].columns]
        uses += [(side, *use) for side in having or (base,)]
    threads.each(lambda use: _use(*use), uses, rows=base[1].rows)


def check_classes(base: Side, head: Side, kinds: tuple[str, str]) -> None:
    """Raise UsageError where no class is in both files, or two binary ones do not mean the same two classes.

    `kinds` are what people call the types of the files' labels.
    """
    classes = base[1].classes, head[1].classes
    if all(classes) and not set(classes[0]) & set(classes[1]):
        held = [
            f"{side[0]} holds {f'{kind}, ' if kinds[0] != kinds[1] else ''}{listing(side[1].classes)}"
            for side, kind in zip((base, head), kinds, strict=True)
        ]
        message = f"the two files have no class in common: {held[0]}, and {held[1]}"
        raise UsageError(message, hint="write the same labels in both")
    try:
        joint_classes(base[1], head[1])
    except UndefinedError as error:
        hint = "write the same labels in both, or say `--task multiclass`"
        raise UsageError(f"{base[0]} and {head[0]}: {error}", hint=hint) from error


def _weights(column: Any, name: str) -> None:
    """Finite numbers of at least 0, some above."""
    weights = columns.numbers(column, name)
    negative = int((weights < 0).sum())
    if negative:
        raise UndefinedError(f"the column {name} is negative in {amount(negative, 'row')}")
    if not weights.any():
        raise UndefinedError(f"the column {name} is 0 in every row")


def _use(side: Side, option: str, column: str, use: Callable[[Any, str], object]) -> None:
    file, given = side
    if column not in given.columns:
        near = difflib.get_close_matches(column, given.columns, n=1)
        found = f"did you mean {show(near[0])}? " if near else ""
        others = f"it has {listing(given.columns)}" if given.columns else "it has none but the contract's"
        raise ContractError(f"has no column {show(column)} for {option}", file=file, hint=found + others)
    try:
        use(given.columns[column], show(column))
    except UndefinedError as error:
        raise ContractError(str(error), file=file, hint=_MEND[option]) from error


_MEND = {
    "--weight": "write a number of at least 0 for each row, some above 0",
    "--loss": "write a number for each row",
    "--cluster": "write for each row which rows it depends on, such as the customer",
    "--slices": "name another column, or write one with few values",
}
