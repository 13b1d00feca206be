"""The evidence of a review is enough to judge from: nothing but git's objects and these files is needed."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mergegate.records.review import Review
from support import evidence
from support.projects import Project, gates, review


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A change whose window, training rows and raw data moved, with golden rows; never to be changed."""
    project = evidence.begin(tmp_path_factory.mktemp("whole") / "home")
    evidence.move_on(project)
    return project


class Seen(NamedTuple):
    """A change as its own run saw it: the clone that it ran in, the review and the evidence."""

    clone: Project
    local: dict[str, Any]
    folder: Path
    head: str
    prefix: str = ""


def look(project: Project, folder: Path, *, prefix: str = "") -> Seen:
    """The review where the change was made, and its evidence in `folder`."""
    # Beside the project: the way to its remote is a relative one.
    clone = Project(project.home / f"clone-{folder.parent.name}", project.home)
    top = project.root if not prefix else project.root.parents[prefix.count("/")]
    project.must("git", "clone", "--quiet", top.as_uri(), str(clone.root))
    inside = Project(clone.root / prefix, project.home)
    head = inside.git("rev-parse", "origin/change").strip()
    local = review(inside, "--head", head, "--target", "origin/main", "--evidence", str(folder))
    return Seen(clone, local, folder, head, prefix)


def judge(seen: Seen, tmp_path: Path, **asked: Any) -> Review:
    """The review of the trusted job, which has no remote and no cache."""
    into = tmp_path / "judge"
    into.mkdir()
    origin = Path(seen.clone.git("remote", "get-url", "origin").strip().removeprefix("file://"))
    return evidence.judge(
        evidence.open_all(origin, seen.folder, seen.head, into, prefix=seen.prefix), seen.head, **asked
    )


@pytest.fixture(scope="session")
def seen(whole: Project, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """`whole` as its own run saw it, never to be changed."""
    return look(whole, tmp_path_factory.mktemp("seen") / "evidence")


def test_the_trusted_jobs_review_is_the_one_of_the_change(seen: Seen, tmp_path: Path) -> None:
    judged = judge(seen, tmp_path)
    local = seen.local
    assert evidence.as_data(judged) == evidence.plain(local)
    assert (judged.strength, gates(local)["late/strength"]) == ("scored", "pass")
    model = judged.models[0]
    assert model.rescored is not None
    assert (model.rescored.rows, model.rescored.problem) == (150, "")
    assert model.golden is not None
    assert (model.golden.problem, model.golden.rows, model.golden.failed) == ("", 1, 0)
    leaks = {leak.kind: leak.found for dataset in judged.datasets for leak in dataset.leaks}
    assert leaks["base_training"] == 50


def test_in_a_folder_of_a_larger_repository_too(tmp_path: Path) -> None:
    project = evidence.begin(tmp_path / "home", subfolder="models/late")
    evidence.move_on(project)
    seen = look(project, tmp_path / "evidence", prefix="models/late")
    local, judged = seen.local, judge(seen, tmp_path)
    assert evidence.as_data(judged) == evidence.plain(local)
    assert judged.strength == "scored"


def test_without_a_bundle_only_consistency_can_be_seen(change: Project, tmp_path: Path) -> None:
    seen = look(change, tmp_path / "evidence")
    local, judged = seen.local, judge(seen, tmp_path)
    assert evidence.as_data(judged) == evidence.plain(local)
    assert judged.strength == "consistent"
    assert "late/strength" not in gates(local)


def test_the_evidence_is_the_same_again_and_holds_nothing_of_an_older_head(
    whole: Project, seen: Seen, tmp_path: Path
) -> None:
    project = whole.copy(tmp_path / "home")
    folder = tmp_path / "evidence"
    shutil.copytree(seen.folder, folder)

    def listed() -> set[str]:
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    def held() -> set[str]:
        review(project, "--head", "HEAD", "--evidence", str(folder))
        return listed()

    first = listed()
    assert held() == first
    evidence.write_exam(project, 100, 290)
    evidence.track(project)
    project.commit("Another exam")
    second = held()
    assert second - first
    assert first - second


def test_a_folder_with_other_things_is_left_alone(change: Project, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    (folder / "objects").mkdir(parents=True)
    (folder / "objects/thesis.docx").write_text("mine")
    ended = change.mergegate("review", "--head", "HEAD", "--evidence", str(folder))
    assert (ended.code, list(folder.iterdir())) == (2, [folder / "objects"])
    assert f"the folder {folder} holds objects/thesis.docx, which is no evidence" in ended.err


def test_more_than_the_limit_is_not_written(change: Project, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    ended = change.mergegate(
        "review", "--head", "HEAD", "--evidence", str(folder), "--evidence-limit", "1000"
    )
    assert (ended.code, folder.exists()) == (2, False)
    assert "and at most 1,000 may be" in ended.err
    assert "allow more by --evidence-limit" in ended.err


def test_what_the_evidence_lacks_is_a_problem_and_never_a_pass(
    whole: Project, seen: Seen, tmp_path: Path
) -> None:
    folder = tmp_path / "evidence"
    shutil.copytree(seen.folder, folder)
    name = whole.read("reports/predictions.parquet.dvc").split("md5: ")[1].split()[0]
    (folder / "objects/files/md5" / name[:2] / name[2:]).unlink()
    judged = judge(seen._replace(folder=folder), tmp_path, judging=True)
    assert judged.verdict.outcome == "failed"
    assert [problem.message for problem in judged.models[0].problems] == [
        f"the evidence holds no DVC object {name}"
    ]
