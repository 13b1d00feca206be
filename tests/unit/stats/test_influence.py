"""Each metric's value is scikit-learn's, and its influence the slope by each row's weight."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as oracle

from mergegate.stats import Curve
from mergegate.stats.areas import average_precision, roc_auc, roc_auc_ovr
from mergegate.stats.design import Design, UndefinedError
from mergegate.stats.influence import Influence, absolute, difference
from mergegate.stats.means import (
    brier_score,
    log_loss,
    mean,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_pinball_loss,
)
from mergegate.stats.ranking import rank
from mergegate.stats.regression import median_absolute_error, r2_score, root_mean_squared_error

# scikit-learn warns where a class has no row, a case that these tests want.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:sklearn", "ignore::RuntimeWarning:sklearn")

Floats = NDArray[np.float64]
Metric = Callable[[Any, Any, Design], Influence]
Oracle = Callable[[Any, Any, Floats | None], float]


def _probability(score: Floats) -> Floats:
    return 1 / (1 + np.exp(-score))


def _of_truth(true: NDArray[np.bool_], score: Floats) -> Floats:
    p = _probability(score)
    return np.where(true, p, 1 - p)


BINARY: dict[str, tuple[Metric, Oracle]] = {
    "roc_auc": (
        lambda y, s, d: roc_auc(Curve(y, rank(s), d)),
        lambda y, s, w: oracle.roc_auc_score(y, s, sample_weight=w),
    ),
    "average_precision": (
        lambda y, s, d: average_precision(Curve(y, rank(s), d)),
        lambda y, s, w: oracle.average_precision_score(y, s, sample_weight=w),
    ),
    "brier_score_loss": (
        lambda y, s, d: brier_score(y, _probability(s), d),
        lambda y, s, w: oracle.brier_score_loss(y, _probability(s), sample_weight=w),
    ),
    "log_loss": (
        lambda y, s, d: log_loss(_of_truth(y, s), d),
        lambda y, s, w: oracle.log_loss(y, _probability(s), sample_weight=w, labels=[False, True]),
    ),
}
NUMBERS: dict[str, tuple[Metric, Oracle]] = {
    "mean_absolute_error": (
        mean_absolute_error,
        lambda y, p, w: oracle.mean_absolute_error(y, p, sample_weight=w),
    ),
    "mean_absolute_percentage_error": (
        mean_absolute_percentage_error,
        lambda y, p, w: oracle.mean_absolute_percentage_error(y, p, sample_weight=w),
    ),
    "mean_pinball_loss": (
        lambda y, p, d: mean_pinball_loss(y, p, d, alpha=0.9),
        lambda y, p, w: oracle.mean_pinball_loss(y, p, sample_weight=w, alpha=0.9),
    ),
    "root_mean_squared_error": (
        root_mean_squared_error,
        lambda y, p, w: oracle.root_mean_squared_error(y, p, sample_weight=w),
    ),
    "r2_score": (r2_score, lambda y, p, w: oracle.r2_score(y, p, sample_weight=w)),
    "median_absolute_error": (
        median_absolute_error,
        lambda y, p, w: oracle.median_absolute_error(y, p, sample_weight=w),
    ),
}
EVERY = {**BINARY, **NUMBERS}
SMOOTH = [name for name in EVERY if name != "median_absolute_error"]


@dataclass(frozen=True, eq=False)
class Rows:
    """Truth and two models' scores or predictions (n,), rounded so that ties occur; weights, some 0."""

    truth: NDArray[Any]
    base: Floats
    head: Floats
    weight: Floats


