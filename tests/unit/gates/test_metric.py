"""`min` and `max`: head's own value against a bar by its whole interval, closed where there is none."""

import math

import pytest

from mergegate.config.policy import MetricGate
from mergegate.gates import metric
from mergegate.gates.case import Case, told_apart
from mergegate.gates.claim import Claim
from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult, Measurement
from support.judged import outcomes, policy, results, scored

BASE, HEAD = scored(1, 1.0), scored(2, 1.0)  # roc_auc 0.734 (0.716 to 0.750), log_loss 0.548


@pytest.mark.parametrize(
    ("gate", "outcome"),
    [
        (MetricGate(name="roc_auc", min=0.70), "pass"),
        (MetricGate(name="roc_auc", min=0.73), "insufficient"),
        (MetricGate(name="roc_auc", min=0.74), "insufficient"),
        (MetricGate(name="roc_auc", min=0.76), "fail"),
        (MetricGate(name="log_loss", max=0.60), "pass"),
        (MetricGate(name="log_loss", max=0.54), "insufficient"),
        (MetricGate(name="log_loss", max=0.52), "fail"),
        (MetricGate(name="roc_auc", max=0.70), "fail"),
        (MetricGate(name="log_loss", min=0.52), "pass"),
    ],
)
def test_a_bar_is_held_against_the_whole_interval(gate: MetricGate, outcome: str) -> None:
    (only,) = results(policy(gate), BASE, HEAD).values()
    assert only.outcome == outcome
    assert only.value is not None
    assert only.low is not None
    assert only.high is not None
    assert only.low < only.value < only.high


def test_a_passed_bar_brings_everything_that_a_second_judge_needs() -> None:
    (only,) = results(policy(MetricGate(name="accuracy", min=0.6)), BASE, HEAD).values()
    found = only.measured
    assert found is not None
    assert only == GateResult(
        id="late/accuracy/min",
        kind="metric",
        outcome="pass",
        sentence="accuracy is above 0.6 with its whole interval, on head's 4,000 rows.",
        subject="late",
        value=found.head,
        low=only.low,
        high=only.high,
        bar=0.6,
        measured=found,
    )
    assert found == Measurement(
        metric="accuracy",
        exam="head",
        at_least=True,
        rows=4_000,
        min_rows=50,
        head=found.head,
        standard_error=found.standard_error,
        carried=4_000.0,
        method="score limits for effective rows",
        p_value=found.p_value,
        p_adjusted=found.p_value,
        claims=1,
        detectable=found.detectable,
    )
    assert found.detectable == pytest.approx(2.80 * (found.standard_error or 0), rel=0.01)


def test_both_bars_of_a_metric_are_gates_of_their_own() -> None:
    found = results(policy(MetricGate(name="roc_auc", min=0.6, max=0.9)), None, HEAD)
    assert outcomes(found) == {"late/roc_auc/min": "pass", "late/roc_auc/max": "pass"}


def test_a_higher_confidence_of_the_gate_asks_for_more_and_is_said() -> None:
    found = [
        results(policy(MetricGate(name="roc_auc", min=0.713, confidence=confidence)), BASE, HEAD)
        for confidence in (0.95, 0.999)
    ]
    (plain,), (strict,) = (list(each.values()) for each in found)
    assert (plain.outcome, strict.outcome) == ("pass", "insufficient")
    assert strict.measured is not None
    assert strict.measured.confidence == 0.999
    assert (strict.low or 0) < (plain.low or 0)


def test_with_too_few_rows_nobody_can_tell_however_good_the_number() -> None:
    few = [scored(seed, 3.0, 60) for seed in (1, 2)]
    (only,) = results(policy(MetricGate(name="roc_auc", min=0.5)), *few).values()
    assert (only.outcome, only.blocking) == ("insufficient", False)
    assert only.sentence == "can't tell: only 17 rows carry roc_auc, fewer than 50."
    asked = policy(MetricGate(name="roc_auc", min=0.5, min_rows=17))
    assert outcomes(results(asked, *few)) == {"late/roc_auc/min": "pass"}


