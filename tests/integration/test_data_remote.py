"""The embedded remote: what it must hold, no more and no less, each object under its own md5."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from support.clones import make_clone, run

REPOSITORY = Path(__file__).parents[2]
SCRIPT = REPOSITORY / "data" / "make_remote.py"


@pytest.fixture(scope="module")
def make_remote() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_remote", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REPOSITORY / "data" / "remote", tmp_path / "remote"))


def test_every_object_is_named_and_sound_and_every_named_object_is_there() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_lost_a_spoilt_and_a_nameless_object_are_each_found(make_remote: ModuleType, remote: Path) -> None:
    names = make_remote.named(REPOSITORY)
    old = make_remote.remembered(REPOSITORY)
    before = set(make_remote.differences(remote, names, old))
    lost, spoilt = sorted(md5 for md5, who in names.items() if who.startswith("data/catalogue.json"))[:2]
    make_remote.location(remote, lost).unlink()
    make_remote.location(remote, spoilt).write_bytes(b"spoilt")
    nameless = make_remote.location(remote, "0" * 32)
    nameless.parent.mkdir()
    nameless.write_bytes(b"whose?")

    assert set(make_remote.differences(remote, names, old)) - before == {
        f"{lost} is missing: {names[lost]} names it",
        f"{spoilt} does not hold what its name says: {names[spoilt]} names it",
        f"files/md5/00/{'0' * 30} is named by nothing",
    }


def test_a_file_that_a_folders_list_names_must_be_there(make_remote: ModuleType, remote: Path) -> None:
    names = {who: md5 for md5, who in make_remote.named(REPOSITORY).items()}
    january = names["data/catalogue.json, 2013-01"]
    make_remote.location(remote, january).unlink()

    found = make_remote.differences(remote, {names["data/raw/flights.dvc"]: "data/raw/flights.dvc"}, None)

    assert found == [f"{january} is missing: data/raw/flights.dvc, 2013-01.parquet names it"]


def test_an_output_that_is_not_pushed_is_not_expected(make_remote: ModuleType) -> None:
    stage = {
        "outs": ["model", {"profile.html": {"push": False}}, {"log": {"cache": False}}],
        "metrics": [{"metrics.json": {"cache": False}}],
        "plots": [{"roc.json": {"x": "fpr"}}],
    }

    assert make_remote.pushed(stage) == {"model", "roc.json"}


def test_a_rebuild_keeps_what_is_named_and_forgets_the_rest(tmp_path: Path) -> None:
    clone = make_clone(tmp_path)
    nameless = clone / "data/remote/files/md5/00" / ("0" * 30)
    nameless.parent.mkdir()
    nameless.write_bytes(b"whose?")

    done = run(clone, sys.executable, "data/make_remote.py")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "data/remote: 15 objects, 4.5 MB, each verified\n"
    assert not nameless.exists()
    assert run(clone, sys.executable, "data/make_remote.py", "--check").returncode == 0


def test_a_rebuild_that_lacks_an_object_leaves_the_remote_alone(tmp_path: Path) -> None:
    clone = make_clone(tmp_path)
    catalogue = json.loads((clone / "data/catalogue.json").read_bytes())
    md5 = catalogue["months"]["2013-04"]["md5"]
    lost = clone / "data/remote/files/md5" / md5[:2] / md5[2:]
    lost.unlink()

    done = run(clone, sys.executable, "data/make_remote.py")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        f"{md5} is missing: data/catalogue.json, 2013-04 names it",
        "data/remote is as it was. Run `dvc repro` (or give --raw) and try again.",
    ]
    assert run(clone, "git", "status", "--porcelain").stdout == f" D {lost.relative_to(clone)}\n"
