"""Which branch a dataset's new files are on, and which commits there are ours."""

from pathlib import Path

import pytest

from mergegate.flows.ingest.branches import branch_of, commit, move_local, read_ours, refuse_foreign
from mergegate.flows.ingest.request import RefusedError
from mergegate.repo import Project
from support.repositories import Repository

PATH = "data/flights"


def project(prefix: str = "") -> Project:
    return Project(git_root=Path(), root=Path(prefix), prefix=prefix, dvc_root=None)


@pytest.mark.parametrize(
    ("path", "others", "prefix", "branch"),
    [
        ("data/raw/flights", (), "", "mergegate/ingest/data-raw-flights"),
        ("data/raw.parquet", (), "", "mergegate/ingest/data-raw-parquet"),
        ("data/raw", (), "teams/a", "mergegate/ingest/teams-a-data-raw"),
        ("data/raw", ("data-raw", "data/raw"), "", "mergegate/ingest/data-raw-c9a35edd"),
        ("..lock~^:?*[", (), "", "mergegate/ingest/lock"),
        ("🛫", (), "", "mergegate/ingest/"),
    ],
)
def test_every_dataset_has_a_branch_that_git_allows(
    path: str, others: tuple[str, ...], prefix: str, branch: str
) -> None:
    found = branch_of(project(prefix), path, others)
    assert found.startswith(branch)
    assert len(found) < 120
    assert found.isascii()
    assert not found.endswith(("/", ".lock", "-"))


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    repository = Repository.create(tmp_path, dvc=False)
    repository.write("data.dvc", "outs: []\n")
    repository.commit("Begin")
    return repository


def add(made: Repository, *, reproduced: bool = False) -> str:
    made.write("data.dvc", "outs: [1]\n")
    base = made.git("rev-parse", "HEAD")
    return commit(made.project(), base, PATH, "Add", ["data.dvc"], reproduced=reproduced)


def test_a_commit_of_ours_is_known_by_its_dataset_and_its_tree(made: Repository) -> None:
    sha = add(made, reproduced=True)
    ours = read_ours(made.project(), sha, PATH)
    assert ours is not None
    assert (ours.sha, ours.parent, ours.reproduced) == (sha, made.git("rev-parse", "HEAD"), True)
    assert read_ours(made.project(), sha, "data/planes") is None
    assert read_ours(made.project(), "HEAD", PATH) is None


def test_what_a_person_made_of_it_is_theirs(made: Repository) -> None:
    move_local(made.project(), "ours", add(made))
    made.git("reset", "--quiet", "--hard")
    made.git("checkout", "--quiet", "ours")
    made.write("other", "theirs")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--amend", "--no-edit")
    sha = made.git("rev-parse", "HEAD")
    with pytest.raises(RefusedError, match="somebody worked on the branch ours"):
        refuse_foreign(made.project(), "ours", sha, PATH)
    assert refuse_foreign(made.project(), "ours", None, PATH) is None


def test_where_git_knows_no_author_mergegate_is_it(made: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    sha = add(made)
    assert made.git("log", "-1", "--format=%an <%ae>", sha) == "mergegate <mergegate@localhost>"
