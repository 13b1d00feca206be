"""A repository that says nothing of mergegate yet, in which `mergegate init` starts at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from support.projects import Ended, Project

ACTION = "team/mergegate@" + "a" * 40


def empty(home: Path, *, branch: str = "main", remote: str = "git@github.com:team/flights.git") -> Project:
    """A git repository without a commit; `remote` is only a name."""
    project = Project(home / "project", home)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", branch)
    if remote:
        project.git("remote", "add", "origin", remote)
    return project


def init(project: Project, *options: str) -> Ended:
    """`mergegate init --yes`, pinned to a commit that stays the same."""
    return project.mergegate("init", "--yes", "--action", ACTION, *options)


def begun(project: Project, *options: str) -> str:
    """What it says; it must end well."""
    ended = init(project, *options)
    assert ended.code == 0, ended.err
    return ended.out


def predictions(
    project: Project, path: str, *, classes: Sequence[Any] = (0, 1), rows: int = 120, **more: Any
) -> None:
    """Write predictions of two classes by a model that is mostly right; `more` are further columns."""
    truth = np.arange(rows) % 2
    chance = np.where(np.arange(rows) % 5 == 0, 1 - truth, truth) * 0.6 + 0.2
    columns: Mapping[str, Any] = {
        "row_id": np.arange(rows),
        "y_true": [classes[int(value)] for value in truth],
        "y_pred": [classes[int(value > 0.5)] for value in chance],
        f"proba_{classes[1]}": chance,
        f"proba_{classes[0]}": 1 - chance,
        **more,
    }
    write_table(project, path, columns)


def write_table(project: Project, path: str, columns: Mapping[str, Any]) -> None:
    """Write columns as a Parquet file."""
    file = project.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), file)
