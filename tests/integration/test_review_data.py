"""What a review says of tracked data: rows, files that are lost, paths that are nowhere, another exam."""

import io
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import config, dag, repo
from mergegate.flows.data import unknown_datasets
from mergegate.flows.evidence import Reading
from mergegate.flows.rows import RowCounter
from mergegate.records.pipeline import ObjectHash
from support.projects import POLICY, Project, gates, review, rows


def table(count: int, start: int = 0) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(start, start + count))}), buffer)
    return buffer.getvalue()


@pytest.fixture
def months(project: Project) -> Project:
    """A tracked folder of three Parquet files on main, and a branch to change it on."""
    for month in (1, 2, 3):
        project.write(f"months/{month}.parquet", table(10 * month, month * 1000))
    project.dvc("add", "--quiet", "months")
    project.dvc("push", "--quiet")
    project.commit("Track the months")
    project.git("switch", "--quiet", "--create", "change")
    return project


def of_months(project: Project) -> dict[str, Any]:
    (change,) = [change for change in review(project)["data"] if change["path"] == "months"]
    assert isinstance(change, dict)
    return change


def test_a_folders_rows_are_the_sum_of_its_files(months: Project) -> None:
    months.write("months/4.parquet", table(40))
    months.dvc("add", "--quiet", "months")
    change = of_months(months)
    assert (change["rows_old"], change["rows_new"], change["note"]) == (60, 100, "")
    assert "rows 60 → 100 (+40)" in months.mergegate("review").out


def test_rows_that_are_not_at_hand_are_unknown_and_said_so(months: Project) -> None:
    months.write("months/4.parquet", table(40))
    months.dvc("add", "--quiet", "months")
    months.dvc("push", "--quiet")
    months.commit("Add April")
    clone = months.clone("fresh")
    clone.git("branch", "main", "origin/main")
    change = of_months(clone)
    assert (change["rows_old"], change["rows_new"], change["files_old"], change["files_new"]) == (
        None,
        None,
        3,
        4,
    )
    assert change["note"] == (
        "rows in base are not counted: 3 of 3 files are not at hand; "
        "rows in head are not counted: 4 of 4 files are not at hand"
    )


def test_a_folder_of_other_files_has_no_rows_and_nothing_is_said_of_them(project: Project) -> None:
    project.write("notes/a.txt", "a")
    project.dvc("add", "--quiet", "notes")
    (change,) = review(project)["data"]
    assert (change["rows_new"], change["note"]) == (None, "")


def test_a_folder_that_loses_files_is_told_before_the_gates(months: Project) -> None:
    """What `dvc add` does to a folder of which only the new file is there."""
    shutil.rmtree(months.root / "months")
    months.write("months/4.parquet", table(40))
    months.dvc("add", "--quiet", "months")
    ended = months.mergegate("review")
    assert ended.code == 0, ended.err
    first = ended.out.splitlines()[0]
    comment = months.read("reports/review/comment.md").splitlines()[0]
    assert "tracked data lost 3 files" in first
    assert "tracked data lost 3 files" in comment
    change = of_months(months)
    assert [(file["path"], file["rows_old"]) for file in change["files"] if file["change"] == "removed"] == [
        ("1.parquet", 10),
        ("2.parquet", 20),
        ("3.parquet", 30),
    ]
    assert (change["rows_old"], change["rows_new"]) == (60, 40)


def test_counting_rows_is_bounded_by_files_and_bytes(months: Project) -> None:
    objects = repo.Objects(repo.locate(months.root))
    listed = months.read("months.dvc").split("md5: ")[1].split()[0]
    names = [ObjectHash(md5=md5) for md5 in objects.tree(ObjectHash(md5=listed)).values()]
    assert RowCounter(objects).total(names) == (60, "")
    few = RowCounter(objects, most_files=2)
    assert few.total(names) == (None, "3 files are more than a review opens")
    assert few.total(names[:2]) == (30, "")
    assert few.total(names[:2]) == (30, "")
    assert few.count(names[2]) is None
    assert RowCounter(objects, most_bytes=10).total(names) == (None, "more bytes than a review opens")


def test_a_damaged_object_has_no_rows(months: Project) -> None:
    objects = repo.Objects(repo.locate(months.root))
    listed = months.read("months.dvc").split("md5: ")[1].split()[0]
    name = ObjectHash(md5=objects.tree(ObjectHash(md5=listed))["1.parquet"])
    path: Path = objects.open(name)
    path.chmod(0o644)
    path.write_bytes(table(99))
    assert RowCounter(objects).total([name]) == (None, "")


def test_an_exam_with_fewer_rows_fails(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "smaller")
    project.write("data/rows.csv", rows(80))
    project.dvc("add", "--quiet", "data/rows.csv")
    project.dvc("repro", "--quiet")
    assert gates(review(project))["late/evaluation/rows_gone"] == "fail"


def test_an_exam_with_other_labels_fails_unless_the_targets_policy_allows_it(project: Project) -> None:
    relabelled = rows(100).replace("\n1,no\n", "\n1,yes\n")
    allowing = POLICY.replace("    gates:\n", "    gates:\n      evaluation: {max_labels_changed: 0.02}\n")
    project.git("switch", "--quiet", "--create", "relabelled")
    project.write("data/rows.csv", relabelled)
    project.dvc("add", "--quiet", "data/rows.csv")
    project.dvc("repro", "--quiet")
    project.write("mergegate.yaml", allowing)
    assert gates(review(project))["late/evaluation/labels_changed"] == "fail"
    policy = project.home / "allowing.yaml"
    policy.write_text(allowing)
    assert gates(review(project, "--policy", str(policy)))["late/evaluation/labels_changed"] == "pass"


def test_a_dataset_that_is_nowhere_is_told(months: Project) -> None:
    datasets = """\
datasets:
  - {path: data/rows.csv}
  - {path: months}
  - {path: months/1.parquet}
  - {path: reports/predictions.parquet}
  - {path: train.py}
  - {path: data}
  - {path: data/rwos.csv}
  - {path: dat}
"""
    policy = config.load(f"version: 1\n{datasets}".encode(), file="mergegate.yaml")
    located = repo.locate(months.root)
    with repo.open_workspace(located) as files:
        side = Reading("head", repo.workspace_revision(located), files, dag.read(files, at=""))
        assert unknown_datasets(policy, side, side) == tuple(
            f"The policy's dataset {path} is neither in base nor in head, so nothing of it is reviewed: "
            "mend its path in mergegate.yaml."
            for path in ("data/rwos.csv", "dat")
        )
