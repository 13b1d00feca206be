"""What a merge did to data without a word, told after the fact; data that lies behind a link."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from support.quick import Quick, ask
from support.states import build, copy


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Quick:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def made(built: Quick, tmp_path: Path) -> Quick:
    return copy(built, tmp_path / "made")


def notes(made: Quick) -> list[dict[str, Any]]:
    done = ask(made, "mergegate verify --json")
    assert done.returncode == 0, done.stdout
    return list(json.loads(done.stdout)["findings"])


def add(made: Quick, name: str) -> None:
    made.write(f"data/raw/{name}.csv", f"4,{name}\n")
    made.dvc("add", "--quiet", "data/raw")
    made.dvc("repro", "--quiet")
    made.commit(f"Add {name}")


@pytest.fixture
def merged(made: Quick) -> Quick:
    """Both sides added a file to a folder, and the merge has ours; no driver was installed."""
    made.git("switch", "--quiet", "--create", "left")
    add(made, "d")
    made.git("switch", "--quiet", "main")
    made.dvc("checkout", "--quiet")
    add(made, "e")
    assert made.attempt("git", "merge", "--quiet", "left").returncode == 1
    made.git("checkout", "--ours", "data/raw.dvc", "dvc.lock")
    made.git("commit", "--quiet", "--all", "--message", "Merge left")
    return made


def test_a_merge_that_kept_one_side_of_a_folder_names_what_the_other_lost_and_mends_it(merged: Quick) -> None:
    assert "up to date" in merged.dvc("status")
    (note,) = notes(merged)
    other = merged.git("rev-parse", "left").strip()
    merge = merged.git("rev-parse", "HEAD").strip()
    assert (note["kind"], note["path"], note["hazards"]) == ("one-side", "data/raw", [12])
    assert note["message"] == (
        f"the merge {merge[:10]} has one side's data/raw, which {other[:10]} had changed too, "
        "so 1 change of the other went: d.csv"
    )
    done = ask(merged, note["mend"])
    assert done.returncode == 0, done.stderr
    assert {file.stem for file in (merged.path / "data/raw").iterdir()} == set("abcde")


def test_without_the_lists_it_is_told_without_names(merged: Quick) -> None:
    shutil.rmtree(merged.path / ".dvc/cache")
    (note,) = [each for each in notes(merged) if each["kind"] == "one-side"]
    assert note["message"].endswith("had changed too")


def test_a_folder_that_was_changed_after_the_merge_is_left_alone(merged: Quick) -> None:
    add(merged, "d")
    merged.git("switch", "--quiet", "--create", "change")
    assert "one-side" not in [each["kind"] for each in notes(merged)]


def test_a_dependency_that_is_a_link_to_a_folder_is_that_folder(made: Quick) -> None:
    made.write("real/x.txt", "x\n")
    (made.path / "link").symlink_to("real")
    made.replace("dvc.yaml", "deps: [code/train.sh,", "deps: [code/train.sh, link,")
    made.dvc("repro", "--quiet")
    made.commit("Read a folder by a link")
    made.write("README", "Later.\n")
    made.commit("Later")
    for revision in ("", "HEAD"):
        assert ask(made, f"mergegate verify {revision}").returncode == 0
    assert ask(made, "mergegate plan --head HEAD --base HEAD~1").stdout.startswith("Nothing must run")
    made.write("real/x.txt", "y\n")
    made.commit("Edit behind the link")
    done = ask(made, "mergegate verify HEAD")
    assert (done.returncode, "link was edited after train last ran" in done.stdout) == (1, True)
    assert "link" in ask(made, "mergegate plan --head HEAD --base HEAD~1").stdout
