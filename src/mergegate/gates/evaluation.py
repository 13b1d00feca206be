"""The exam itself: base's rows are still evaluated, by their labels, and head's inputs are what they were."""

import math
from collections.abc import Iterator

from mergegate.config.policy import Model
from mergegate.gates.case import Case, rows, told_apart
from mergegate.gates.contract import why_not_compared
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult, Outcome

KIND = "evaluation"
_ROUNDING = 1e-4
_ALLOW = "allow it first, in the target's policy, by `{}`"


def judge(case: Case) -> Iterator[GateResult]:
    """Judge each model's evaluation rows against base's; without a base to compare with, skip and say so."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        if review is None:  # its contract gate fails
            continue
        yield _rows_gone(name, model, review)
        yield _labels_changed(name, model, review)
        yield from _rescored(name, model, review)


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
        sentence = _held(sentence, share, counts.gone_most, bar, advice)
    return _judged(gate, name, _value(share, counts.gone_most, bar), bar, sentence)


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
        sentence = _held(sentence, share, counts.labels_changed_most, bar, advice)
    return _judged(gate, name, _value(share, counts.labels_changed_most, bar), bar, sentence)


def _rescored(name: str, model: Model, review: ModelReview) -> Iterator[GateResult]:
    """Whether base's model could be run on head's rows, from inputs that still give base's own answers."""
    found, evaluation = review.rescored, model.evaluation
    margins = (
        margin
        for gate in model.gates.metrics
        for margin in (gate.max_regression, gate.max_relative_regression)
    )
    named = (model.bundle, evaluation.inputs, evaluation.training_rows)
    asked = None not in named and any(margin is not None for margin in margins)
    if found is None or review.rows.base is None or not asked:
        return
    gate = f"{name}/{KIND}/rescored"
    if found.missing:
        sentence = f"{evaluation.inputs} of head lacks {rows(found.missing)} that head evaluated, so that "
        sentence += "base's model can't be compared on them; run `dvc repro`, and commit dvc.lock."
        yield _failed(gate, name, sentence)
    elif found.problem:
        sentence = f"base's model was not run on head's rows: {found.problem.rstrip('.')}."
        if review.rows.gone:
            gone = f"{review.rows.gone:,} of base's {rows(review.rows.base or 0)} are gone from head, and "
            yield _failed(gate, name, gone + sentence)
        else:
            yield _skipped(gate, name, sentence)
    elif found.furthest is None:
        sentence = f"base's model was run on {rows(found.rows)} of head; base judged none of them itself."
        yield GateResult(id=gate, kind=KIND, outcome="pass", sentence=sentence, subject=name)
    else:
        yield _given_back(gate, name, model, review, found.furthest)


def _given_back(gate: str, name: str, model: Model, review: ModelReview, furthest: float) -> GateResult:
    """How far base's model, run on head's inputs, answers from what base predicted itself."""
    bar = _tolerance(model, review)
    path = model.evaluation.inputs
    if not math.isfinite(furthest):
        sentence = f"run on head's {path}, base's model answers {furthest} away from base's own predictions."
        return _failed(gate, name, sentence)
    shown, line = told_apart(furthest, bar)
    sentence = f"run on head's {path}, base's model answers at most {shown} away from base's own predictions"
    if furthest <= bar:
        sentence += f"; up to {line} may be."
    else:
        sentence += (
            f", where at most {line} may be: the inputs or their preparation changed; restore those of "
        )
        sentence += "the rows that base judged, or allow more first, in the target's policy, by `parity`."
    return _judged(gate, name, furthest, bar, sentence)


def _tolerance(model: Model, review: ModelReview) -> float:
    """What rounding may do: in probability, or for regression beside base's own error; more by `parity`."""
    errors = (each.base_all for each in review.metrics if each.name == "root_mean_squared_error")
    scale = next(errors, None) if review.task == "regression" else 1.0
    return max(_ROUNDING * (scale or 1.0), model.gates.bundle.parity or 0.0)


def _value(share: float, most: float, bar: float) -> float:
    """What is judged: the share of all rows, where that is no miss the largest share of a class."""
    return share if share > bar else max(share, most)


def _held(fact: str, share: float, most: float, bar: float, advice: str) -> str:
    """What was found, held against what may be; and what to do where it is too much."""
    value = _value(share, most, bar)
    shown, line = told_apart(value, bar)
    if value > share:
        part = {0.5: "half", 1.0: "all"}.get(value, f"a share of {shown}")
        fact = f"{fact}, among them {part} of the rows of one class"
    else:
        fact = f"{fact}, a share of {shown}"
    if value <= bar:
        return f"{fact}; up to {line} may be."
    return f"{fact}, where at most {line} may be; {advice}."


def _judged(gate: str, subject: str, share: float, bar: float, sentence: str) -> GateResult:
    # A bar that is NaN holds nothing: only a comparison that is true passes.
    outcome: Outcome = "pass" if share <= bar else "fail"
    return GateResult(
        id=gate, kind=KIND, outcome=outcome, sentence=sentence, subject=subject, value=share, bar=bar
    )


def _failed(gate: str, subject: str, sentence: str) -> GateResult:
    return GateResult(
        id=gate, kind=KIND, outcome="fail", sentence=sentence, subject=subject, mend="dvc repro"
    )


def _skipped(gate: str, subject: str, sentence: str) -> GateResult:
    return GateResult(id=gate, kind=KIND, outcome="skipped", sentence=sentence, subject=subject)


def _why(model: Model, review: ModelReview) -> str:
    if review.rows.head is None:
        return "head has no predictions that can be used."
    return why_not_compared(model, review)
