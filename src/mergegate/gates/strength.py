"""Strength: how far what was judged is known to be head's own, and whether the policy asks for more."""

import math
from collections.abc import Iterator

from mergegate.config.policy import Model, Policy
from mergegate.gates.case import Case, rows
from mergegate.records.comparison import BundleFacts
from mergegate.records.review import ModelReview, Strength
from mergegate.records.verdict import GateResult, Outcome

KIND = "strength"
ORDER: tuple[Strength, ...] = ("claimed", "consistent", "scored", "reproduced")


def judge(case: Case) -> Iterator[GateResult]:
    """Judge each model whose bundle was run again; in the trusted job, every model by what is required."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        if review is None:  # its contract gate fails
            continue
        facts = review.bundle
        if facts is not None and facts.scored and facts.differ:
            yield _result(name, "fail", _otherwise(model, facts), facts)
        elif case.judging:
            yield _required(name, model, review, required(case.policy, model), staged=case.staged)
        elif case.scored and can_be_scored(model):
            yield _tried(name, model, review, required(case.policy, model))


def may_name(policy: Policy, gate: str) -> bool:
    """Whether the id can be of a gate on the strength of a model, in a review that runs bundles or judges."""
    return any(gate == f"{name}/{KIND}" for name in policy.models)


def required(policy: Policy, model: Model) -> Strength:
    """What the trusted job must have seen of a model."""
    return policy.required_strength or ("scored" if can_be_scored(model) else "consistent")


def can_be_scored(model: Model) -> bool:
    """Whether the policy names a bundle, and the rows to run it on."""
    return model.bundle is not None and model.evaluation.inputs is not None


def _required(name: str, model: Model, review: ModelReview, least: Strength, *, staged: bool) -> GateResult:
    reached = review.strength
    if ORDER.index(reached) >= ORDER.index(least):
        return _result(name, "pass", f"{_reached(model, review)}.", review.bundle)
    why = _lacking(model, review, least)
    if reached == "claimed" and not staged:
        why = (
            f"there is no DVC pipeline that {_file(model)} came from; make it the output of a stage, or "
            "write `required_strength: claimed` into the target's policy"
        )
    sentence = f"the policy requires the strength {least}, and this is {reached}: {why}."
    return _result(name, "fail", sentence, None)


def _tried(name: str, model: Model, review: ModelReview, least: Strength) -> GateResult:
    """Where the bundle was run and no trusted job judges: what that job would see too."""
    facts = review.bundle
    if facts is not None and facts.scored:
        return _result(name, "pass", f"{_ran(model, facts)}.", facts)
    outcome: Outcome = "warn" if least == "consistent" else "fail"
    return _result(
        name, outcome, f"whether the bundle gives {_file(model)} can't be told: {_why(facts)}.", facts
    )


def _otherwise(model: Model, facts: BundleFacts) -> str:
    share = f"{facts.differ:,} of {rows(facts.rows)}"
    if facts.parity is None or not math.isfinite(facts.parity):
        by = ""
    elif facts.labels_differ and facts.parity >= 1.0:
        by = f", in {facts.labels_differ:,} of them by another label"
    else:
        by = f", by up to {facts.parity:.3g}"
    bar = "" if facts.tolerance is None else f", where {facts.tolerance:g} may be"
    return (
        f"{_file(model)} is not what head's bundle answers: it gives something else in {share}{by}{bar}; "
        "run `dvc repro`, and commit dvc.lock"
        + (
            ", or set `evaluation.threshold` if the pipeline decides by one"
            if _may_decide(model, facts)
            else ""
        )
        + "."
    )


def _may_decide(model: Model, facts: BundleFacts) -> bool:
    return (
        bool(facts.labels_differ) and model.evaluation.task == "binary" and model.evaluation.threshold is None
    )


def _reached(model: Model, review: ModelReview) -> str:
    """What is known of the predictions, as a sentence without its full stop."""
    if review.strength == "reproduced":
        return "a trusted run trained this head again, and got what dvc.lock says"
    if review.strength == "scored" and review.bundle is not None:
        return _ran(model, review.bundle)
    if review.strength == "claimed":
        return f"{_file(model)} is taken as head's commit has it: the policy asks for no more"
    said = f"{_file(model)} is the file that head's dvc.lock names"
    if can_be_scored(model):
        return said
    return f"{said}; the model was not run, as the policy names no `bundle` and `evaluation.inputs`"


def _ran(model: Model, facts: BundleFacts) -> str:
    losses = {loss.column for loss in model.evaluation.losses}
    but = f", but for {', '.join(sorted(losses))}, which no bundle gives" if losses else ""
    return f"run again on {rows(facts.rows)}, in another order, head's bundle gives {_file(model)}{but}"


def _lacking(model: Model, review: ModelReview, least: Strength) -> str:
    """Why the strength is not reached, and what to do, without the full stop."""
    if review.strength == "claimed":
        return (
            f"nothing that hangs together ties {_file(model)} to head's dvc.lock; make it the output of a "
            "stage, run `dvc repro`, and commit dvc.lock"
        )
    if least == "scored":
        if not can_be_scored(model):
            return "the policy names no `bundle` and `evaluation.inputs` to run; name them there"
        return f"head's bundle could not be run ({_why(review.bundle)})"
    return "no trusted run has trained this head again; a maintainer can start `verify.yml` for it"


def _why(facts: BundleFacts | None) -> str:
    return (facts.problem.rstrip(".") if facts else "") or "it was not run; run the review again"


def _file(model: Model) -> str:
    return model.evaluation.predictions


def _result(name: str, outcome: Outcome, sentence: str, facts: BundleFacts | None) -> GateResult:
    measured = facts is not None and facts.scored
    return GateResult(
        id=f"{name}/{KIND}",
        kind=KIND,
        outcome=outcome,
        sentence=sentence,
        subject=name,
        value=facts.parity if facts is not None and measured else None,
        bar=facts.tolerance if facts is not None and measured else None,
        mend="dvc repro" if outcome == "fail" and measured else "",
    )
