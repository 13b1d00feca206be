"""Resampled estimates: limits and p-values that agree, tails beyond the resamples, coverage."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mergegate.stats import Design
from mergegate.stats.resampling import ANCHOR, Percentile, resampled

Floats = NDArray[np.float64]
RESAMPLES = 399


def skewed(seed: int, size: int = RESAMPLES) -> Floats:
    return np.sort(np.random.default_rng(seed).gamma(2.0, size=size) - 1.5)


@given(
    st.integers(0, 50),
    st.sampled_from([119, 200, 399]),
    st.floats(1e-9, 0.4999),
    st.floats(-1.0, 1.0),
    st.floats(-0.5, 0.5),
)
def test_limits_and_p_values_agree(seed: int, size: int, tail: float, value: float, skewness: float) -> None:
    pivot = Percentile(value, skewed(seed, size), 80.0, skewness)
    low, high = pivot.low(tail), pivot.high(tail)
    step = 1e-7 * (high - low)
    assert low < high
    # A bar inside the limits is not refuted at this tail, one outside is.
    assert pivot.above(low + step) > tail * (1 - 1e-4)
    assert pivot.below(high - step) > tail * (1 - 1e-4)
    assert pivot.above(low - step) <= tail * (1 + 1e-4) + 1e-12
    assert pivot.below(high + step) <= tail * (1 + 1e-4) + 1e-12


@given(st.integers(0, 50), st.floats(1e-6, 0.49), st.floats(1e-6, 0.49))
def test_a_smaller_tail_never_narrows_the_limits(seed: int, one: float, other: float) -> None:
    estimate = resampled(0.3, skewed(seed), Design(80))
    narrow, wide = (estimate.interval(1 - 2 * tail) for tail in sorted((one, other), reverse=True))
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


@given(st.integers(0, 50), st.floats(-4.0, 4.0))
def test_exchanging_the_sides_mirrors_everything(seed: int, bar: float) -> None:
    values = skewed(seed)
    one, other = resampled(0.3, values, Design(80)), resampled(-0.3, -values, Design(80))
    assert one.p_below(bar) == pytest.approx(other.p_above(-bar), abs=1e-15)
    assert one.interval().low == pytest.approx(-other.interval().high)


def test_the_limits_of_399_resamples_at_95_percent_are_two_of_them() -> None:
    values = skewed(1)
    pivot = Percentile(float(np.median(values)), values, math.inf)
    assert (pivot.low(0.025), pivot.high(0.025)) == (values[9], values[-10])


def test_p_values_go_on_below_what_the_resamples_resolve() -> None:
    values = np.sort(np.random.default_rng(2).normal(size=RESAMPLES)) * 0.01
    estimate = resampled(0.0, values, Design(2_000))
    found = [estimate.p_above(-bar * 0.01) for bar in (2.5, 3.5, 4.5, 6.0)]
    normal = [6.2e-3, 2.3e-4, 3.4e-6, 9.9e-10]
    assert all(near / 30 < p < near * 30 for p, near in zip(found, normal, strict=True))
    assert found == sorted(found, reverse=True)


def test_the_wider_of_t_and_percentiles_is_told() -> None:
    values = np.concatenate([np.linspace(-2, -1.9, 20), np.linspace(-1, 1, 359), np.linspace(1.9, 2, 20)])
    estimate = resampled(0.3, values, Design(200))
    error = float(np.std(values, ddof=1)) * math.sqrt(200 / 199)
    assert estimate.standard_error == pytest.approx(error)
    interval = estimate.interval()
    assert interval.low == pytest.approx(values[9])
    assert interval.low < 0.3 - 1.97196 * error
    assert interval.high == pytest.approx(max(0.3 + 1.97196 * error, values[-10]), rel=1e-5)
    assert (estimate.df, estimate.carried, estimate.clusters, estimate.problem) == (199, 200, None, "")
    assert estimate.method == "399 bootstrap samples, the wider of t and percentiles"


def test_the_limit_on_the_side_of_the_long_tail_goes_further_out() -> None:
    values = skewed(3) * 0.1
    centre = float(np.mean(values))
    plain = Percentile(centre, values, 199.0)
    skew = Percentile(centre, values, 199.0, 0.3)
    assert skew.low(0.025) == plain.low(0.025)
    # Acceleration and bias 0.05: 1.96 becomes 0.05 + 2.01 / (1 - 0.05 · 2.01) = 2.285, a tail of 0.01117.
    assert skew.high(0.025) == pytest.approx(plain.high(0.01117), rel=1e-3)
    assert skew.below(plain.high(0.01117)) == pytest.approx(0.025, rel=1e-3)


def test_resamples_on_one_side_of_the_value_do_not_hide_it() -> None:
    values = np.sort(np.random.default_rng(4).normal(5.0, 1.0, RESAMPLES))
    estimate = resampled(0.0, values, Design(100))
    interval = estimate.interval(0.999)
    assert interval.low < -3
    assert interval.high > 7
    assert estimate.p_below(0.0) >= 0.5


@pytest.mark.parametrize(
    ("values", "design", "problem"),
    [
        (skewed(5, 99), Design(80), "99 resamples were done, and an interval needs 100"),
        (np.zeros(0), Design(80), "0 resamples were done, and an interval needs 100"),
        (
            np.append(skewed(5), [math.nan] * 5),
            Design(80),
            "it gives no number on 5 of 404 resamples: too few rows carry it",
        ),
        (
            np.full(RESAMPLES, math.nan),
            Design(80),
            "it gives no number on 399 of 399 resamples: too few rows carry it",
        ),
        (skewed(5), Design(1), "one row can't tell"),
        (
            skewed(5),
            Design(80, cluster=np.arange(80) % 8),
            "the rows come from 8 clusters, and an interval needs 30",
        ),
        (
            np.full(RESAMPLES, 0.1),
            Design(80),
            "every resample gives the same number, so the sample can't tell",
        ),
        (
            np.full(RESAMPLES, 0.1) + np.tile([0, 1e-17], 200)[:RESAMPLES],
            Design(80),
            "every resample gives the same number, so the sample can't tell",
        ),
    ],
)
def test_resamples_that_can_not_tell_say_why(values: Floats, design: Design, problem: str) -> None:
    estimate = resampled(0.1, values, design)
    assert estimate.problem == problem
    assert estimate.interval().low <= 0.1 <= estimate.interval().high


def test_a_few_resamples_without_a_number_do_no_harm() -> None:
    whole, holed = skewed(6), np.append(skewed(6), [math.nan] * 4)
    assert resampled(0.3, holed, Design(80)).interval() == resampled(0.3, whole, Design(80)).interval()


def test_models_with_the_same_answers_differ_by_nothing() -> None:
    estimate = resampled(0.0, np.zeros(RESAMPLES), Design(80), exact=True)
    interval = estimate.interval()
    assert (interval.low, interval.high, estimate.problem) == (0.0, 0.0, "")
    assert (estimate.p_below(0.01), estimate.p_below(-0.01)) == (0.0, 1.0)


def f1(true: NDArray[np.bool_], answer: NDArray[np.bool_]) -> Floats:
    return np.asarray(2 * (true & answer).sum(axis=-1) / (true.sum(axis=-1) + answer.sum(axis=-1)))


def mean_loss(true: NDArray[np.bool_], answer: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.mean(true != answer, axis=-1))


@pytest.mark.parametrize("metric", [f1, mean_loss])
def test_limits_hold_the_truth_as_often_as_they_say(
    metric: Callable[[NDArray[np.bool_], NDArray[np.bool_]], Floats],
) -> None:
    random = np.random.default_rng(9)

    def draw(rows: int) -> list[NDArray[np.bool_]]:
        true = random.random(rows) < 0.3
        score = 1.2 * true + random.normal(size=rows)
        return [true, *(score + random.normal(scale=noise, size=rows) > 0.9 for noise in (0.4, 0.7))]

    true, one, other = draw(2_000_000)
    truth = metric(true, other) - metric(true, one)
    rows, draws, hits = 200, 400, 0
    for _ in range(draws):
        sides = draw(rows)
        drawn = random.integers(0, rows, (RESAMPLES, rows))
        again = [side[drawn] for side in sides]
        value = metric(sides[0], sides[2]) - metric(sides[0], sides[1])
        values = metric(again[0], again[2]) - metric(again[0], again[1])
        interval = resampled(float(value), values, Design(rows)).interval()
        hits += int(interval.low <= truth <= interval.high)
    # Of 95 %, less three Monte Carlo errors.
    assert hits / draws > 0.95 - 3 * math.sqrt(0.95 * 0.05 / draws)


def test_the_anchor_is_where_95_percent_limits_of_399_resamples_lie() -> None:
    assert ANCHOR / (RESAMPLES + 1) == 0.025
