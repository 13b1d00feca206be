"""The chapters of the data's profile: what is computed for each chart, and the words beside it."""

import base64
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline import charts
from pipeline.charts import EVALUATION, TRAIN, Sides

MAX_SLICES = 25
MAX_CATEGORIES = 1000
MIN_ROWS = 30
Z95 = 1.959963984540054
"""The normal distribution's quantile for a two-sided 95 % interval."""


@dataclass(frozen=True)
class Figure:
    """A chart: `data` is its SVG in base64, `alt` says in words what it shows."""

    title: str
    alt: str
    data: str
    note: str = ""


@dataclass(frozen=True)
class Chapter:
    """Charts that belong together; `layout` is grid, wide or single."""

    title: str
    text: str
    figures: list[Figure]
    layout: str = "grid"


@dataclass(frozen=True)
class Data:
    """Both sides' rows, and `targets`: for each series of the label (a class, or its mean) a number per row.

    `percent` says that those numbers are 0 or 1, so that their mean is a share.
    """

    sides: dict[str, pd.DataFrame]
    targets: dict[str, Sides]
    percent: bool
    label: str

    @property
    def columns(self) -> list[str]:
        """All columns but the row's key."""
        return [name for name in self.sides[TRAIN].columns if name != "row_id"]

    def column(self, name: str) -> Sides:
        """One column of both sides."""
        return {side: frame[name] for side, frame in self.sides.items()}


def over_time(data: Data, time: str) -> Chapter:
    """The label by day of the column `time`."""
    rows = []
    for series, sides in data.targets.items():
        for side, target in sides.items():
            daily = target.groupby(data.sides[side][time].dt.floor("D")).mean()
            smooth = daily.rolling(7, center=True, min_periods=1).mean()
            rows.append(
                pd.DataFrame(
                    {
                        "day": daily.index,
                        "value": daily.to_numpy(),
                        "smooth": smooth.to_numpy(),
                        "side": side,
                        "series": series,
                        "last": daily.index == daily.index.max(),
                    }
                )
            )
    drawn = charts.over_time(pd.concat(rows), percent=data.percent)
    figure = figure_of(f"{' and '.join(data.targets)}, by {time}", drawn)
    text = (
        "Thin: each day. Thick: the mean of the seven days around it. A level that shifts where the colour "
        "changes is drift between training and evaluation."
    )
    return Chapter("The label over time", text, [figure], layout="single")


def by_slice(data: Data, slices: tuple[str, ...]) -> Chapter:
    """The first series of the label by value of each slice column, over all rows."""
    series, sides = next(iter(data.targets.items()))
    target = pd.concat(sides.values(), ignore_index=True)
    figures = []
    for name in slices:
        values = pd.concat(data.column(name).values(), ignore_index=True).astype(object)
        groups = target.groupby(values.where(values.notna(), "missing").astype(str))
        frame = groups.agg(["size", "mean", "std"]).rename(columns={"size": "rows", "mean": "rate"})
        frame = frame[frame["rows"] >= MIN_ROWS].nlargest(MAX_SLICES, "rows")
        if frame.empty:
            continue
        low, high = wilson(frame["rate"], frame["rows"]) if data.percent else normal(frame)
        frame = frame.assign(low=low, high=high).sort_values("rate", ascending=False)
        frame = frame.rename_axis("value").reset_index()
        drawn = charts.by_slice(frame, percent=data.percent, overall=float(target.mean()))
        hidden = len(groups) - len(frame)
        note = f"Not shown for want of rows: {hidden:,}." if hidden else ""
        figures.append(figure_of(f"{series} by {name}", drawn, note))
    text = (
        "Each point is a value's rate over all rows, with its 95 % interval; its size says how many rows "
        "there are. The dashed line is the whole."
    )
    return Chapter("The label by slice", text, figures, layout="wide")


def distributions(data: Data) -> Chapter:
    """Every column but days and near-identifiers: histograms for numbers, bars for the rest."""
    figures, skipped = [], []
    for name in data.columns:
        column = data.column(name)
        together = pd.concat(column.values())
        if pd.api.types.is_datetime64_any_dtype(together):
            continue
        if pd.api.types.is_numeric_dtype(together) and not pd.api.types.is_bool_dtype(together):
            figures.append(figure_of(name, charts.numbers(column)))
        elif together.nunique() > MAX_CATEGORIES:
            skipped.append(name)
        else:
            figures.append(figure_of(name, charts.categories(column)))
    text = (
        "Shares of each side's own rows, so that sides of unequal size compare. Of numbers, the outermost "
        "half per cent on either end is gathered in the outermost bar."
    )
    if skipped:
        text += f" Left out for their many values: {', '.join(skipped)}."
    return Chapter("Distributions", text, figures)


