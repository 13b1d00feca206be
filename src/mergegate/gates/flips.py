"""`flips`: how many answers changed on the rows that both judged, each share held with its interval."""

from collections.abc import Iterator

from mergegate.compare import ExamName, Key
from mergegate.config.policy import Model
from mergegate.gates.case import Case
from mergegate.gates.claim import Claim
from mergegate.gates.contract import why_not_compared
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult

KIND = "flips"
SHARE, BROKEN = "the share of answers that changed", "the share of answers that broke"
"""What the shares are called in evidence and sentences."""


def judge(case: Case) -> Iterator[GateResult | Claim]:
    """Judge each share that the policy bounds; without a base to compare with, skip and say so."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        gate = model.gates.flips
        for word, metric, bar in (
            ("max_share", SHARE, gate.max_share),
            ("max_broken", BROKEN, gate.max_broken),
        ):
            if bar is not None and review is not None:
                yield _judge(case, name, model, review, f"{name}/{KIND}/{word}", metric, bar)


def _judge(
    case: Case, name: str, model: Model, review: ModelReview, gate: str, metric: str, bar: float
) -> GateResult | Claim:
    evidence = case.evidence.get(name, {})
    exams: tuple[ExamName, ...] = ("shared", "rescored")
    key = next((each for exam in exams if (each := Key(metric, exam)) in evidence), Key(metric, "shared"))
    measured = evidence.get(key)
    strict = case.policy.on_insufficient == "fail"
    if measured is None:
        without = review.rows.base is None
        return GateResult(
            id=gate,
            kind=KIND,
            outcome="skipped" if without and review.rows.head is not None else "fail",
            sentence=f"which answers changed can't be told: {_why(model, review)}",
            subject=name,
            bar=bar,
            strict=strict,
        )
    return Claim(
        id=gate,
        kind=KIND,
        subject=name,
        key=key,
        measured=measured,
        bar=bar,
        at_least=False,
        greater_is_better=False,
        confidence=case.policy.confidence,
        min_rows=case.policy.min_rows,
        strict=strict,
    )


def _why(model: Model, review: ModelReview) -> str:
    if review.rows.head is None:
        return "head has no predictions that can be used."
    return why_not_compared(model, review)
