"""One shop's real project, which asks what parcels will come late: what the stories of pull requests change.

Fixed dates and a fixed seed: the same files, the same numbers, wherever the tests run.
"""

import math
import random
from dataclasses import dataclass
from pathlib import Path

from support.projects import Project

DATE = "2026-03-02T09:00:00Z"
TRAINED, EVALUATED = 3_000, 2_400

COLUMNS = ("parcel", "customer", "region", "orders", "distance", "load", "rain", "late")

TRAIN = '''\
"""Fit a logistic regression on a resample of history.csv; predict the parcels of exam.csv."""

import csv
import json
import random
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PARAMS = dict(re.findall(r"  (\\w+): (.+)", Path("params.yaml").read_text()))
FEATURES = PARAMS["features"].strip("[]").split(", ")


def read(name, heaviest_rain=np.inf):
    with open(f"data/{name}.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if float(row["rain"]) <= heaviest_rain]
    x = np.array([[1.0, *(float(row[name]) for name in FEATURES)] for row in rows])
    return rows, x, np.array([row["late"] == "late" for row in rows])


def fit(x, y):
    weights = np.zeros(x.shape[1])
    for _ in range(12):
        p = 1 / (1 + np.exp(-x @ weights))
        curvature = (x * (p * (1 - p))[:, None]).T @ x + float(PARAMS["shrink"]) * np.eye(len(weights))
        weights += np.linalg.solve(curvature, x.T @ (y - p) - float(PARAMS["shrink"]) * weights)
    return weights


history, x, y = read("history")
chosen = random.Random(int(PARAMS["seed"])).choices(range(len(y)), k=len(y))
rows, exam, late = read("exam", float(PARAMS["heaviest_rain"]))
p = np.round(1 / (1 + np.exp(-exam @ fit(x[chosen], y[chosen]))), 6)
called = p >= 0.2  # as 3 to 12 + 3: what a false alarm costs, and a late parcel that nobody announced
table = {
    "row_id": [row["parcel"] for row in rows],
    "y_true": np.where(late, "late", "in_time"),
    "y_pred": np.where(called, "late", "in_time"),
    "proba_late": p,
    "proba_in_time": 1 - p,
    "customer": [row["customer"] for row in rows],
    "region": [row["region"] for row in rows],
    "orders": [int(row["orders"]) for row in rows],
    "refund": np.where(late & ~called, 12.0, np.where(~late & called, 3.0, 0.0)),
}
Path("reports").mkdir(exist_ok=True)
pq.write_table(pa.table(table), "reports/predictions.parquet")
Path("reports/metrics.json").write_text(json.dumps({"history_rows": len(y)}) + "\\n")
'''

DVC_YAML = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, data/history.csv, data/exam.csv]
    params: [train, exam]
    outs: [reports/predictions.parquet]
    metrics:
      - reports/metrics.json: {cache: false}
"""

POLICY = """\
version: 1
models:
  late-parcel:
    evaluation:
      task: binary
      positive: late
      predictions: reports/predictions.parquet
      metrics: reports/metrics.json
      cluster: customer
      weight: orders
      losses: [{name: refund_eur, column: refund}]
    gates:
      metrics:
        - {name: roc_auc, min: 0.65, max_regression: 0.01, slices: [region]}
        - {name: log_loss, max_regression: 0.01}
        - {name: refund_eur, max_relative_regression: 0.05}
datasets:
  - {path: data/exam.csv, key: parcel, label: late}
"""

PARAMS = "train:\n  features: {features}\n  seed: {seed}\n  shrink: 1.0\nexam:\n  heaviest_rain: {rain}\n"
FEATURES = "[distance, load]"


@dataclass(frozen=True)
class Story(Project):
    """A project whose commits bear one date, so that nothing in it depends on when or where it was built."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE}

    def copy(self, root: Path) -> "Story":
        made = super().copy(root)
        return Story(made.root, made.home)

    def begin(self, branch: str) -> None:
        """Start a pull request."""
        self.git("switch", "--quiet", "--create", branch)

    def train(self, *, features: str = FEATURES, seed: int = 1, rain: float = 9) -> None:
        """Run the pipeline with these params."""
        self.write("params.yaml", PARAMS.format(features=features, seed=seed, rain=rain))
        self.dvc("repro", "--quiet")


def build_story(home: Path) -> Story:
    """Build the project on `main`, reproduced and committed."""
    story = Story(home / "project", home)
    story.root.mkdir(parents=True)
    story.git("init", "--quiet", "--initial-branch", "main")
    story.dvc("init", "--quiet")
    story.write("data/history.csv", parcels("history", TRAINED))
    story.write("data/exam.csv", parcels("exam", EVALUATED))
    story.write("train.py", TRAIN)
    story.write("dvc.yaml", DVC_YAML)
    story.write("mergegate.yaml", POLICY)
    story.dvc("add", "--quiet", "data/history.csv", "data/exam.csv")
    story.train()
    story.commit("Predict late parcels from distance and load")
    return story


def parcels(seed: str, count: int) -> str:
    """A table of parcels: 200 customers, some of whom live where parcels come late whatever the weather."""
    chance = random.Random(seed)
    homes = [chance.uniform(-0.8, 0.8) for _ in range(200)]
    lines = [",".join(COLUMNS)]
    for number in range(count):
        customer = chance.randrange(len(homes))
        region = chance.choices(("north", "south", "islands"), (60, 36, 4))[0]
        distance, load, rain = (chance.uniform(-1.7, 1.7) for _ in range(3))
        logit = -0.6 + 0.9 * distance + 0.7 * load + 1.0 * rain + homes[customer]
        late = "late" if chance.random() < 1 / (1 + math.exp(-logit)) else "in_time"
        numbers = ",".join(f"{value:.3f}" for value in (distance, load, rain))
        orders = chance.choices((1, 2, 3), (6, 3, 1))[0]
        lines.append(f"{seed[0]}{number:05d},c{customer:03d},{region},{orders},{numbers},{late}")
    return "\n".join(lines) + "\n"
