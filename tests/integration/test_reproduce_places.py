"""Where a reproduction runs: folders with odd names, a cache elsewhere, a name that is taken for another."""

from pathlib import Path

import pytest

from support.pipelines import build_pipeline
from support.projects import Project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A pipeline whose stage `count` must run, as its input changed."""
    project = build_pipeline(tmp_path_factory.mktemp("pipeline"))
    project.write("notes.txt", "other words\n")
    project.commit("Other words")
    return project


@pytest.mark.parametrize("name", ["two words\nü", 'it\'s "so", #1 %(x)s $HOME'])
def test_a_folder_may_have_any_name(built: Project, tmp_path: Path, name: str) -> None:
    ended = built.copy(tmp_path / name).mergegate("reproduce")
    assert ended.code == 1, f"{ended.out}\n{ended.err}"
    assert "  count: not what dvc.lock says in" in ended.out


def test_a_cache_is_called_as_the_settings_call_it(built: Project, tmp_path: Path) -> None:
    project = built.copy(tmp_path / "home")
    (project.root / ".dvc/cache").rename(tmp_path / "a%(x)s")
    (project.root / "link").symlink_to(tmp_path / "a%(x)s")
    project.dvc("config", "--local", "cache.dir", str(project.root / "link"))
    ended = project.mergegate("reproduce")
    # Where the link leads could not be written into DVC's configuration.
    assert ended.code == 1, ended.err
    assert "  count: not what dvc.lock says in" in ended.out


def test_the_name_of_a_stage_is_not_taken_for_a_revision(built: Project) -> None:
    ended = built.mergegate("reproduce", "train", "sort")
    assert (ended.code, ended.err) == (
        2,
        "mergegate: 'train' is no revision of this repository\n"
        "  next: it is a stage: did you mean `mergegate reproduce HEAD train sort`?\n"
        "  more: mergegate explain unknown-revision\n",
    )


def test_what_was_not_asked_for_is_said_not_to_be_checked(built: Project, tmp_path: Path) -> None:
    ended = built.copy(tmp_path / "home").mergegate("reproduce", "HEAD", "sort")
    assert ended.code == 0
    assert ended.out.splitlines()[1:] == [
        "  sort: as in base",
        "  train: as in base",
        "  count: did not run (code notes.txt)",
        "note: There is no mergegate.yaml: every byte counts.",
        "note: Not asked for, so dvc.lock's word on it is not checked: count.",
        "nothing was downloaded",
        "REPRODUCED: nothing of what was asked for had to run",
    ]
