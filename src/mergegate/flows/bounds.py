"""How much of a review is recorded: lists end where no one reads on, counts stay whole, losses stay."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from mergegate.records.data import DatasetReview
from mergegate.records.review import (
    DataChange,
    LockFinding,
    ModelReview,
    ParamChange,
    ReportedFile,
    Review,
    StageChange,
)
from mergegate.report.escaping import shorten
from mergegate.report.wording import breaks, files_lost, lost

Item = TypeVar("Item")

MOST_PARAMS = 2_000
MOST_STAGES = 2_000
MOST_PACKAGES = 500
MOST_UNDECLARED = 200
MOST_FINDINGS = 500
MOST_REPORTED = 500
MOST_REPORTED_FILES = 50
MOST_DATA = 500
MOST_LISTED = 500
"""Columns, schema changes, shifts and the like of one dataset."""
MOST_NAMES = 50
"""Stages that one param feeds, reasons of one stage's change."""
LONGEST_VALUE = 1_000
"""Characters of a param's key and values; the middle of a longer one is left out."""


def bounded(review: Review) -> Review:
    """The review with every list of the pull request's own making cut to its bound, and its whole count kept.

    Of data, what lost files is kept before anything else; of the lock chain, what blocks.
    """
    return msgspec.structs.replace(
        review,
        params=tuple(map(_param, review.params[:MOST_PARAMS])),
        params_total=_whole(review.params, MOST_PARAMS, review.params_total),
        stages=tuple(map(_stage, review.stages[:MOST_STAGES])),
        stages_total=_whole(review.stages, MOST_STAGES, review.stages_total),
        packages=review.packages[:MOST_PACKAGES],
        packages_total=_whole(review.packages, MOST_PACKAGES, review.packages_total),
        undeclared=review.undeclared[:MOST_UNDECLARED],
        undeclared_total=_whole(review.undeclared, MOST_UNDECLARED, review.undeclared_total),
        data=_data(review.data),
        data_total=_whole(review.data, MOST_DATA, review.data_total),
        datasets=tuple(map(_dataset, review.datasets)),
        files_lost=files_lost(review),
        lock=_findings(review.lock),
        lock_total=_whole(review.lock, MOST_FINDINGS, review.lock_total),
        models=tuple(map(_model, review.models)),
        reported=tuple(map(_file, review.reported[:MOST_REPORTED_FILES])),
        reported_total=_whole(review.reported, MOST_REPORTED_FILES, review.reported_total),
    )


def _whole(items: Sequence[object], most: int, known: int) -> int:
    """The count before any cut, this one or an earlier; 0 where all are listed."""
    return max(len(items), known) if len(items) > most else known


def _param(change: ParamChange) -> ParamChange:
    return msgspec.structs.replace(
        change,
        key=shorten(change.key, LONGEST_VALUE),
        old=None if change.old is None else shorten(change.old, LONGEST_VALUE),
        new=None if change.new is None else shorten(change.new, LONGEST_VALUE),
        stages=change.stages[:MOST_NAMES],
        stages_total=_whole(change.stages, MOST_NAMES, change.stages_total),
    )


def _stage(stage: StageChange) -> StageChange:
    return msgspec.structs.replace(
        stage,
        reasons=stage.reasons[:MOST_NAMES],
        reasons_total=_whole(stage.reasons, MOST_NAMES, stage.reasons_total),
    )


def _data(changes: Sequence[DataChange]) -> tuple[DataChange, ...]:
    """The first that lost files, then the first of the others, in the order they had."""
    order = sorted(range(len(changes)), key=lambda index: not lost(changes[index]))
    return tuple(changes[index] for index in sorted(order[:MOST_DATA]))


def _dataset(dataset: DatasetReview) -> DatasetReview:
    """What was lost, breaks, leaks or shifts is kept before what does not."""
    return msgspec.structs.replace(
        dataset,
        facts=_first(dataset.facts, lambda fact: not fact.loud),
        schema=_first(dataset.schema, lambda change: change.additive),
        profiles=dataset.profiles[:MOST_LISTED],
        columns=dataset.columns[:MOST_LISTED],
        leaks=_first(dataset.leaks, lambda leak: leak.found == 0),
        shift=_first(dataset.shift, lambda shift: not shift.notable),
        notes=dataset.notes[:MOST_LISTED],
    )


def _first(items: Sequence[Item], quiet: Callable[[Item], bool]) -> tuple[Item, ...]:
    """As many as are listed, the quiet ones last, in the order they had."""
    order = sorted(range(len(items)), key=lambda index: quiet(items[index]))
    return tuple(items[index] for index in sorted(order[:MOST_LISTED]))


def _findings(findings: Sequence[LockFinding]) -> tuple[LockFinding, ...]:
    return tuple(findings) if len(findings) <= MOST_FINDINGS else tuple(breaks(findings)[:MOST_FINDINGS])


def _file(file: ReportedFile) -> ReportedFile:
    return msgspec.structs.replace(
        file, metrics=file.metrics[:MOST_REPORTED], total=_whole(file.metrics, MOST_REPORTED, file.total)
    )


def _model(model: ModelReview) -> ModelReview:
    return msgspec.structs.replace(
        model,
        reported=model.reported[:MOST_REPORTED],
        reported_total=_whole(model.reported, MOST_REPORTED, model.reported_total),
    )
