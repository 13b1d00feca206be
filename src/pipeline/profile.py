"""Stage profile: what the model's data looks like, as one HTML file that people open.

reports/profile.html holds its charts as SVG: no script, nothing fetched.
"""

import logging
from pathlib import Path

import jinja2
import pandas as pd

from pipeline import chapters, stage, tables
from pipeline.chapters import Chapter, Data
from pipeline.charts import EVALUATION, TRAIN, Sides
from pipeline.stage import Section, StageError

FOLDERS = {TRAIN: Path("data/model/train"), EVALUATION: Path("data/model/evaluation")}
OUT = Path("reports/profile.html")
TEMPLATE = Path(__file__).with_name("profile.html.j2")
MAX_CLASSES = 20


class Profile(Section, frozen=True):
    """`positive` is the class whose rate is shown; without it, every class's, or a numeric label's mean.

    `time` is a date column, `slices` are columns of few values.
    """

    label: str
    positive: str | int | bool | None = None
    time: str | None = None
    slices: tuple[str, ...] = ()


def profile(params: Profile, log: logging.Logger) -> str:
    """Write the HTML."""
    data = read(params)
    told: list[Chapter] = []
    if params.time:
        told.append(chapters.over_time(data, params.time))
    if params.slices:
        told.append(chapters.by_slice(data, params.slices))
    for tell in (chapters.distributions, chapters.missing, chapters.correlations):
        told.append(tell(data))
        log.info("%s: %d charts", told[-1].title.lower(), len(told[-1].figures))
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    html = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        label=params.label,
        facts=chapters.facts(data),
        chapters=told,
        columns=[chapters.describe(name, data.column(name)) for name in data.columns],
    )
    tables.write_text(html + "\n", OUT)
    drawn = sum(len(chapter.figures) for chapter in told)
    return f"{drawn} charts of {len(data.columns)} columns, {len(html) / 1e6:.1f} MB in {OUT}"


def read(params: Profile) -> Data:
    """Both folders. StageError when a column or class that the params name is not there."""
    sides = {}
    for side, folder in FOLDERS.items():
        table = tables.read_folder(folder)
        named = (params.label, *params.slices, *((params.time,) if params.time else ()))
        tables.require(table, named, "profile")
        sides[side] = tables.to_pandas(table)
    if params.time and not pd.api.types.is_datetime64_any_dtype(sides[TRAIN][params.time]):
        raise StageError(
            f"params.yaml, profile.time: {params.time} is no date", hint="name a date column, or none"
        )
    labels = {side: frame[params.label] for side, frame in sides.items()}
    targets, percent = find_targets(labels, params)
    return Data(sides=sides, targets=targets, percent=percent, label=params.label)


def find_targets(labels: Sides, params: Profile) -> tuple[dict[str, Sides], bool]:
    """The series of the label to be shown, and whether they are shares."""
    classes = sorted(labels[TRAIN].unique())
    numeric = pd.api.types.is_numeric_dtype(labels[TRAIN])
    if params.positive is not None:
        if params.positive not in classes:
            raise StageError(
                f"params.yaml, profile.positive: no training row has {params.label} {params.positive}",
                hint=f"there are: {', '.join(map(str, classes[:10]))}",
            )
        classes = [params.positive]
    elif numeric and (len(classes) > MAX_CLASSES or pd.api.types.is_float_dtype(labels[TRAIN])):
        mean = {side: values.astype(float) for side, values in labels.items()}
        return {f"mean {params.label}": mean}, False
    shares = {
        str(name): {side: (values == name).astype(float) for side, values in labels.items()}
        for name in classes[:MAX_CLASSES]
    }
    return shares, True


if __name__ == "__main__":
    raise SystemExit(stage.run("profile", Profile, profile))
