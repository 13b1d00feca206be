"""Where a review's files go, and what is left of them when a review breaks off."""

from pathlib import Path

import pytest

from support.projects import Project


@pytest.mark.parametrize("link", ["reports/review", "reports"])
def test_a_link_that_leads_out_of_the_project_is_not_written_through(
    project: Project, tmp_path: Path, link: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "comment.md").write_text("mine")
    if link == "reports":
        project.must("mv", "reports", "old")
    (project.root / link).symlink_to(elsewhere)
    ended = project.mergegate("review")
    assert ended.code == 2
    assert "reports/review leads by a symbolic link to" in ended.err
    assert "--out" in ended.err
    assert [(path.name, path.read_text()) for path in elsewhere.iterdir()] == [("comment.md", "mine")]


def test_a_link_inside_the_project_is_not_written_through_either(project: Project) -> None:
    (project.root / "reports/review").symlink_to("../.git")
    assert project.mergegate("review").code == 2
    assert not (project.root / ".git/comment.md").exists()


def test_a_link_to_itself_is_told(project: Project) -> None:
    (project.root / "reports/review").symlink_to("review")
    ended = project.mergegate("review")
    assert (ended.code, "reports/review" in ended.err) == (2, True)
    assert "Traceback" not in ended.err


def test_a_folder_that_was_asked_for_may_be_anywhere_and_behind_a_link(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert project.mergegate("review", "--out", str(tmp_path / "link")).code == 0
    assert {path.name for path in (tmp_path / "real").iterdir()} == {"review.json", "comment.md"}


@pytest.mark.parametrize("out", [None, "else"])
def test_a_review_that_breaks_off_leaves_no_older_one_to_post(project: Project, out: str | None) -> None:
    options = ("--out", out) if out else ()
    folder = project.root / (out or "reports/review")
    assert project.mergegate("review", *options).code == 0
    assert {"review.json", "comment.md"} <= {path.name for path in folder.iterdir()}
    assert project.mergegate("review", "--base", "nowhere", *options).code == 2
    assert not {"review.json", "comment.md"} & {path.name for path in folder.iterdir()}
