"""The bundle itself: how large it is, and whether it gives the predictions that are judged."""

import math
from collections.abc import Iterator

from mergegate.config.policy import Model
from mergegate.gates.case import Case, rows, told_apart
from mergegate.records.comparison import BundleFacts
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult, Outcome

KIND = "bundle"


def judge(case: Case) -> Iterator[GateResult]:
    """Judge each model's bundle by what its policy asks; what could not be measured fails."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        if review is None:  # its contract gate fails
            continue
        gate = model.gates.bundle
        if gate.max_size_mb is not None:
            yield _size(name, review, gate.max_size_mb)
        if gate.parity is not None:
            yield _parity(name, model, review, gate.parity)


def _size(name: str, review: ModelReview, bar: float) -> GateResult:
    size = review.bundle.size if review.bundle else None
    if size is None:
        sentence = f"the bundle's size can't be told: {_why(review.bundle)}."
        return _result(name, "size", "fail", sentence, None, bar)
    value = size / 1e6
    shown, line = told_apart(value, bar)
    sentence = f"the bundle's files have {shown} MB together"
    if value <= bar:
        return _result(name, "size", "pass", f"{sentence}; up to {line} MB may be.", value, bar)
    sentence += f", where at most {line} MB may be; make the model smaller, or allow it first, in the "
    sentence += "target's policy, by `max_size_mb`."
    return _result(name, "size", "fail", sentence, value, bar)


def _parity(name: str, model: Model, review: ModelReview, bar: float) -> GateResult:
    facts, path = review.bundle, model.evaluation.predictions
    value = facts.parity if facts else None
    if facts is None or value is None or facts.problem:
        sentence = f"whether the bundle gives {path} can't be told: {_why(facts)}."
        return _result(name, "parity", "fail", sentence, None, bar)
    if not math.isfinite(value):
        sentence = f"the bundle's answers lie {value} from {path}; run `dvc repro`, and commit dvc.lock."
        return _result(name, "parity", "fail", sentence, None, bar)
    shown, line = told_apart(value, bar)
    sentence = f"run on {rows(facts.rows)}, the bundle answers at most {shown} away from {path}"
    if value <= bar:
        return _result(name, "parity", "pass", f"{sentence}; up to {line} may be.", value, bar)
    sentence += f", where at most {line} may be: {_mend(facts, model)}."
    return _result(name, "parity", "fail", sentence, value, bar)


def _mend(facts: BundleFacts, model: Model) -> str:
    """What is wrong with predictions that the bundle does not give, and what to do."""
    if not facts.labels_differ:
        found = "this bundle did not write these predictions from these inputs"
        return f"{found}; run `dvc repro`, and commit dvc.lock"
    found = f"y_pred is not what the bundle answers in {rows(facts.labels_differ)}"
    if model.evaluation.task != "binary":
        return f"{found}; run `dvc repro`, and commit dvc.lock"
    return f"{found}; set `evaluation.threshold` if the pipeline decides by one, or run `dvc repro`"


def _why(facts: BundleFacts | None) -> str:
    return (facts.problem.rstrip(".") if facts else "") or "it was not measured; run the review again"


def _result(
    name: str, what: str, outcome: Outcome, sentence: str, value: float | None, bar: float
) -> GateResult:
    return GateResult(
        id=f"{name}/{KIND}/{what}",
        kind=KIND,
        outcome=outcome,
        sentence=sentence,
        subject=name,
        value=value,
        bar=bar,
        mend="dvc repro" if outcome == "fail" and what == "parity" else "",
    )
