"""Limits and p-values agree, at every confidence, for every kind of pivot."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mergegate.stats.design import Design
from mergegate.stats.influence import absolute, difference
from mergegate.stats.means import mean
from mergegate.stats.pivots import Pivot, Resampled, Score, Student, Union

RESAMPLED = Resampled(0.3, 0.1, np.sort(np.random.default_rng(2).standard_t(5, 999) - 0.2))
PIVOTS: dict[str, Pivot] = {
    "student": Student(0.2, 0.1, 9.5),
    "normal": Student(-3.0, 2.0, math.inf),
    "score": Score(0.9, 40, 30),
    "correlation": Score(0.2, 40, 30, (-1.0, 1.0)),
    "perfect": Score(1.0, 40, 30),
    "resampled": RESAMPLED,
    "union": Union((Student(0.3, 0.1, 9), RESAMPLED)),
}


@pytest.mark.parametrize("name", PIVOTS)
@given(tail=st.floats(0.002, 0.49))
def test_a_bar_beyond_a_limit_has_a_p_value_of_the_tail(name: str, tail: float) -> None:
    pivot = PIVOTS[name]
    low, high = pivot.low(tail), pivot.high(tail)
    assert low <= high
    nudge = 1e-9
    if high < 1 - 1e-6:
        assert pivot.below(high + nudge) <= tail + 1e-6 < pivot.below(high - nudge) + 2e-6
    if low > -1 + 1e-6:
        assert pivot.above(low - nudge) <= tail + 1e-6 < pivot.above(low + nudge) + 2e-6


@pytest.mark.parametrize("name", PIVOTS)
@given(first=st.floats(-1, 1), second=st.floats(-1, 1))
def test_a_farther_bar_is_a_surer_claim(name: str, first: float, second: float) -> None:
    pivot = PIVOTS[name]
    near, far = sorted((first, second))
    assert 0 <= pivot.below(far) <= pivot.below(near) + 1e-12 <= 1 + 1e-12
    assert 0 <= pivot.above(near) <= pivot.above(far) + 1e-12 <= 1 + 1e-12


@given(hits=st.integers(0, 50), misses=st.integers(1, 50), tail=st.sampled_from([0.005, 0.025, 0.1]))
def test_a_share_of_whole_rows_has_wilsons_limits(hits: int, misses: int, tail: float) -> None:
    n = hits + misses
    pivot = Score(hits / n, n, math.inf)
    wilson = stats.binomtest(hits, n).proportion_ci(1 - 2 * tail, method="wilson")
    assert (pivot.low(tail), pivot.high(tail)) == pytest.approx((wilson.low, wilson.high), abs=1e-12)


def test_no_error_leaves_only_the_sign() -> None:
    pivot = Student(0.0, 0.0, 10)
    assert (pivot.low(0.025), pivot.high(0.025)) == (0.0, 0.0)
    assert (pivot.below(0.0), pivot.below(0.1), pivot.above(0.0), pivot.above(-0.1)) == (1.0, 0.0, 1.0, 0.0)


def test_limits_stay_within_what_the_metric_can_be() -> None:
    assert Student(0.9, 0.2, 5, (-1.0, 1.0)).high(0.025) == 1.0
    assert Score(1.0, 10, 9).high(0.025) == 1.0
    assert (Score(1.0, 10, 9).below(1.0), Score(1.0, 10, 9).above(-0.1)) == (0.5, 0.0)
    assert (Score(0.9, 10, 9).below(1.2), Score(0.9, 10, 9).below(0.0)) == (0.0, 1.0)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(5, 200), seed=st.integers(0, 1_000), weighted=st.booleans())
def test_a_bootstrap_is_the_same_for_the_same_rows(n: int, seed: int, weighted: bool) -> None:
    random = np.random.default_rng(seed)
    values = random.exponential(size=n)
    weight = random.random(n) + 0.1 if weighted else None
    order = random.permutation(n)
    first = absolute(mean(values, Design(n, weight=weight), skewed="always"), Design(n, weight=weight))
    design = Design(n, weight=None if weight is None else weight[order])
    again = absolute(mean(values[order], design, skewed="always"), design)
    assert "bootstrap-t" in first.method
    for confidence in (0.8, 0.95):
        one, two = first.interval(confidence), again.interval(confidence)
        assert (one.low, one.high) == pytest.approx((two.low, two.high), rel=1e-9)


def test_the_bootstrap_widens_on_the_long_tails_side() -> None:
    values = np.random.default_rng(4).exponential(size=80) ** 2
    design = Design(80)
    plain, skewed = (
        absolute(mean(values, design, skewed=where), design).interval() for where in ("nowhere", "alone")
    )
    assert skewed.low == plain.low
    assert skewed.high > plain.high + 0.2 * (plain.high - plain.low) / 2


def test_from_a_thousand_rows_t_alone_is_enough() -> None:
    values = np.random.default_rng(4).exponential(size=1_000)
    design = Design(1_000)
    found = mean(values, design, skewed="always")
    assert absolute(found, design).method == "t"
    assert difference(found, found, design).method == "t"


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_a_confidence_is_between_0_and_1(confidence: float) -> None:
    design = Design(5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        absolute(mean(np.arange(5.0), design), design).interval(confidence)
