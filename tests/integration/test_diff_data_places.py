"""Where `mergegate diff data` finds its datasets: files, folders, partitions, revisions."""

import os
from pathlib import Path

import pytest

from support.data_cli import Folder, counts, make_folder
from support.repositories import Repository

OLD = "id,weight,late\n1,10,yes\n2,20,no\n3,30,no\n"
NEW = "id,weight,late\n1,10,yes\n2,25,yes\n4,40,no\n"


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    return make_folder(tmp_path, capsys, monkeypatch)


def test_files_beside_the_rows_are_named_and_not_read(folder: Folder) -> None:
    for side, rows in (("old", OLD), ("new", NEW)):
        folder.write(f"{side}/rows.csv", rows)
        folder.write(f"{side}/README.md", side)
        folder.write(f"{side}/.hidden.csv", side)
    found = folder.dataset("old", "new")
    assert (counts(found), found["notes"]) == (
        (1, 1, 1, 1),
        ["Not read, since they hold no rows: README.md."],
    )
    folder.write("new/rows.csv", OLD)
    found = folder.dataset("old", "new")
    assert (found["changed"], found["files_skipped"]) == (False, 1)
    assert found["notes"] == ["Not read, since they hold no rows: README.md."]


def test_only_partitions_that_differ_are_read_and_one_that_is_gone_comes_first(folder: Folder) -> None:
    for month in range(1, 6):
        for side in ("old", "new"):
            folder.write(f"{side}/month={month}/rows.csv", f"id\n{month}\n")
    folder.write("new/month=5/rows.csv", "id\n5\n6\n")
    (folder.path / "new/month=1/rows.csv").rename(folder.path / "new/month=1/part.csv")
    (folder.path / "new/month=2/rows.csv").unlink()
    folder.write("old/month=3/rows.csv", b"\xff never opened")
    folder.write("new/month=3/rows.csv", b"\xff never opened")
    found = folder.dataset("old", "new", "--key", "id", "--no-shift")
    assert (found["files_read_old"], found["files_read_new"], found["files_skipped"]) == (3, 2, 2)
    assert counts(found) == (1, 1, 0, 2)
    assert found["facts"] == [
        {
            "kind": "files_lost",
            "sentence": "1 of base's 5 files is gone: month=2/rows.csv.",
            "loud": True,
        }
    ]
    assert found["notes"] == [
        "Files of the same bytes have other names in head: month=1/rows.csv → month=1/part.csv."
    ]
    assert "1 of base's 5 files is gone" in folder.diff("old", "new", "--no-shift").out


def test_a_file_against_a_folder_and_csv_against_parquet_are_rows_all_the_same(folder: Folder) -> None:
    folder.write("one.csv", OLD)
    folder.parquet("parts/a.parquet", id=[3], weight=[30], late=["no"])
    folder.parquet("parts/b.parquet", id=[2, 1], weight=[20, 10], late=["no", "yes"])
    for sides in (("one.csv", "parts"), ("parts", "one.csv")):
        found = folder.dataset(*sides)
        assert (counts(found), found["schema"], found["facts"]) == ((0, 0, 0, 3), [], [])
    folder.write("lines.jsonl", '{"late": "no", "weight": 30, "id": 3}\n')
    found = folder.dataset("one.csv", "lines.jsonl")
    assert (counts(found), [each["kind"] for each in found["schema"]]) == ((0, 2, 0, 1), ["categories"])


def test_a_name_may_hold_anything(folder: Folder) -> None:
    old = folder.write("[1]*?{a,b}'\" --x\n.csv", OLD)
    new = folder.write("_main:new.csv", NEW)
    assert counts(folder.dataset(old, new)) == (1, 1, 1, 1)
    (folder.path / "link.csv").symlink_to(new)
    assert counts(folder.dataset(old, "link.csv")) == (1, 1, 1, 1)
    assert folder.diff(old, new).out.splitlines()[0].startswith("[1]*?{a,b}'\" --x\\n.csv → _main:new.csv: ")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """`main` has a dataset in git and two under DVC; the workspace changes each."""
    made = Repository.create(tmp_path / "repository")
    made.write("plain/rows.csv", OLD)
    for name, rows in (("rows.csv", OLD), ("months/1.csv", OLD), ("months/2.csv", "id\n9\n")):
        made.write(f"data/{name}", rows)
    made.dvc("add", "--quiet", "data/rows.csv", "data/months")
    made.commit("Start")
    for name in ("plain/rows.csv", "data/rows.csv", "data/months/1.csv"):
        made.write(name, NEW)
    made.dvc("add", "--quiet", "data/rows.csv", "data/months")
    monkeypatch.chdir(made.path)
    return made


def test_a_revision_is_compared_with_the_workspace(folder: Folder, repository: Repository) -> None:
    os.chdir(repository.path)
    for path in ("plain", "plain/rows.csv", "data/rows.csv", "data/months", "data/months/1.csv"):
        for head in ((f"workspace:{path}",), (path, "--rows-only", "--key", "id")):
            found = folder.dataset(f"main:{path}", *head)
            assert counts(found) == (1, 1, 1, 1)
    assert folder.diff("main:data/months", "HEAD:data/months/").out.endswith(": nothing changed\n")


def test_a_path_of_a_revision_starts_at_the_project_or_with_a_dot_here(
    folder: Folder, repository: Repository
) -> None:
    os.chdir(repository.path / "data")
    for path in ("data/rows.csv", "./rows.csv", "../plain/rows.csv"):
        assert counts(folder.dataset(f"main:{path}", f"workspace:{path}")) == (1, 1, 1, 1)
