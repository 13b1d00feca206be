"""The exam: rows that are gone and labels that changed fail unless the policy allows them."""

from datetime import date

import pytest

from mergegate.config.policy import BundleGate, Evaluation, EvaluationGate, Gates, MetricGate, Model, Policy
from mergegate.gates import evaluation, judge
from mergegate.gates.case import Case
from mergegate.records.comparison import MetricComparison, Rescored, RowCounts
from mergegate.records.metrics import Task
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


def test_a_share_of_one_class_is_held_to_the_same_bar() -> None:
    allowed = EvaluationGate(max_rows_gone=0.02, max_labels_changed=0.02)
    rows = RowCounts(
        base=100, head=98, shared=98, gone=2, labels_changed=1, gone_most=0.5, labels_changed_most=1.0
    )
    gone, labels = evaluation.judge(case(rows, allowed))
    assert (gone.outcome, gone.value, gone.bar) == ("fail", 0.5, 0.02)
    assert gone.sentence == (
        "2 of base's 100 rows are gone from head, among them half of the rows of one class, where at most "
        "0.02 may be; evaluate them too, or allow it first, in the target's policy, by `max_rows_gone`."
    )
    assert (labels.outcome, labels.value) == ("fail", 1.0)
    assert labels.sentence.startswith(
        "y_true differs in 1 of the 98 rows shared with base, among them all of the rows of one class, where"
    )


def test_a_share_of_one_class_within_the_bar_passes_and_is_said() -> None:
    rows = RowCounts(base=100, head=99, shared=99, gone=1, gone_most=0.03)
    gone, _ = evaluation.judge(case(rows, EvaluationGate(max_rows_gone=0.05)))
    assert (gone.outcome, gone.value) == ("pass", 0.03)
    assert gone.sentence == (
        "1 of base's 100 rows is gone from head, among them a share of 0.03 of the rows of one class; "
        "up to 0.05 may be."
    )


MOVED = RowCounts(base=100, head=100, shared=50, new=50, gone=50)


def rescored(
    found: Rescored | None,
    rows: RowCounts = MOVED,
    *,
    margin: float | None = 0.1,
    training_rows: str | None = "train.parquet",
    parity: float | None = None,
    error: float | None = None,
) -> GateResult | None:
    """The gate of base's model on head's rows; a regression where base's `error` is given."""
    task: Task = "binary" if error is None else "regression"
    model = Model(
        evaluation=Evaluation(
            task=task, predictions="p.parquet", inputs="inputs.parquet", training_rows=training_rows
        ),
        bundle="models/bundle",
        gates=Gates(
            metrics=(MetricGate(name="log_loss", max=1.0, max_regression=margin),),
            bundle=BundleGate(parity=parity),
        ),
    )
    metric = MetricComparison(name="root_mean_squared_error", greater_is_better=False, base_all=error)
    review = ModelReview(
        name="late", task=task, predictions="p.parquet", rows=rows, rescored=found, metrics=(metric,)
    )
    results = evaluation.judge(Case(Policy(version=1, models={"late": model}), (review,), ()))
    return next((result for result in results if result.id == "late/evaluation/rescored"), None)


def told(found: Rescored, rows: RowCounts = MOVED) -> tuple[str, str]:
    result = rescored(found, rows)
    assert result is not None
    return result.outcome, result.sentence


def test_inputs_that_give_bases_own_answers_back_pass() -> None:
    assert rescored(Rescored(rows=100, furthest=2e-8)) == GateResult(
        id="late/evaluation/rescored",
        kind="evaluation",
        outcome="pass",
        sentence="run on head's inputs.parquet, base's model answers at most 2e-08 away from base's own "
        "predictions; up to 0.0001 may be.",
        subject="late",
        value=2e-8,
        bar=1e-4,
    )


def test_inputs_that_do_not_give_bases_own_answers_back_fail() -> None:
    assert told(Rescored(rows=100, furthest=0.2)) == (
        "fail",
        "run on head's inputs.parquet, base's model answers at most 0.2 away from base's own predictions, "
        "where at most 0.0001 may be: the inputs or their preparation changed; restore those of the rows "
        "that base judged, or allow more first, in the target's policy, by `parity`.",
    )
    assert told(Rescored(rows=100, furthest=float("nan")))[0] == "fail"


def test_the_policys_parity_and_the_scale_of_a_regression_allow_more() -> None:
    found = Rescored(rows=100, furthest=0.01)
    results = (rescored(found, parity=0.02), rescored(found, error=200.0), rescored(found, error=20.0))
    assert [(result.outcome, result.bar) for result in results if result] == [
        ("pass", 0.02),
        ("pass", 0.02),
        ("fail", 0.002),
    ]


def test_rows_that_heads_inputs_lack_fail() -> None:
    expected = (
        "fail",
        "inputs.parquet of head lacks 3 rows that head evaluated, so that base's model can't be compared on "
        "them; run `dvc repro`, and commit dvc.lock.",
    )
    assert told(Rescored(rows=97, missing=3, furthest=0.0)) == expected
    assert told(Rescored(missing=3, problem="nothing is left")) == expected


def test_a_model_that_could_not_be_run_fails_where_rows_are_gone() -> None:
    found = Rescored(problem="it took longer than 300 s")
    why = "base's model was not run on head's rows: it took longer than 300 s."
    assert told(found) == ("fail", f"50 of base's 100 rows are gone from head, and {why}")
    assert told(found, RowCounts(base=100, head=120, shared=100, new=20)) == ("skipped", why)


def test_where_base_judged_none_of_the_rows_it_passes_and_says_so() -> None:
    assert told(Rescored(rows=1)) == (
        "pass",
        "base's model was run on 1 row of head; base judged none of them itself.",
    )


def test_there_is_no_such_gate_where_nothing_asks_for_it() -> None:
    found = Rescored(rows=100, furthest=0.2)
    assert rescored(None) is None
    assert rescored(found, margin=None) is None
    assert rescored(found, training_rows=None) is None
    assert rescored(found, RowCounts(base=None, head=100, new=100)) is None
