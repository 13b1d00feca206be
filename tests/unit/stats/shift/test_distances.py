"""Distances agree with scipy on counts, ties and weights, and keep their promises at the edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance

from mergegate.stats.shift import (
    Tally,
    jensen_shannon,
    kolmogorov_smirnov,
    stability_index,
    stability_noise,
    tally,
    tally_counts,
    wasserstein,
)

Counts = list[tuple[float, float]]
COUNTS = st.lists(
    st.tuples(st.one_of(st.just(0.0), st.floats(0.01, 1e6)), st.one_of(st.just(0.0), st.floats(0.01, 1e6))),
    min_size=1,
    max_size=30,
).filter(lambda pairs: any(old for old, _ in pairs) and any(new for _, new in pairs))
SAMPLE = st.lists(st.one_of(st.integers(-5, 5).map(float), st.floats(-1e6, 1e6)), min_size=1, max_size=60)


def sides(pairs: Counts) -> tuple[list[float], list[float]]:
    return [old for old, _ in pairs], [new for _, new in pairs]


@given(pairs=COUNTS)
def test_the_stability_index_is_the_sum_of_scipys_divergences(pairs: Counts) -> None:
    old, new = (np.array(side) for side in sides(pairs))
    used = old + new > 0
    p, q = old[used] + 0.5, new[used] + 0.5
    wanted = float(stats.entropy(p, q) + stats.entropy(q, p))
    assert stability_index(old, new) == pytest.approx(wanted, abs=1e-9, rel=1e-9)


@given(pairs=COUNTS)
def test_jensen_shannon_is_scipys(pairs: Counts) -> None:
    old, new = sides(pairs)
    wanted = distance.jensenshannon(old, new, base=2)
    # The square root turns a rounding of 1e-16 into 1e-8 where both are the same.
    assert jensen_shannon(old, new) ** 2 == pytest.approx(np.nan_to_num(wanted) ** 2, abs=1e-12)


@given(old=SAMPLE, new=SAMPLE)
def test_wasserstein_and_the_largest_distance_are_scipys_ties_included(
    old: list[float], new: list[float]
) -> None:
    both = tally(old, new)
    assert wasserstein(both) == pytest.approx(stats.wasserstein_distance(old, new), rel=1e-9, abs=1e-9)
    assert kolmogorov_smirnov(both) == pytest.approx(stats.ks_2samp(old, new).statistic, abs=1e-12)


@given(pairs=COUNTS, values=st.data())
def test_wasserstein_takes_weights_as_scipy_does(pairs: Counts, values: st.DataObject) -> None:
    old, new = sides(pairs)
    size = len(pairs)
    points = values.draw(st.lists(st.floats(-1e3, 1e3), min_size=size, max_size=size))
    wanted = stats.wasserstein_distance(points, points, old, new)
    assert wasserstein(tally_counts(points, old, new)) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@given(old=SAMPLE, new=SAMPLE)
def test_scaled_is_in_standard_deviations_of_the_old_sample(old: list[float], new: list[float]) -> None:
    both, spread = tally(old, new), float(np.std(old))
    if spread > 1e-6:
        assert wasserstein(both, scaled=True) == pytest.approx(
            stats.wasserstein_distance(old, new) / spread, rel=1e-6, abs=1e-9
        )


def test_a_constant_column_that_moves_has_moved_infinitely_many_deviations() -> None:
    assert wasserstein(tally([5, 5], [5]), scaled=True) == 0.0
    assert wasserstein(tally([5, 5], [7]), scaled=True) == math.inf


def test_infinite_values_have_an_order_and_no_distance() -> None:
    both = tally([1.0, 2.0, math.inf], [1.0, -math.inf, 3.0])
    assert kolmogorov_smirnov(both) == pytest.approx(1 / 3)
    assert math.isnan(wasserstein(both))


def test_a_normal_that_moves_by_a_third_of_a_deviation_has_an_index_of_a_tenth() -> None:
    edges = stats.norm.ppf(np.linspace(0, 1, 2_001))
    old, new = np.diff(stats.norm.cdf(edges)), np.diff(stats.norm.cdf(edges - math.sqrt(0.1)))
    assert stability_index(old, new, smoothing=0.0) == pytest.approx(0.1, abs=1e-3)


def test_what_one_side_has_not_is_finite_by_smoothing_alone() -> None:
    assert math.isinf(stability_index([10, 0], [5, 5], smoothing=0.0))
    p, q = np.array([10.5, 0.5]) / 11, np.array([5.5, 5.5]) / 11
    assert stability_index([10, 0, 0], [5, 5, 0]) == pytest.approx(float(np.sum((q - p) * np.log(q / p))))


@pytest.mark.parametrize(
    ("n", "m", "bins"),
    [
        (50_000, 300, 10),
        (1_000, 1_000, 10),
        (400, 3_000, 10),
        (60, 20, 5),
        (2_000, 50, 400),
        (9_000, 9_000, 500),
    ],
)
def test_noise_alone_has_the_index_that_is_told_beforehand(n: int, m: int, bins: int) -> None:
    random = np.random.default_rng([4, n, m])
    shares = random.dirichlet(np.full(bins, 0.5)) if bins > 10 else np.full(bins, 1 / bins)
    beyond = []
    for _ in range(400):
        old, new = random.multinomial(n, shares), random.multinomial(m, shares)
        beyond.append(stability_index(old, new) - stability_noise(old, new))
    error = float(np.std(beyond)) / math.sqrt(len(beyond))
    assert np.mean(beyond) == pytest.approx(0.0, abs=4 * error + 0.02 * stability_noise(old, new))


def test_for_many_rows_the_noise_is_that_of_chi_square() -> None:
    noise = stability_noise([1_000] * 10, [400] * 10)
    assert noise == pytest.approx(9 * (1 / 10_000 + 1 / 4_000), rel=1e-9)
    nearly = stability_noise([1_000] * 10, [29] * 10)
    assert nearly == pytest.approx(9 * (1 / 10_000 + 1 / 290), rel=0.03)


@given(old=SAMPLE, new=SAMPLE)
def test_the_order_of_rows_and_of_counts_never_matters(old: list[float], new: list[float]) -> None:
    first, second = tally(old, new), tally(old[::-1], sorted(new))
    values = [*old, *new]
    counted = tally_counts(values, [1] * len(old) + [0] * len(new), [0] * len(old) + [1] * len(new))
    for other in (second, counted):
        assert np.array_equal(first.values, other.values)
        assert np.array_equal(first.old, other.old)
        assert np.array_equal(first.new, other.new)


def test_negative_zero_is_zero() -> None:
    both = tally([-0.0, 0.0], [0.0])
    assert (both.values.tolist(), both.old.tolist(), both.new.tolist()) == ([0.0], [2.0], [1.0])


@pytest.mark.parametrize(
    ("values", "old", "new", "sentence"),
    [
        ([1.0, math.nan], [1, 1], [1, 1], "a value is NaN, which has no place in an order"),
        ([1.0, 2.0], [1, -1], [1, 1], "a count is negative, NaN or infinite"),
        ([1.0, 2.0], [1, math.inf], [1, 1], "a count is negative, NaN or infinite"),
        ([1.0, 2.0], [0, 0], [1, 1], "a sample has no rows"),
        ([1.0], [1, 1], [1, 1], "1 values have 2 counts"),
        ([1.0], [1], [1, 1], r"counts must be two rows of one length, not \(1,\) and \(2,\)"),
    ],
)
def test_what_is_no_count_is_refused(
    values: list[float], old: list[float], new: list[float], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        tally_counts(values, old, new)


def test_an_empty_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="a sample has no rows"):
        tally([], [1.0])
    assert isinstance(tally([2.0], [1.0]), Tally)
