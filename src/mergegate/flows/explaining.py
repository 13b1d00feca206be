"""What a change does and for whom: flips with their inputs, weak segments, gaps, curves, for one model."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa

from mergegate import repo
from mergegate.arrays import to_arrow, to_texts
from mergegate.compare import Comparison, Evidence, ExamName, Key, Measured, Paired, Sample, estimate_share
from mergegate.compare.columns import Levels
from mergegate.compare.curves import count_confusion, draw_curves, pick_class
from mergegate.compare.flips import Changed, find_flips, levels_of, mark_changed, with_inputs
from mergegate.compare.gaps import measure_gaps
from mergegate.compare.sample import joint_classes
from mergegate.compare.segments import search_segments
from mergegate.config.policy import Evaluation, Model, Policy
from mergegate.flows.evidence import Reading
from mergegate.flows.inputs import read_columns, read_inputs
from mergegate.gates.flips import BROKEN, SHARE
from mergegate.records.explain import Confusion, Curves, Flips, Gap, SegmentSearch
from mergegate.records.predictions import Predictions
from mergegate.stats import Design, UndefinedError


class Explained(msgspec.Struct, frozen=True):
    """What stands in a model's review beside its metrics, and what its gates judge by."""

    flips: Flips | None = None
    segments: SegmentSearch | None = None
    gaps: tuple[Gap, ...] = ()
    curves: tuple[Curves, ...] = ()
    confusion: tuple[Confusion, ...] = ()
    evidence: Evidence = {}


class Pair(msgspec.Struct, frozen=True, eq=False):
    """Two models' answers and their comparison, `exam`: on the rows both judged, or base run on head's."""

    old: Predictions | None
    new: Predictions | None
    found: Comparison | None
    exam: Literal["shared", "rescored"]

    @property
    def rows(self) -> int:
        """How many rows were compared."""
        return self.found.rows.compared if self.found is not None and self.found.paired is not None else 0


def choose(shared: Pair, rescored: Pair) -> Pair:
    """The pair with the more rows: a window that moved leaves few that both judged."""
    return rescored if rescored.rows > shared.rows else shared


def explain(policy: Policy, model: Model, head: Reading, objects: repo.Objects, pair: Pair) -> Explained:
    """Explain the change of one model on the rows that were compared; nothing where none were."""
    old, new, evaluation = pair.old, pair.new, model.evaluation
    paired = pair.found.paired if pair.found is not None else None
    if old is None or new is None or paired is None:
        return Explained(curves=_draw_alone(policy, new))
    marks = mark_changed(old, new, paired, tolerance=evaluation.tolerance)
    banded = _banded(evaluation, pair.found)
    sliced = _sliced(model, old, new)
    levels = levels_of(old, new, paired, [name for name in sliced if name not in banded])
    levels |= {name: banded[name] for name in sliced if name in banded}
    flips = find_flips(old, new, paired, slices=levels, marks=marks)
    ids = [row.row_id for row in flips.telling]
    inputs, why = read_inputs(head, objects, evaluation.inputs, ids, _private(policy, evaluation))
    curves = _draw(policy, old, new, paired)
    return Explained(
        flips=msgspec.structs.replace(with_inputs(flips, inputs, why), exam=pair.exam),
        segments=_search(policy, evaluation, head, objects, pair, banded),
        gaps=tuple(
            measure_gaps(
                old,
                new,
                paired,
                gap.metric,
                gap.column,
                min_rows=policy.min_rows if gap.min_rows is None else gap.min_rows,
            )
            for gap in model.gates.gaps
        ),
        curves=curves,
        confusion=count_confusion(old, new, paired),
        evidence=_evidence(model, marks, paired, pair.exam),
    )


def _evidence(model: Model, marks: Changed, paired: Paired, exam: ExamName) -> dict[Key, Measured]:
    """The shares that gates hold bars against, where there are such bars."""
    gate = model.gates.flips
    asked = ((SHARE, gate.max_share, marks.changed), (BROKEN, gate.max_broken, marks.broke))
    return {Key(name, exam): estimate_share(which, paired) for name, bar, which in asked if bar is not None}


