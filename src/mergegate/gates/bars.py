"""From a metric gate of the policy to claims: on all rows, and where its slices' columns have each value."""

import json
from collections.abc import Iterator, Sequence

import msgspec

from mergegate.compare import ExamName, Key, Measured
from mergegate.config.policy import MetricGate, Model
from mergegate.gates.case import Case
from mergegate.gates.claim import Claim
from mergegate.records import metrics
from mergegate.records.comparison import MetricComparison
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult

_SUFFIX = {"shared": "", "head": "", "rescored": "@rescored"}


class Bar(msgspec.Struct, frozen=True):
    """One bar of a gate, by the policy's word for it; `limit` as the policy states it."""

    word: str
    limit: float
    at_least: bool
    relative: bool = False


def claims(
    case: Case, model: str, gate: MetricGate, bar: Bar, exams: Sequence[ExamName], *, kind: str
) -> Iterator[GateResult | Claim]:
    """The bar on each exam that there is, and in each slice of it; a failed gate where there is nothing."""
    review, evidence = case.model(model), case.evidence.get(model, {})
    # No share at all may be lost: what the plain difference tells.
    relative = bar.relative and bool(bar.limit)
    if review is None or review.rows.head is None or not exams:
        yield _nothing(model, gate, bar, review, kind)
        return
    for exam in exams:
        asked = [
            key for key in evidence if (key.metric, key.exam, key.relative) == (gate.name, exam, relative)
        ]
        if Key(gate.name, exam, relative=relative) not in evidence:
            yield _nothing(model, gate, bar, review, kind, exam)
        for key in asked:
            yield _claim(case, model, gate, bar, key, evidence[key], kind)


def greater_is_better(model: Model, metric: str) -> bool:
    """Whether a higher value of the metric is better; of the team's own, what the policy says."""
    own = {loss.name: loss.greater_is_better for loss in model.evaluation.losses}
    own |= {function.name: function.greater_is_better for function in model.evaluation.functions}
    return own[metric] if metric in own else metrics.greater_is_better(metric)


def is_function(model: Model, metric: str) -> bool:
    """Whether the metric is a team's function, which base's model run on head's rows is not given to."""
    return any(own.name == metric for own in model.evaluation.functions)


def _identify(model: str, gate: MetricGate, bar: Bar, key: Key) -> str:
    name = f"{model}/{gate.name}/{bar.word}{_SUFFIX[key.exam]}"
    if not key.column:
        return name
    # A column that could be taken for a column and its value stands in quotes: no two gates share an id.
    quoted = "=" in key.column or key.column.startswith('"')
    column = json.dumps(key.column) if quoted else key.column
    return f"{name}[{column}={key.level}]" if key.level else f"{name}[{column}]"


def _claim(
    case: Case, model: str, gate: MetricGate, bar: Bar, key: Key, measured: Measured, kind: str
) -> Claim:
    policy, review = case.policy, case.model(model)
    record = _record(review, gate.name)
    on_insufficient = gate.on_insufficient or policy.on_insufficient
    relative = bar.relative and measured.base != 0  # of nothing there is no share
    scale, offset = 1.0, 0.0
    if key.relative and relative and measured.base is not None:
        # The estimate is head − base ± r·|base|: what it exceeds the difference by, in base's own size.
        scale = abs(measured.base)
        offset = -bar.limit * scale
    return Claim(
        id=_identify(model, gate, bar, key),
        kind=kind,
        subject=model,
        key=key,
        measured=measured,
        bar=bar.limit if relative or not bar.relative else 0.0,
        at_least=bar.at_least,
        greater_is_better=greater_is_better(policy.models[model], gate.name),
        confidence=policy.confidence if gate.confidence is None else gate.confidence,
        min_rows=policy.min_rows if gate.min_rows is None else gate.min_rows,
        strict=on_insufficient == "fail",
        scale=scale,
        offset=offset,
        unit=record.unit if record else "",
        relative=key.relative and relative,
        identical=measured.identical,
    )


def _record(review: ModelReview | None, metric: str, exam: str = "") -> MetricComparison | None:
    if review is None:
        return None
    found = review.rescored.metrics if exam == "rescored" and review.rescored else review.metrics
    return next((each for each in found if each.name == metric), None)


def _nothing(
    model: str, gate: MetricGate, bar: Bar, review: ModelReview | None, kind: str, exam: str = ""
) -> GateResult:
    """No number at all: head's value is missing, which fails."""
    why = _why(review, gate.name, exam)
    return GateResult(
        id=f"{model}/{gate.name}/{bar.word}{_SUFFIX.get(exam, '')}",
        kind=kind,
        outcome="fail",
        sentence=f"{gate.name} can't be judged: {why}.",
        subject=model,
        bar=bar.limit,
    )


def _why(review: ModelReview | None, metric: str, exam: str) -> str:
    if review is None:
        return "the model was not reviewed"
    if review.rows.head is None:
        return "head has no predictions that can be used"
    record = _record(review, metric, exam)
    return (record.note.rstrip(".") if record else "") or "it was not computed"
