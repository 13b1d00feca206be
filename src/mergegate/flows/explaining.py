"""What a change does and for whom, for one model of a review: what is asked by the policy, with inputs."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from mergegate import repo
from mergegate.arrays import to_arrow
from mergegate.compare import (
    Comparison,
    Evidence,
    GapAsk,
    Key,
    Measured,
    Paired,
    estimate_share,
)
from mergegate.compare.churn import share_of_compared
from mergegate.compare.explained import Explained, explain, further
from mergegate.compare.flips import Changed, with_inputs
from mergegate.compare.gaps import measure_gaps
from mergegate.compare.measured import finite
from mergegate.config.policy import Dataset, Evaluation, Model, Policy
from mergegate.flows.evidence import Reading
from mergegate.flows.inputs import read_columns, read_inputs
from mergegate.flows.questions import gap_asks, setting
from mergegate.gates.flips import BROKEN, SHARE
from mergegate.records.explain import Flips, Gap
from mergegate.records.predictions import Predictions
from mergegate.stats import UndefinedError


class Pair(msgspec.Struct, frozen=True, eq=False):
    """Two models' answers and their comparison, `exam`: on the rows both judged, or base run on head's.

    `judged` is what gates judge by of the rows that both judged, and of head's own.
    """

    old: Predictions | None
    new: Predictions | None
    found: Comparison | None
    exam: Literal["shared", "rescored"]
    judged: Evidence = {}

    @property
    def paired(self) -> Paired | None:
        """The compared rows."""
        return self.found.paired if self.found is not None else None

    @property
    def rows(self) -> int:
        """How many rows were compared."""
        return self.found.rows.compared if self.found is not None and self.paired is not None else 0


class Told(msgspec.Struct, frozen=True, eq=False):
    """What stands in a model's review beside its metrics, and what its gates judge by."""

    parts: Explained
    flips: Flips | None = None
    gaps: tuple[Gap, ...] = ()
    evidence: Evidence = {}


def choose(shared: Pair, rescored: Pair) -> Pair:
    """The pair with the more rows: a window that moved leaves few that both judged."""
    chosen = rescored if rescored.rows > shared.rows else shared
    return msgspec.structs.replace(chosen, judged=shared.found.evidence if shared.found is not None else {})


def explain_model(policy: Policy, model: Model, head: Reading, objects: repo.Objects, pair: Pair) -> Told:
    """Explain the change of one model on the rows that were compared; of head alone where none were."""
    evaluation, paired = model.evaluation, pair.paired
    segments = _segments(policy, evaluation, pair)
    parts = explain(
        pair.old,
        pair.new,
        pair.found,
        slices=_slices(policy, model, pair),
        bands=tuple(evaluation.bands),
        segments=segments,
        extra=_elsewhere(evaluation, head, objects, pair, segments),
        tolerance=evaluation.tolerance,
        min_rows=policy.min_rows,
        confidence=policy.confidence,
    )
    if parts.flips is None or parts.marks is None or pair.old is None or pair.new is None or paired is None:
        return Told(parts)
    ids = [row.row_id for row in parts.flips.telling]
    inputs, why = read_inputs(
        head,
        objects,
        evaluation.inputs,
        ids,
        private=_of_inputs(policy, evaluation, lambda dataset: dataset.private),
        # The truth stands beside already, and is no input.
        apart=_of_inputs(policy, evaluation, lambda dataset: (dataset.label,) if dataset.label else ()),
    )
    return Told(
        parts,
        flips=msgspec.structs.replace(with_inputs(parts.flips, inputs, why), exam=pair.exam),
        gaps=tuple(_measure(pair, ask, policy, evaluation) for ask in gap_asks(policy, model)),
        evidence=_evidence(policy, model, parts.marks, pair),
    )


