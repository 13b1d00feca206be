"""An interval as a picture in a table's cell: what is right of its line is good, whatever the metric."""

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from mergegate.report.html.markup import Markup, tag

Kind = Literal["better", "worse", "even", "untold"]

_WIDTH, _HEIGHT = 200.0, 16.0
_MIDDLE = _HEIGHT / 2
_EDGE = 6.0
_ROOM = 1.08


class Stretch(msgspec.Struct, frozen=True):
    """A number with its limits, None where unbounded, as gains over the line in the middle.

    `bar` is where what must not be reached begins, on the left; None where nothing is asked.
    """

    value: float
    low: float | None
    high: float | None
    bar: float | None = None
    kind: Kind = "even"


def gains(
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    line: float = 0.0,
    bar: float | None = None,
    upward: bool = True,
    kind: Kind = "even",
) -> Stretch | None:
    """A number seen from `line`, turned so that what is good lies right; None where there is no number."""
    if value is None or not math.isfinite(value):
        return None
    below, above, mark = (_finite(end) for end in (low, high, bar))
    if upward:
        seen = (value - line, _less(below, line), _less(above, line), _less(mark, line))
    else:
        seen = (line - value, _minus(above, line), _minus(below, line), _minus(mark, line))
    return Stretch(*seen, kind=kind)


def reach(found: Iterable[Stretch | None]) -> float:
    """The distance from the line that all of these fit in."""
    ends = [
        abs(end)
        for each in found
        if each is not None
        for end in (each.value, each.low, each.high, each.bar)
        if end is not None
    ]
    return max(ends, default=0.0)


def draw_interval(found: Stretch | None, label: str, *, within: float = 0.0) -> Markup:
    """The picture, on a scale that reaches `within` to each side, or as far as it must."""
    if found is None:
        return Markup()
    far = _ROOM * (within or reach([found])) or 1.0
    parts = []
    if found.bar is not None:
        at = _place(found.bar, far)
        parts.append(tag("rect", class_="miss", x=0, y=0, width=max(at, 0.0), height=_HEIGHT))
        parts.append(tag("line", class_="limit", x1=at, x2=at, y1=0, y2=_HEIGHT))
    parts.append(tag("line", class_="zero", x1=_WIDTH / 2, x2=_WIDTH / 2, y1=0, y2=_HEIGHT))
    if found.low is not None or found.high is not None:
        parts += _line(found, far)
    parts.append(tag("circle", class_="point", cx=_place(found.value, far), cy=_MIDDLE, r=3.6))
    box = f"0 0 {_WIDTH:g} {_HEIGHT:g}"
    return tag("svg", *parts, class_=f"interval {found.kind}", viewBox=box, role="img", aria_label=label)


def _line(found: Stretch, far: float) -> list[Markup]:
    """The interval, with a stop at each end that is to be seen."""
    ends = (found.low, found.high)
    x1, x2 = (
        edge if end is None else _place(end, far) for end, edge in zip(ends, (0.0, _WIDTH), strict=True)
    )
    parts = [tag("line", class_="range", x1=x1, x2=x2, y1=_MIDDLE, y2=_MIDDLE)]
    for end, x in zip(ends, (x1, x2), strict=True):
        if end is not None and abs(end) <= far:
            parts.append(tag("line", class_="range", x1=x, x2=x, y1=_MIDDLE - 4, y2=_MIDDLE + 4))
    return parts


def _place(gain: float, far: float) -> float:
    share = min(1.0, max(-1.0, gain / far))
    return _WIDTH / 2 + share * (_WIDTH / 2 - _EDGE)


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _less(number: float | None, line: float) -> float | None:
    return None if number is None else number - line


def _minus(number: float | None, line: float) -> float | None:
    return None if number is None else line - number
