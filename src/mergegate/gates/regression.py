"""`max_regression`: how much worse than base head may be on the same rows; a test of non-inferiority.

On the rows that both judged and, where base's model was run on head's rows, on these as well: a loss that
either shows is a loss.
"""

from collections.abc import Iterator

from mergegate.compare import ExamName
from mergegate.config.policy import MetricGate
from mergegate.gates.bars import Bar, claims
from mergegate.gates.case import Case
from mergegate.gates.claim import Claim
from mergegate.gates.contract import why_not_compared
from mergegate.records.metrics import greater_is_better
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult

KIND = "regression"
_EXAMS: tuple[ExamName, ...] = ("shared", "rescored")


def judge(case: Case) -> Iterator[GateResult | Claim]:
    """Judge each margin of each model; without a base to compare with, skip and say so."""
    for name, model in case.policy.models.items():
        review = case.model(name)
        for gate in model.gates.metrics:
            for bar in _bars(gate, review):
                if review is not None and review.rows.head is not None and not _compared(review):
                    yield _skipped(case, name, gate, bar, review)
                else:
                    exams = [exam for exam in _EXAMS if review is None or _has(review, exam)]
                    yield from claims(case, name, gate, bar, exams, kind=KIND)


def _bars(gate: MetricGate, review: ModelReview | None) -> Iterator[Bar]:
    found = [each for each in review.metrics if each.name == gate.name] if review else []
    greater = found[0].greater_is_better if found else greater_is_better(gate.name)
    for word, margin, relative in (
        ("max_regression", gate.max_regression, False),
        ("max_relative_regression", gate.max_relative_regression, True),
    ):
        if margin is not None:
            limit = -margin if greater else margin
            yield Bar(word, limit, at_least=greater, relative=relative)


def _compared(review: ModelReview) -> bool:
    return any(_has(review, exam) for exam in _EXAMS)


def _has(review: ModelReview, exam: ExamName) -> bool:
    if exam == "rescored":
        return review.rescored is not None and review.rescored.rows > 0
    return review.rows.compared > 0


def _skipped(case: Case, name: str, gate: MetricGate, bar: Bar, review: ModelReview) -> GateResult:
    reason = why_not_compared(case.policy.models[name], review)
    return GateResult(
        id=f"{name}/{gate.name}/{bar.word}",
        kind=KIND,
        outcome="skipped",
        sentence=f"whether {gate.name} fell can't be told: {reason}",
        subject=name,
        bar=bar.limit,
    )
