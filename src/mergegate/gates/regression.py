"""`max_regression`: how much worse than base head may be on the same rows; a test of non-inferiority.

On the rows that both judged and, where base's model was run on head's rows, on these as well: a loss that
either shows is a loss.
"""

from collections.abc import Iterator

from mergegate.compare import ExamName
from mergegate.config.policy import MetricGate, Model
from mergegate.gates.bars import Bar, claims, greater_is_better, is_function
from mergegate.gates.case import Case
from mergegate.gates.claim import Claim
from mergegate.gates.contract import why_not_compared
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult

KIND = "regression"


def judge(case: Case) -> Iterator[GateResult | Claim]:
    """Judge each margin of each model; without a base to compare with, skip and say so."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        for gate in model.gates.metrics:
            exams = _exams(model, gate, review)
            for bar in _bars(model, gate):
                if exams or review is None or review.rows.head is None:
                    yield from claims(case, name, gate, bar, exams, kind=KIND)
                else:
                    yield _uncompared(case, name, gate, bar, review)


def _bars(model: Model, gate: MetricGate) -> Iterator[Bar]:
    greater = greater_is_better(model, gate.name)
    for word, margin, relative in (
        ("max_regression", gate.max_regression, False),
        ("max_relative_regression", gate.max_relative_regression, True),
    ):
        if margin is not None:
            limit = (-margin if greater else margin) or 0.0  # no −0
            yield Bar(word, limit, at_least=greater, relative=relative)


def _exams(model: Model, gate: MetricGate, review: ModelReview | None) -> list[ExamName]:
    """The comparisons that there are."""
    exams: list[ExamName] = []
    if review is not None and review.rows.compared > 0:
        exams.append("shared")
    again = review.rescored if review is not None else None
    if again is not None and again.rows > 0 and not is_function(model, gate.name):
        exams.append("rescored")
    return exams


def _uncompared(case: Case, name: str, gate: MetricGate, bar: Bar, review: ModelReview) -> GateResult:
    """Skipped without a base; where there is one, and head shares no row with it, nobody can tell."""
    model = case.policy.models[name]
    on_insufficient = gate.on_insufficient or case.policy.on_insufficient
    return GateResult(
        id=f"{name}/{gate.name}/{bar.word}",
        kind=KIND,
        outcome="skipped" if review.rows.base is None else "insufficient",
        sentence=f"whether {gate.name} got worse can't be told: {why_not_compared(model, review)}"
        + _why_not_rescored(model, gate, review),
        subject=name,
        bar=bar.limit,
        strict=on_insufficient == "fail",
    )


def _why_not_rescored(model: Model, gate: MetricGate, review: ModelReview) -> str:
    again = review.rescored
    if again is None:
        return ""
    if again.rows and is_function(model, gate.name):
        return " A function is not called on what base's model says of head's rows."
    why = f": {again.problem.rstrip('.')}" if again.problem else ""
    return f" Base's model was not run on head's rows{why}."
