"""The charts of the data's profile, by Altair, as SVG texts that need neither script nor network."""

import io
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

TRAIN, EVALUATION = "training", "evaluation"
COLOURS = alt.Scale(domain=[TRAIN, EVALUATION], range=["#3b6fb6", "#e07b39"])
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
INK, LINE = "#1f2933", "#e4e7eb"
TOP = 12
BINS = 24
LABEL_LENGTH = 24

Sides = dict[str, pd.Series]
"""One column's values: of the training rows and of the evaluation rows."""


def numbers(sides: Sides) -> str:
    """Two histograms as shares of their rows; the outermost 0.5 % on each side are gathered at the edge."""
    known = pd.concat(sides.values()).dropna().astype(float)
    low, high = known.quantile([0.005, 0.995]) if len(known) else (0.0, 1.0)
    values = np.unique(known)
    integral = bool((values == values.round()).all())
    whole = integral and high - low <= BINS * 2
    # Whole numbers within reach get a bar each, so that hours and weekdays don't fall between two.
    edges = (
        np.arange(low - 0.5, high + 1.5)
        if whole
        else np.linspace(low, high if high > low else low + 1, BINS + 1)
    )
    ticks = alt.Axis(tickCount=5, tickMinStep=1, format="d") if integral else alt.Axis(tickCount=5)
    bars = pd.concat(
        pd.DataFrame({"side": side, "from": edges[:-1], "to": edges[1:], "share": _shares(column, edges)})
        for side, column in sides.items()
    )
    step = (
        alt.Chart(bars)
        .mark_bar(opacity=0.55, binSpacing=0)
        .encode(
            x=alt.X("from:Q", title=None, bin="binned", axis=ticks),
            x2="to:Q",
            y=alt.Y("share:Q", title=None, stack=None, axis=alt.Axis(format="%", tickCount=3)),
            color=alt.Color("side:N", scale=COLOURS, legend=None),
        )
    )
    return svg(step, width=240, height=110)


def categories(sides: Sides) -> str:
    """The commonest values as shares of the rows, the rest in one bar."""
    together = pd.concat(sides.values()).astype(object).dropna()
    top = [str(value) for value in together.value_counts().index[:TOP]]
    rows = []
    for side, column in sides.items():
        text = column.astype(object).dropna().astype(str)
        shares = text.where(text.isin(top), "all others").value_counts(normalize=True)
        rows += [
            {"side": side, "value": value[:LABEL_LENGTH], "share": share} for value, share in shares.items()
        ]
    order = [value[:LABEL_LENGTH] for value in top] + ["all others"]
    bars = (
        alt.Chart(pd.DataFrame(rows, columns=["side", "value", "share"]))
        .mark_bar()
        .encode(
            y=alt.Y("value:N", sort=order, title=None),
            yOffset=alt.YOffset("side:N", sort=[TRAIN, EVALUATION]),
            x=alt.X("share:Q", title=None, axis=alt.Axis(format="%", tickCount=4)),
            color=alt.Color("side:N", scale=COLOURS, legend=None),
        )
    )
    return svg(bars, width=190, height=alt.Step(8))


def over_time(frame: pd.DataFrame, *, percent: bool) -> str:
    """A thin line per day and a thick one of the week around it; columns of chapters.over_time."""
    axis = alt.Axis(format="%") if percent else alt.Axis()
    several = frame["series"].nunique() > 1
    base = alt.Chart(frame).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%d %b", labelOverlap=True)),
        color=alt.Color("side:N", scale=COLOURS, legend=None),
        detail=["side:N", "series:N"],
    )
    daily = base.mark_line(opacity=0.35, strokeWidth=1).encode(y=alt.Y("value:Q", title=None, axis=axis))
    weekly = base.mark_line(strokeWidth=2.5).encode(y=alt.Y("smooth:Q", title=None))
    layers: alt.Chart | alt.LayerChart = alt.layer(daily, weekly)
    if several:
        last = base.transform_filter("datum.last").mark_text(align="left", dx=4)
        layers = alt.layer(daily, weekly, last.encode(y="smooth:Q", text="series:N"))
    return svg(layers, width=900, height=220)


