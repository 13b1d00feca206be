"""A small project with golden rows, and models that keep or break them."""

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mergegate import bundle, predictions
from support.projects import Project

POLICY = """\
version: 1
min_rows: 2
models:
  line:
    bundle: models/bundle
    golden: golden
    evaluation: {task: binary, predictions: reports/predictions.parquet, inputs: inputs.parquet}
"""
ROWS = "name,expected,reason,author,x\nhigh,1,Far above the line.,Ada,3\nlow,0,Far below the line.,Ada,-3\n"
X = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)


@cache
def _saved(kind: str) -> dict[str, bytes]:
    x = np.linspace(-3, 3, 121)
    frame = pd.DataFrame({"x": x, **({"z": x**2} if kind == "wider" else {})})
    above = (x > 0.5).astype(int)
    kinds: dict[str, tuple[Any, Any, Any]] = {
        "above": (LogisticRegression(), "binary", above),
        "above, less sure": (LogisticRegression(C=0.01), "binary", above),
        "below": (LogisticRegression(), "binary", 1 - above),
        "wider": (make_pipeline(StandardScaler(), LogisticRegression()), "binary", above),
        "number": (LinearRegression(), "regression", 2.0 * x + 1.0),
    }
    estimator, task, y = kinds[kind]
    prepared = bundle.prepare(frame)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle"
        bundle.save(path, estimator.fit(prepared, y), name="line", task=task, target="y", X=prepared)
        return {file.name: file.read_bytes() for file in path.iterdir()}


def write_model(project: Project, kind: str) -> None:
    """A model, its inputs and predictions of six rows: `above` the line, `below` it, `wider`, a `number`."""
    path = project.root / "models/bundle"
    shutil.rmtree(path, ignore_errors=True)
    for name, content in _saved(kind).items():
        project.write(f"models/bundle/{name}", content)
    inputs = {"x": list(X), **({"z": [value**2 for value in X]} if kind == "wider" else {})}
    ids = [f"r{number}" for number in range(len(X))]
    pq.write_table(pa.table({"row_id": ids, **inputs}), project.root / "inputs.parquet")
    found = bundle.load(path).predict(inputs)
    shares = found.probabilities
    predictions.write(
        project.root / "reports/predictions.parquet",
        row_id=ids,
        y_true=[2 * x + 1.5 for x in X] if kind == "number" else [int(x > 0.5) for x in X],
        y_pred=found.y_pred,
        probabilities=None if shares is None else {0: shares[:, 0], 1: shares[:, 1]},
    )


def build_golden(home: Path) -> Project:
    """A project with two golden rows on `main`, all of it in git; `change`, checked out, is no different."""
    project = Project(home / "project", home)
    project.root.mkdir(parents=True)
    (project.root / "reports").mkdir()
    project.git("init", "--quiet", "--initial-branch", "main")
    project.write("mergegate.yaml", POLICY)
    project.write("golden/rows.csv", ROWS)
    write_model(project, "above")
    project.commit("Start")
    project.git("switch", "--quiet", "--create", "change")
    return project
