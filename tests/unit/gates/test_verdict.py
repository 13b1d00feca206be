"""The verdict: what blocks first, one honest sentence, the exit code."""

from typing import Literal

from mergegate.config.policy import Evaluation, Gates, MetricGate, Model, Policy
from mergegate.gates import judge
from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.review import LockFinding, ModelReview, Problem
from mergegate.records.verdict import Verdict

BREAK = LockFinding(
    side="head", kind="chain", stage="train", path="data", message="train is stale", mend="dvc repro train"
)


def policy(*names: str, mode: Literal["enforce", "advisory"] = "enforce", bar: float = 0.6) -> Policy:
    evaluation = Evaluation(task="binary", predictions="p.parquet")
    gates = Gates(metrics=(MetricGate(name="roc_auc", min=bar),))
    return Policy(
        version=1, mode=mode, models={name: Model(evaluation=evaluation, gates=gates) for name in names}
    )


def model(name: str = "late", *, value: float = 0.65, shared: int = 10) -> ModelReview:
    return ModelReview(
        name=name,
        task="binary",
        predictions="p.parquet",
        rows=RowCounts(base=shared or None, head=10, shared=shared),
        metrics=(MetricComparison(name="roc_auc", greater_is_better=True, head_all=value),),
    )


def test_a_change_that_meets_every_gate_passes_and_claims_no_interval() -> None:
    results, verdict = judge(policy("late"), (model(),), ())
    assert [(result.id, result.outcome) for result in results] == [
        ("lock/chain", "pass"),
        ("late/predictions/contract", "pass"),
        ("late/evaluation/rows_gone", "pass"),
        ("late/evaluation/labels_changed", "pass"),
        ("late/roc_auc/min", "pass"),
    ]
    assert verdict == Verdict(
        outcome="passed",
        enforced=True,
        headline="5 gates hold; metrics are point values, without an interval.",
    )
    assert verdict.exit_code == 0


def test_what_blocks_stands_first_and_is_the_headline() -> None:
    results, verdict = judge(policy("late"), (model(value=0.58, shared=0),), ())
    assert [(result.id, result.outcome) for result in results] == [
        ("late/roc_auc/min", "fail"),
        ("late/comparison", "skipped"),
        ("late/evaluation/rows_gone", "skipped"),
        ("late/evaluation/labels_changed", "skipped"),
        ("lock/chain", "pass"),
        ("late/predictions/contract", "pass"),
    ]
    assert verdict == Verdict(
        outcome="failed",
        enforced=True,
        headline="roc_auc is 0.58 on head's 10 rows, below the bar 0.6; a point value, without an interval.",
    )
    assert verdict.exit_code == 1


def test_with_several_models_the_headline_names_the_one_and_counts_the_rest() -> None:
    _, verdict = judge(policy("late", "lost"), (model(), model("lost", value=0.1)), ())
    assert verdict.headline.startswith("lost: roc_auc is 0.1 on head's 10 rows, below the bar 0.6")
    _, verdict = judge(policy("late", "lost"), (model(value=0.5), model("lost", value=0.1)), (BREAK,))
    assert verdict.headline == "train is stale. 2 more gates fail."


def test_advisory_mode_says_the_same_and_exits_with_0() -> None:
    _, verdict = judge(policy("late", mode="advisory"), (model(value=0.58),), ())
    assert (verdict.outcome, verdict.enforced, verdict.exit_code) == ("failed", False, 0)


def test_a_policy_without_models_still_judges_the_lock() -> None:
    results, verdict = judge(Policy(version=1), (), (BREAK,))
    assert [(result.id, result.outcome) for result in results] == [("lock/chain", "fail")]
    assert (verdict.headline, verdict.exit_code) == ("train is stale.", 1)
    _, verdict = judge(Policy(version=1), (), ())
    assert verdict.headline == "1 gate holds; the policy sets no bar for a metric."


def test_a_model_that_was_not_reviewed_blocks() -> None:
    results, verdict = judge(policy("late"), (), ())
    assert verdict.outcome == "failed"
    assert [result.outcome for result in results] == ["fail", "fail", "pass"]


def test_a_broken_policy_of_head_blocks() -> None:
    problem = Problem(side="head", path="mergegate.yaml", message="unknown key", hint="mend it")
    results, verdict = judge(policy("late"), (model(),), (), (problem,))
    assert (results[0].id, verdict.outcome) == ("mergegate.yaml/contract", "failed")


def test_what_is_skipped_is_counted_in_the_headline() -> None:
    _, verdict = judge(policy("late"), (model(shared=0),), ())
    assert verdict.headline == ("3 gates hold; 3 are skipped; metrics are point values, without an interval.")
