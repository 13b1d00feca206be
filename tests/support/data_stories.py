"""The same shop's data under DVC: months of parcels, the weather, and an exam with what was learnt from.

Fixed dates and a fixed seed: the same files, the same comment, wherever the tests run.
"""

import csv
import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from support.stories import Story

PARCELS, WEATHER, EXAM, HISTORY = "data/parcels", "data/weather.csv", "data/exam.csv", "data/history.csv"
GUIDELINE = "docs/labels.md"

POLICY = f"""\
version: 1
datasets:
  - {{path: {PARCELS}, key: parcel, label: late, slices: [region], private: [customer]}}
  - {{path: {WEATHER}, key: [region, day]}}
  - path: {EXAM}
    key: parcel
    label: late
    time: sent
    train: {HISTORY}
    known_later: [attempts]
    slices: [region]
    private: [customer]
    guideline: {GUIDELINE}
    approvers: [Mo, Kim]
dataset_gates:
  leakage: {{single_feature: forbid}}
"""

LATE = "A parcel is late when it arrives after the day that we promised.\n"

Row = dict[str, Any]


@dataclass(frozen=True)
class DataStory(Story):
    """The shop's repository, with a remote beside it that a fresh clone can pull from."""

    def copy(self, root: Path) -> "DataStory":
        made = super().copy(root)
        return DataStory(made.root, made.home)

    def clone(self, name: str, *options: str) -> "DataStory":
        made = super().clone(name, *options)
        return DataStory(made.root, made.home)

    def track(self, *paths: str) -> None:
        """`dvc add`, as anyone would."""
        self.dvc("add", "--quiet", *paths)

    def read_rows(self, path: str) -> list[Row]:
        """A CSV file's rows, every cell a text."""
        return list(csv.DictReader(io.StringIO(self.read(path))))

    def write_rows(self, path: str, rows: list[Row]) -> None:
        """Write a CSV file and track it."""
        # A file that DVC put there may be a link into its cache.
        (self.root / path).unlink(missing_ok=True)
        self.write(path, as_csv(rows))
        self.track(path)

    def edit_rows(self, path: str, edit: Callable[[int, Row], Mapping[str, Any]]) -> None:
        """Replace every row of a CSV file by what `edit` makes of its number and itself; track it."""
        self.write_rows(path, [dict(edit(number, row)) for number, row in enumerate(self.read_rows(path))])


def build_data_story(home: Path) -> DataStory:
    """Build the shop's repository on `main`: tracked, pushed, committed."""
    story = DataStory(home / "project", home)
    story.root.mkdir(parents=True)
    story.git("init", "--quiet", "--initial-branch", "main")
    story.dvc("init", "--quiet")
    (home / "remote").mkdir()
    story.write(".dvc/config", "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../remote\n")
    for month in (1, 2, 3):
        story.write(f"{PARCELS}/2026-{month:02}.parquet", as_parquet(parcels(month, 400)))
    story.write(WEATHER, as_csv(weather()))
    story.write(HISTORY, as_csv([row for month in (1, 2) for row in parcels(month, 400)]))
    story.write(EXAM, as_csv(parcels(3, 400)))
    story.write(GUIDELINE, LATE)
    story.write("mergegate.yaml", POLICY)
    story.track(PARCELS, WEATHER, HISTORY, EXAM)
    story.dvc("push", "--quiet")
    story.commit("Track three months of parcels")
    return story


def parcels(month: int, count: int, *, rain: float = 2.0, regions: tuple[str, ...] = ()) -> list[Row]:
    """A month's parcels; `rain` in mm a day on average, `regions` beside north, south and islands."""
    chance = random.Random(f"parcels of {month}")
    rows = []
    for number in range(count):
        region = chance.choices(("north", "south", "islands", *regions), (58, 32, 10, *(25 for _ in regions)))
        distance, fell = chance.uniform(5, 400), chance.expovariate(1 / rain)
        late = chance.random() < 0.08 + 0.0006 * distance + 0.02 * fell
        rows.append(
            {
                "parcel": f"P{month:02}{number:04}",
                "sent": date(2026, month, 1) + timedelta(days=number * 28 // count),
                "customer": f"c{chance.randrange(900):03}",
                "region": region[0],
                "weight": round(chance.lognormvariate(0, 1), 2),
                "distance": round(distance, 1),
                "rain": round(fell, 1),
                "late": "yes" if late else "no",
            }
        )
    return rows


def weather() -> list[Row]:
    """A quarter's weather in every region, in °C and mm."""
    chance = random.Random("weather")
    return [
        {
            "region": region,
            "day": date(2026, 1, 1) + timedelta(days=day),
            "station": 61 + number,
            "temp": round(4 + 0.1 * day + 3 * number + chance.gauss(0, 3), 1),
            "rain": round(chance.expovariate(0.5), 1),
        }
        for number, region in enumerate(("north", "south", "islands"))
        for day in range(90)
    ]


def as_csv(rows: list[Row]) -> str:
    """The rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_parquet(rows: list[Row]) -> bytes:
    """The rows as Parquet."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()
