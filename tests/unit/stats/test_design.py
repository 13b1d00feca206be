"""Weights and clusters: what is refused, what they weigh, and clusters left out one by one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mergegate.stats import Curve
from mergegate.stats.areas import average_precision, roc_auc
from mergegate.stats.calibration import equal_bins, expected_calibration_error, squared_calibration_error
from mergegate.stats.decisions import Decisions
from mergegate.stats.design import Design, UndefinedError
from mergegate.stats.influence import Influence, absolute, difference
from mergegate.stats.means import mean
from mergegate.stats.ranking import BINS, rank
from mergegate.stats.regression import r2_score, root_mean_squared_error


@pytest.mark.parametrize(
    ("weight", "sentence"),
    [
        ([0, 0, 0], "every weight is 0"),
        ([1, -1, 1], "negative, NaN or infinite"),
        ([1, np.nan, 1], "negative, NaN or infinite"),
        ([1, np.inf, 1], "negative, NaN or infinite"),
    ],
)
def test_weights_that_weigh_nothing_are_refused(weight: list[float], sentence: str) -> None:
    with pytest.raises(UndefinedError, match=sentence):
        Design(3, weight=weight)


def test_no_rows_are_refused() -> None:
    with pytest.raises(UndefinedError, match="there are no rows"):
        Design(0)


def test_columns_of_another_length_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="3 rows need as many weights"):
        Design(3, weight=[1, 2])
    with pytest.raises(ValueError, match="3 rows need as many clusters"):
        Design(3, cluster=[1, 2])
    with pytest.raises(ValueError, match="start at 0"):
        Design(3, cluster=[0, -1, 2])


def test_effective_rows_are_kishs() -> None:
    assert Design(4).effective() == 4
    assert Design(4, weight=[1, 1, 1, 0]).effective() == pytest.approx(3)
    assert Design(3, weight=[2, 1, 1]).effective() == pytest.approx(16 / 6)
    assert Design(4, weight=[1e200, 1e200, 1, 1]).effective() == pytest.approx(2)
    assert Design(4, weight=[0, 0, 1, 1]).effective(np.array([True, True, False, False])) == 0


def test_cluster_codes_may_have_gaps() -> None:
    design = Design(5, cluster=[7, 7, 10**15, 3, 3])
    assert design.clusters == 3
    assert sorted(design.by_cluster(np.arange(5.0))) == [1, 2, 7]
    assert Design(3, cluster=[0, 5, 5]).clusters == 2


def test_one_heavy_cluster_counts_for_little() -> None:
    even, heavy = (
        Design(100, cluster=np.arange(100) % 10),
        Design(100, cluster=np.maximum(np.arange(100) - 90, 0)),
    )
    assert even.effective_clusters() == pytest.approx(10)
    assert heavy.effective_clusters() < 1.3


def test_a_subset_keeps_weights_and_clusters() -> None:
    design = Design(4, weight=[1, 2, 3, 4], cluster=[0, 1, 2, 2]).subset(np.array([False, True, False, True]))
    assert (design.rows, design.clusters) == (2, 2)
    assert design.weight is not None
    assert design.weight.tolist() == [0.5, 1.0]


@pytest.mark.parametrize(("groups", "plural"), [(1, ""), (29, "s")])
def test_fewer_than_thirty_clusters_are_insufficient(groups: int, plural: str) -> None:
    design = Design(300, cluster=np.arange(300) % groups)
    sentence = f"the rows come from {groups} cluster{plural}, and an interval needs 30"
    assert absolute(mean(np.arange(300.0), design), design).problem == sentence
    codes = np.arange(300) % 2
    assert Decisions(codes, codes, codes, classes=2, design=design).difference("accuracy").problem == sentence
    enough = Design(300, cluster=np.arange(300) % 30)
    assert absolute(mean(np.arange(300.0), enough), enough).problem == ""


def test_clusters_of_one_row_are_rows() -> None:
    values = np.random.default_rng(0).normal(size=60)
    rows, clusters = Design(60), Design(60, cluster=np.arange(60))
    plain, by_cluster = (absolute(mean(values, design), design) for design in (rows, clusters))
    assert by_cluster.interval() == pytest.approx(
        plain.interval()
    ) or by_cluster.standard_error == pytest.approx(plain.standard_error)
    assert (by_cluster.df, by_cluster.clusters, plain.clusters) == (59, 60, None)


def _auc(y: Any, s: Any, d: Design) -> Influence:
    return roc_auc(Curve(y > 0, rank(s), d))


def _ap(y: Any, s: Any, d: Design) -> Influence:
    return average_precision(Curve(y > 0, rank(s), d))


@pytest.mark.parametrize("metric", [_auc, _ap, root_mean_squared_error, r2_score])
@pytest.mark.parametrize("weighted", [False, True])
def test_each_cluster_is_left_out_in_turn(
    metric: Callable[[Any, Any, Design], Influence], weighted: bool
) -> None:
    random = np.random.default_rng(1)
    n, groups = 400, 40
    truth = random.normal(size=n)
    base, head = (np.round(truth + random.normal(size=n), 1) for _ in range(2))
    cluster = random.integers(0, groups, n)
    weight = random.random(n) + 0.1 if weighted else None
    design = Design(n, weight=weight, cluster=cluster)
    found = difference(metric(truth, base, design), metric(truth, head, design), design)
    left_out = []
    for group in range(groups):
        keep = cluster != group
        rest = Design(int(keep.sum()), weight=None if weight is None else weight[keep])
        values = [metric(truth[keep], scores[keep], rest).value for scores in (base, head)]
        left_out.append(values[1] - values[0])
    wanted = (groups - 1) / groups * np.sum((np.array(left_out) - np.mean(left_out)) ** 2)
    assert found.standard_error**2 == pytest.approx(wanted, rel=1e-9)
    assert found.method.endswith("by cluster")


def test_rank_bins_stand_for_the_scores() -> None:
    random = np.random.default_rng(2)
    n = 3 * BINS
    true, score = random.random(n) < 0.3, random.normal(size=n)
    cluster = random.integers(0, 50, n)
    design = Design(n, cluster=cluster)
    found = roc_auc(Curve(true, rank(score + true), design))
    left_out = [
        roc_auc(Curve(true[keep], rank((score + true)[keep]), Design(int(keep.sum())))).value
        for keep in (cluster != group for group in range(50))
    ]
    wanted = np.sqrt(49 / 50 * np.sum((np.array(left_out) - np.mean(left_out)) ** 2))
    assert absolute(found, design).standard_error == pytest.approx(wanted, rel=1e-3)


def test_calibration_error_is_a_point_and_its_square_is_unbiased() -> None:
    random = np.random.default_rng(4)
    plain, squared = [], []
    for _ in range(300):
        probability = random.random(600)
        true = random.random(600) < probability
        plain.append(expected_calibration_error(true, probability, Design(600)))
        squared.append(squared_calibration_error(true, probability, Design(600)).value)
    # Of a calibrated model the plain error is far from 0, the debiased one is not.
    assert np.mean(plain) > 0.04
    assert abs(np.mean(squared)) < 4 * np.std(squared) / np.sqrt(300)


def test_calibration_error_sees_overconfidence() -> None:
    probability = np.repeat([0.1, 0.9], 500)
    true = np.arange(1_000) % 10 < np.repeat([3, 7], 500)
    assert expected_calibration_error(true, probability, Design(1_000)) == pytest.approx(0.2)
    found = squared_calibration_error(true, probability, Design(1_000))
    assert found.value == pytest.approx(0.04 - 0.21 / 499)
    assert absolute(found, Design(1_000)).interval().low > 0.02


def test_too_few_rows_have_no_squared_calibration_error() -> None:
    with pytest.raises(UndefinedError, match="5 rows are too few for 5 bins"):
        squared_calibration_error(np.arange(5) > 2, np.linspace(0.1, 0.9, 5), Design(5))


def test_three_hundred_thousand_rows_are_no_trouble() -> None:
    random = np.random.default_rng(5)
    n = 300_000
    true = random.random(n) < 0.2
    base = random.normal(size=n) + true
    head = base + 0.01 * random.normal(size=n)
    design = Design(n)
    first, second = (Curve(true, rank(score), design) for score in (base, head))
    for metric in (roc_auc, average_precision):
        estimate = difference(metric(first), metric(second), design)
        assert estimate.interval().low < estimate.value < estimate.interval().high
        assert estimate.standard_error < 1e-4


@pytest.mark.parametrize("digits", [1, 2, 17])
def test_bins_are_of_equal_size_and_hold_equal_probabilities_together(digits: int) -> None:
    random = np.random.default_rng(6)
    probability = np.round(random.random(30_000), digits)
    true = random.random(30_000) < probability
    ordered = np.sort(probability)
    edges = ordered[(np.arange(1, 15) * 30_000) // 15]
    codes = np.searchsorted(edges, probability, side="right")
    gaps = [np.sum(probability[codes == code] - true[codes == code]) for code in range(15)]
    assert equal_bins(probability).tolist() == (np.unique(codes, return_inverse=True)[1]).tolist()
    for known in (None, equal_bins(probability, rank(probability))):
        found = expected_calibration_error(true, probability, Design(30_000), codes=known)
        assert found == pytest.approx(np.abs(gaps).sum() / 30_000, abs=1e-12)
