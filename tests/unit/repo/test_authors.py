from collections import Counter
from pathlib import Path

import pytest

from mergegate.repo.authors import count_commits
from support.repositories import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One commit on main, and a project in a subfolder."""
    made = Repository.create(tmp_path, subfolder="sub")
    made.write("sub/data.dvc", "0")
    made.commit("Start")
    made.git("switch", "--quiet", "--create", "change")
    return made


def commit(repository: Repository, author: str, *paths: str) -> None:
    for path in paths:
        repository.write(path, f"{author} {len(repository.git('rev-list', 'HEAD'))}")
    repository.git("add", "--all")
    repository.git(
        "commit", "--quiet", "--author", f"{author} <someone@example.invalid>", "--message", "Edit"
    )


def test_only_commits_of_the_change_that_touch_the_paths_count(repository: Repository) -> None:
    since = repository.git("rev-parse", "HEAD")
    commit(repository, "Ada", "sub/data.dvc")
    commit(repository, "Ben", "sub/data.dvc", "other.txt")
    commit(repository, "Ada", "sub/data/late.csv")
    commit(repository, "Cy", "data.dvc", "sub/data.dvc.txt", "sub/other.dvc")
    project = repository.project("sub")
    assert count_commits(project, since, "HEAD", ("data", "data.dvc")) == Counter({"Ada": 2, "Ben": 1})
    assert count_commits(project, "HEAD", "HEAD", ("data", "data.dvc")) == Counter()


def test_merging_is_no_authorship_and_main_is_nobodys(repository: Repository) -> None:
    commit(repository, "Ada", "sub/data.dvc")
    repository.git("switch", "--quiet", "main")
    commit(repository, "Ben", "sub/data/main.csv")
    repository.git("switch", "--quiet", "change")
    repository.git("merge", "--quiet", "--no-edit", "main")
    assert count_commits(repository.project("sub"), "main", "change", ("data", "data.dvc")) == Counter(
        {"Ada": 1}
    )


def test_a_mailmap_is_heeded_and_a_path_is_no_pattern(repository: Repository) -> None:
    since = repository.git("rev-parse", "HEAD")
    repository.write(".mailmap", "Ada Lovelace <someone@example.invalid>\n")
    commit(repository, "ada", "sub/[ab]*.csv")
    commit(repository, "Ben", "sub/a.csv")
    project = repository.project("sub")
    assert count_commits(project, since, "HEAD", ("[ab]*.csv",)) == Counter({"Ada Lovelace": 1})
    assert count_commits(project, since, "HEAD", (":/", "--all")) == Counter()


def test_a_name_may_be_anything_and_is_cut(repository: Repository) -> None:
    since = repository.git("rev-parse", "HEAD")
    hostile = "Ada \x1b[31m\u2028" + "x" * 2_000
    commit(repository, hostile, "sub/data.dvc")
    ((name, commits),) = count_commits(repository.project("sub"), since, "HEAD", ("data.dvc",)).items()
    assert (name, commits) == (hostile[:100], 1)
