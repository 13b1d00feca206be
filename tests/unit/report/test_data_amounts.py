"""Amounts: a share is never rounded to none or all, a number never loses what tells it apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate.report.data.amounts import chance, effect, figure, listed, moved, share


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 10, "0 %"),
        (10, 10, "100 %"),
        (1, 3, "33 %"),
        (1, 80, "1.2 %"),
        (79, 80, "98.8 %"),
        (1, 700, "0.14 %"),
        (699, 700, "99.86 %"),
        (1, 10**6, "under 0.01 %"),
        (10**6 - 1, 10**6, "over 99.99 %"),
        (1, 0, "–"),
    ],
)
def test_shares(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


@given(st.integers(1, 10**12), st.data())
def test_only_none_is_shown_as_none_and_only_all_as_all(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    assert (share(part, whole) == "0 %") == (part == 0)
    assert (share(part, whole) == "100 %") == (part == whole)


@pytest.mark.parametrize(
    ("number", "said"),
    [(0.0, "0.00"), (0.001, "under 0.01"), (0.2712, "0.27"), (16.83, "16.83"), (None, "–")],
)
def test_effects(number: float | None, said: str) -> None:
    assert effect(number) == said


@pytest.mark.parametrize(("p", "said"), [(0.0, "under 0.001"), (0.0312, "0.031"), (1.0, "1"), (None, "–")])
def test_chances(p: float | None, said: str) -> None:
    assert chance(p) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(30.18, "30.18"), (0.41, "0.41"), (-1234.56, "−1,235"), (float("nan"), "not a number"), (None, "–")],
)
def test_figures(number: float | None, said: str) -> None:
    assert figure(number) == said


def test_a_move_has_the_decimals_that_tell_its_ends_apart() -> None:
    assert moved(1000.0, 1000.25) == "1,000.00 → 1,000.25 (+0.25)"
    assert moved(None, 2.5) == "2.5"
    assert moved(3.0, 3.0) == "3.000"


def test_a_list_counts_what_it_leaves_out() -> None:
    assert [listed(list("abcde"[:many]), 3) for many in range(1, 6)] == [
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and 1 more",
        "a, b, c and 2 more",
    ]
