"""ROC, precision by recall, calibration, or the errors of numbers: base beside head, and what is drawn."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from mergegate.records.comparison import MetricComparison
from mergegate.records.explain import Curves, Point
from mergegate.report import numbers
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Table
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.markup import Markup, folded, join, paragraph, tag
from mergegate.report.html.plots import Axis, Dot, Line, draw_legend, draw_plot
from mergegate.report.html.tables import draw_table

_POINTS = 400
"""Points that are drawn of one curve, whatever a file holds."""
_BINS = 40
_ASKED = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
_SHARES = (0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
_MOST = 0.99
"""The share of the rows whose errors are drawn: the last few may be very far."""
_ROUND = (0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def draw_curves(found: Sequence[Curves], metrics: Sequence[MetricComparison], bounds: Bounds) -> Markup:
    """The plots beside each other, and below each the numbers that it shows; nothing for no curve."""
    sides = _sides(found)
    known = {metric.name: metric for metric in metrics}
    drawn = [
        figure
        for figure in (
            _roc(sides, known.get("roc_auc")),
            _precision_recall(sides, known.get("average_precision")),
            _calibration(sides),
            _errors(sides),
        )
        if figure
    ]
    if not drawn:
        return Markup()
    legend = draw_legend([f"{side.side}" for side in sides])
    positive = next((side.positive for side in sides if side.positive), "")
    which = paragraph("The class ", VOICE.name(positive), " against all others.") if positive else Markup()
    rows = paragraph(
        " ".join(f"{side.side.capitalize()}: {numbers.plural(side.rows, 'row')}." for side in sides),
        kind="note",
    )
    return join(which, legend, tag("div", *drawn, class_="figures"), rows)


def _sides(found: Sequence[Curves]) -> list[Curves]:
    """At most one of each side, base first."""
    by_side = {side.side: side for side in found}
    return [by_side[side] for side in ("base", "head") if side in by_side]


def _roc(sides: Sequence[Curves], metric: MetricComparison | None) -> Markup:
    lines = [Line(side.side, _pairs(side.roc)) for side in sides if side.roc]
    if not lines:
        return Markup()
    area = _area("roc_auc", metric)
    plot = draw_plot(
        f"ROC curves of {_named(lines)}. {area}{_said(lines, 'false positive rate', 'true positive rate')}",
        Axis("false positive rate"),
        Axis("true positive rate"),
        lines,
        diagonal=True,
    )
    table = _asked(lines, "False positive rate", "true positive rate")
    return _figure("ROC", area, plot, table, "Its numbers: how many are found at which price in false alarms")


def _precision_recall(sides: Sequence[Curves], metric: MetricComparison | None) -> Markup:
    lines = [Line(side.side, _pairs(side.precision_recall)) for side in sides if side.precision_recall]
    if not lines:
        return Markup()
    area = _area("average_precision", metric)
    plot = draw_plot(
        f"Precision by recall of {_named(lines)}. {area}{_said(lines, 'recall', 'precision')}",
        Axis("recall"),
        Axis("precision"),
        lines,
    )
    table = _asked(lines, "Recall", "precision")
    return _figure("Precision and recall", area, plot, table, "Its numbers: precision at a recall")


def _calibration(sides: Sequence[Curves]) -> Markup:
    lines = [
        Line(
            side.side,
            dots=[
                Dot(bin_.predicted, bin_.observed, bin_.low, bin_.high) for bin_ in side.calibration[:_BINS]
            ],
        )
        for side in sides
        if side.calibration
    ]
    if not lines:
        return Markup()
    far = max(max(dot.x, dot.high) for line in lines for dot in line.dots)
    end = next((each for each in _ROUND if far <= each), 1.0)
    said = "On the diagonal, what is predicted is what happens."
    label = f"Calibration of {_named(lines)}: observed share by predicted probability, in equal bins. {said}"
    plot = draw_plot(
        label, Axis("predicted probability", end), Axis("observed share", end), lines, diagonal=True
    )
    rows = tuple(
        (
            side.side,
            _share(bin_.predicted),
            _share(bin_.observed),
            f"{_share(bin_.low)} to {_share(bin_.high)}",
            numbers.count(bin_.rows),
        )
        for side in sides
        for bin_ in side.calibration[:_BINS]
    )
    table = Table("", ("Side", "Predicted:", "Observed:", "95 % interval:", "Rows:"), rows, "bin")
    return _figure("Calibration", said, plot, table, "Its numbers: every bin")


def _errors(sides: Sequence[Curves]) -> Markup:
    known = [side for side in sides if side.errors]
    if not known:
        return Markup()
    lines = [Line(side.side, [(0.0, 0.0), *_pairs(side.errors)]) for side in known]
    far = max(_at_share(side.errors, _MOST) for side in known)
    end = far if far > 0 else 1.0
    rows = tuple(
        (
            f"{numbers.percent(share)}",
            *(numbers.bar(float(f"{_at_share(side.errors, share):.4g}")) for side in known),
        )
        for share in _SHARES
    )
    table = Table(
        "",
        ("Share of the rows:", *(f"{side.side.capitalize()}, error up to:" for side in known)),
        rows,
        "share",
    )
    half = ", ".join(
        f"{side.side} {numbers.bar(float(f'{_at_share(side.errors, 0.5):.4g}'))}" for side in known
    )
    said = f"Half of the rows are off by no more than: {half}."
    plot = draw_plot(
        f"Share of the rows by absolute error, of {_named(lines)}. {said}",
        Axis("absolute error", end),
        Axis("share of the rows"),
        lines,
    )
    return _figure("Absolute errors", said, plot, table, "Its numbers: errors by share of the rows")


def _figure(title: str, said: str, plot: Markup, table: Table, summary: str) -> Markup:
    numbers_ = folded(summary, draw_table(table, len(table.rows), label=title))
    return tag("figure", tag("figcaption", tag("b", title), f" {said}"), plot, numbers_)


def _area(name: str, metric: MetricComparison | None) -> str:
    """The area under both curves, as the metric has it."""
    if metric is None or metric.base is None or metric.head is None:
        return ""
    (base, head), _ = numbers.compared((metric.base, metric.head), metric.difference)
    return f"{name}: base {base}, head {head}. "


def _asked(lines: Sequence[Line], x: str, y: str) -> Table:
    """What the curves have at round places."""
    rows = tuple((_share(at), *(_share(_height(line.points, at)) for line in lines)) for at in _ASKED)
    return Table("", (f"{x}:", *(f"{line.side.capitalize()}, {y}:" for line in lines)), rows, "place")


def _said(lines: Sequence[Line], x: str, y: str) -> str:
    """What both have in the middle, in words."""
    at = 0.2 if x.startswith("false") else 0.5
    heights = ", ".join(f"{line.side} {_share(_height(line.points, at))}" for line in lines)
    return f"At a {x} of {_share(at)} the {y} is: {heights}."


def _height(points: Sequence[tuple[float, float]], x: float) -> float:
    """The curve's height at a place: the highest where it climbs there, else between two points."""
    places = [point[0] for point in points]
    last = bisect_right(places, x) - 1
    if last < 0:
        return points[0][1]
    if places[last] == x or last + 1 == len(points):
        return max(point[1] for point in points[bisect_left(places, places[last]) : last + 1])
    (x1, y1), (x2, y2) = points[last], points[last + 1]
    return y1 + (y2 - y1) * (x - x1) / (x2 - x1)


def _at_share(errors: Sequence[Point], share: float) -> float:
    """The least kept error that so many rows do not exceed."""
    place = bisect_left([point.y for point in errors], share - 1e-12)
    return errors[min(place, len(errors) - 1)].x


def _pairs(points: Sequence[Point]) -> list[tuple[float, float]]:
    return sorted(((point.x, point.y) for point in points[:_POINTS]), key=lambda pair: pair[0])


def _named(lines: Sequence[Line]) -> str:
    return " and ".join(line.side for line in lines)


def _share(number: float) -> str:
    """A share with two decimals, three where it is small."""
    return numbers.Scale(2 if number >= 0.1 else 3).number(number)
