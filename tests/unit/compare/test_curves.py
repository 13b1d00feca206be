"""What charts draw: few points that stand for the whole curve, with scikit-learn's numbers."""

import time
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from mergegate import predictions
from mergegate.compare import Sample, pair
from mergegate.compare.curves import BINS, POINTS, count_confusion, draw_curves, pick_class
from mergegate.compare.sides import Setting, Sides
from mergegate.records.explain import Confusion, Point
from mergegate.records.predictions import Predictions
from mergegate.stats import Design

Floats = NDArray[np.float64]
NEAR = 0.005


def binary(score: Floats, true: NDArray[np.bool_]) -> Predictions:
    """A classifier that calls late from 0.5 on."""
    return predictions.build(
        row_id=np.arange(len(true)),
        y_true=np.where(true, "late", "on_time"),
        y_pred=np.where(score >= 0.5, "late", "on_time"),
        probabilities={"late": score, "on_time": 1 - score},
        task="binary",
        positive="late",
    )


def drawn(score: Floats, true: NDArray[np.bool_], weight: Floats | None = None) -> Any:
    """The curves of such a classifier."""
    sample = Sample(binary(score, true))
    design = Design(len(true), weight=weight)
    return draw_curves(sample, "head", positive=sample.positive, design=design)


def scores(rows: int, seed: int, *, share: float = 0.3, ties: int = 0) -> tuple[Floats, NDArray[np.bool_]]:
    """Scores that say something of the truth; with `ties` only so many different ones."""
    draw = np.random.default_rng(seed)
    true = draw.random(rows) < share
    true[:2] = [True, False]
    score = 1 / (1 + np.exp(-(draw.normal(size=rows) + 1.2 * true - 1)))
    return (np.floor(score * ties) / ties if ties else score), true