def missing(data: Data) -> Chapter:
    """Where values are missing."""
    shares = pd.DataFrame(
        [
            {"column": name, "side": side, "share": float(values.isna().mean())}
            for name in data.columns
            for side, values in data.column(name).items()
        ]
    )
    gaps = shares.groupby("column")["share"].max()
    names = sorted(gaps.index[gaps > 0])
    if not names:
        return Chapter("Missing values", "No column lacks a value.", [])
    drawn = charts.missing(shares[shares["column"].isin(names)])
    text = f"{len(names)} of {len(data.columns)} columns lack values in some rows."
    return Chapter(
        "Missing values", text, [figure_of("share of rows without a value", drawn)], layout="single"
    )


def correlations(data: Data) -> Chapter:
    """Spearman's rank correlation between all numeric columns and the label, in training rows."""
    frame = data.sides[TRAIN].select_dtypes("number").drop(columns=[data.label], errors="ignore")
    frame = frame.loc[:, frame.nunique() > 1]
    names = [f"{data.label}: {name}" if data.percent else name for name in data.targets]
    for name, sides in zip(names, data.targets.values(), strict=True):
        frame[name] = sides[TRAIN].astype(float)
    matrix = frame.corr(method="spearman")
    long = matrix.rename_axis("a").reset_index().melt("a", var_name="b", value_name="r").dropna()
    drawn = charts.correlations(long, [*names, *(name for name in matrix if name not in names)])
    text = "Of the training rows, by rank, so that outliers don't decide; columns of one value are left out."
    return Chapter(
        "Correlations", text, [figure_of("between numbers, and with the label", drawn)], layout="single"
    )


def figure_of(title: str, svg: str, note: str = "") -> Figure:
    """An SVG, ready to stand in an `img`, where its ids can't meet another chart's."""
    return Figure(title=title, alt=f"Chart: {title}", data=base64.b64encode(svg.encode()).decode(), note=note)


def wilson(rate: pd.Series, rows: pd.Series) -> tuple[pd.Series, pd.Series]:
    """95 % interval of a share (Wilson, 1927), which stays within 0 and 1 for few rows too."""
    middle = (rate + Z95**2 / (2 * rows)) / (1 + Z95**2 / rows)
    half = Z95 / (1 + Z95**2 / rows) * np.sqrt(rate * (1 - rate) / rows + Z95**2 / (4 * rows**2))
    return middle - half, middle + half


def normal(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """95 % interval of a mean, from its standard error; columns `rate`, `std`, `rows`."""
    half = Z95 * frame["std"] / np.sqrt(frame["rows"])
    return frame["rate"] - half, frame["rate"] + half


def facts(data: Data) -> list[tuple[str, str]]:
    """Value and words of the numbers at the top."""
    found = [(f"{len(frame):,}", f"{side} rows") for side, frame in data.sides.items()]
    for name, sides in list(data.targets.items())[:4]:
        shown = [
            f"{sides[side].mean():.1%}" if data.percent else f"{sides[side].mean():.4g}"
            for side in (TRAIN, EVALUATION)
        ]
        found.append((" → ".join(shown), f"{name}, training → evaluation"))
    return found


def describe(name: str, sides: Sides) -> dict[str, str]:
    """A column's line in the table."""
    together = pd.concat(sides.values(), ignore_index=True)
    known = together.dropna()
    is_time = pd.api.types.is_datetime64_any_dtype(together)
    is_number = pd.api.types.is_numeric_dtype(together)
    low, middle, high = ("", "", "")
    if len(known) and (is_number or is_time):
        low, middle, high = (brief(known.min()), brief(known.median()), brief(known.max()))
    elif len(known):
        common = known.astype(str).value_counts()
        middle = f"{brief(common.index[0])} ({common.iloc[0] / len(together):.0%})"
    return {
        "name": name,
        "kind": "day" if is_time else "number" if is_number else "text",
        "distinct": f"{known.nunique():,}",
        **{f"missing_{side}": f"{values.isna().mean():.1%}" for side, values in sides.items()},
        "low": low,
        "middle": middle,
        "high": high,
    }


def brief(value: object) -> str:
    """A value as the table shows it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:40]
