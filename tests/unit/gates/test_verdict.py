"""The verdict: what blocks first, one honest sentence, the exit code."""

from typing import Literal

import msgspec

from mergegate.config.policy import Evaluation, Gates, MetricGate, Model, Policy, Waiver
from mergegate.gates import judge
from mergegate.gates.verdict import Judgement
from mergegate.records.predictions import Predictions
from mergegate.records.review import LockFinding, ModelReview, Problem
from mergegate.records.verdict import Verdict
from support.judged import TODAY, judgement, policy, reviewed, scored, words

BREAK = LockFinding(
    side="head", kind="chain", stage="train", path="data", message="train is stale", mend="dvc repro train"
)
WEAK, SAME, STRONG = scored(1, 1.0), scored(2, 1.0), scored(3, 1.2)
HOLDING = MetricGate(name="roc_auc", min=0.6)
MISSED = MetricGate(name="roc_auc", min=0.9)


def test_a_change_that_meets_every_gate_passes() -> None:
    found = judgement(policy(HOLDING), WEAK, SAME)
    assert words(found.gates) == [
        ("lock/chain", "pass"),
        ("late/predictions/contract", "pass"),
        ("late/evaluation/rows_gone", "pass"),
        ("late/evaluation/labels_changed", "pass"),
        ("late/roc_auc/min", "pass"),
    ]
    assert found.verdict == Verdict(
        outcome="passed",
        enforced=True,
        headline="no evidence of a difference between head and base on the 4,000 rows that both judged; "
        "5 gates hold.",
    )
    assert found.verdict.exit_code == 0


def test_what_blocks_stands_first_and_is_the_headline() -> None:
    found = judgement(policy(MISSED), None, WEAK)
    assert words(found.gates) == [
        ("late/roc_auc/min", "fail"),
        ("late/comparison", "skipped"),
        ("late/evaluation/rows_gone", "skipped"),
        ("late/evaluation/labels_changed", "skipped"),
        ("lock/chain", "pass"),
        ("late/predictions/contract", "pass"),
    ]
    assert found.verdict == Verdict(
        outcome="failed",
        enforced=True,
        headline="roc_auc is below 0.9 with its whole interval, on head's 4,000 rows.",
    )
    assert found.verdict.exit_code == 1


def test_the_headline_says_how_head_compares_whatever_blocks() -> None:
    found = judgement(policy(MISSED), WEAK, STRONG)
    assert found.verdict.headline == (
        "roc_auc is below 0.9 with its whole interval, on head's 4,000 rows. Overall, head is better than "
        "base on the 4,000 rows that both judged."
    )
    worse = judgement(policy(MetricGate(name="roc_auc", max_regression=0.5)), STRONG, WEAK)
    assert worse.verdict.headline == (
        "head is worse than base on the 4,000 rows that both judged; 5 gates hold."
    )
    same = judgement(policy(HOLDING), WEAK, scored(1, 1.0))
    assert same.verdict.headline == (
        "every prediction is the same as base's on the 4,000 rows that both judged; 5 gates hold."
    )


def test_the_headline_says_both_comparisons() -> None:
    half = [row for row in range(4_000) if row >= 2_000]
    asked = policy(MetricGate(name="roc_auc", max_regression=0.02))
    found = judgement(asked, scored(1, 1.0, 3_000), scored(2, 1.0, half), scored(3, 1.5, half))
    assert found.verdict.headline.endswith(
        "Overall, no evidence of a difference between head and base on the 1,000 rows that both judged, and "
        "head is worse than base on the 2,000 rows of head that base's model was run on."
    )


