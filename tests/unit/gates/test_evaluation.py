"""The exam: rows that are gone and labels that changed fail unless the policy allows them."""

from datetime import date

import pytest

from mergegate.config.policy import Evaluation, EvaluationGate, Gates, Model, Policy
from mergegate.gates import evaluation, judge
from mergegate.gates.case import Case
from mergegate.records.comparison import RowCounts
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult

GONE, LABELS = "late/evaluation/rows_gone", "late/evaluation/labels_changed"


def case(rows: RowCounts | None, allowed: EvaluationGate | None = None) -> Case:
    gates = Gates(evaluation=allowed) if allowed else Gates()
    model = Model(evaluation=Evaluation(task="binary", predictions="p.parquet"), gates=gates)
    reviewed = ModelReview(name="late", task="binary", predictions="p.parquet", rows=rows) if rows else None
    return Case(Policy(version=1, models={"late": model}), (reviewed,) if reviewed else (), ())


def outcomes(rows: RowCounts, allowed: EvaluationGate | None = None) -> dict[str, str]:
    return {result.id: result.outcome for result in evaluation.judge(case(rows, allowed))}


def test_the_same_rows_with_the_same_labels_pass() -> None:
    assert list(evaluation.judge(case(RowCounts(base=100, head=120, shared=100, new=20)))) == [
        GateResult(
            id=GONE,
            kind="evaluation",
            outcome="pass",
            sentence="none of base's 100 rows is gone from head.",
            subject="late",
            value=0.0,
            bar=0.0,
        ),
        GateResult(
            id=LABELS,
            kind="evaluation",
            outcome="pass",
            sentence="y_true of the 100 rows that base and head share is the same.",
            subject="late",
            value=0.0,
            bar=0.0,
        ),
    ]


def test_a_smaller_exam_fails_though_no_bar_was_set_for_it() -> None:
    rows = RowCounts(base=100, head=80, shared=80, gone=20)
    results = {result.id: result for result in evaluation.judge(case(rows))}
    assert results[GONE].outcome == "fail"
    assert results[GONE].sentence == (
        "20 of base's 100 rows are gone from head, a share of 0.2, where at most 0 may be; "
        "evaluate them too, or allow it first, in the target's policy, by `max_rows_gone`."
    )
    assert (results[GONE].value, results[GONE].bar) == (0.2, 0.0)
    assert results[LABELS].outcome == "pass"


def test_a_relabelled_exam_fails() -> None:
    rows = RowCounts(base=100, head=100, shared=100, labels_changed=3)
    results = {result.id: result for result in evaluation.judge(case(rows))}
    assert results[GONE].outcome == "pass"
    assert results[LABELS].outcome == "fail"
    assert results[LABELS].sentence == (
        "y_true differs in 3 of the 100 rows shared with base, a share of 0.03, where at most 0 may be; "
        "restore the labels, or allow it first, in the target's policy, by `max_labels_changed`."
    )


@pytest.mark.parametrize(
    ("allowed", "gone", "labels"),
    [
        (EvaluationGate(max_rows_gone=0.2, max_labels_changed=0.05), "pass", "pass"),
        (EvaluationGate(max_rows_gone=0.19, max_labels_changed=0.04), "fail", "fail"),
        (EvaluationGate(max_rows_gone=float("nan"), max_labels_changed=float("nan")), "fail", "fail"),
    ],
)
def test_the_policy_may_allow_a_share(allowed: EvaluationGate, gone: str, labels: str) -> None:
    rows = RowCounts(base=100, head=80, shared=80, gone=20, labels_changed=4)
    assert outcomes(rows, allowed) == {GONE: gone, LABELS: labels}


def test_an_exam_of_other_rows_altogether_fails() -> None:
    rows = RowCounts(base=100, head=100, new=100, gone=100)
    assert outcomes(rows) == {GONE: "fail", LABELS: "skipped"}


def test_without_a_base_to_compare_with_both_are_skipped_and_say_so() -> None:
    results = list(evaluation.judge(case(RowCounts(base=None, head=30, new=30))))
    why = "base has no p.parquet: the model or its evaluation is new."
    assert [(result.outcome, result.sentence) for result in results] == [
        ("skipped", f"whether rows are gone can't be told: {why}"),
        ("skipped", f"whether labels changed can't be told: {why}"),
    ]


def test_where_head_has_none_the_contract_fails_and_these_are_skipped() -> None:
    found = judge(
        case(None).policy,
        (
            ModelReview(
                name="late", task="binary", predictions="p.parquet", rows=RowCounts(base=30, head=None)
            ),
        ),
        (),
        today=date(2026, 7, 1),
    )
    assert [(result.id, result.outcome) for result in found.gates][:3] == [
        ("late/predictions/contract", "fail"),
        (GONE, "skipped"),
        (LABELS, "skipped"),
    ]
    assert found.verdict.outcome == "failed"


def test_a_model_that_was_not_reviewed_is_left_to_its_contract() -> None:
    assert list(evaluation.judge(case(None))) == []
