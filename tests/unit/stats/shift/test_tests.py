"""Tests of one population agree with scipy: Kolmogorov–Smirnov, chi-square, Fisher, Benjamini–Hochberg."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from mergegate.stats.shift import (
    KS_MODERATE,
    PSI_MODERATE,
    WASSERSTEIN_MODERATE,
    ChiSquare,
    benjamini_hochberg,
    bin_by_quantiles,
    chi_square,
    chi_square_tail,
    find_rare,
    fisher,
    gamma_tail,
    kolmogorov_tail,
    lump_rare,
    smirnov_tail,
    smirnov_test,
    tally,
    tally_counts,
)

SAMPLE = st.lists(st.one_of(st.integers(-5, 5).map(float), st.floats(-50, 50)), min_size=1, max_size=80)


@given(old=SAMPLE, new=SAMPLE)
def test_two_samples_have_scipys_exact_p_value_ties_included(old: list[float], new: list[float]) -> None:
    found = smirnov_test(tally(old, new), method="exact")
    with warnings.catch_warnings(record=True) as gave_up:
        warnings.simplefilter("always")
        wanted = stats.ks_2samp(old, new, method="exact")
    assert found.statistic == pytest.approx(wanted.statistic, abs=1e-12)
    # Where every path gets that far, rounding takes scipy beyond 1, and it falls back to the limit.
    assert found.p == pytest.approx(1.0 if gave_up else wanted.pvalue, rel=1e-9, abs=1e-12)


@given(old=SAMPLE, new=SAMPLE)
def test_two_samples_have_scipys_asymptotic_p_value_ties_included(old: list[float], new: list[float]) -> None:
    n, m = len(old), len(new)
    # For less than half a row scipy has no number.
    assume(round(n * m / (n + m)) >= 1)
    found = smirnov_test(tally(old, new), method="asymptotic")
    assert found.p == pytest.approx(stats.ks_2samp(old, new, method="asymp").pvalue, rel=1e-9, abs=1e-12)


def test_counts_are_rows() -> None:
    values, old, new = [1.0, 2.0, 5.0], [40, 3, 17], [22, 30, 2]
    wanted = stats.ks_2samp(np.repeat(values, old), np.repeat(values, new), method="exact")
    found = smirnov_test(tally_counts(values, old, new))
    assert (found.statistic, found.p) == pytest.approx((wanted.statistic, wanted.pvalue), rel=1e-9)
    assert found.method == "exact"


def test_large_samples_and_weights_go_by_the_limit_and_weights_are_never_exact() -> None:
    assert smirnov_test(tally_counts([1.0, 2.0], [2_001, 5], [4, 4])).method == "asymptotic"
    weighted = tally_counts([1.0, 2.0], [1.5, 2.0], [4, 4])
    assert smirnov_test(weighted).method == "asymptotic"
    with pytest.raises(ValueError, match="an exact p-value needs whole counts"):
        smirnov_test(weighted, method="exact")


@pytest.mark.parametrize("value", [-1.0, 0.0, 3.5, 1_000.0, 2_990.5, 2_999.0, 7_000.0])
def test_one_row_is_held_exactly_against_any_number_on_either_side(value: float) -> None:
    many = np.arange(3_000.0)
    for old, new in ((many, [value]), ([value], many)):
        found, wanted = smirnov_test(tally(old, new)), stats.ks_2samp(old, new, method="exact")
        assert (found.statistic, found.p) == pytest.approx((wanted.statistic, wanted.pvalue), rel=1e-9)
        assert found.method == "exact"


def test_no_distance_is_above_one() -> None:
    apart = tally_counts(np.arange(18.0), [3.0] * 9 + [0.0] * 9, [0.0] * 9 + [7.0] * 9)
    assert smirnov_test(apart).statistic == 1.0


def test_samples_that_are_the_same_or_wholly_apart() -> None:
    assert smirnov_test(tally([1, 2, 3], [1, 2, 3])).p == 1.0
    assert smirnov_test(tally([1, 2, 3], [1, 2, 3]), method="asymptotic").p == 1.0
    apart = smirnov_test(tally([1, 2, 3], [7, 8]))
    assert (apart.statistic, apart.p) == pytest.approx((1.0, 2 / 10))


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 200_000), z=st.floats(0.01, 4.5))
def test_kolmogorovs_law_is_scipys(n: int, z: float) -> None:
    x = z / math.sqrt(n)
    assert kolmogorov_tail(n, x) == pytest.approx(float(stats.kstwo.sf(x, n)), abs=1e-10, rel=1e-7)


@pytest.mark.parametrize("n", [1, 2, 9, 10, 11, 140, 141, 100_000, 100_001, 2_000_000])
def test_kolmogorovs_law_where_the_method_changes(n: int) -> None:
    limits = [0.5, 0.754693, 1.4, math.sqrt(2.2), 2.0, 3.0, 4.24, 0.5 * math.sqrt(n), 19.0, 19.3]
    for z in (limit * factor for limit in limits for factor in (1 - 1e-9, 1 + 1e-9)):
        x = z / math.sqrt(n)
        assert kolmogorov_tail(n, x) == pytest.approx(float(stats.kstwo.sf(x, n)), abs=1e-10)


def test_kolmogorovs_law_at_the_ends() -> None:
    assert [kolmogorov_tail(30, x) for x in (-1.0, 0.0, 1 / 60, 1.0, 2.0)] == [1.0, 1.0, 1.0, 0.0, 0.0]
    for n, x in ((0, 0.5), (5, math.nan)):
        with pytest.raises(ValueError, match="Kolmogorov's law needs a row and a number"):
            kolmogorov_tail(n, x)


@given(n=st.integers(1, 5_000), x=st.floats(0.001, 0.999))
def test_smirnovs_one_sided_law_is_scipys(n: int, x: float) -> None:
    assert smirnov_tail(n, x) == pytest.approx(float(special.smirnov(n, x)), rel=1e-9, abs=1e-300)


@given(a=st.floats(0.01, 1e5), factor=st.floats(0, 6))
def test_the_incomplete_gamma_function_is_scipys(a: float, factor: float) -> None:
    wanted = float(special.gammaincc(a, a * factor))
    assert gamma_tail(a, a * factor) == pytest.approx(wanted, rel=1e-8, abs=1e-13)


def test_the_incomplete_gamma_function_at_the_ends() -> None:
    assert (gamma_tail(3.0, 0.0), gamma_tail(3.0, math.inf)) == (1.0, 0.0)
    assert chi_square_tail(3.841458820694124, 1) == pytest.approx(0.05, rel=1e-12)
    for a, x in ((0.0, 1.0), (1.0, -1.0), (math.nan, 1.0)):
        with pytest.raises(ValueError, match="the incomplete gamma function needs"):
            gamma_tail(a, x)


@given(
    counts=st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=2, max_size=40).filter(
        lambda pairs: any(a for a, _ in pairs) and any(b for _, b in pairs)
    )
)
def test_chi_square_is_scipys(counts: list[tuple[int, int]]) -> None:
    table = np.array(counts, dtype=float).T
    used = table[:, table.sum(axis=0) > 0]
    found = chi_square(*table)
    if used.shape[1] < 2:
        assert found == ChiSquare(0.0, 0, 1.0)
        return
    wanted = stats.chi2_contingency(used, correction=False)
    assert found.df == wanted.dof
    assert found.statistic == pytest.approx(wanted.statistic, rel=1e-9, abs=1e-9)
    assert found.p == pytest.approx(wanted.pvalue, rel=1e-7, abs=1e-12)


@given(a=st.integers(0, 3_000), b=st.integers(0, 60), c=st.integers(0, 60), d=st.integers(0, 3_000))
def test_fishers_exact_test_is_scipys(a: int, b: int, c: int, d: int) -> None:
    wanted = stats.fisher_exact([[a, b], [c, d]]).pvalue
    assert fisher((a, b), (c, d)) == pytest.approx(float(wanted), rel=1e-9, abs=1e-12)


def test_fisher_is_chi_square_for_very_large_tables_and_refuses_negative_counts() -> None:
    table = ((400_000, 300_000), (401_500, 299_000))
    assert fisher(*table) == chi_square(*table).p
    with pytest.raises(ValueError, match="a count is negative"):
        fisher((1, 2), (-1, 4))


@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_is_scipys(p_values: list[float]) -> None:
    wanted = stats.false_discovery_control(p_values, method="bh")
    assert benjamini_hochberg(p_values) == pytest.approx(tuple(wanted), rel=1e-12)


def test_benjamini_hochberg_refuses_what_is_no_probability() -> None:
    assert benjamini_hochberg([]) == ()
    for wrong in (1.5, -0.1, math.nan):
        with pytest.raises(ValueError, match="a p-value lies between 0 and 1"):
            benjamini_hochberg([0.1, wrong])


def test_bins_end_at_the_old_samples_deciles_and_leave_room_below_and_above() -> None:
    old, new = bin_by_quantiles(tally(np.arange(100), [-1, 5, 99, 100, 250]))
    assert old.tolist() == [0, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 0]
    assert new.tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]


def test_a_value_that_many_rows_have_is_one_bin() -> None:
    old, new = bin_by_quantiles(tally([0] * 80 + list(range(1, 21)), [0, 0, 7]))
    assert old.tolist() == [80, 10, 10]
    assert new.tolist() == [2, 1, 0]
    constant = bin_by_quantiles(tally([5, 5, 5], [5, 4, 6, 6]))
    assert [side.tolist() for side in constant] == [[0, 3, 0], [1, 1, 2]]


@given(old=SAMPLE, new=SAMPLE)
def test_no_row_is_lost_in_bins(old: list[float], new: list[float]) -> None:
    first, second = bin_by_quantiles(tally(old, new))
    assert (first.sum(), second.sum()) == (len(old), len(new))
    assert len(first) <= 12


def test_rare_categories_are_added_up_by_what_the_smaller_sample_expects() -> None:
    counts = [3, 900, 15, 80, 2], [1, 95, 0, 3, 1]
    old, new = lump_rare(*counts)
    assert (old.tolist(), new.tolist()) == ([900, 100], [95, 5])
    assert find_rare(*counts).tolist() == [True, False, True, False, True]
    assert find_rare(*counts, below=0.3).tolist() == [False, False, False, False, True]
    few = lump_rare([100] * 10, [20, *[0] * 9])
    assert [side.tolist() for side in few] == [[300, 300, 400], [20, 0, 0]]
    alike = lump_rare([80, 900], [8, 90])
    assert [side.tolist() for side in alike] == [[900, 80], [90, 8]]


def test_there_is_always_a_bin() -> None:
    assert [side.tolist() for side in lump_rare([2, 1], [0, 1])] == [[3], [1]]


def test_one_bar_on_every_scale() -> None:
    move = WASSERSTEIN_MODERATE
    assert move**2 == pytest.approx(PSI_MODERATE)
    assert pytest.approx(2 * stats.norm.cdf(move / 2) - 1) == KS_MODERATE