def test_the_order_is_what_blocks_then_the_whole_then_slices() -> None:
    groups = [row % 40 // 39 for row in range(4_000)]  # the group 1 has 100 rows, 30 of them late
    base, head = scored(1, 1.0, group=groups), scored(2, 1.0, group=groups)
    gates = (
        MetricGate(name="roc_auc", max_regression=0.02, slices=("group",)),
        MetricGate(name="log_loss", min=0.9),
    )
    found = judgement(policy(*gates), base, head)
    assert words(found.gates) == [
        ("late/log_loss/min", "fail"),
        ("lock/chain", "pass"),
        ("late/predictions/contract", "pass"),
        ("late/evaluation/rows_gone", "pass"),
        ("late/evaluation/labels_changed", "pass"),
        ("late/roc_auc/max_regression", "pass"),
        ("late/roc_auc/max_regression[group=1]", "insufficient"),
        ("late/roc_auc/max_regression[group=0]", "pass"),
    ]


def test_what_can_not_be_told_is_counted_and_blocks_only_where_the_policy_says_so() -> None:
    unsure = MetricGate(name="roc_auc", min=0.73)
    warned = judgement(policy(unsure), WEAK, SAME).verdict
    blocked = judgement(policy(unsure, on_insufficient="fail"), WEAK, SAME)
    assert (warned.outcome, blocked.verdict.outcome) == ("passed", "failed")
    assert warned.headline.endswith("; 4 gates hold, 1 can't tell.")
    assert blocked.verdict.headline.startswith("can't tell: roc_auc may be on either side of 0.73, on head's")
    assert blocked.gates[0].id == "late/roc_auc/min"


def two(gate: MetricGate, other: MetricGate) -> Policy:
    evaluation = Evaluation(task="binary", predictions="p.parquet")
    models = {
        name: Model(evaluation=evaluation, gates=Gates(metrics=(each,)))
        for name, each in (("late", gate), ("lost", other))
    }
    return Policy(version=1, models=models)


def judged(asked: Policy, *lock: LockFinding) -> Judgement:
    late, evidence = reviewed(asked, WEAK, SAME)
    lost = ModelReview(
        name="lost", task="binary", predictions="p.parquet", rows=late.rows, finding=late.finding
    )
    return judge(asked, (late, lost), lock, evidence={"late": evidence, "lost": evidence}, today=TODAY)


def test_with_several_models_the_headline_names_the_one_and_counts_the_rest() -> None:
    alike = "no evidence of a difference between head and base on the 4,000 rows that both judged"
    assert judged(two(HOLDING, HOLDING)).verdict.headline == f"late: {alike}; lost: {alike}; 9 gates hold."
    assert judged(two(HOLDING, MISSED)).verdict.headline == (
        "lost: roc_auc is below 0.9 with its whole interval, on head's 4,000 rows. "
        f"Overall, late: {alike}; lost: {alike}."
    )
    broken = judged(two(MISSED, MISSED), BREAK).verdict.headline
    assert broken.startswith("train is stale. 2 more gates block. Overall, late: ")


def test_advisory_mode_says_the_same_and_exits_with_0() -> None:
    mode: Literal["advisory"] = "advisory"
    verdict = judgement(policy(MISSED, mode=mode), WEAK, SAME).verdict
    assert (verdict.outcome, verdict.enforced, verdict.exit_code) == ("failed", False, 0)
    told = judged(msgspec.structs.replace(two(MISSED, MISSED), mode=mode), BREAK).verdict.headline
    assert told.startswith("train is stale. 2 more gates would block. Overall, late: ")
    one = judged(msgspec.structs.replace(two(MISSED, HOLDING), mode=mode), BREAK).verdict.headline
    assert one.startswith("train is stale. 1 more gate would block. Overall, late: ")


def test_a_policy_without_models_still_judges_the_lock() -> None:
    found = judge(Policy(version=1), (), (BREAK,), today=TODAY)
    assert words(found.gates) == [("lock/chain", "fail")]
    assert (found.verdict.headline, found.verdict.exit_code) == ("train is stale.", 1)
    found = judge(Policy(version=1), (), (), today=TODAY)
    assert found.verdict.headline == "1 gate holds, the policy sets no bar for a metric."


def test_a_model_that_was_not_reviewed_blocks() -> None:
    found = judge(policy(HOLDING), (), (), today=TODAY)
    assert found.verdict.outcome == "failed"
    assert words(found.gates) == [
        ("late/predictions/contract", "fail"),
        ("late/roc_auc/min", "fail"),
        ("lock/chain", "pass"),
    ]


def test_a_broken_policy_of_head_blocks() -> None:
    problem = Problem(side="head", path="mergegate.yaml", message="unknown key", hint="mend it")
    review, evidence = reviewed(policy(HOLDING), WEAK, SAME)
    found = judge(policy(HOLDING), (review,), (), (problem,), evidence={"late": evidence}, today=TODAY)
    assert (found.gates[0].id, found.verdict.outcome) == ("mergegate.yaml/contract", "failed")


def waived(base: Predictions, head: Predictions, *gates: MetricGate) -> Judgement:
    waiver = Waiver(gate="late/roc_auc/min", reason="new data", by="ana", expires="2026-07-01")
    return judgement(policy(*gates, waivers=(waiver,)), base, head)


def test_a_waived_gate_does_not_block_and_stands_behind_what_does() -> None:
    found = waived(WEAK, SAME, MISSED)
    assert (found.verdict.outcome, found.gates[0].id) == ("passed", "late/roc_auc/min")
    assert found.verdict.headline.endswith("; 4 gates hold, 1 is waived.")
    both = waived(WEAK, SAME, MISSED, MetricGate(name="log_loss", max=0.1))
    assert [gate.id for gate in both.gates[:2]] == ["late/log_loss/max", "late/roc_auc/min"]
    assert both.verdict.outcome == "failed"


def test_what_is_skipped_is_counted_in_the_headline() -> None:
    assert judgement(policy(HOLDING), None, SAME).verdict.headline == "3 gates hold, 3 are skipped."
