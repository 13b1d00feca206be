"""Bars are rounded to where what they were read from still passes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate import stats
from mergegate.flows.bars import margin, outward

NUMBERS = st.floats(-1e6, 1e6)
WIDTHS = st.floats(1e-6, 1e6)


@pytest.mark.parametrize(
    ("limit", "width", "up", "shown"),
    [
        (0.63144, 0.034, False, 0.631),
        (0.63144, 0.13, False, 0.63),
        (0.63144, 0.13, True, 0.64),
        (0.63, 0.13, False, 0.63),
        (12_345.6, 789.0, True, 12_350.0),
        (-0.0004, 0.13, True, 0.0),
        (-0.63144, 0.13, False, -0.64),
        (0.63144, 0.0, False, 0.63144),
        (0.63144, math.inf, False, 0.63144),
    ],
)
def test_two_digits_of_the_interval_are_kept(limit: float, width: float, up: bool, shown: float) -> None:
    assert outward(limit, width, up=up) == shown
    assert math.copysign(1, outward(limit, width, up=up)) == math.copysign(1, shown)


@given(limit=NUMBERS, width=WIDTHS, up=st.booleans())
def test_rounding_never_turns_against_what_it_was_read_from(limit: float, width: float, up: bool) -> None:
    shown = outward(limit, width, up=up)
    assert shown >= limit if up else shown <= limit
    assert abs(shown - limit) <= 0.2 * width * (1 + 1e-6)


@given(error=st.floats(1e-6, 1e3), df=st.floats(1, 1e6))
def test_a_margin_is_what_can_be_judged_rounded_up(error: float, df: float) -> None:
    least = stats.smallest_detectable(error, df=df)
    assert least <= margin(error, df, 0.95) <= 1.11 * least
