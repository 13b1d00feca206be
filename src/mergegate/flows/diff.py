"""Compare two predictions files with each other: no git, no DVC, no policy."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mergegate import __version__, compare, threads
from mergegate.amounts import list_some
from mergegate.compare import Ask, Comparison, Options, Setting
from mergegate.compare.comparison import HEADLINE
from mergegate.compare.explained import Explained, explain, further
from mergegate.errors import ContractError, UsageError
from mergegate.flows import diff_checks as checks
from mergegate.flows.alignment import align
from mergegate.predictions.contract import listing, show
from mergegate.predictions.sources import Source, open_source
from mergegate.predictions.tasks import Guess
from mergegate.records.comparison import MetricComparison, Paired, SliceComparison
from mergegate.records.diff import MetricDiff, PredictionsDiff, RowsDiff, SliceDiff
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions

_FEW = 4
"""Metrics that a note names."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Two files and how to compare them; columns are named as the files have them."""

    base: Path
    head: Path
    task: Task | None = None
    positive: str | None = None
    threshold: float | None = None
    quantile: float | None = None
    cluster: str | None = None
    weight: str | None = None
    slices: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    confidence: float = 0.95
    min_rows: int = 50
    metrics: tuple[str, ...] = ()
    explain: bool = True


class Diff(msgspec.Struct, frozen=True, eq=False):
    """Two files compared: what they are taken for, the numbers, and what a reader must know."""

    task: Task
    positive: str | None
    confidence: float
    found: Comparison
    notes: tuple[str, ...]
    parts: Explained = Explained()

    def for_people(self) -> tuple[tuple[MetricComparison, ...], tuple[str, ...]]:
        """Metrics and notes, what is said of several metrics alike being said once."""
        said: dict[str, list[str]] = {}
        for metric in self.found.metrics:
            said.setdefault(metric.note, []).append(metric.name)
        alike = {note: names for note, names in said.items() if note and len(names) > 1}
        metrics = (
            msgspec.structs.replace(metric, note="") if metric.note in alike else metric
            for metric in self.found.metrics
        )
        every = len(self.found.metrics)
        once = (
            f"{note[:1].upper()}{note[1:]}." if len(names) == every else f"{list_some(names, _FEW)}: {note}."
            for note, names in alike.items()
        )
        return tuple(metrics), (*self.notes, *once)

    def record(self) -> PredictionsDiff:
        """The same as data."""
        rows = self.found.rows
        return PredictionsDiff(
            mergegate=__version__,
            task=self.task,
            positive=self.positive,
            confidence=self.confidence,
            rows=RowsDiff(
                base=rows.base or 0,
                head=rows.head or 0,
                shared=rows.shared,
                new=rows.new,
                gone=rows.gone,
                labels_changed=rows.labels_changed,
                compared=rows.compared,
            ),
            finding=self.found.finding,
            identical=self.found.identical,
            metrics=tuple(_metric(metric) for metric in self.found.metrics),
            flips=self.parts.flips,
            segments=self.parts.segments,
            curves=self.parts.curves,
            confusion=self.parts.confusion,
            notes=self.notes,
        )


def diff_predictions(request: Request, progress: Callable[[str], None]) -> Diff:
    """Compare head's file with base's on the rows they share.

    `progress` is told what is being done. Raises UsageError for options, and ContractError for files, that
    can't be used.
    """
    checks.check_numbers(
        confidence=request.confidence,
        min_rows=request.min_rows,
        threshold=request.threshold,
        quantile=request.quantile,
    )
    checks.check_losses(request.losses)
    progress("opening both files")
    sources = [open_source(path, name=str(path)) for path in (request.base, request.head)]
    task, told = _tell_task(request, sources)
    checks.check_task_options(
        task, positive=request.positive, threshold=request.threshold, quantile=request.quantile
    )
    progress("reading both files")
    base, head = _read(request, sources, task)
    kinds = sources[0].labels, sources[1].labels
    _check(request, base, head, kinds)
    progress("comparing")
    asked = request.metrics or (*request.losses, *HEADLINE[task])
    found = compare.compare(
        base,
        head,
        metrics=request.metrics or None,
        asks=[Ask(name, slices=request.slices) for name in dict.fromkeys(asked)],
        setting=_setting(request),
    )
    notes = (*told, *_remarks(request, base, head, found, kinds), *found.notes)
    positive = base.classes[-1] if task == "binary" else None
    parts = Explained()
    if request.explain:
        progress("explaining the difference")
        parts = _explain(request, base, head, found)
    return Diff(task, positive, request.confidence, found, notes, parts)


def _explain(request: Request, base: Predictions, head: Predictions, found: Comparison) -> Explained:
    """Flips by the slices that were named, else by all further columns, which are searched for segments."""
    columns = further(base, head, (request.weight, request.cluster, *request.losses))
    parts = explain(
        base,
        head,
        found,
        slices=request.slices or columns,
        segments=columns,
        min_rows=request.min_rows,
        confidence=request.confidence,
    )
    if parts.flips is None or not parts.flips.telling:
        return parts
    why = "two predictions files have no inputs"
    return msgspec.structs.replace(parts, flips=msgspec.structs.replace(parts.flips, without_inputs=why))


