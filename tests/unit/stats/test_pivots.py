"""Limits and p-values agree, at every confidence, for every kind of pivot."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mergegate.stats.design import Design
from mergegate.stats.influence import absolute
from mergegate.stats.means import mean
from mergegate.stats.pivots import Below, Hall, Logit, Pivot, Score, Student, Union

PIVOTS: dict[str, Pivot] = {
    "student": Student(0.2, 0.1, 9.5),
    "normal": Student(-3.0, 2.0, math.inf),
    "score": Score(0.9, 40, 30),
    "correlation": Score(0.2, 40, 30, (-1.0, 1.0)),
    "perfect": Score(1.0, 40, 30),
    "logit": Logit(0.97, 0.02, 30),
    "logit of a correlation": Logit(-0.3, 0.2, 12, (-1.0, 1.0)),
    "below 1": Below(0.4, 0.1, 25, 1.0),
    "long tail upward": Hall(0.3, 0.1, 9, 0.6),
    "long tail downward": Hall(0.3, 0.1, 9, -0.4),
    "no tail": Hall(0.3, 0.1, 9, 1e-9),
    "union": Union((Student(0.3, 0.1, 9), Hall(0.3, 0.1, 9, 0.6))),
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


@pytest.mark.parametrize("skewness", [-0.5, 0.0, 0.01, 0.5])
def test_halls_limits_are_as_the_cubic_has_them(skewness: float) -> None:
    pivot = Hall(2.0, 0.5, math.inf, skewness)
    for tail in (0.005, 0.025, 0.2):
        t = (2.0 - pivot.low(tail)) / 0.5
        cubic = t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / 6
        assert cubic == pytest.approx(stats.norm.isf(tail), abs=1e-9)


def test_logit_limits_are_those_of_the_delta_method() -> None:
    pivot = Logit(0.9, 0.03, math.inf)
    centre, error = math.log(9), 0.03 / 0.09
    wanted = [1 / (1 + math.exp(-(centre + sign * 1.959963984540054 * error))) for sign in (-1, 1)]
    assert [pivot.low(0.025), pivot.high(0.025)] == pytest.approx(wanted, abs=1e-12)
    assert (pivot.below(1.0), pivot.below(0.0), pivot.above(1.0), pivot.above(0.0)) == (0.0, 1.0, 1.0, 0.0)


def test_what_r2_leaves_unexplained_is_judged_by_its_logarithm() -> None:
    pivot = Below(0.6, 0.1, math.inf, 1.0)
    wanted = [1 - 0.4 * math.exp(sign * 1.959963984540054 * 0.25) for sign in (1, -1)]
    assert [pivot.low(0.025), pivot.high(0.025)] == pytest.approx(wanted, abs=1e-12)
    assert (pivot.below(1.0), pivot.above(1.0)) == (0.0, 1.0)
    assert Below(0.6, 500.0, 3, 1.0).low(0.001) < -1e300


def test_skewness_widens_on_the_long_tails_side() -> None:
    values = np.random.default_rng(4).exponential(size=80) ** 2
    design = Design(80)
    even = absolute(mean(values, design, skewed="nowhere"), design).interval()
    skewed = absolute(mean(values, design), design).interval()
    reach = (even.high - even.low) / 2
    assert even.low - 0.15 * reach < skewed.low <= even.low
    assert skewed.high > even.high + 0.3 * reach


@given(seed=st.integers(0, 1_000), weighted=st.booleans())
def test_skewness_is_the_rows_whatever_their_order(seed: int, weighted: bool) -> None:
    random = np.random.default_rng(seed)
    values, order = random.exponential(size=90), random.permutation(90)
    weight = random.random(90) + 0.1 if weighted else None
    limits = []
    for rows in (np.arange(90), order):
        design = Design(90, weight=None if weight is None else weight[rows])
        interval = absolute(mean(values[rows], design), design).interval()
        limits.append((interval.low, interval.high))
    assert limits[0] == pytest.approx(limits[1], rel=1e-9)


def test_from_a_hundred_thousand_rows_t_alone_is_enough() -> None:
    values = np.random.default_rng(4).exponential(size=100_000)
    design = Design(100_000)
    even = absolute(mean(values, design, skewed="nowhere"), design).interval()
    assert absolute(mean(values, design), design).interval().high == pytest.approx(even.high, rel=1e-4)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_a_confidence_is_between_0_and_1(confidence: float) -> None:
    design = Design(5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        absolute(mean(np.arange(5.0), design), design).interval(confidence)
