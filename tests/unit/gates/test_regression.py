"""`max_regression`: a test of non-inferiority on the rows that both judged, and on base's rescored ones."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from mergegate.config.policy import Evaluation, Loss, MetricGate, OwnFunction
from mergegate.gates import judge
from mergegate.records.predictions import Predictions
from support.judged import TODAY, outcomes, policy, results, reviewed, scored

WEAK, SAME, STRONG = scored(1, 1.0), scored(2, 1.0), scored(3, 1.2)
AUC = "late/roc_auc/max_regression"
SHARE = "late/roc_auc/max_relative_regression"


@pytest.mark.parametrize(
    ("gate", "base", "head", "outcome", "said"),
    [
        (MetricGate(name="roc_auc", max_regression=0.02), WEAK, SAME, "pass", "no evidence of a difference"),
        (MetricGate(name="roc_auc", max_regression=0.0), WEAK, STRONG, "pass", "roc_auc is better than base"),
        (
            MetricGate(name="roc_auc", max_regression=0.06),
            STRONG,
            WEAK,
            "pass",
            "roc_auc is worse than base's, but a loss over 0.06 is ruled out",
        ),
        (MetricGate(name="roc_auc", max_regression=0.008), WEAK, SAME, "insufficient", "can't tell on the "),
        (
            MetricGate(name="roc_auc", max_regression=0.02),
            STRONG,
            WEAK,
            "fail",
            "roc_auc is worse than base's by at least 0.03",
        ),
        (MetricGate(name="log_loss", max_regression=0.02), WEAK, SAME, "pass", "no evidence"),
        (MetricGate(name="log_loss", max_regression=0.0), WEAK, STRONG, "pass", "log_loss is better"),
        (MetricGate(name="log_loss", max_regression=0.0), WEAK, SAME, "insufficient", "can't tell on the "),
        (
            MetricGate(name="log_loss", max_regression=0.005),
            STRONG,
            WEAK,
            "fail",
            "log_loss is worse than base's by at least 0.0",
        ),
        (MetricGate(name="accuracy", max_regression=0.02), WEAK, SAME, "pass", "no evidence"),
    ],
)
def test_a_margin_is_held_against_the_interval_of_the_difference(
    gate: MetricGate, base: Predictions, head: Predictions, outcome: str, said: str
) -> None:
    (only,) = results(policy(gate), base, head).values()
    assert (only.kind, only.outcome) == ("regression", outcome)
    assert only.sentence.startswith(said)


def test_a_relative_margin_is_a_share_of_bases_value() -> None:
    found = results(
        policy(MetricGate(name="roc_auc", max_regression=0.05, max_relative_regression=0.05)), STRONG, WEAK
    )
    plain, share = found[AUC], found[SHARE]
    assert (plain.bar, share.bar) == (-0.05, -0.05)
    assert plain.measured is not None
    assert plain.measured.base is not None
    assert plain.value is not None
    assert share.value == pytest.approx(plain.value / plain.measured.base)
    assert share.measured is not None
    assert share.measured.relative
    # A share of base's value is a wider bar than 0.05 is for a value below 1 … and narrower in units.
    assert (plain.outcome, share.outcome) == ("pass", "insufficient")
    assert " %, and at most 5 % may be lost" in share.sentence


@pytest.mark.parametrize("name", ["roc_auc", "log_loss"])
def test_a_relative_margin_of_nothing_is_judged_by_the_plain_difference(name: str) -> None:
    gate = MetricGate(name=name, max_regression=0.0, max_relative_regression=0.0)
    better = results(policy(gate), WEAK, STRONG)
    assert outcomes(better) == {
        f"late/{name}/max_regression": "pass",
        f"late/{name}/max_relative_regression": "pass",
    }
    assert set(outcomes(results(policy(gate), STRONG, WEAK)).values()) == {"fail"}
    assert math.copysign(1, better[f"late/{name}/max_relative_regression"].bar or 0.0) == 1


def test_of_a_base_of_nothing_no_share_can_be_lost() -> None:
    loss = Evaluation(
        task="binary", predictions="p.parquet", losses=(Loss(name="minutes", column="minutes"),)
    )
    none, some = np.zeros(4_000), np.random.default_rng(5).random(4_000)
    asked = policy(MetricGate(name="minutes", max_relative_regression=0.5), evaluation=loss)
    (only,) = results(asked, scored(1, 1.0, minutes=none), scored(2, 1.0, minutes=some)).values()
    assert (only.outcome, only.bar) == ("fail", 0.0)
    assert only.sentence.startswith("minutes is worse than base's by at least 0.4")
    assert only.sentence.endswith("where nothing may be lost, on the 4,000 rows that both judged.")


def test_a_loss_goes_the_way_that_the_policy_says() -> None:
    gain = np.random.default_rng(5).random(4_000)
    for greater, outcome in ((True, "pass"), (False, "fail")):
        evaluation = Evaluation(
            task="binary",
            predictions="p.parquet",
            losses=(Loss(name="gain", column="gain", greater_is_better=greater),),
        )
        asked = policy(MetricGate(name="gain", max_regression=0.01), evaluation=evaluation)
        (only,) = results(asked, scored(1, 1.0, gain=gain), scored(2, 1.0, gain=gain + 0.1)).values()
        assert (only.outcome, only.bar) == (outcome, -0.01 if greater else 0.01)


def test_identical_predictions_pass_even_a_margin_of_nothing() -> None:
    gate = MetricGate(name="roc_auc", max_regression=0.0, max_relative_regression=0.02)
    found = results(policy(gate), WEAK, scored(1, 1.0))
    assert outcomes(found) == {AUC: "pass", SHARE: "pass"}
    assert {each.sentence for each in found.values()} == {
        "every prediction is the same as base's, on the 4,000 rows that both judged."
    }
    assert {(each.value, each.low, each.high) for each in found.values()} == {(0.0, 0.0, 0.0)}


def test_a_change_that_moves_no_prediction_passes_on_an_exam_too_small_to_judge_by() -> None:
    gate = MetricGate(name="roc_auc", max_regression=0.01, min_rows=3_000, on_insufficient="fail")
    (found,) = results(policy(gate), WEAK, scored(1, 1.0)).values()
    assert (found.outcome, found.blocking) == ("pass", False)
    assert found.sentence.startswith("every prediction is the same as base's")


def test_without_a_base_it_is_skipped() -> None:
    (only,) = results(policy(MetricGate(name="roc_auc", max_regression=0.01)), None, WEAK).values()
    assert (only.outcome, only.blocking) == ("skipped", False)
    assert only.sentence == (
        "whether roc_auc got worse can't be told: base has no p.parquet: the model or its evaluation is new."
    )


def test_without_a_head_it_fails() -> None:
    (only,) = results(policy(MetricGate(name="roc_auc", max_regression=0.01)), WEAK, None).values()
    assert (only.outcome, only.sentence) == (
        "fail",
        "roc_auc can't be judged: head has no predictions that can be used.",
    )


def test_a_base_that_shares_no_row_can_not_be_told_from_head() -> None:
    other = scored(2, 1.0, np.arange(2_000, 4_000))
    lenient = MetricGate(name="roc_auc", max_regression=0.01)
    strict = MetricGate(name="roc_auc", max_regression=0.01, on_insufficient="fail")
    for gate, blocks in ((lenient, False), (strict, True)):
        (only,) = results(policy(gate), scored(1, 1.0, 2_000), other).values()
        assert (only.outcome, only.blocking) == ("insufficient", blocks)
        assert only.sentence == (
            "whether roc_auc got worse can't be told: base and head have no row_id in common, so there is "
            "nothing to compare."
        )


def test_a_metric_that_only_base_lacks_is_skipped_and_one_that_head_lacks_fails() -> None:
    never = replace(WEAK, y_pred=np.zeros_like(WEAK.y_pred))
    asked = policy(MetricGate(name="precision", max_regression=0.01))
    (base_lacks,) = results(asked, never, SAME).values()
    (head_lacks,) = results(asked, WEAK, never).values()
    assert (base_lacks.outcome, base_lacks.sentence) == (
        "skipped",
        "there is no precision of base to compare with: no row is predicted to be 1.",
    )
    assert (head_lacks.outcome, head_lacks.sentence) == (
        "fail",
        "precision can't be judged: head: no row is predicted to be 1; "
        f"base had {int((WEAK.y_pred == 1).sum()):,}, so the change took them away.",
    )


def test_bases_model_on_heads_rows_is_a_gate_of_its_own() -> None:
    asked = policy(MetricGate(name="roc_auc", max_regression=0.02, min=0.6))
    old, head = scored(3, 1.2, 3_000), scored(1, 1.0, np.arange(1_000, 4_000))
    found = results(asked, old, head, scored(3, 1.2, np.arange(1_000, 4_000)))
    assert outcomes(found) == {AUC: "fail", f"{AUC}@rescored": "fail", "late/roc_auc/min": "pass"}
    assert found[AUC].sentence.endswith("on the 2,000 rows that both judged.")
    assert found[f"{AUC}@rescored"].sentence.endswith(
        "on the 3,000 rows of head that base's model was run on."
    )


def test_where_only_the_rescored_rows_can_be_compared_these_judge() -> None:
    asked = policy(MetricGate(name="roc_auc", max_regression=0.02))
    head = scored(1, 1.0, np.arange(2_000, 4_000))
    again = scored(2, 1.0, np.arange(2_000, 4_000))
    assert outcomes(results(asked, scored(2, 1.0, 2_000), head, again)) == {f"{AUC}@rescored": "pass"}


def test_a_function_is_not_expected_of_rescored_rows() -> None:
    own = OwnFunction(name="rebooked", function="metrics:rebooked")
    evaluation = Evaluation(task="binary", predictions="p.parquet", functions=(own,))
    asked = policy(MetricGate(name="rebooked", max_regression=0.02), evaluation=evaluation)
    head = scored(1, 1.0, np.arange(2_000, 4_000))
    plain = policy(evaluation=Evaluation(task="binary", predictions="p.parquet"))
    review, _ = reviewed(plain, scored(2, 1.0, 2_000), head, scored(2, 1.0, np.arange(2_000, 4_000)))
    (only,) = [gate for gate in judge(asked, (review,), (), today=TODAY).gates if gate.kind == "regression"]
    assert (only.id, only.outcome) == ("late/rebooked/max_regression", "insufficient")
    assert only.sentence.endswith(" A function is not called on what base's model says of head's rows.")


def test_an_exam_that_was_not_measured_fails_though_another_was() -> None:
    asked = policy(MetricGate(name="roc_auc", max_regression=0.02))
    review, evidence = reviewed(asked, WEAK, SAME, WEAK)
    known = {key: found for key, found in evidence.items() if key.exam == "rescored"}
    found = judge(asked, (review,), (), evidence={"late": known}, today=TODAY).gates
    assert {gate.id: gate.outcome for gate in found if gate.kind == "regression"} == {
        AUC: "fail",
        f"{AUC}@rescored": "pass",
    }
