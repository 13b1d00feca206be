"""From a metric gate of the policy to claims: on all rows, and where its slices' columns have each value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mergegate.compare import ExamName, Key, Measured
from mergegate.config.policy import MetricGate, Policy
from mergegate.gates.case import Case
from mergegate.gates.claim import Claim
from mergegate.records.comparison import MetricComparison
from mergegate.records.metrics import greater_is_better
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult

_SUFFIX = {"shared": "", "head": "", "rescored": "@rescored"}


@dataclass(frozen=True)
class Bar:
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
    seen = False
    for exam in exams:
        for key, measured in evidence.items():
            if (key.metric, key.exam, key.relative) != (gate.name, exam, bar.relative):
                continue
            seen = seen or not key.column
            name = f"{model}/{gate.name}/{bar.word}{_SUFFIX[exam]}{_slice(key)}"
            yield _claim(case.policy, name, model, gate, bar, key, measured, _record(review, gate.name), kind)
    if not seen:
        yield _nothing(model, gate, bar, review, kind)


def _slice(key: Key) -> str:
    if not key.column:
        return ""
    return f"[{key.column}={key.level}]" if key.level else f"[{key.column}]"


def _claim(
    policy: Policy,
    name: str,
    model: str,
    gate: MetricGate,
    bar: Bar,
    key: Key,
    measured: Measured,
    record: MetricComparison | None,
    kind: str,
) -> Claim:
    greater = record.greater_is_better if record else greater_is_better(gate.name)
    on_insufficient = gate.on_insufficient or policy.on_insufficient
    scale, offset, limit = 1.0, 0.0, bar.limit
    if bar.relative and measured.base == 0:
        limit = 0.0  # no share of nothing may be lost
    elif bar.relative and measured.base is not None:
        # The estimate is head − base ± r·|base|: what it exceeds the difference by, in base's own size.
        scale = abs(measured.base)
        offset = -bar.limit * scale
    return Claim(
        id=name,
        kind=kind,
        subject=model,
        key=key,
        measured=measured,
        bar=limit,
        at_least=bar.at_least,
        greater_is_better=greater,
        confidence=policy.confidence if gate.confidence is None else gate.confidence,
        min_rows=policy.min_rows if gate.min_rows is None else gate.min_rows,
        strict=on_insufficient == "fail",
        scale=scale,
        offset=offset,
        unit=record.unit if record else "",
    )


def _record(review: ModelReview | None, metric: str) -> MetricComparison | None:
    return next((each for each in review.metrics if each.name == metric), None) if review else None


def _nothing(model: str, gate: MetricGate, bar: Bar, review: ModelReview | None, kind: str) -> GateResult:
    """No number at all: head's value is missing, which fails."""
    sentence = (
        f"{gate.name} has no value to hold against the bar {bar.limit:.15g}: {_why(review, gate.name)}."
    )
    return GateResult(
        id=f"{model}/{gate.name}/{bar.word}",
        kind=kind,
        outcome="fail",
        sentence=sentence,
        subject=model,
        bar=bar.limit,
    )


def _why(review: ModelReview | None, metric: str) -> str:
    if review is None:
        return "the model was not reviewed"
    if review.rows.head is None:
        return "head has no predictions that can be used"
    record = _record(review, metric)
    return (record.note if record else "") or "it was not computed"
