"""The exam itself: base's rows are still evaluated, and by the labels they had."""

from collections.abc import Iterator

from mergegate.config.policy import Model
from mergegate.gates.case import Case, rows, told_apart
from mergegate.gates.contract import why_not_compared
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult, Outcome

KIND = "evaluation"
_ALLOW = "allow it first, in the target's policy, by `{}`"


def judge(case: Case) -> Iterator[GateResult]:
    """Judge each model's evaluation rows against base's; without a base to compare with, skip and say so."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        if review is None:  # its contract gate fails
            continue
        yield _rows_gone(name, model, review)
        yield _labels_changed(name, model, review)


def _rows_gone(name: str, model: Model, review: ModelReview) -> GateResult:
    counts, gate = review.rows, f"{name}/{KIND}/rows_gone"
    if counts.base is None or counts.head is None:
        return _skipped(gate, name, f"whether rows are gone can't be told: {_why(model, review)}")
    bar = model.gates.evaluation.max_rows_gone
    share = counts.gone / counts.base if counts.base else 0.0
    if not counts.gone:
        sentence = f"none of base's {rows(counts.base)} is gone from head."
    else:
        be = "is" if counts.gone == 1 else "are"
        sentence = f"{counts.gone:,} of base's {rows(counts.base)} {be} gone from head"
        advice = f"evaluate them too, or {_ALLOW.format('max_rows_gone')}"
        sentence = _held(sentence, share, bar, advice)
    return _judged(gate, name, share, bar, sentence)


def _labels_changed(name: str, model: Model, review: ModelReview) -> GateResult:
    counts, gate = review.rows, f"{name}/{KIND}/labels_changed"
    if not counts.shared:
        return _skipped(gate, name, f"whether labels changed can't be told: {_why(model, review)}")
    bar = model.gates.evaluation.max_labels_changed
    share = counts.labels_changed / counts.shared
    if not counts.labels_changed:
        sentence = f"y_true of the {rows(counts.shared)} that base and head share is the same."
    else:
        sentence = (
            f"y_true differs in {counts.labels_changed:,} of the {rows(counts.shared)} shared with base"
        )
        advice = f"restore the labels, or {_ALLOW.format('max_labels_changed')}"
        sentence = _held(sentence, share, bar, advice)
    return _judged(gate, name, share, bar, sentence)


def _held(fact: str, share: float, bar: float, advice: str) -> str:
    """What was found, held against what may be; and what to do where it is too much."""
    shown, line = told_apart(share, bar)
    if share <= bar:
        return f"{fact}, a share of {shown}; up to {line} may be."
    return f"{fact}, a share of {shown}, where at most {line} may be; {advice}."


def _judged(gate: str, subject: str, share: float, bar: float, sentence: str) -> GateResult:
    # A bar that is NaN holds nothing: only a comparison that is true passes.
    outcome: Outcome = "pass" if share <= bar else "fail"
    return GateResult(
        id=gate, kind=KIND, outcome=outcome, sentence=sentence, subject=subject, value=share, bar=bar
    )


def _skipped(gate: str, subject: str, sentence: str) -> GateResult:
    return GateResult(id=gate, kind=KIND, outcome="skipped", sentence=sentence, subject=subject)


def _why(model: Model, review: ModelReview) -> str:
    if review.rows.head is None:
        return "head has no predictions that can be used."
    return why_not_compared(model, review)