@st.composite
def rows(draw: st.DrawFn, *, binary: bool) -> Rows:
    n = draw(st.integers(5, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    digits = draw(st.sampled_from([0, 1, 6]))
    base = np.round(random.normal(size=n), digits)
    head = np.round(base + random.normal(size=n) * draw(st.sampled_from([0.0, 0.3, 1.0])), digits)
    weight = np.round(random.exponential(size=n), 2) * (random.random(n) > 0.1)
    truth = random.random(n) < 0.4 if binary else np.round(base + random.normal(size=n), digits) + 100
    if binary:
        assume(truth[weight > 0].any() and not truth[weight > 0].all())
        return Rows(truth, base, head, weight)
    assume(len(np.unique(truth[weight > 0])) > 1)
    return Rows(truth, base + 100, head + 100, weight)


def _rows(name: str) -> st.SearchStrategy[Rows]:
    return rows(binary=name in BINARY)


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_value_is_scikit_learns(name: str, data: st.DataObject) -> None:
    r = data.draw(_rows(name))
    metric, wanted = EVERY[name]
    n = len(r.truth)
    plain = metric(r.truth, r.base, Design(n))
    assert plain.value == pytest.approx(wanted(r.truth, r.base, None), abs=1e-9)
    weighted = metric(r.truth, r.base, Design(n, weight=r.weight))
    assert weighted.value == pytest.approx(wanted(r.truth, r.base, r.weight), abs=1e-9)


@pytest.mark.parametrize("name", SMOOTH)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_influence_is_the_slope_by_each_rows_weight(name: str, data: st.DataObject) -> None:
    r = data.draw(_rows(name))
    metric, value = EVERY[name]
    n = len(r.truth)
    weight = r.weight + 0.1
    found = metric(r.truth, r.base, Design(n, weight=weight)).rows
    step = 1e-5
    slopes = []
    for row in range(n):
        up, down = weight.copy(), weight.copy()
        up[row] *= 1 + step
        down[row] *= 1 - step
        slopes.append((value(r.truth, r.base, up) - value(r.truth, r.base, down)) / (2 * step))
    assert found == pytest.approx(np.array(slopes), abs=2e-8 * max(1.0, float(np.abs(slopes).max())) + 2e-9)
    assert found.sum() == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_row_order_and_equal_weights_change_nothing(name: str, data: st.DataObject) -> None:
    r = data.draw(_rows(name))
    metric = EVERY[name][0]
    n = len(r.truth)
    shuffled = np.random.default_rng(0).permutation(n)
    plain = _difference(metric, r, Design(n))
    for design, order in (
        (Design(n), shuffled),
        (Design(n, weight=np.full(n, 3.5)), np.arange(n)),
        (Design(n, cluster=np.arange(n)), np.arange(n)),
    ):
        moved = Rows(r.truth[order], r.base[order], r.head[order], r.weight[order])
        other = _difference(metric, moved, design)
        assert other[0] == pytest.approx(plain[0], abs=1e-12)
        if design.cluster is None:
            assert other == pytest.approx(plain, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_exchanging_base_and_head_mirrors_the_estimate(name: str, data: st.DataObject) -> None:
    r = data.draw(_rows(name))
    metric, n = EVERY[name][0], len(r.truth)
    design = Design(n, weight=r.weight)
    value, low, high = _difference(metric, r, design)
    mirrored = _difference(metric, Rows(r.truth, r.head, r.base, r.weight), design)
    assert mirrored == pytest.approx((-value, -high, -low), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_identical_models_differ_by_nothing(name: str, data: st.DataObject) -> None:
    r = data.draw(_rows(name))
    metric = EVERY[name][0]
    found = metric(r.truth, r.base, Design(len(r.truth)))
    estimate = difference(found, found, Design(len(r.truth)))
    assert estimate.value == 0
    if found.value in found.support:
        # Two models without a mistake on few rows are not known to be equal.
        assert estimate.interval().low <= 0 <= estimate.interval().high
    else:
        assert (estimate.interval().low, estimate.interval().high) == (0, 0)
        assert (estimate.p_below(0.0), estimate.p_below(1e-9), estimate.p_above(-1e-9)) == (1.0, 0.0, 0.0)


def _difference(metric: Metric, r: Rows, design: Design) -> tuple[float, float, float]:
    estimate = difference(metric(r.truth, r.base, design), metric(r.truth, r.head, design), design)
    interval = estimate.interval()
    return estimate.value, interval.low, interval.high


@settings(max_examples=40, deadline=None)
@given(r=rows(binary=True))
def test_auc_has_delongs_variance(r: Rows) -> None:
    true = r.truth
    assume(2 <= true.sum() <= len(true) - 2)
    components = []
    for score in (r.base, r.head):
        pairs = np.sign(score[true][:, np.newaxis] - score[~true]) / 2 + 0.5
        components.append((pairs.mean(axis=1), pairs.mean(axis=0)))
    of_positives = np.cov([components[0][0], components[1][0]]) / true.sum()
    of_negatives = np.cov([components[0][1], components[1][1]]) / (~true).sum()
    covariance = of_positives + of_negatives
    wanted = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    design = Design(len(true))
    base, head = (roc_auc(Curve(true, rank(score), design)) for score in (r.base, r.head))
    assert absolute(base, design).standard_error ** 2 == pytest.approx(covariance[0, 0], abs=1e-12)
    if not (base.value == head.value and base.value in (0, 1)):
        assert difference(base, head, design).standard_error ** 2 == pytest.approx(wanted, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(r=rows(binary=False))
def test_a_mean_has_the_paired_t_interval_where_no_tail_is_long(r: Rows) -> None:
    losses = [np.abs(predicted - r.truth) for predicted in (r.base, r.head)]
    apart = losses[1] - losses[0]
    assume(apart.std() > 1e-6)
    design = Design(len(apart))
    base, head = (mean(loss, design, skewed="nowhere") for loss in losses)
    estimate = difference(base, head, design)
    interval, wanted = estimate.interval(), stats.ttest_1samp(apart, 0.0)
    assert (interval.low, interval.high) == pytest.approx(_t_interval(apart), rel=1e-8, abs=1e-10)
    assert 2 * min(estimate.p_below(0.0), estimate.p_above(0.0)) == pytest.approx(wanted.pvalue, abs=1e-9)


@pytest.mark.parametrize("name", NUMBERS)
@settings(max_examples=20, deadline=None)
@given(r=rows(binary=False))
def test_no_correction_narrows_the_t_interval(name: str, r: Rows) -> None:
    metric, design = EVERY[name][0], Design(len(r.truth))
    base, head = (metric(r.truth, predicted, design) for predicted in (r.base, r.head))
    low, high = difference(base, head, design).interval(), absolute(head, design).interval()
    for found, rows in ((low, head.rows - base.rows), (high, head.rows)):
        reach = -stats.t.ppf(0.025, len(rows) - 1) * math.sqrt(rows @ rows * len(rows) / (len(rows) - 1))
        value = head.value - base.value if found is low else head.value
        lowest = head.support[0] if found is high else -math.inf
        assert found.low <= max(value - reach, lowest) + 1e-9
        assert found.high >= min(value + reach, head.support[1] if found is high else math.inf) - 1e-9


def _t_interval(values: Floats) -> tuple[float, float]:
    from_scipy = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    return float(from_scipy.low), float(from_scipy.high)


def test_ovr_auc_is_scikit_learns() -> None:
    random = np.random.default_rng(3)
    codes = random.integers(0, 4, 300)
    score = np.round(random.dirichlet(np.ones(4), 300) + 0.5 * np.eye(4)[codes], 2)
    score /= score.sum(axis=1, keepdims=True)
    for weight in (None, random.exponential(size=300)):
        design = Design(300, weight=weight)
        found = roc_auc_ovr(codes, [rank(score[:, k]) for k in range(4)], design)
        wanted = oracle.roc_auc_score(codes, score, multi_class="ovr", sample_weight=weight)
        assert found.value == pytest.approx(wanted, abs=1e-12)
        assert found.rows.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("truth", "sentence"),
    [
        (np.zeros(5, np.bool_), "no row is truly positive"),
        (np.ones(5, np.bool_), "every row is truly positive"),
    ],
)
def test_one_class_alone_has_no_curve(truth: NDArray[np.bool_], sentence: str) -> None:
    with pytest.raises(UndefinedError, match=sentence):
        Curve(truth, rank(np.arange(5.0)), Design(5))


def test_one_class_with_weight_alone_has_no_curve() -> None:
    with pytest.raises(UndefinedError, match="every row is truly positive"):
        Curve(np.array([True, True, False]), rank(np.arange(3.0)), Design(3, weight=[1, 2, 0]))


def test_constant_predictions_rank_nothing() -> None:
    true = np.arange(60) % 3 == 0
    design = Design(60)
    curve = Curve(true, rank(np.zeros(60)), design)
    auc, precision = absolute(roc_auc(curve), design), absolute(average_precision(curve), design)
    assert (auc.value, auc.standard_error) == (0.5, 0.0)
    assert auc.interval().low < 0.5 < auc.interval().high
    assert precision.value == pytest.approx(1 / 3)


def test_a_ranking_without_a_mistake_is_not_known_to_be_perfect() -> None:
    true = np.arange(100) >= 50
    design = Design(100)
    found = roc_auc(Curve(true, rank(np.arange(100.0)), design))
    alone, paired = absolute(found, design), difference(found, found, design)
    assert (alone.value, alone.interval().high) == (1.0, 1.0)
    assert 0.9 < alone.interval().low < 0.97
    assert paired.interval().low == pytest.approx(alone.interval().low - 1, abs=1e-9)


def test_probabilities_of_0_and_1_keep_log_loss_finite() -> None:
    design = Design(4)
    found = log_loss(np.array([1.0, 0.0, 1.0, 0.5]), design)
    assert found.value == pytest.approx(oracle.log_loss([1, 1, 0, 1], [1.0, 0.0, 0.0, 0.5]))
    assert np.isfinite(found.rows).all()


def test_five_rows_give_an_interval_that_says_little() -> None:
    design = Design(5)
    found = mean(np.array([0.0, 1.0, 0.0, 2.0, 5.0]), design)
    interval = absolute(found, design).interval()
    assert interval.low < 0 < 3 < interval.high


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_has_no_mean(value: float) -> None:
    with pytest.raises(UndefinedError, match="NaN or infinite"):
        mean(np.array([1.0, value]), Design(2))


def test_a_truth_of_0_has_no_percentage_error() -> None:
    with pytest.raises(UndefinedError, match="0 on 2 rows"):
        mean_absolute_percentage_error(np.array([0.0, 1.0, 0.0]), np.ones(3), Design(3))


def test_a_constant_truth_has_no_r2() -> None:
    with pytest.raises(UndefinedError, match="same on every row"):
        r2_score(np.full(5, 0.1), np.arange(5.0), Design(5))
