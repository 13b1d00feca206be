"""Distributions agree with scipy over wide ranges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from mergegate.stats.distributions import (
    beta_cdf,
    binomial_cdf,
    mcnemar,
    normal_cdf,
    normal_quantile,
    t_cdf,
    t_quantile,
)

DEGREES = (0.5, 1, 1.5, 2, 3, 4.7, 10, 19.3, 29, 50, 100, 199.5, 1e3, 12_345.6, 1e5, 1e6, 1e7)
TAILS = (1e-12, 1e-6, 0.0005, 0.0025, 0.025, 0.05, 0.2, 0.5, 0.6, 0.975, 0.9999)


@pytest.mark.parametrize("df", DEGREES)
def test_t_has_scipys_probabilities(df: float) -> None:
    points = np.concatenate([np.linspace(-12, 12, 41), [-1e-8, 1e-8, -40, 40]])
    assert [t_cdf(t, df) for t in points] == pytest.approx(stats.t.cdf(points, df), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("df", DEGREES)
def test_t_has_scipys_quantiles(df: float) -> None:
    assert [t_quantile(p, df) for p in TAILS] == pytest.approx(stats.t.ppf(TAILS, df), rel=1e-10, abs=1e-12)


@given(p=st.floats(1e-12, 1 - 1e-12), df=st.floats(0.5, 1e7))
def test_a_quantile_of_t_has_its_probability(p: float, df: float) -> None:
    assert t_cdf(t_quantile(p, df), df) == pytest.approx(p, rel=1e-9, abs=1e-13)


def test_t_with_very_many_degrees_of_freedom_is_normal() -> None:
    assert t_quantile(0.975, math.inf) == normal_quantile(0.975)
    assert t_cdf(-1.5, math.inf) == normal_cdf(-1.5)
    assert t_cdf(-1.5, 1e14) == pytest.approx(normal_cdf(-1.5), rel=1e-12)
    assert t_quantile(0.975, 1e11) == pytest.approx(normal_quantile(0.975), rel=1e-10)


@given(p=st.floats(1e-300, 1 - 1e-16))
def test_normal_has_scipys_quantiles(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(float(special.ndtri(p)), rel=1e-12, abs=1e-15)


@given(z=st.floats(-37, 8))
def test_normal_has_scipys_probabilities(z: float) -> None:
    assert normal_cdf(z) == pytest.approx(float(special.ndtr(z)), rel=1e-11)


@given(
    a=st.floats(0.05, 1e6),
    b=st.floats(0.05, 1e6),
    x=st.floats(0, 1),
    near=st.floats(-4, 4),
    close=st.booleans(),
)
def test_the_incomplete_beta_function_is_scipys(
    a: float, b: float, x: float, near: float, close: bool
) -> None:
    mean = a / (a + b)
    x = min(max(mean + near * math.sqrt(mean * (1 - mean) / (a + b + 1)), 0.0), 1.0) if close else x
    assert beta_cdf(x, a, b) == pytest.approx(float(special.betainc(a, b, x)), abs=1e-10)


@given(n=st.integers(0, 5_000), share=st.floats(0, 1), p=st.sampled_from([0.5, 0.01, 0.3, 0.99]))
def test_binomial_has_scipys_probabilities(n: int, share: float, p: float) -> None:
    k = int(share * n)
    assert binomial_cdf(k, n, p) == pytest.approx(float(stats.binom.cdf(k, n, p)), rel=1e-9, abs=1e-13)


def test_binomial_knows_its_ends() -> None:
    assert (binomial_cdf(-1, 5), binomial_cdf(5, 5), binomial_cdf(0, 0)) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("lost", "won"), [(0, 0), (3, 0), (0, 3), (10, 25), (500, 500), (1_000_000, 1_002_000)]
)
def test_mcnemar_is_the_exact_binomial_test(lost: int, won: int) -> None:
    if lost + won == 0:
        assert mcnemar(lost, won) == mcnemar(lost, won, two_sided=False) == 1.0
        return
    two_sided = stats.binomtest(won, lost + won).pvalue
    worse = stats.binomtest(won, lost + won, alternative="less").pvalue
    assert mcnemar(lost, won) == pytest.approx(two_sided, rel=1e-9)
    assert mcnemar(lost, won, two_sided=False) == pytest.approx(worse, rel=1e-9)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        normal_quantile(p)
    with pytest.raises(ValueError, match="between 0 and 1"):
        t_quantile(p, 5)


@pytest.mark.parametrize("df", [0, -1, math.nan])
def test_degrees_of_freedom_must_be_positive(df: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        t_cdf(0, df)
    with pytest.raises(ValueError, match="must be positive"):
        t_quantile(0.5, df)


def test_certain_probabilities_have_infinite_quantiles() -> None:
    assert (t_quantile(0, 3), t_quantile(1, 3)) == (-math.inf, math.inf)
    assert (normal_quantile(0), normal_quantile(1)) == (-math.inf, math.inf)
    assert (t_cdf(math.inf, 3), t_cdf(-math.inf, 3)) == (1.0, 0.0)


def test_rows_lost_can_not_be_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        mcnemar(-1, 2)
