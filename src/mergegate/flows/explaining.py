"""What a change does and for whom, for one model of a review: what is asked by the policy, with inputs."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from mergegate import repo
from mergegate.arrays import to_arrow
from mergegate.compare import Comparison, Evidence, ExamName, Key, Measured, Paired, estimate_share
from mergegate.compare.explained import Explained, explain, further
from mergegate.compare.flips import Changed, with_inputs
from mergegate.compare.gaps import measure_gaps
from mergegate.config.policy import Dataset, Evaluation, Model, Policy
from mergegate.flows.evidence import Reading
from mergegate.flows.inputs import read_columns, read_inputs
from mergegate.gates.flips import BROKEN, SHARE
from mergegate.records.explain import Flips, Gap
from mergegate.records.predictions import Predictions


class Pair(msgspec.Struct, frozen=True, eq=False):
    """Two models' answers and their comparison, `exam`: on the rows both judged, or base run on head's."""

    old: Predictions | None
    new: Predictions | None
    found: Comparison | None
    exam: Literal["shared", "rescored"]

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
    return rescored if rescored.rows > shared.rows else shared


def explain_model(policy: Policy, model: Model, head: Reading, objects: repo.Objects, pair: Pair) -> Told:
    """Explain the change of one model on the rows that were compared; of head alone where none were."""
    evaluation, paired = model.evaluation, pair.paired
    segments = _segments(evaluation, pair)
    parts = explain(
        pair.old,
        pair.new,
        pair.found,
        slices=_slices(model, pair),
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
    gaps = (
        measure_gaps(
            pair.old,
            pair.new,
            paired,
            gap.metric,
            gap.column,
            min_rows=policy.min_rows if gap.min_rows is None else gap.min_rows,
        )
        for gap in model.gates.gaps
    )
    return Told(
        parts,
        flips=msgspec.structs.replace(with_inputs(parts.flips, inputs, why), exam=pair.exam),
        gaps=tuple(gaps),
        evidence=_evidence(model, parts.marks, paired, pair.exam),
    )


def _evidence(model: Model, marks: Changed, paired: Paired, exam: ExamName) -> dict[Key, Measured]:
    """The shares that gates hold bars against, where there are such bars."""
    gate = model.gates.flips
    asked = ((SHARE, gate.max_share, marks.changed), (BROKEN, gate.max_broken, marks.broke))
    return {Key(name, exam): estimate_share(which, paired) for name, bar, which in asked if bar is not None}


def _slices(model: Model, pair: Pair) -> tuple[str, ...]:
    """The columns that flips are counted by: those that gates slice by, else all that may tell something."""
    gated = [column for gate in model.gates.metrics for column in gate.slices]
    gated += [gap.column for gap in model.gates.gaps]
    return tuple(dict.fromkeys(gated)) or _further(model.evaluation, pair)


def _further(evaluation: Evaluation, pair: Pair) -> tuple[str, ...]:
    if pair.old is None or pair.new is None:
        return ()
    losses = (loss.column for loss in evaluation.losses)
    return further(pair.old, pair.new, (evaluation.weight, evaluation.cluster, *losses))


def _segments(evaluation: Evaluation, pair: Pair) -> tuple[str, ...]:
    """The columns that are searched for segments."""
    return _further(evaluation, pair) if evaluation.segments is None else evaluation.segments


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
