"""What explains a change: bands, segments, tolerance, and the gates on flips and gaps."""

import pytest

from mergegate.config.gates import FlipsGate, GapGate
from support.policy_texts import loaded, messages, model, problems

PLACE = "models.m.evaluation"


def test_columns_are_cut_into_bins_or_parts_of_a_time() -> None:
    text = model(evaluation="bands: {distance: 4, date: weekday}, segments: [distance, origin]")
    found = loaded(text).models["m"].evaluation
    assert (found.bands, found.segments) == ({"distance": 4, "date": "weekday"}, ("distance", "origin"))
    assert loaded(model()).models["m"].evaluation.segments is None


@pytest.mark.parametrize(
    ("evaluation", "said"),
    [
        ("bands: {a: 1}", "1 is no number of bins"),
        ("bands: {a: 21}", "21 is no number of bins"),
        ("bands: {y_true: 4}", "y_true is one of the contract's own columns, and can't be a slice"),
        ("segments: [row_id]", "row_id is one of the contract's own columns, and can't be a segment"),
        ("segments: [a, a]", "the column a stands twice"),
        ("tolerance: 1", "`tolerance` is for regression, and this task is binary"),
    ],
)
def test_what_rows_can_not_be_told_apart_by_is_said(evaluation: str, said: str) -> None:
    assert messages(model(evaluation=evaluation)) == [said]


def test_an_unknown_part_of_a_time_is_said_with_its_place() -> None:
    ((line, key, message, _),) = problems(model(evaluation="bands: {date: decade}"))
    assert (line, key) == (4, f"{PLACE}.bands.date")
    assert "month" in message


def test_answers_may_change_and_groups_lie_apart_by_so_much() -> None:
    gates = "flips: {max_share: 0.1, max_broken: 0.02}, gaps: [{metric: recall, column: origin, max: 0.1}]"
    found = loaded(model(gates=gates)).models["m"].gates
    assert found.flips == FlipsGate(max_share=0.1, max_broken=0.02)
    assert found.gaps == (GapGate(metric="recall", column="origin", max=0.1),)


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ("flips: {max_share: 1.5}", "1.5 is no share"),
        ("flips: {max_broken: .nan}", "nan is no share"),
        ("gaps: [{metric: recall, column: a, max: -1}]", "-1 is no margin"),
        (
            "gaps: [{metric: r2_score, column: a, max: 1}]",
            "r2_score is a metric for regression, and this task is binary",
        ),
        (
            "gaps: [{metric: f1, column: a, max: 1}, {metric: f1, column: a, max: 2}]",
            "a second gap of f1 over a",
        ),
        (
            "gaps: [{metric: f1, column: y_pred, max: 1}]",
            "y_pred is one of the contract's own columns, and can't be a group",
        ),
    ],
)
def test_a_bar_that_can_not_be_held_is_said(gates: str, said: str) -> None:
    assert messages(model(gates=gates)) == [said]
