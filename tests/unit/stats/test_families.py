"""Decisions from intervals, families of claims, and what a sample could have found."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mergegate.stats.estimate import Estimate
from mergegate.stats.families import Finding, Outcome, adjusted, classify, fail_claim, holm, judge
from mergegate.stats.pivots import Student
from mergegate.stats.power import chance, smallest_detectable


def estimate(value: float, error: float, problem: str = "") -> Estimate:
    return Estimate(value, error, math.inf, 500, "test", Student(value, error, math.inf), problem=problem)


@pytest.mark.parametrize(
    ("value", "error", "finding"),
    [
        (0.0, 0.004, "pass"),
        (-0.05, 0.004, "fail"),
        (-0.01, 0.004, "insufficient"),
        (-0.004, 0.004, "insufficient"),
        (0.0, 0.0, "pass"),
        (-0.01, 0.0, "pass"),
        (-0.0101, 0.0, "fail"),
    ],
)
def test_non_inferiority_is_about_the_whole_interval(value: float, error: float, finding: Finding) -> None:
    assert judge(estimate(value, error), -0.01, at_least=True) == finding
    assert judge(estimate(-value, error), 0.01, at_least=False) == finding


@pytest.mark.parametrize(
    ("value", "error", "outcome"),
    [
        (0.02, 0.004, "better"),
        (-0.02, 0.004, "worse"),
        (0.005, 0.004, "no_evidence"),
        (0.0, 0.0, "no_evidence"),
    ],
)
def test_a_difference_in_a_word(value: float, error: float, outcome: Outcome) -> None:
    assert classify(estimate(value, error), greater_is_better=True) == outcome
    assert classify(estimate(-value, error), greater_is_better=False) == outcome


def test_a_sample_with_a_problem_says_nothing() -> None:
    broken = estimate(-0.5, 0.001, "the rows come from 3 clusters")
    assert judge(broken, 0.0, at_least=True) == "insufficient"
    assert classify(broken, greater_is_better=True) == "insufficient"
    assert fail_claim(broken, 0.0, at_least=True) == 1.0


@given(value=st.floats(-1, 1), bar=st.floats(-1, 1), at_least=st.booleans())
def test_a_family_of_one_is_the_plain_interval(value: float, bar: float, at_least: bool) -> None:
    found = estimate(value, 0.2)
    fails = judge(found, bar, at_least=at_least) == "fail"
    assert holm([fail_claim(found, bar, at_least=at_least)]) == (fails,)


@given(p=st.lists(st.floats(0, 1), max_size=12), confidence=st.sampled_from([0.8, 0.95]))
def test_holm_steps_down(p: list[float], confidence: float) -> None:
    level = (1 - confidence) / 2 * (1 + 1e-9)
    wanted = [False] * len(p)
    for place, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        if p[index] > level / (len(p) - place):
            break
        wanted[index] = True
    assert list(holm(p, confidence)) == wanted
    assert [q <= level for q in adjusted(p)] == wanted


def test_holms_adjusted_p_values() -> None:
    assert adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert adjusted([0.9, 0.8]) == (1.0, 1.0)
    assert (adjusted([]), holm([])) == ((), ())


@pytest.mark.parametrize(("power", "errors"), [(0.8, 2.801585), (0.9, 3.241516)])
def test_what_is_found_with_a_given_power(power: float, errors: float) -> None:
    assert smallest_detectable(0.01, power=power) == pytest.approx(errors * 0.01, rel=1e-6)
    assert chance(errors, 1.0) == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize("df", [29, 49, 199])
def test_with_few_degrees_of_freedom_the_noncentral_t_agrees(df: int) -> None:
    loss = smallest_detectable(1.0, df=df)
    critical = stats.t.ppf(0.975, df)
    assert stats.nct.sf(critical, df, loss) == pytest.approx(0.8, abs=0.006)


def test_a_family_finds_less() -> None:
    assert smallest_detectable(1.0, claims=20) > smallest_detectable(1.0) + 1
    assert chance(3.24, 1.0, claims=20) < 0.7
    assert chance(3.24, 1.0, confidence=0.8) > 0.97


def test_no_error_finds_everything() -> None:
    assert (chance(0.1, 0.0), chance(0.0, 0.0), smallest_detectable(0.0)) == (1.0, 0.0, 0.0)


def test_the_level_is_one_side_of_the_interval() -> None:
    z = stats.norm.ppf(0.975)
    assert holm([stats.norm.sf(z + 1e-6)]) == (True,)
    assert holm([stats.norm.sf(z - 1e-6)]) == (False,)
    assert np.isclose(stats.norm.sf(z), 0.025)
