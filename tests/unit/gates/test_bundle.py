"""The bundle's gates: its size and its parity with the predictions; what could not be measured fails."""

import math

import pytest

from mergegate.config.policy import BundleGate, Evaluation, Gates, Model, Policy
from mergegate.gates import bundle
from mergegate.gates.case import Case
from mergegate.records.comparison import BundleFacts, RowCounts
from mergegate.records.metrics import Task
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult


def judge(
    gate: BundleGate, facts: BundleFacts | None, *, reviewed: bool = True, task: Task = "binary"
) -> list[GateResult]:
    model = Model(
        evaluation=Evaluation(task=task, predictions="p.parquet"),
        bundle="models/bundle",
        gates=Gates(bundle=gate),
    )
    rows = RowCounts(base=10, head=10)
    review = ModelReview(name="late", task=task, predictions="p.parquet", rows=rows, bundle=facts)
    return list(
        bundle.judge(Case(Policy(version=1, models={"late": model}), (review,) if reviewed else (), ()))
    )


def result(gate: BundleGate, facts: BundleFacts | None) -> tuple[str, str]:
    (only,) = judge(gate, facts)
    return only.outcome, only.sentence


def test_a_policy_that_asks_nothing_of_the_bundle_has_no_gate() -> None:
    assert judge(BundleGate(), None) == []
    assert judge(BundleGate(max_size_mb=1.0, parity=0.1), None, reviewed=False) == []


def test_a_small_bundle_that_gives_the_predictions_passes() -> None:
    facts = BundleFacts(size=1_234_567, parity=3e-8, rows=2_000)
    assert judge(BundleGate(max_size_mb=50.0, parity=1e-5), facts) == [
        GateResult(
            id="late/bundle/size",
            kind="bundle",
            outcome="pass",
            sentence="the bundle's files have 1.235 MB together; up to 50 MB may be.",
            subject="late",
            value=1.234567,
            bar=50.0,
        ),
        GateResult(
            id="late/bundle/parity",
            kind="bundle",
            outcome="pass",
            sentence="run on 2,000 rows, the bundle answers at most 3e-08 away from p.parquet; "
            "up to 1e-05 may be.",
            subject="late",
            value=3e-8,
            bar=1e-5,
        ),
    ]


def test_a_bundle_that_is_too_large_fails_and_says_how_to_allow_it() -> None:
    assert result(BundleGate(max_size_mb=50.0), BundleFacts(size=50_000_001)) == (
        "fail",
        "the bundle's files have 50.000001 MB together, where at most 50 MB may be; make the model smaller, "
        "or allow it first, in the target's policy, by `max_size_mb`.",
    )


def test_predictions_that_the_bundle_does_not_give_fail() -> None:
    (only,) = judge(BundleGate(parity=1e-5), BundleFacts(parity=0.25, rows=1))
    assert only == GateResult(
        id="late/bundle/parity",
        kind="bundle",
        outcome="fail",
        sentence="run on 1 row, the bundle answers at most 0.25 away from p.parquet, where at most 1e-05 may "
        "be: this bundle did not write these predictions from these inputs; run `dvc repro`, and commit "
        "dvc.lock.",
        subject="late",
        value=0.25,
        bar=1e-5,
        mend="dvc repro",
    )


@pytest.mark.parametrize("facts", [None, BundleFacts(), BundleFacts(rows=3)])
def test_what_was_not_measured_fails(facts: BundleFacts | None) -> None:
    size, parity = judge(BundleGate(max_size_mb=50.0, parity=1e-5), facts)
    assert (size.outcome, size.sentence) == (
        "fail",
        "the bundle's size can't be told: it was not measured; run the review again.",
    )
    assert (parity.outcome, parity.sentence) == (
        "fail",
        "whether the bundle gives p.parquet can't be told: it was not measured; run the review again.",
    )


def test_why_it_could_not_be_measured_is_said_and_the_rest_judged() -> None:
    problem = "onnxruntime is not installed; pip install 'mergegate[serving]'"
    facts = BundleFacts(size=10, parity=0.0, problem=problem)
    size, parity = judge(BundleGate(max_size_mb=50.0, parity=1e-5), facts)
    assert size.outcome == "pass"
    assert (parity.outcome, parity.value) == ("fail", None)
    assert parity.sentence == f"whether the bundle gives p.parquet can't be told: {problem}."


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_distance_that_is_no_number_fails(value: float) -> None:
    (only,) = judge(BundleGate(parity=1e-5), BundleFacts(parity=value, rows=3))
    assert (only.outcome, only.value, only.mend) == ("fail", None, "dvc repro")
    assert only.sentence == (
        f"the bundle's answers lie {value} from p.parquet; run `dvc repro`, and commit dvc.lock."
    )


@pytest.mark.parametrize("gate", [BundleGate(max_size_mb=math.nan), BundleGate(parity=math.nan)])
def test_a_bar_that_is_no_number_holds_nothing(gate: BundleGate) -> None:
    assert result(gate, BundleFacts(size=1, parity=0.0, rows=3))[0] == "fail"


def test_a_value_at_the_bar_passes() -> None:
    facts = BundleFacts(size=2_000_000, parity=0.5, rows=3)
    assert [each.outcome for each in judge(BundleGate(max_size_mb=2.0, parity=0.5), facts)] == [
        "pass",
        "pass",
    ]


@pytest.mark.parametrize(
    ("task", "advice"),
    [
        ("binary", "set `evaluation.threshold` if the pipeline decides by one, or run `dvc repro`."),
        ("multiclass", "run `dvc repro`, and commit dvc.lock."),
    ],
)
def test_labels_that_the_bundle_does_not_answer_are_named(task: Task, advice: str) -> None:
    facts = BundleFacts(parity=1.0, rows=2_000, labels_differ=5)
    (only,) = judge(BundleGate(parity=1e-5), facts, task=task)
    assert (only.outcome, only.value) == ("fail", 1.0)
    assert only.sentence == (
        "run on 2,000 rows, the bundle answers at most 1 away from p.parquet, where at most 1e-05 may be: "
        f"y_pred is not what the bundle answers in 5 rows; {advice}"
    )
