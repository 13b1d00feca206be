"""The largest difference between groups, held against its pairs, scipy, and drawn samples."""

import math
import time

import numpy as np
import pytest
from scipy import stats as scipy_stats

from mergegate.stats.estimate import Estimate
from mergegate.stats.gap import widest
from mergegate.stats.gap.widest import Widest
from mergegate.stats.pivots import Student


def mean(sample: np.ndarray) -> Estimate:
    """A mean with Student's t."""
    error, df = float(sample.std(ddof=1) / math.sqrt(len(sample))), float(len(sample) - 1)
    value = float(sample.mean())
    return Estimate(value, error, df, float(len(sample)), "mean", Student(value, error, df))


def test_of_two_groups_it_is_welchs_test() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(1.0, 1, 40), random.normal(0.2, 3, 25)
    found = widest([mean(b), mean(a)])
    expected = scipy_stats.ttest_ind(a, b, equal_var=False)
    assert found.value == pytest.approx(abs(a.mean() - b.mean()), abs=1e-12)
    assert found.df == pytest.approx(expected.df, rel=1e-12)
    # Two directions, as of two groups nobody says which is the better one: the two-sided p.
    assert found.p_above(0.0) == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.carried, found.clusters) == (25, None)
    limits = found.interval(0.95)
    assert limits.high == pytest.approx(expected.confidence_interval(0.95).high, rel=1e-9)


def test_one_pair_above_the_bar_is_enough_and_all_must_be_below() -> None:
    groups = [
        mean(np.random.default_rng(seed).normal(centre, 1, 400)) for seed, centre in enumerate((0, 0.1, 2))
    ]
    found = widest(groups)
    assert found.value == pytest.approx(
        max(each.value for each in groups) - min(each.value for each in groups)
    )
    assert found.p_above(1.5) < 1e-6 < found.p_above(found.value + 0.1)
    assert found.p_below(2.5) < 1e-6 < 0.5 < found.p_below(1.5)
    low, high = found.interval(0.95).low, found.interval(0.95).high
    assert low < found.value < high
    assert found.p_above(low) == pytest.approx(0.025, rel=1e-6)
    assert found.p_below(high) == pytest.approx(0.025, rel=1e-6)


def test_equal_groups_are_seldom_called_apart_and_a_true_gap_is_seldom_called_closed() -> None:
    random = np.random.default_rng(7)
    apart = closed = 0
    for _ in range(400):
        same = [mean(random.normal(0, 1, 60)) for _ in range(5)]
        apart += widest(same).p_above(0.0) < 0.05
        gap = [mean(random.normal(centre, 1, 60)) for centre in (0, 0.15, 0.3)]
        closed += widest(gap).p_below(0.3) < 0.05
    assert apart <= 400 * 0.05 + 3 * math.sqrt(400 * 0.05 * 0.95)
    assert closed <= 400 * 0.05 + 3 * math.sqrt(400 * 0.05 * 0.95)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_not_asked_is_never_the_answer(seed: int) -> None:
    random = np.random.default_rng(seed)
    groups = [
        mean(random.normal(random.normal(0, 0.3), random.uniform(0.1, 3), random.integers(2, 60)))
        if seed % 2
        else mean(random.normal(0, 1, random.integers(2, 5) if place < 3 else 500))
        for place in range(12)
    ]
    pivot = widest(groups).pivot
    assert isinstance(pivot, Widest)
    pairs = [pivot._pair(place) for place in range(len(pivot.centre))]
    for bar in (0.0, 0.4, 3.0):
        assert pivot.below(bar) == max(pair.below(bar) for pair in pairs)
        assert pivot.above(bar) == min(1.0, len(pairs) * min(pair.above(bar) for pair in pairs))
    for tail in (0.025, 0.0005):
        assert pivot.high(tail) == max(pair.high(tail) for pair in pairs)
        assert pivot.low(tail) == max(0.0, max(pair.low(tail / len(pairs)) for pair in pairs))


def test_two_hundred_groups_take_no_time() -> None:
    random = np.random.default_rng(3)
    found = widest([mean(random.normal(0, 1, 80)) for _ in range(200)])
    started = time.perf_counter()
    assert found.p_above(0.0) > 0.001
    assert found.interval(0.95).low < found.value < found.interval(0.95).high
    assert found.p_below(2.0) < 1e-6
    assert time.perf_counter() - started < 1.0


def test_groups_without_any_noise_lie_apart_by_what_they_do() -> None:
    still = [Estimate(value, 0.0, 9.0, 10.0, "mean", Student(value, 0.0, 9.0)) for value in (0.5, 0.75)]
    found = widest(still)
    assert (found.value, found.p_above(0.2), found.p_above(0.3)) == (0.25, 0.0, 1.0)


def test_one_group_lies_apart_from_nothing() -> None:
    with pytest.raises(ValueError, match="at least two groups"):
        widest([mean(np.arange(5.0))])