def far(full: Floats, kept: Floats) -> float:
    """The largest distance, in x or in y, of points (n, 2) from the broken line through others (k, 2)."""
    start, step = kept[:-1], np.diff(kept, axis=0)
    worst = 0.0
    for block in np.array_split(full, max(1, len(full) // 1_000)):
        x, y = (block[:, None, axis] - start[None, :, axis] for axis in (0, 1))
        right, up = step[None, :, 0], step[None, :, 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            # The larger of two distances is least at an end, where one is 0, or where both are equal.
            shares = [0 * x, 0 * x + 1, x / right, y / up, (x - y) / (right - up), (x + y) / (right + up)]
        apart = np.full(x.shape, np.inf)
        for share in shares:
            share = np.nan_to_num(share, nan=0.0).clip(0, 1)
            apart = np.minimum(apart, np.maximum(np.abs(x - share * right), np.abs(y - share * up)))
        worst = max(worst, float(apart.min(axis=1).max()))
    return worst


def array(points: tuple[Point, ...]) -> Floats:
    """Points as (k, 2)."""
    return np.array([(point.x, point.y) for point in points])


def full_roc(score: Floats, true: NDArray[np.bool_], weight: Floats | None = None) -> Floats:
    """Every point of scikit-learn's curve."""
    x, y, _ = oracle.roc_curve(true, score, sample_weight=weight, drop_intermediate=False)
    return np.column_stack([x, y])


def full_precision_recall(score: Floats, true: NDArray[np.bool_], weight: Floats | None = None) -> Floats:
    """Every point of scikit-learn's curve, by rising recall."""
    precision, recall, _ = oracle.precision_recall_curve(true, score, sample_weight=weight)
    return np.column_stack([recall, precision])[::-1]


def among(kept: Floats, full: Floats) -> bool:
    """Whether every kept point is one of the full curve."""
    return all(np.abs(full - point).max(axis=1).min() < 1e-12 for point in kept[:: max(1, len(kept) // 50)])


CASES = {
    "few rows": scores(12, 1),
    "hundreds": scores(400, 2),
    "thousands": scores(9_000, 3),
    "many": scores(60_000, 4),
    "ties": scores(20_000, 5, ties=7),
    "rare": scores(30_000, 6, share=0.004),
    "common": scores(30_000, 7, share=0.995),
    "perfect": (np.linspace(0, 1, 3_000), np.arange(3_000) >= 1_500),
    "inverted": (np.linspace(1, 0, 3_000), np.arange(3_000) >= 1_500),
    "one score": (np.full(50, 0.4), np.arange(50) < 20),
    "staircase": (np.linspace(1, 0, 6_000), np.arange(6_000) // 30 % 2 == 0),
}


@pytest.mark.parametrize("case", CASES)
def test_few_points_stand_for_the_whole_curve(case: str) -> None:
    score, true = CASES[case]
    found = drawn(score, true)
    for points, full in (
        (array(found.roc), full_roc(score, true)),
        (array(found.precision_recall), full_precision_recall(score, true)),
    ):
        assert len(points) <= POINTS
        assert among(points, full)
        assert np.allclose(points[0], full[0])
        assert np.allclose(points[-1], full[-1])
        assert (np.diff(points[:, 0]) >= 0).all()
        assert far(full, points) <= NEAR


def test_weights_count_as_rows_would() -> None:
    score, true = scores(3_000, 8, ties=50)
    weight = np.random.default_rng(8).integers(0, 4, len(true)).astype(np.float64)
    found, again = (
        drawn(score, true, weight),
        drawn(np.repeat(score, weight.astype(int)), np.repeat(true, weight.astype(int))),
    )
    assert np.allclose(array(found.roc), array(again.roc))
    assert np.allclose(array(found.precision_recall), array(again.precision_recall))
    assert among(array(found.roc), full_roc(score, true, weight))


@pytest.mark.parametrize(("rows", "seed"), [(1_000, 1), (20_000, 2)])
def test_calibration_has_the_bins_of_scikit_learn(rows: int, seed: int) -> None:
    score, true = scores(rows, seed)
    observed, predicted = calibration_curve(true, score, n_bins=BINS, strategy="quantile")
    found = drawn(score, true).calibration
    assert [bin_.rows for bin_ in found] == [rows // BINS] * BINS
    assert np.allclose([bin_.predicted for bin_ in found], predicted, atol=2e-3)
    assert np.allclose([bin_.observed for bin_ in found], observed, atol=2.1 / (rows / BINS))
    assert all(bin_.low <= bin_.observed <= bin_.high for bin_ in found)


def test_wilsons_interval_is_that_of_the_rows_of_a_bin() -> None:
    # 10 of 100, by Wilson (1927) at 95 %: 0.0552 to 0.1744.
    true = np.arange(100) < 10
    (only,) = drawn(np.full(100, 0.2), true).calibration
    assert (only.rows, only.predicted, only.observed) == (100, pytest.approx(0.2), pytest.approx(0.1))
    assert (round(only.low, 4), round(only.high, 4)) == (0.0552, 0.1744)


def test_weighted_bins_weigh_their_rows_and_know_less() -> None:
    score, true = scores(2_000, 9)
    weight = np.random.default_rng(9).exponential(size=len(true))
    plain, weighted = drawn(score, true).calibration, drawn(score, true, weight).calibration
    for number, (left, right) in enumerate(zip(plain, weighted, strict=True)):
        own = np.argsort(score, kind="stable")[number * 200 : (number + 1) * 200]
        assert right.observed == pytest.approx(np.average(true[own], weights=weight[own]))
        assert right.predicted == pytest.approx(np.average(score[own], weights=weight[own]))
        assert right.high - right.low > left.high - left.low


def test_without_probabilities_or_one_kind_of_rows_there_is_no_curve() -> None:
    score, true = scores(100, 1)
    bare = predictions.build(
        row_id=np.arange(100),
        y_true=np.where(true, "late", "on_time"),
        y_pred=np.where(score >= 0.5, "late", "on_time"),
        task="binary",
        positive="late",
    )
    sample = Sample(bare)
    found = draw_curves(sample, "base", positive=sample.positive)
    assert (found.positive, found.rows, found.roc, found.precision_recall, found.calibration) == (
        "late", 100, (), (), (),
    )  # fmt: skip
    whole = binary(score, np.ones(100, np.bool_))
    sample = Sample(whole)
    found = draw_curves(sample, "head", positive=sample.positive)
    assert (found.roc, found.precision_recall) == ((), ())
    assert {bin_.observed for bin_ in found.calibration} == {1.0}


def regression(true: Floats, predicted: Floats) -> Predictions:
    """Numbers."""
    return predictions.build(row_id=np.arange(len(true)), y_true=true, y_pred=predicted, task="regression")


@pytest.mark.parametrize("rows", [3, 150, 5_000])
def test_errors_are_exact_shares_of_the_rows(rows: int) -> None:
    draw = np.random.default_rng(rows)
    true = draw.normal(size=rows)
    predicted = true + draw.standard_t(2, size=rows)
    error = np.sort(np.abs(true - predicted))
    points = array(draw_curves(Sample(regression(true, predicted)), "head", positive=0).errors)
    assert len(points) <= POINTS
    assert points[-1].tolist() == [error[-1], 1.0]
    assert points[0][0] == error[0]
    for x, share in points:
        assert share == pytest.approx(np.mean(error <= x))
    assert np.diff(points[:, 1]).max() <= 1 / (POINTS - 1) + 1 / rows


def test_equal_errors_are_one_point() -> None:
    points = draw_curves(
        Sample(regression(np.zeros(9), np.repeat([0.0, 1, 2], 3))), "base", positive=0
    ).errors
    assert points == (Point(x=0.0, y=3 / 9), Point(x=1.0, y=6 / 9), Point(x=2.0, y=1.0))


def test_weighted_errors_count_as_rows_would() -> None:
    true, predicted, weight = np.zeros(4), np.array([1.0, 2, 3, 4]), np.array([1.0, 0, 2, 1])
    sample = Sample(regression(true, predicted))
    found = draw_curves(sample, "head", positive=0, design=Design(4, weight=weight)).errors
    assert [(point.x, point.y) for point in found] == [(1.0, 0.25), (3.0, 0.75), (4.0, 1.0)]


def labelled(true: list[str], answers: list[str], task: Any = "multiclass") -> Predictions:
    """Answers without probabilities."""
    return predictions.build(
        row_id=np.arange(len(true)), y_true=np.array(true), y_pred=np.array(answers), task=task
    )


def counted(base: Predictions, head: Predictions) -> tuple[Confusion, ...]:
    """Cells of the compared rows."""
    sides = Sides(base, head, pair(base, head), Setting())
    paired = sides.paired()
    assert paired is not None
    return count_confusion(base, head, paired)


def test_both_matrices_are_counted_on_the_compared_rows() -> None:
    base = labelled(list("aaabbcc"), list("aabbbca"))
    head = labelled(list("aaabbcb"), list("aaabacd"))
    assert counted(base, head) == (
        Confusion(truth="a", answer="a", base=2, head=3),
        Confusion(truth="a", answer="b", base=1, head=0),
        Confusion(truth="b", answer="a", base=0, head=1),
        Confusion(truth="b", answer="b", base=2, head=1),
        Confusion(truth="c", answer="c", base=1, head=1),
    )


def test_a_matrix_has_the_twenty_classes_that_are_true_the_most_often() -> None:
    true = [f"c{number:02}" for number in range(30) for _ in range(number + 1)]
    cells = counted(labelled(true, true), labelled(true, ["c29"] * len(true)))
    assert {cell.truth for cell in cells} == {f"c{number:02}" for number in range(10, 30)}
    assert sum(cell.base for cell in cells) == sum(cell.head for cell in cells) == sum(range(11, 31))


def test_numbers_have_no_matrix() -> None:
    side = regression(np.zeros(3), np.ones(3))
    assert counted(side, side) == ()


def test_the_class_that_moved_the_most_is_drawn() -> None:
    base = Sample(labelled(list("aaaabbc"), list("aaaabbb")))
    head = Sample(labelled(list("aaaabbc"), list("aaaabcc")))
    assert head.classes[pick_class(base, head)] == "b"
    assert head.classes[pick_class(base, base)] == "a"
    score, true = scores(10, 1)
    sample = Sample(binary(score, true))
    assert sample.classes[pick_class(sample, sample)] == "late"


def test_a_million_rows_take_less_than_a_second() -> None:
    score, true = scores(1_000_000, 1)
    sample = Sample(binary(score, true))
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = draw_curves(sample, "head", positive=sample.positive)
    assert time.process_time() - start < 1
    assert len(found.roc) == POINTS