def _sliced(model: Model, old: Predictions, new: Predictions) -> tuple[str, ...]:
    """The columns that flips are counted by: those that gates slice by, else all that may tell something."""
    gated = [column for gate in model.gates.metrics for column in gate.slices]
    gated += [gap.column for gap in model.gates.gaps]
    return tuple(dict.fromkeys(gated)) or _further(model.evaluation, old, new)


def _further(evaluation: Evaluation, old: Predictions, new: Predictions) -> tuple[str, ...]:
    """The further columns that are not there to weigh, to cluster or to hold a loss."""
    apart = {evaluation.weight, evaluation.cluster, *(loss.column for loss in evaluation.losses)}
    return tuple(name for name in dict.fromkeys((*old.columns, *new.columns)) if name not in apart)


def _banded(evaluation: Evaluation, found: Comparison | None) -> dict[str, Levels]:
    """The columns that the policy cuts into bands, on the compared rows; those that can't be are left out."""
    levels: dict[str, Levels] = {}
    for name in evaluation.bands:
        if found is not None and found.levels is not None:
            with suppress(UndefinedError):
                levels[name] = found.levels(name)
    return levels


def _search(
    policy: Policy,
    evaluation: Evaluation,
    head: Reading,
    objects: repo.Objects,
    pair: Pair,
    banded: Mapping[str, Levels],
) -> SegmentSearch | None:
    """The weak-segment search, unless the policy names no column for it."""
    old, new, paired = pair.old, pair.new, pair.found.paired if pair.found else None
    if old is None or new is None or paired is None:
        return None
    columns: Sequence[str] = evaluation.segments or ()
    if evaluation.segments is None:
        columns = _further(evaluation, old, new)
    if not columns:
        return None
    extra = {name: _texts(levels) for name, levels in banded.items()}
    elsewhere = [name for name in columns if name not in old.columns and name not in new.columns]
    if elsewhere:
        ids = new.row_id if isinstance(paired.head, slice) else new.row_id.take(to_arrow(paired.head))
        extra |= read_columns(head, objects, evaluation.inputs, ids, elsewhere)
    return search_segments(
        old,
        new,
        paired,
        columns=columns,
        extra=extra,
        min_rows=policy.min_rows,
        confidence=policy.confidence,
    )


def _texts(levels: Levels) -> Any:
    """Levels as a column of their names."""
    return pa.DictionaryArray.from_arrays(to_arrow(levels.codes.astype(np.int32)), to_texts(levels.texts))


def _private(policy: Policy, evaluation: Evaluation) -> set[str]:
    """The columns of the inputs that must not be shown: of any dataset that holds them, or lies within."""
    path = evaluation.inputs or ""
    return {
        name
        for dataset in policy.datasets
        if path == dataset.path or path.startswith(f"{dataset.path}/") or dataset.path.startswith(f"{path}/")
        for name in dataset.private
    }


def _draw(policy: Policy, old: Predictions, new: Predictions, paired: Paired) -> tuple[Curves, ...]:
    """The curves of both sides on the compared rows."""
    try:
        classes = joint_classes(old, new) or None
        base, head = (
            Sample(side, rows, classes=classes) for side, rows in ((old, paired.base), (new, paired.head))
        )
        design = Design(head.rows, weight=paired.weight)
        positive = pick_class(base, head)
        return (
            draw_curves(base, "base", positive=positive, design=design, confidence=policy.confidence),
            draw_curves(head, "head", positive=positive, design=design, confidence=policy.confidence),
        )
    except UndefinedError:
        return ()


def _draw_alone(policy: Policy, new: Predictions | None) -> tuple[Curves, ...]:
    """Head's curves where there is no base to draw beside."""
    if new is None or not new.rows:
        return ()
    try:
        head = Sample(new)
        positive = head.positive
        if head.task == "multiclass":
            positive = int(np.bincount(head.y_true).argmax())
        return (draw_curves(head, "head", positive=positive, confidence=policy.confidence),)
    except UndefinedError:
        return ()