def _measure(pair: Pair, ask: GapAsk, policy: Policy, evaluation: Evaluation) -> Gap:
    """A gap on the compared rows by the groups of the gate, and what the gate judges."""
    told = Gap(metric=ask.metric, column=ask.column, min_rows=ask.min_rows)
    if pair.old is None or pair.new is None or pair.paired is None or pair.found is None:
        return told
    try:
        levels = None if pair.found.levels is None else pair.found.levels(ask.column)
    except UndefinedError as error:
        told = msgspec.structs.replace(told, problem=str(error))
    else:
        told = measure_gaps(
            pair.old,
            pair.new,
            pair.paired,
            ask.metric,
            ask.column,
            min_rows=ask.min_rows,
            levels=levels,
            options=setting(policy, evaluation).options,
        )
    judged = pair.judged.get(ask.key)
    estimate = judged.estimate if judged is not None else None
    if estimate is None or estimate.problem:
        return told
    limits = estimate.interval(policy.confidence)
    return msgspec.structs.replace(
        told, head_all=finite(estimate.value), head_low=finite(limits.low), head_high=finite(limits.high)
    )


def _evidence(policy: Policy, model: Model, marks: Changed, pair: Pair) -> dict[Key, Measured]:
    """The shares that gates hold bars against, where there are such bars."""
    if pair.paired is None or pair.old is None:
        return {}
    gate, exam = model.gates.flips, pair.exam
    weight, least = model.evaluation.weight, policy.min_rows
    asked = ((SHARE, gate.max_share, marks.changed), (BROKEN, gate.max_broken, marks.broke))
    return {
        Key(name, exam): estimate_share(which, pair.paired)
        if exam == "rescored"
        else share_of_compared(which, pair.paired, pair.old, weight=weight, min_rows=least)
        for name, bar, which in asked
        if bar is not None
    }


def _slices(policy: Policy, model: Model, pair: Pair) -> tuple[str, ...]:
    """The columns that flips are counted by: those that gates slice by, else all that may tell something."""
    gated = [column for gate in model.gates.metrics for column in gate.slices]
    gated += [gap.column for gap in model.gates.gaps]
    return tuple(dict.fromkeys(gated)) or _further(policy, model.evaluation, pair)


def _further(policy: Policy, evaluation: Evaluation, pair: Pair) -> tuple[str, ...]:
    """The further columns of the predictions, less those that any dataset calls private: levels are told."""
    if pair.old is None or pair.new is None:
        return ()
    losses = (loss.column for loss in evaluation.losses)
    private = {name.casefold() for dataset in policy.datasets for name in dataset.private}
    names = further(pair.old, pair.new, (evaluation.weight, evaluation.cluster, *losses))
    return tuple(name for name in names if name.casefold() not in private)


def _segments(policy: Policy, evaluation: Evaluation, pair: Pair) -> tuple[str, ...]:
    """The columns that are searched for segments."""
    return _further(policy, evaluation, pair) if evaluation.segments is None else evaluation.segments


def _elsewhere(
    evaluation: Evaluation, head: Reading, objects: repo.Objects, pair: Pair, segments: Sequence[str]
) -> dict[str, Any]:
    """The columns to search that only the evaluation inputs have, on the compared rows."""
    paired = pair.paired
    if pair.old is None or pair.new is None or paired is None:
        return {}
    known = {*pair.old.columns, *pair.new.columns}
    names = [name for name in segments if name not in known]
    if not names:
        return {}
    ids = pair.new.row_id
    ids = ids[paired.head] if isinstance(paired.head, slice) else ids.take(to_arrow(paired.head))
    return read_columns(head, objects, evaluation.inputs, ids, names)


def _of_inputs(
    policy: Policy, evaluation: Evaluation, columns: Callable[[Dataset], Sequence[str]]
) -> set[str]:
    """Columns of the inputs by what the policy says of any dataset that holds them, or lies within."""
    path = evaluation.inputs or ""
    return {
        name
        for dataset in policy.datasets
        if path == dataset.path or path.startswith(f"{dataset.path}/") or dataset.path.startswith(f"{path}/")
        for name in columns(dataset)
    }
