"""An interval in a cell: what is right of the line is good, whichever way the metric goes."""

import re

import pytest

from mergegate.report.html.intervals import Stretch, draw_interval, gains, reach
from support.outline import outline

MIDDLE = 100.0


def points(drawn: str) -> list[float]:
    """Where the points are."""
    return [float(x) for x in re.findall(r'cx="([-\d.]+)"', drawn)]


@pytest.mark.parametrize(
    ("value", "upward", "right"),
    [(0.1, True, True), (-0.1, True, False), (0.1, False, False), (-0.1, False, True)],
)
def test_what_is_better_lies_right(value: float, upward: bool, right: bool) -> None:
    found = gains(value, value - 0.05, value + 0.05, upward=upward)
    (at,) = points(draw_interval(found, "x"))
    assert (at > MIDDLE) is right


def test_a_metric_that_falls_for_the_better_is_turned_with_its_limits_and_bar() -> None:
    assert gains(-0.01, -0.03, 0.02, bar=0.015, upward=False) == Stretch(0.01, -0.02, 0.03, -0.015)
    assert gains(0.75, 0.625, 0.875, line=0.5) == Stretch(0.25, 0.125, 0.375, None)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_where_there_is_no_number_there_is_no_picture(value: float | None) -> None:
    assert gains(value, 0.0, 1.0) is None
    assert draw_interval(None, "x") == ""


def test_an_end_that_is_open_runs_to_the_edge_without_a_stop() -> None:
    closed, open_ = (draw_interval(gains(0.0, low, 0.1), "x") for low in (-0.1, None))
    assert (closed.count('class="range"'), open_.count('class="range"')) == (3, 2)
    assert 'x1="0"' in open_


def test_all_of_a_scale_is_seen_and_what_exceeds_it_is_cut_without_a_stop() -> None:
    wide, narrow = gains(0.5, -0.9, 1.9), gains(0.01, 0.0, 0.02)
    assert reach([wide, narrow]) == 1.9
    assert reach([]) == 0.0
    cut = draw_interval(wide, "x", within=0.1)
    assert cut.count('class="range"') == 1
    assert all(0 <= at <= 2 * MIDDLE for at in points(cut))


def test_nothing_at_all_is_drawn_in_the_middle() -> None:
    assert points(draw_interval(gains(0.0, 0.0, 0.0), "x")) == [MIDDLE]


def test_a_picture_says_what_it_shows() -> None:
    drawn = draw_interval(gains(0.1, 0.0, 0.2, bar=-0.1, kind="worse"), 'a "difference"')
    assert 'role="img"' in drawn
    assert 'aria-label="a &quot;difference&quot;"' in drawn
    assert outline(drawn).elements[0] == "svg"
    assert 'class="interval worse"' in drawn
