"""`make month` in a real clone with real DVC, and the hazard that it avoids."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from support.clones import make_clone, run

POINTER = Path("data/raw/flights.dvc")
FLIGHTS = Path("data/raw/flights")
MONTHS = ", ".join(f"2013-{number:02d}" for number in range(1, 13))


def month(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    return run(folder, sys.executable, "data/month.py", name)


def dvc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "dvc", *arguments)


def catalogue(folder: Path) -> dict[str, Any]:
    months: dict[str, Any] = json.loads((folder / "data/catalogue.json").read_bytes())["months"]
    return months


def listing(folder: Path) -> dict[str, str]:
    """What the .dvc file's folder consists of, from the cache."""
    md5 = YAML(typ="safe").load(folder / POINTER)["outs"][0]["md5"]
    entries = json.loads((folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).read_bytes())
    return {entry["relpath"]: entry["md5"] for entry in entries}


def expected(folder: Path, *months: str) -> dict[str, str]:
    return {f"{name}.parquet": catalogue(folder)[name]["md5"] for name in months}


def remote_object(folder: Path, name: str) -> Path:
    md5: str = catalogue(folder)[name]["md5"]
    return folder / "data/remote/files/md5" / md5[:2] / md5[2:]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path)


def test_a_month_comes_in_beside_the_others_and_only_once(clone: Path) -> None:
    first = month(clone, "2013-04")
    pointer = (clone / POINTER).read_text()
    second = month(clone, "2013-04")

    assert (first.returncode, first.stdout) == (0, "")
    assert first.stderr == (
        "added data/raw/flights/2013-04.parquet: 28,330 flights; the folder now holds 4 files\n"
        "  next: dvc repro && dvc push && git add data/raw/flights.dvc dvc.lock reports data/remote\n"
    )
    assert listing(clone) == expected(clone, "2013-01", "2013-02", "2013-03", "2013-04")
    assert sorted(path.name for path in (clone / FLIGHTS).iterdir()) == sorted(listing(clone))
    assert run(clone, "git", "status", "--porcelain").stdout == " M data/raw/flights.dvc\n"
    assert second.returncode == 0
    assert second.stderr == (
        "data/raw/flights/2013-04.parquet is already there, 28,330 flights; nothing to do\n"
    )
    assert (clone / POINTER).read_text() == pointer


def test_dvc_add_in_a_fresh_clone_loses_the_other_months(clone: Path) -> None:
    (clone / FLIGHTS).mkdir()
    shutil.copy(remote_object(clone, "2013-04"), clone / FLIGHTS / "2013-04.parquet")

    careless = dvc(clone, "add", str(FLIGHTS))

    assert careless.returncode == 0
    assert listing(clone) == expected(clone, "2013-04")


def test_an_unknown_month_lists_those_there_are(clone: Path) -> None:
    for asked in ("2014-01", "", "../../etc"):
        done = month(clone, asked)

        assert done.returncode == 2
        assert done.stderr == f"give one month of {MONTHS}, as in: make month MONTH=2013-01\n"


def test_a_file_that_is_not_recorded_is_neither_lost_nor_added(clone: Path) -> None:
    (clone / FLIGHTS).mkdir()
    (clone / FLIGHTS / "mine.parquet").write_text("mine")

    done = month(clone, "2013-04")

    assert done.returncode == 1
    assert done.stderr == (
        "month: data/raw/flights/mine.parquet is not as data/raw/flights.dvc records it\n"
        "  next: move it out of the folder, run this again, put it back, and only then `dvc add` the folder\n"
    )
    assert (clone / FLIGHTS / "mine.parquet").read_text() == "mine"
    assert run(clone, "git", "status", "--porcelain").stdout == ""


@pytest.mark.parametrize("name", ["2013-02", "2013-04"])
@pytest.mark.parametrize("content", [None, b"not flights"])
def test_an_object_that_the_remote_lost_or_spoilt_is_named(
    clone: Path, name: str, content: bytes | None
) -> None:
    spoilt = remote_object(clone, name)
    spoilt.unlink()
    if content is not None:
        spoilt.write_bytes(content)

    done = month(clone, "2013-04")

    assert done.returncode == 1
    assert done.stderr.startswith("month: ")
    assert catalogue(clone)[name]["md5"] in done.stderr
    assert "\n  next: " in done.stderr
    assert run(clone, "git", "status", "--porcelain", "data/raw").stdout == ""
    assert not (clone / FLIGHTS).exists()


def test_where_dvc_add_would_drop_a_file_the_old_state_comes_back(clone: Path) -> None:
    assert month(clone, "2013-04").returncode == 0
    before = (clone / POINTER).read_text()
    with (clone / ".dvcignore").open("a") as file:
        file.write("2013-02.parquet\n")

    done = month(clone, "2013-05")

    assert done.returncode == 1
    assert done.stderr == (
        "month: `dvc add data/raw/flights` recorded other files than it found; "
        "lost or changed: 2013-02.parquet\n"
        "  next: look at .dvcignore and at links inside the folder\n"
    )
    assert (clone / POINTER).read_text() == before
    assert not (clone / FLIGHTS / "2013-05.parquet").exists()
    assert (clone / FLIGHTS / "2013-02.parquet").is_file()