def _tell_task(request: Request, sources: Sequence[Source]) -> tuple[Task, tuple[str, ...]]:
    """The task, and where nobody named it a sentence that says why it is this one."""
    if request.task is not None:
        return request.task, ()
    guess = Guess([source.look() for source in sources])
    said = [clue.sentence for clue in guess.clues]
    if guess.contradicts_itself:
        message = (
            f"the two files are of different tasks: {request.base} {said[0]}, and {request.head} {said[1]}"
        )
        raise UsageError(message, hint="compare files of one task, or name it with `--task`")
    if guess.task is None:
        return "multiclass", ()  # Neither can be read, and reading says why.
    why = f"each file {said[0]}" if said[0] == said[1] else f"base {said[0]}, and head {said[1]}"
    return guess.task, (f"The task is taken to be {guess.task}, as {why}; `--task` names another.",)


def _read(request: Request, sources: Sequence[Source], task: Task) -> tuple[Predictions, Predictions]:
    def read(source: Source, path: Path) -> Predictions:
        found = source.read(task=task, positive=request.positive)
        for column in request.slices:
            found.columns.get(column)  # read now, beside the other side's
        return found if request.threshold is None else _decide(found, request.threshold, name=str(path))

    one, other = sources
    base, head = threads.both(
        lambda: read(one, request.base), lambda: read(other, request.head), rows=one.rows + other.rows
    )
    return align(base, head), head


def _decide(found: Predictions, threshold: float, *, name: str) -> Predictions:
    """The predictions with the classes that the threshold gives."""
    if found.probabilities is None:
        hint = "write the probabilities, or leave out `--threshold`"
        message = "has no proba_<class> columns to hold against the threshold"
        raise ContractError(message, file=name, hint=hint)
    positive = found.probabilities[:, -1] >= threshold
    named = np.where(positive, len(found.classes) - 1, 0).astype(np.int32)
    return msgspec.structs.replace(found, y_pred=named)


def _check(request: Request, base: Predictions, head: Predictions, kinds: tuple[str, str]) -> None:
    """Raise where columns or classes can't be used as the options say."""
    old, new = (str(request.base), base), (str(request.head), head)
    if base.row_id.type != head.row_id.type:
        old_ids, new_ids = _kind_of_ids(base), _kind_of_ids(head)
        message = f"row_id holds {old_ids} in {request.base} and {new_ids} in {request.head}"
        raise UsageError(f"{message}: no row can be shared", hint="write row_id alike in both files")
    checks.check_classes(old, new, kinds)
    classes = list(dict.fromkeys((*base.classes, *head.classes)))
    checks.check_metrics(request.metrics, base.task, request.losses, classes)
    checks.check_columns(
        old,
        new,
        weight=request.weight,
        cluster=request.cluster,
        slices=request.slices,
        losses=request.losses,
    )


def _kind_of_ids(side: Predictions) -> str:
    return "whole numbers" if str(side.row_id.type) == "int64" else "text"


def _setting(request: Request) -> Setting:
    options = Options(
        losses={column: (column, False) for column in request.losses},
        quantile=0.5 if request.quantile is None else request.quantile,
    )
    return Setting(
        options=options,
        weight=request.weight,
        cluster=request.cluster,
        confidence=request.confidence,
        min_rows=request.min_rows,
    )


def _remarks(
    request: Request, base: Predictions, head: Predictions, found: Comparison, kinds: tuple[str, str]
) -> Iterator[str]:
    """Sentences about how the two were compared that the numbers alone do not say."""
    if base.task == "binary" and request.positive is None:
        yield f"The positive class is taken to be {base.classes[-1]}; `--positive` names another."
    if base.task != "regression" and kinds[0] != kinds[1]:
        yield f"y_true holds {kinds[0]} in base and {kinds[1]} in head: labels are compared as text."
    if request.base.samefile(request.head):
        yield "Base and head are one and the same file."
    elif found.identical:
        known = base.probabilities is not None
        yield f"Base and head answer every compared row alike{', probabilities included' if known else ''}."
    for name, one, other in (("base", base, head), ("head", head, base)):
        only = [label for label in one.classes if label not in other.classes]
        if only:
            yield f"Only {name} has {'the class' if len(only) == 1 else 'the classes'} {listing(only)}."
        columns = {column: None for column in (request.cluster, *request.slices) if column is not None}
        lone = [column for column in columns if column in one.columns and column not in other.columns]
        if lone:
            which = "the column" if len(lone) == 1 else "the columns"
            yield f"Only {name} has {which} {listing(lone)}: the shared rows are grouped by it."
    if request.weight is not None:
        yield f"Rows are weighted by {show(request.weight)}, as base has it."
    if request.cluster is not None:
        yield f"Rows of the same {show(request.cluster)} count as depending on each other."


def _metric(found: MetricComparison) -> MetricDiff:
    """A metric as `--json` prints it."""
    return MetricDiff(
        base_all=found.base_all,
        head_all=found.head_all,
        slices=tuple(
            SliceDiff(column=each.column, level=each.level, rows=each.rows, **_compared(found, each))
            for each in found.slices
        ),
        **_compared(found, found),
    )


def _compared(metric: MetricComparison, found: MetricComparison | SliceComparison) -> dict[str, Any]:
    """What a metric and its slices have in common."""
    paired = {name: getattr(found, name) for name in Paired.__struct_fields__}
    return paired | {
        "metric": metric.name,
        "greater_is_better": metric.greater_is_better,
        "note": found.note,
    }