def test_where_base_had_enough_rows_and_head_has_not_it_fails() -> None:
    asked = policy(MetricGate(name="roc_auc", min=0.5))
    (only,) = results(asked, scored(1, 3.0, 500), scored(2, 3.0, 60)).values()
    assert (only.outcome, only.blocking) == ("fail", True)
    assert only.sentence == (
        "only 17 rows carry roc_auc, fewer than 50; base had 129, so the change took them away."
    )


def test_on_insufficient_fail_blocks() -> None:
    gate = MetricGate(name="roc_auc", min=0.73)
    for asked in (
        policy(gate, on_insufficient="fail"),
        policy(MetricGate(name="roc_auc", min=0.73, on_insufficient="fail")),
    ):
        (only,) = results(asked, BASE, HEAD).values()
        assert (only.outcome, only.strict, only.blocking) == ("insufficient", True, True)
    lenient = MetricGate(name="roc_auc", min=0.73, on_insufficient="warn")
    (only,) = results(policy(lenient, on_insufficient="fail"), BASE, HEAD).values()
    assert (only.outcome, only.blocking) == ("insufficient", False)


def test_a_metric_that_head_does_not_have_fails_and_says_why() -> None:
    one_class = scored(1, 1.0, [row for row in range(4_000) if not HEAD.y_true[row]])
    (only,) = results(policy(MetricGate(name="roc_auc", min=0.6)), None, one_class).values()
    assert (only.outcome, only.value, only.low, only.high) == ("fail", None, None, None)
    assert only.sentence == "roc_auc can't be judged: head: no row is truly 1."


@pytest.mark.parametrize("bar", [math.nan, math.inf, -math.inf])
def test_a_bar_that_is_no_number_fails(bar: float) -> None:
    (only,) = results(policy(MetricGate(name="roc_auc", min=bar)), BASE, HEAD).values()
    assert (only.outcome, only.bar) == ("fail", None)
    assert only.sentence == "roc_auc can't be judged: its value, its error or its bar is not finite."


def judged(review: ModelReview | None) -> GateResult | Claim:
    case = Case(policy(MetricGate(name="roc_auc", min=0.6)), (review,) if review else (), ())
    (only,) = metric.judge(case)
    return only


def review(*, head: int | None = 2_000, value: float | None = None, note: str = "") -> ModelReview:
    found = MetricComparison(name="roc_auc", greater_is_better=True, head_all=value, note=note)
    rows = RowCounts(base=None, head=head)
    return ModelReview(name="late", task="binary", predictions="p.parquet", rows=rows, metrics=(found,))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "the model was not reviewed"),
        (review(head=None), "head has no predictions that can be used"),
        (review(note="head: no row is truly late."), "head: no row is truly late"),
        (review(value=0.9), "it was not computed"),
        (
            ModelReview(name="late", task="binary", predictions="p", rows=RowCounts(base=1, head=1)),
            "it was not computed",
        ),
    ],
)
def test_without_evidence_it_fails_whatever_the_record_says(given: ModelReview | None, reason: str) -> None:
    assert judged(given) == GateResult(
        id="late/roc_auc/min",
        kind="metric",
        outcome="fail",
        sentence=f"roc_auc can't be judged: {reason}.",
        subject="late",
        bar=0.6,
    )


@pytest.mark.parametrize(
    ("value", "bar", "shown"),
    [
        (0.64321, 0.6, ("0.6432", "0.6")),
        (0.599999, 0.6, ("0.599999", "0.6")),
        (0.6 - 1e-12, 0.6, ("0.599999999999", "0.6")),
        (0.123452, 0.123456, ("0.12345", "0.123456")),
        (0.5, 0.5, ("0.5", "0.5")),
        (0.123456, 0.123456, ("0.123456", "0.123456")),
        (1e-9, 0.0, ("1e-09", "0")),
    ],
)
def test_a_value_is_shown_with_the_digits_that_tell_it_from_its_bar(
    value: float, bar: float, shown: tuple[str, str]
) -> None:
    assert told_apart(value, bar) == shown