def by_slice(frame: pd.DataFrame, *, percent: bool, overall: float) -> str:
    """A point with its 95 % interval per value; columns `value`, `rate`, `low`, `high`, `rows`."""
    axis = alt.Axis(format="%", tickCount=6) if percent else alt.Axis(tickCount=6)
    order = frame["value"].tolist()
    base = alt.Chart(frame).encode(y=alt.Y("value:N", sort=order, title=None))
    scale = alt.Scale(zero=percent)
    rule = base.mark_rule(color="#9aa5b1", strokeWidth=2).encode(
        x=alt.X("low:Q", title=None, axis=axis, scale=scale), x2="high:Q"
    )
    point = base.mark_circle(color="#3b6fb6", opacity=1).encode(
        x="rate:Q", size=alt.Size("rows:Q", legend=None, scale=alt.Scale(range=[25, 220], zero=True))
    )
    mean = (
        alt.Chart(pd.DataFrame({"x": [overall]}))
        .mark_rule(strokeDash=[4, 3], color="#7b8794")
        .encode(x="x:Q")
    )
    return svg(alt.layer(mean, rule, point), width=390, height=alt.Step(17))


def missing(frame: pd.DataFrame) -> str:
    """Share of rows without a value, of the columns where any is; columns `column`, `side`, `share`."""
    bars = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            y=alt.Y("column:N", sort="-x", title=None),
            yOffset=alt.YOffset("side:N", sort=[TRAIN, EVALUATION]),
            x=alt.X(
                "share:Q", title=None, axis=alt.Axis(format="%", tickCount=8), scale=alt.Scale(domainMin=0)
            ),
            color=alt.Color("side:N", scale=COLOURS, legend=None),
        )
    )
    return svg(bars, width=640, height=alt.Step(9))


def correlations(frame: pd.DataFrame, order: Sequence[str]) -> str:
    """A square of rank correlations; columns `a`, `b`, `r`."""
    base = alt.Chart(frame).encode(
        x=alt.X("a:N", sort=list(order), title=None, axis=alt.Axis(labelAngle=-45)),
        y=alt.Y("b:N", sort=list(order), title=None),
    )
    squares = base.mark_rect().encode(
        color=alt.Color(
            "r:Q",
            legend=None,
            scale=alt.Scale(domain=[-1, 0, 1], range=["#b4482e", "#f7f7f7", "#2c5aa0"]),
        )
    )
    ink = alt.when("abs(datum.r) > 0.55").then(alt.value("white")).otherwise(alt.value("#52606d"))
    text = base.mark_text(fontSize=9).encode(text=alt.Text("r:Q", format=".2f"), color=ink)
    return svg(alt.layer(squares, text), width=alt.Step(38), height=alt.Step(26))


def svg(chart: alt.Chart | alt.LayerChart, *, width: int | alt.Step, height: int | alt.Step) -> str:
    """A chart as SVG, in the profile's type and colours."""
    styled = (
        chart.properties(width=width, height=height, background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            gridColor=LINE,
            domainColor="#cbd2d9",
            tickColor="#cbd2d9",
            labelColor=INK,
            labelFontSize=11,
            labelLimit=150,
        )
        .configure_axisY(domain=False, ticks=False)
    )
    out = io.StringIO()
    styled.save(out, format="svg")
    return out.getvalue()


def _shares(column: pd.Series, edges: np.ndarray) -> np.ndarray:
    """Share of the known values in each bin, those beyond the edges counted in the outermost."""
    known = column.dropna().astype(float).clip(edges[0], edges[-1])
    counts, _ = np.histogram(known, bins=edges)
    return counts / max(len(known), 1)
