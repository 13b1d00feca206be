"""Reviews of predictions that lie in git alone: what a change says of the same rows, cheaply and exactly."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from support.projects import Project

PREDICTIONS = "reports/predictions.parquet"
ROWS = 2_000

Columns = dict[str, Any]


def policy(
    gates: str,
    *,
    task: str = "binary",
    positive: str = "late",
    evaluation: str = "",
    model: str = "",
    top: str = "",
) -> str:
    """A policy of one model `m`: its gates, and further lines of its evaluation, of the model, at the top."""
    decided = f"      positive: {positive}\n" if task == "binary" else ""
    return (
        f"version: 1\n{top}models:\n  m:\n{_indented(model, 4)}    evaluation:\n      task: {task}\n{decided}"
        f"      predictions: {PREDICTIONS}\n{_indented(evaluation, 6)}    gates:\n{_indented(gates, 6)}"
    )


def _indented(lines: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in lines.splitlines())


def parcels(skill: float, *, rows: int = ROWS, seed: int = 0) -> Columns:
    """Answers about the same parcels by a model of some skill; the seed is that of its own noise."""
    world, noise = np.random.default_rng(1), np.random.default_rng(seed + 2)
    luck = world.normal(size=rows)
    late = luck + world.normal(size=rows) > 0.4
    score = 1 / (1 + np.exp(-1.5 * (skill * luck + (1 - skill) * noise.normal(size=rows) - 0.4)))
    called = score >= 0.5
    return {
        "row_id": [f"p{number}" for number in range(rows)],
        "y_true": np.where(late, "late", "in_time"),
        "y_pred": np.where(called, "late", "in_time"),
        "proba_late": score,
        "proba_in_time": 1 - score,
        "region": world.choice(["north", "south"], rows, p=[0.7, 0.3]),
        "customer": world.integers(0, 250, rows),
        "orders": world.integers(1, 4, rows),
        "refund": np.where(late == called, 0.0, np.where(late, 12.0, 3.0)),
    }


def houses(error: float, *, rows: int = ROWS) -> Columns:
    """Answers of a regression about the same houses, `error` off."""
    world = np.random.default_rng(4)
    price = world.uniform(100, 300, rows)
    return {"row_id": np.arange(rows), "y_true": price, "y_pred": price + error * world.normal(size=rows)}


def pick(columns: Columns, rows: Any) -> Columns:
    """Some of the rows."""
    return {name: np.asarray(values)[rows] for name, values in columns.items()}


def write(project: Project, columns: Columns) -> None:
    file = project.root / PREDICTIONS
    file.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), file)


def begin(home: Path, text: str, base: Columns | None, **files: str) -> Project:
    """`main` with a policy, base's predictions and further files by name; then a branch to change them on."""
    project = Project(home / "project", home)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.write("mergegate.yaml", text)
    for name, content in files.items():
        project.write(name.replace("_", "."), content)
    if base is not None:
        write(project, base)
    project.commit("Start")
    project.git("switch", "--quiet", "--create", "change")
    return project


def judge(project: Project, head: Columns | None = None, *, code: int) -> dict[str, Any]:
    """Commit head's predictions and review them; the exit code must be this."""
    if head is not None:
        write(project, head)
    project.commit("Change")
    ended = project.mergegate("review", "--head", "HEAD", "--json")
    assert ended.code == code, (ended.out[-2_000:], ended.err)
    result: dict[str, Any] = json.loads(ended.out)
    return result


def by_gate(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The gates by id, without the model's name."""
    return {gate["id"].removeprefix("m/"): gate for gate in result["gates"]}


def metric(result: dict[str, Any], name: str) -> dict[str, Any]:
    """One metric's record."""
    found: dict[str, Any] = next(each for each in result["models"][0]["metrics"] if each["name"] == name)
    return found
