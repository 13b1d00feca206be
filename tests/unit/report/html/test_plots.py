"""Plots of curves: round numbers on the axes, two lines that differ without colour, any numbers survive."""

import re

import pytest

from mergegate.records.explain import Curves, Point, Reliability
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.curves import draw_curves
from mergegate.report.html.plots import Axis, Dot, Line, draw_legend, draw_plot
from support.explained import drawn
from support.measured import AP, ROC
from support.outline import outline, told

BOUNDS = Bounds(rows=100, slices=100, metrics=10, models=5, datasets=5)


@pytest.mark.parametrize(
    ("end", "ticks"),
    [
        (1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.25, [0.0, 0.05, 0.1, 0.15, 0.2, 0.25]),
        (37.0, [0.0, 10.0, 20.0, 30.0]),
        (1e-9, [0.0, 2e-10, 4e-10, 6e-10, 8e-10, 1e-9]),
        (5e-324, [0.0]),
        (1e308, [0.0, 2e307, 4e307, 6e307, 8e307, 1e308]),
    ],
)
def test_axes_have_a_few_round_numbers(end: float, ticks: list[float]) -> None:
    assert Axis("x", end).ticks() == pytest.approx(ticks)


def test_what_lies_outside_is_drawn_at_the_edge() -> None:
    line = Line("head", [(-5.0, 0.5), (0.5, 9.0), (1e300, float("inf"))])
    plot = draw_plot("x", Axis("a"), Axis("b"), [line])
    (points,) = re.findall(r'class="head" points="([^"]+)"', plot)
    places = [tuple(map(float, pair.split(","))) for pair in points.split()]
    assert all(0 <= across <= 360 and 0 <= down <= 300 for across, down in places)


def test_base_and_head_differ_without_colour() -> None:
    dots = [Dot(0.2, 0.3, 0.25, 0.35)]
    plot = draw_plot("x", Axis("a"), Axis("b"), [Line("base", dots=dots), Line("head", dots=dots)])
    assert (plot.count('<rect class="base mark"'), plot.count('<circle class="head mark"')) == (1, 1)
    assert outline(draw_legend(["base", "head"])).text == "basehead"


def test_each_plot_has_its_numbers_beside_it() -> None:
    curves, _ = drawn()
    page = told(draw_curves(curves, (ROC, AP), BOUNDS))
    assert "ROC roc_auc: base 0.6431, head 0.6482." in page
    assert "False positive rate | Base, true positive rate | Head, true positive rate" in page
    assert "average_precision: base 0.3905, head 0.3933." in page
    assert page.count("base | 0.") == 10


def test_a_curve_that_jumps_is_told_by_its_top() -> None:
    steep = Curves(
        side="head", positive="late", rows=4, roc=(Point(x=0, y=0), Point(x=0, y=0.5), Point(x=0.1, y=0.5),
        Point(x=0.1, y=0.9), Point(x=1, y=1)),
    )  # fmt: skip
    page = told(draw_curves((steep,), (), BOUNDS))
    assert "\n0.050 | 0.50\n0.10 | 0.90\n" in page


def test_only_what_there_is_is_drawn() -> None:
    assert draw_curves((), (), BOUNDS) == ""
    assert draw_curves((Curves(side="base", positive="late", rows=3),), (), BOUNDS) == ""
    bins = (Reliability(predicted=0.02, observed=0.03, low=0.01, high=0.04, rows=90),)
    page = draw_curves((Curves(side="head", positive="late", rows=90, calibration=bins),), (), BOUNDS)
    assert page.count("<figure>") == 1
    assert ">0.05<" in page  # the axis ends where the bins do


def test_errors_are_told_by_shares_of_the_rows() -> None:
    curves, _ = drawn("regression")
    page = told(draw_curves(curves, (), BOUNDS))
    assert "Share of the rows | Base, error up to | Head, error up to" in page
    assert "Half of the rows are off by no more than: base 4.468, head 3.701." in page


@pytest.mark.parametrize("errors", [(0.0, 0.0), (-1.0, -1.0), (5e-324, 1e-320), (1e308, 1.7e308)])
def test_any_errors_can_be_drawn(errors: tuple[float, float]) -> None:
    points = tuple(Point(x=error, y=share) for error, share in zip(errors, (0.5, 1.0), strict=True))
    assert "<figure>" in draw_curves((Curves(side="head", rows=2, errors=points),), (), BOUNDS)
