"""A plot of curves: axes, one line for base and one for head, which differ without any colour too."""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from mergegate.report.html.markup import Markup, join, tag
from mergegate.report.numbers import bar

_WIDTH, _HEIGHT = 360.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 10.0, 10.0, 42.0
_STEPS = (1, 2, 2.5, 5, 10)
_TICKS = 5


class Dot(msgspec.Struct, frozen=True):
    """A point with its limits."""

    x: float
    y: float
    low: float
    high: float


class Line(msgspec.Struct, frozen=True):
    """One side's curve: points (x, y), or dots with limits, joined."""

    side: Literal["base", "head"]
    points: Sequence[tuple[float, float]] = ()
    dots: Sequence[Dot] = ()


class Axis(msgspec.Struct, frozen=True):
    """From 0 to `end`, which is above 0."""

    title: str
    end: float = 1.0

    def ticks(self) -> list[float]:
        """Round numbers on the axis."""
        if not self.end / _TICKS:
            return [0.0]
        power = 10.0 ** math.floor(math.log10(self.end / _TICKS))
        step = next(power * each for each in _STEPS if self.end / (power * each) <= _TICKS)
        return [number * step for number in range(int(self.end / step + 1e-9) + 1)]


def draw_plot(label: str, x: Axis, y: Axis, lines: Sequence[Line], *, diagonal: bool = False) -> Markup:
    """The plot; `label` says in words what it shows. With `diagonal`, the line of equal x and y."""
    parts = _axes(x, y)
    if diagonal:
        end = min(x.end, y.end)
        parts.append(tag("polyline", class_="even", points=_joined([(0, 0), (end, end)], x, y)))
    for line in lines:
        parts += _line(line, x, y)
    box = f"0 0 {_WIDTH:g} {_HEIGHT:g}"
    return tag("svg", *parts, class_="plot", viewBox=box, role="img", aria_label=label)


def draw_legend(sides: Sequence[str]) -> Markup:
    """Which line is whose."""
    return tag("p", *(_sample(side) for side in sides), class_="legend lines")


def _sample(side: str) -> Markup:
    drawn = tag("line", class_=side, x1=0, x2=28, y1=4, y2=4)
    picture = tag("svg", drawn, viewBox="0 0 28 8", class_="sample", aria_hidden="true", focusable="false")
    return tag("span", picture, side)


def _axes(x: Axis, y: Axis) -> list[Markup]:
    """The grid with its numbers, and what each axis is."""
    parts = []
    for tick in x.ticks():
        at, _ = _place(tick, 0, x, y)
        parts.append(tag("line", class_="grid", x1=at, x2=at, y1=_TOP, y2=_HEIGHT - _BOTTOM))
        parts.append(tag("text", _tick(tick), x=at, y=_HEIGHT - _BOTTOM + 14, class_="tick middle"))
    for tick in y.ticks():
        _, at = _place(0, tick, x, y)
        parts.append(tag("line", class_="grid", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=at, y2=at))
        parts.append(tag("text", _tick(tick), x=_LEFT - 5, y=at + 3.5, class_="tick end"))
    middle, side = (_LEFT + _WIDTH - _RIGHT) / 2, (_TOP + _HEIGHT - _BOTTOM) / 2
    parts.append(tag("text", x.title, x=middle, y=_HEIGHT - 8, class_="axis middle"))
    turned = f"translate(11 {side:.4g}) rotate(-90)"
    parts.append(tag("text", y.title, transform=turned, class_="axis middle"))
    return parts


def _line(line: Line, x: Axis, y: Axis) -> list[Markup]:
    points = line.points or [(dot.x, dot.y) for dot in line.dots]
    if not points:
        return []
    parts = [tag("polyline", class_=line.side, points=_joined(points, x, y))]
    for dot in line.dots:
        at, middle = _place(dot.x, dot.y, x, y)
        low, high = (_place(dot.x, end, x, y)[1] for end in (dot.low, dot.high))
        parts.append(tag("line", class_=f"{line.side} reach", x1=at, x2=at, y1=low, y2=high))
        parts.append(_mark(line.side, at, middle))
    return parts


def _mark(side: str, x: float, y: float) -> Markup:
    """Base has squares, head circles."""
    if side == "base":
        return tag("rect", class_="base mark", x=x - 3, y=y - 3, width=6, height=6)
    return tag("circle", class_="head mark", cx=x, cy=y, r=3.4)


def _joined(points: Sequence[tuple[float, float]], x: Axis, y: Axis) -> str:
    places = (_place(*point, x, y) for point in points)
    return " ".join(f"{across:.1f},{down:.1f}" for across, down in places)


def _place(across: float, up: float, x: Axis, y: Axis) -> tuple[float, float]:
    """Where on the picture; what lies outside the axes is drawn at their end."""
    wide, high = (_share(across, x.end), _share(up, y.end))
    return (
        _LEFT + wide * (_WIDTH - _LEFT - _RIGHT),
        _HEIGHT - _BOTTOM - high * (_HEIGHT - _TOP - _BOTTOM),
    )


def _share(number: float, end: float) -> float:
    share = number / end
    return min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0


def _tick(number: float) -> Markup:
    return join(bar(float(f"{number:.6g}")))
