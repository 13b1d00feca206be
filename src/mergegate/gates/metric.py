"""`min` and `max`: a metric on all of head's evaluated rows against a bar, as a point value."""

import math
from collections.abc import Iterator

from mergegate.config.policy import MetricGate
from mergegate.gates.case import Case, rows, told_apart
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult, Outcome

KIND = "metric"


def judge(case: Case) -> Iterator[GateResult]:
    """Judge each bar of each model; what is missing or undefined fails."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        for gate in model.gates.metrics:
            for side, bar in (("min", gate.min), ("max", gate.max)):
                if bar is not None:
                    yield _judge(name, review, gate, side, bar)


def _judge(name: str, review: ModelReview | None, gate: MetricGate, side: str, bar: float) -> GateResult:
    value, reason = _value(review, gate.name)
    outcome: Outcome = "fail"
    if value is None:
        sentence = f"{gate.name} has no value to hold against the bar {bar:.15g}: {reason}."
    else:
        # A bar that is NaN holds nothing: only a comparison that is true passes.
        outcome = "pass" if (value >= bar if side == "min" else value <= bar) else "fail"
        sentence = _sentence(gate.name, value, bar, review)
    return GateResult(
        id=f"{name}/{gate.name}/{side}",
        kind=KIND,
        outcome=outcome,
        sentence=sentence,
        subject=name,
        value=value,
        bar=bar,
    )


def _value(review: ModelReview | None, metric: str) -> tuple[float | None, str]:
    """The metric on all of head's rows, or None and why."""
    if review is None:
        return None, "the model was not reviewed"
    if review.rows.head is None:
        return None, "head has no predictions that can be used"
    found = next((each for each in review.metrics if each.name == metric), None)
    if found is None:
        return None, "it was not computed"
    if found.head_all is None:
        return None, found.note or "it is undefined on head's rows"
    if not math.isfinite(found.head_all):
        return None, f"it is {found.head_all}"
    return found.head_all, ""


def _sentence(metric: str, value: float, bar: float, review: ModelReview | None) -> str:
    count = rows(review.rows.head or 0) if review else rows(0)
    shown, line = told_apart(value, bar)
    if value == bar:
        place = f"at the bar {line}"
    elif math.isnan(bar):
        place = f"against no bar at all: {line}"
    else:
        place = f"{'above' if value > bar else 'below'} the bar {line}"
    return f"{metric} is {shown} on head's {count}, {place}."
