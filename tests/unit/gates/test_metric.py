"""Bars on metrics: the point value of head against `min` and `max`, closed when there is none."""

import pytest

from mergegate.config.policy import Evaluation, Gates, MetricGate, Model, Policy
from mergegate.gates import metric
from mergegate.gates.case import Case, told_apart
from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult


def case(*bars: MetricGate, review: ModelReview | None) -> Case:
    evaluation = Evaluation(task="binary", predictions="p.parquet")
    model = Model(evaluation=evaluation, gates=Gates(metrics=bars))
    return Case(Policy(version=1, models={"late": model}), (review,) if review else (), ())


def review(*, head: int | None = 2_000, value: float | None = 0.58, note: str = "") -> ModelReview:
    return ModelReview(
        name="late",
        task="binary",
        predictions="p.parquet",
        rows=RowCounts(base=None, head=head),
        metrics=(MetricComparison(name="roc_auc", greater_is_better=True, head_all=value, note=note),),
    )


def test_a_value_below_its_lowest_bar_fails_with_value_bar_and_rows() -> None:
    assert list(metric.judge(case(MetricGate(name="roc_auc", min=0.6), review=review()))) == [
        GateResult(
            id="late/roc_auc/min",
            kind="metric",
            outcome="fail",
            sentence="roc_auc is 0.58 on head's 2,000 rows, below the bar 0.6.",
            subject="late",
            value=0.58,
            bar=0.6,
        )
    ]


@pytest.mark.parametrize(
    ("bar", "value", "outcome", "place"),
    [
        (MetricGate(name="roc_auc", min=0.6), 0.6, "pass", "at the bar 0.6"),
        (MetricGate(name="roc_auc", max=0.6), 0.6, "pass", "at the bar 0.6"),
        (MetricGate(name="roc_auc", min=0.6), 0.61, "pass", "above the bar 0.6"),
        (MetricGate(name="roc_auc", max=0.6), 0.61, "fail", "above the bar 0.6"),
        (MetricGate(name="roc_auc", max=0.6), 0.59, "pass", "below the bar 0.6"),
        (MetricGate(name="roc_auc", min=float("nan")), 0.59, "fail", "against no bar at all: nan"),
    ],
)
def test_a_value_at_its_bar_passes(bar: MetricGate, value: float, outcome: str, place: str) -> None:
    (result,) = metric.judge(case(bar, review=review(value=value)))
    assert result.outcome == outcome
    assert place in result.sentence


def test_both_bars_of_a_metric_are_gates_of_their_own() -> None:
    results = metric.judge(case(MetricGate(name="roc_auc", min=0.5, max=0.9), review=review()))
    assert [(result.id, result.outcome) for result in results] == [
        ("late/roc_auc/min", "pass"),
        ("late/roc_auc/max", "pass"),
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "the model was not reviewed"),
        (review(head=None), "head has no predictions that can be used"),
        (review(value=None, note="head: no row is truly late"), "head: no row is truly late"),
        (review(value=None), "it is undefined on head's rows"),
        (review(value=float("nan")), "it is nan"),
        (review(value=float("inf")), "it is inf"),
        (
            ModelReview(name="late", task="binary", predictions="p", rows=RowCounts(base=1, head=1)),
            "it was not computed",
        ),
    ],
)
def test_a_metric_without_a_value_fails_and_says_why(given: ModelReview | None, reason: str) -> None:
    (result,) = metric.judge(case(MetricGate(name="roc_auc", min=0.6), review=given))
    assert (result.outcome, result.value, result.bar) == ("fail", None, 0.6)
    assert result.sentence == f"roc_auc has no value to hold against the bar 0.6: {reason}."


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
