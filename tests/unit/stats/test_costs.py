"""Mean cost of decisions: values by hand, accuracy as a special case, all classes, weights and clusters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from mergegate import stats

UNIT = [[0.0, 1.0], [1.0, 0.0]]
DEAR = [[0.0, 1.0], [50.0, -2.0]]


def _drawn(
    rows: int, classes: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, rows)
    base, head = (
        np.where(random.random(rows) < 0.7, truth, random.integers(0, classes, rows)) for _ in range(2)
    )
    return truth, base, head


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(5, 80), classes=st.sampled_from([2, 4]), seed=st.integers(0, 2**32 - 1))
def test_the_value_is_the_confusion_matrix_times_the_costs(rows: int, classes: int, seed: int) -> None:
    truth, base, head = _drawn(rows, classes, seed)
    random = np.random.default_rng(seed)
    costs, weight = random.normal(size=(classes, classes)), random.random(rows) + 0.1
    for w in (None, weight):
        decisions = stats.Decisions(truth, base, head, classes=classes, design=stats.Design(rows, weight=w))
        means = []
        for answer in (base, head):
            table = confusion_matrix(truth, answer, labels=range(classes), sample_weight=w)
            means.append(float((table * costs).sum() / table.sum()))
        assert decisions.cost_absolute(costs).value == pytest.approx(means[1], abs=1e-12)
        assert decisions.cost_absolute(costs, side=0).value == pytest.approx(means[0], abs=1e-12)
        for share in (0.9, 1.0):
            found = decisions.cost_difference(costs, share).value
            assert found == pytest.approx(means[1] - share * means[0], abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    rows=st.integers(5, 80),
    seed=st.integers(0, 2**32 - 1),
    design=st.sampled_from(["plain", "weight", "cluster"]),
)
def test_where_a_mistake_costs_one_the_cost_is_the_error_rate(rows: int, seed: int, design: str) -> None:
    truth, base, head = _drawn(rows, 2, seed)
    made = stats.Design(
        rows,
        weight=np.random.default_rng(seed).random(rows) + 0.1 if design == "weight" else None,
        cluster=np.arange(rows) % 4 if design == "cluster" else None,
    )
    decisions = stats.Decisions(truth, base, head, classes=2, design=made)
    for cost, right in (
        (decisions.cost_difference(UNIT), decisions.difference("accuracy")),
        (decisions.cost_absolute(UNIT), decisions.absolute("accuracy")),
    ):
        mirrored = right.interval()
        shift = 0.0 if cost.discordant is not None else 1.0
        assert cost.standard_error == pytest.approx(right.standard_error, rel=1e-9)
        limits, wanted = cost.interval(), (shift - mirrored.high, shift - mirrored.low)
        if design == "weight" and shift:
            # A few heavy rows that cost much may make all of the variance: never less cautious.
            assert limits.low <= wanted[0] + 1e-9
            assert limits.high >= wanted[1] - 1e-9
        else:
            assert (limits.low, limits.high) == pytest.approx(wanted, abs=1e-9)
        assert cost.discordant == right.discordant


def test_a_profit_has_limits_between_its_ends() -> None:
    truth, base, head = _drawn(40, 2, 3)
    decisions = stats.Decisions(truth, base, head, classes=2, design=stats.Design(40))
    alone, paired = decisions.cost_absolute(DEAR).interval(0.9999), decisions.cost_difference(DEAR).interval()
    assert -2 <= alone.low < alone.high <= 50
    assert -52 <= paired.low < paired.high <= 52


def test_more_clusters_than_are_left_out_one_by_one_agree_with_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, base, head = _drawn(6_000, 2, 4)
    design = stats.Design(6_000, cluster=np.arange(6_000) % 150)
    decisions = stats.Decisions(truth, base, head, classes=2, design=design)
    jackknife = decisions.cost_difference(DEAR).standard_error
    monkeypatch.setattr("mergegate.stats.costs.JACKKNIFE_BELOW", 0)
    assert decisions.cost_difference(DEAR).standard_error == pytest.approx(jackknife, rel=0.01)


def test_rows_that_cost_the_same_are_not_discordant() -> None:
    truth, base, head = np.array([0, 0, 1, 2]), np.array([1, 0, 1, 2]), np.array([2, 1, 1, 2])
    costs = [[0, 1, 1], [5, 0, 5], [5, 5, 0]]
    found = stats.Decisions(truth, base, head, classes=3, design=stats.Design(4)).cost_difference(costs)
    assert (found.discordant, found.problem) == (1, "4 rows are too few for 3 classes")


@pytest.mark.parametrize(
    ("costs", "sentence"),
    [
        ([[0, 1, 2], [1, 0, 2]], r"each class, not the shape \(2, 3\)"),
        ([[0, np.nan], [1, 0]], "NaN or infinite"),
        ([[3, 3], [3, 3]], "every decision costs the same"),
        ([[0, 1], [1, 0]], "has 2 classes, the rows have 3"),
    ],
)
def test_a_matrix_that_prices_nothing_says_why(costs: list[list[float]], sentence: str) -> None:
    decisions = stats.Decisions(np.array([0, 2]), np.array([0, 1]), classes=3, design=stats.Design(2))
    with pytest.raises(stats.UndefinedError, match=sentence):
        decisions.cost_absolute(costs)
