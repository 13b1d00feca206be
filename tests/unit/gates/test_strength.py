"""The strength that was reached is held against the one that the policy requires."""

import msgspec
import pytest

from mergegate.config.model import Loss
from mergegate.config.policy import Evaluation, Model, Policy
from mergegate.gates import strength
from mergegate.gates.case import Case
from mergegate.records.comparison import BundleFacts, RowCounts
from mergegate.records.review import ModelReview, Strength

EVALUATION = Evaluation(task="regression", predictions="p.parquet", inputs="data/evaluation")
MODEL = Model(evaluation=EVALUATION, bundle="models/bundle")
SCORED = BundleFacts(parity=2e-8, rows=2_000, scored=True, tolerance=1e-5)


def judge(
    reached: Strength,
    facts: BundleFacts | None = None,
    *,
    required: Strength | None = None,
    model: Model = MODEL,
    judging: bool = True,
    staged: bool = True,
) -> list[tuple[str, str, str]]:
    policy = msgspec.convert(
        {"version": 1, "models": {"m": model}, "required_strength": required}, Policy, from_attributes=True
    )
    review = ModelReview(
        name="m",
        task="regression",
        predictions="p.parquet",
        rows=RowCounts(base=None, head=2_000),
        bundle=facts,
        strength=reached,
    )
    case = Case(policy, (review,), (), scored=True, judging=judging, staged=staged)
    return [(gate.id, gate.outcome, gate.sentence) for gate in strength.judge(case)]


def test_a_model_that_gives_its_predictions_again_is_scored() -> None:
    assert judge("scored", SCORED) == [
        (
            "m/strength",
            "pass",
            "run again on 2,000 rows, in another order, head's bundle gives p.parquet.",
        )
    ]


@pytest.mark.parametrize("judging", [True, False])
@pytest.mark.parametrize("required", [None, "consistent", "reproduced"])
def test_answers_that_the_bundle_does_not_give_block_whatever_is_required(
    judging: bool, required: Strength | None
) -> None:
    facts = msgspec.structs.replace(SCORED, parity=0.25, differ=12)
    assert judge("consistent", facts, required=required, judging=judging) == [
        (
            "m/strength",
            "fail",
            "p.parquet is not what head's bundle answers: it gives something else in 12 of 2,000 rows, by up "
            "to 0.25, where 1e-05 may be; run `dvc repro`, and commit dvc.lock.",
        )
    ]


def test_other_labels_are_told_as_such() -> None:
    facts = msgspec.structs.replace(SCORED, parity=1.0, labels_differ=3, differ=12)
    evaluation = Evaluation(task="binary", positive="yes", predictions="p.parquet", inputs="i")
    assert judge("consistent", facts, model=Model(evaluation=evaluation, bundle="b"))[0][2] == (
        "p.parquet is not what head's bundle answers: it gives something else in 12 of 2,000 rows, in 3 of "
        "them by another label, where 1e-05 may be; run `dvc repro`, and commit dvc.lock, or set "
        "`evaluation.threshold` if the pipeline decides by one."
    )


@pytest.mark.parametrize(
    ("reached", "facts", "required", "why"),
    [
        (
            "consistent",
            BundleFacts(problem="models/bundle: it is too large; make it smaller"),
            None,
            "the policy requires the strength scored, and this is consistent: head's bundle could not be run "
            "(models/bundle: it is too large; make it smaller).",
        ),
        (
            "scored",
            SCORED,
            "reproduced",
            "the policy requires the strength reproduced, and this is scored: no trusted run has trained "
            "this head again; a maintainer can start `verify.yml` for it.",
        ),
        (
            "claimed",
            SCORED,
            "consistent",
            "the policy requires the strength consistent, and this is claimed: nothing that hangs together "
            "ties p.parquet to head's dvc.lock; make it the output of a stage, run `dvc repro`, and commit "
            "dvc.lock.",
        ),
    ],
)
def test_less_than_what_is_required_fails_in_the_trusted_job(
    reached: Strength, facts: BundleFacts, required: Strength | None, why: str
) -> None:
    assert judge(reached, facts, required=required) == [("m/strength", "fail", why)]


def test_without_a_bundle_consistency_is_enough_unless_more_is_required() -> None:
    bare = Model(evaluation=msgspec.structs.replace(EVALUATION, inputs=None))
    assert judge("consistent", model=bare) == [
        (
            "m/strength",
            "pass",
            "p.parquet is the file that head's dvc.lock names; the model was not run, as the policy names no "
            "`bundle` and `evaluation.inputs`.",
        )
    ]
    assert judge("consistent", model=bare, required="scored") == [
        (
            "m/strength",
            "fail",
            "the policy requires the strength scored, and this is consistent: the policy names no `bundle` "
            "and `evaluation.inputs` to run; name them there.",
        )
    ]
    assert judge("consistent", model=bare, required="scored", judging=False) == []


def test_a_project_without_dvc_says_that_it_asks_for_no_more_than_the_commit() -> None:
    assert judge("claimed", required="claimed", staged=False) == [
        ("m/strength", "pass", "p.parquet is taken as head's commit has it: the policy asks for no more.")
    ]
    assert judge("claimed", required="consistent", staged=False) == [
        (
            "m/strength",
            "fail",
            "the policy requires the strength consistent, and this is claimed: there is no DVC pipeline that "
            "p.parquet came from; make it the output of a stage, or write `required_strength: claimed` into "
            "the target's policy.",
        )
    ]


def test_what_was_trained_again_needs_no_more() -> None:
    assert judge("reproduced", SCORED, required="reproduced")[0][1:] == (
        "pass",
        "a trusted run trained this head again, and got what dvc.lock says.",
    )


def test_where_no_job_judges_a_bundle_that_can_not_be_run_is_told() -> None:
    facts = BundleFacts(problem="onnxruntime is not installed")
    sentence = "whether the bundle gives p.parquet can't be told: onnxruntime is not installed."
    assert judge("consistent", facts, judging=False) == [("m/strength", "fail", sentence)]
    assert judge("consistent", facts, judging=False, required="consistent") == [
        ("m/strength", "warn", sentence)
    ]


def test_a_loss_of_the_teams_own_is_not_what_a_bundle_gives() -> None:
    losses = (Loss(name="cost", column="money"), Loss(name="delay", column="minutes"))
    model = msgspec.structs.replace(MODEL, evaluation=msgspec.structs.replace(EVALUATION, losses=losses))
    assert judge("scored", SCORED, model=model)[0][2] == (
        "run again on 2,000 rows, in another order, head's bundle gives p.parquet, but for minutes, money, "
        "which no bundle gives."
    )
