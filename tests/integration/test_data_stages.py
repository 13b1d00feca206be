"""The data's stages under real DVC: what a new month costs, and that nothing runs on invalid data."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from support import flights
from support.clones import run

STAGES = ("ingest", "validate", "split")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """This repository's pipeline as far as the split, on a small airport."""
    folder = tmp_path / "project"
    shutil.copytree(flights.REPOSITORY / "src/pipeline", folder / "src/pipeline")
    shutil.copy(flights.REPOSITORY / ".dvcignore", folder)
    flights.write_raw(folder)
    dag = YAML(typ="safe").load(flights.REPOSITORY / "dvc.yaml")
    dag["stages"] = {name: dag["stages"][name] for name in STAGES}
    with (folder / "dvc.yaml").open("w") as file:
        YAML(typ="safe").dump(dag, file)
    assert dvc(folder, "init", "--no-scm") == 0
    assert dvc(folder, "add", "data/raw/flights", "data/raw/weather.parquet", "data/raw/planes.parquet") == 0
    return folder


def dvc(folder: Path, *arguments: str) -> int:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return run(folder, "dvc", *arguments, PATH=path).returncode


def add_month(folder: Path, name: str, **changes: Any) -> None:
    rows = flights.month(name)
    rows[0] |= changes
    flights.write(rows, flights.FLIGHTS, folder / f"data/raw/flights/{name}.parquet")
    assert dvc(folder, "add", "data/raw/flights") == 0


def objects(folder: Path) -> set[str]:
    return {
        path.parent.name + path.name
        for path in (folder / ".dvc/cache/files/md5").rglob("*")
        if path.is_file()
    }


def test_a_new_month_adds_only_its_own_files(project: Path) -> None:
    assert dvc(project, "repro") == 0
    before = objects(project)
    add_month(project, "2013-04")

    assert dvc(project, "repro") == 0

    added = objects(project) - before
    # Raw, interim and evaluation: the month and a new list each; sources.json, validation.json and .txt.
    assert len(added) == 9
    assert sum(name.endswith(".dir") for name in added) == 3
    outs = YAML(typ="safe").load(project / "dvc.lock")["stages"]["split"]["outs"]
    assert {out["path"]: out["nfiles"] for out in outs} == {"data/model/evaluation": 2, "data/model/train": 2}


def test_nothing_runs_on_invalid_data_however_often_one_tries(project: Path) -> None:
    add_month(project, "2013-04", carrier="ZZ")

    codes = [dvc(project, "repro"), dvc(project, "repro")]

    assert 0 not in codes
    assert list(YAML(typ="safe").load(project / "dvc.lock")["stages"]) == ["ingest"]
    assert not (project / "data/model").exists()
    assert "carrier: expected one of" in (project / "reports/validation.txt").read_text()
