"""Numbers show what matters of them, and no more."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate.report import numbers


@pytest.mark.parametrize(
    ("sides", "difference", "shown"),
    [
        ((0.643123, 0.650233), 0.00711, (["0.6431", "0.6502"], "+0.0071")),
        ((0.5, 0.25), -0.25, (["0.5000", "0.2500"], "−0.2500")),
        ((0.2111, 0.21109), -0.00001, (["0.211100", "0.211090"], "−0.000010")),
        ((3121.71, 3123.18), 1.47, (["3,121.7", "3,123.2"], "+1.5")),
        ((1_234_567.0, 1_234_000.0), -567.0, (["1,234,567", "1,234,000"], "−567")),
        ((-0.0312, 0.05), 0.0812, (["−0.03120", "0.05000"], "+0.08120")),
        ((0.5, 0.5), 0.0, (["0.5000", "0.5000"], "0")),
        ((0.5, 0.5 + 1e-12), 1e-12, (["0.500000", "0.500000"], "+1e-12")),
        ((1e-9, 0.0), -1e-9, (["1e-09", "0.000000"], "−1e-09")),
        ((-1e300, 1e300), math.inf, (["−1e+300", "1e+300"], "+infinite")),
        ((math.nan, -math.inf), math.nan, (["not a number", "−infinite"], "not a number")),
        ((None, 0.65), None, (["–", "0.6500"], "–")),
    ],
)
def test_sides_and_difference_share_their_decimals(
    sides: tuple[float | None, ...], difference: float | None, shown: tuple[list[str], str]
) -> None:
    assert numbers.compared(sides, difference) == shown


@pytest.mark.parametrize(
    ("difference", "low", "high", "shown"),
    [
        (-0.0051, -0.012142, 0.001942, ("−0.0051", "−0.0121 to +0.0019")),
        (0.000001, -0.0031, 0.0031, ("0.0000", "−0.0031 to +0.0031")),
        (-0.000001, -0.0031, 0.0031, ("0.0000", "−0.0031 to +0.0031")),
        (0.0, 0.0, 0.0, ("0", "0.0000 to 0.0000")),
        (0.0051, 0.0012, None, ("+0.0051", "+0.0012 or more, unbounded above")),
        (0.0051, -math.inf, 0.009, ("+0.0051", "+0.0090 or less, unbounded below")),
        (0.0051, None, None, ("+0.0051", "unbounded")),
        (0.0051, math.nan, math.inf, ("+0.0051", "unbounded")),
        (1e-9, -2e-9, 4e-9, ("+1e-09", "−2e-09 to +4e-09")),
    ],
)
def test_an_interval_has_the_decimals_of_its_difference(
    difference: float, low: float | None, high: float | None, shown: tuple[str, str]
) -> None:
    common = numbers.scale((0.6431, 0.6482), difference, low, high)
    assert (common.signed(difference), common.interval(low, high)) == shown


def test_a_unit_stands_behind_each_number_and_once_behind_an_interval() -> None:
    common = numbers.scale((12.417, 13.043), 0.6255, 0.3942, 0.8568, unit="EUR")
    assert common.number(12.417) == "12.42 EUR"
    assert common.signed(0.6255) == "+0.63 EUR"
    assert common.interval(0.3942, 0.8568) == "+0.39 to +0.86 EUR"
    assert common.interval(0.3942, None) == "+0.39 EUR or more, unbounded above"
    assert common.number(None) == "–"


@pytest.mark.parametrize(
    ("value", "bar", "shown"),
    [(0.593144, 0.6, "0.5931"), (0.599996, 0.6, "0.599996"), (0.6, 0.6, "0.6000"), (None, 0.6, "–")],
)
def test_a_value_just_under_its_bar_does_not_look_equal_to_it(
    value: float | None, bar: float, shown: str
) -> None:
    assert numbers.judged(value, None, None, bar).number(value) == shown


def test_a_limit_just_under_its_bar_does_not_look_equal_to_it() -> None:
    common = numbers.judged(-0.0021, -0.010004, 0.0058, -0.01)
    assert common.interval(-0.010004, 0.0058) == "−0.010004 to +0.005800"


def test_a_share_is_shown_in_per_cent() -> None:
    common = numbers.judged(0.050374, 0.031748, 0.069, 0.08, relative=True)
    assert common.signed(0.050374) == "+5.0 %"
    assert common.interval(0.031748, 0.069) == "+3.2 to +6.9 %"
    assert common.bar(0.08) == "8 %"


@pytest.mark.parametrize(
    ("share", "shown"), [(0.95, "95 %"), (0.999, "99.9 %"), (0.9, "90 %"), (0.99999, "99.999 %")]
)
def test_a_confidence_is_said_in_per_cent(share: float, shown: str) -> None:
    assert numbers.percent(share) == shown


@pytest.mark.parametrize(
    ("bar", "shown"), [(0.6, "0.6"), (1e-5, "1e-05"), (-2.5, "−2.5"), (1000.0, "1,000"), (None, "–")]
)
def test_a_bar_stands_as_the_policy_states_it(bar: float | None, shown: str) -> None:
    assert numbers.bar(bar) == shown


@pytest.mark.parametrize(
    ("bytes_", "shown"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (470_548, "471 kB"),
        (999_940, "1.0 MB"),
        (1_301_552, "1.3 MB"),
        (25_000_000_000, "25.0 GB"),
        (10**18, "1,000 PB"),
    ],
)
def test_bytes_are_given_in_the_unit_that_fits(bytes_: int | None, shown: str) -> None:
    assert numbers.size(bytes_) == shown


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (80_789, 109_119, "80,789 → 109,119 (+28,330)"),
        (3, 1, "3 → 1 (−2)"),
        (3, 3, "3"),
        (None, 3, "3"),
        (3, None, "3"),
        (None, None, "–"),
    ],
)
def test_a_step_says_from_where_to_where(old: int | None, new: int | None, shown: str) -> None:
    assert numbers.step(old, new, numbers.count) == shown


@pytest.mark.parametrize(("number", "shown"), [(0, "no stages"), (1, "1 stage"), (1200, "1,200 stages")])
def test_nouns_follow_their_number(number: int, shown: str) -> None:
    assert numbers.plural(number, "stage") == shown


@given(st.floats(), st.floats())
def test_any_two_numbers_can_be_shown_briefly(base: float, head: float) -> None:
    shown, difference = numbers.compared([base, head], head - base)
    assert max(map(len, [*shown, difference])) <= 24


@given(st.integers(min_value=0, max_value=10**24))
def test_any_number_of_bytes_can_be_shown(bytes_: int) -> None:
    assert numbers.size(bytes_).split()[1] in {"B", "kB", "MB", "GB", "TB", "PB"}


@given(st.floats(), st.floats(), st.floats(), st.floats())
def test_any_gate_can_be_shown_briefly(value: float, low: float, high: float, bar: float) -> None:
    common = numbers.judged(value, low, high, bar)
    assert max(map(len, [common.signed(value), common.interval(low, high), common.bar(bar)])) <= 60
