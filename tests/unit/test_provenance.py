"""Which commit an installation is of: what was written into it or its own checkout tells, nothing guesses."""

import shutil
from pathlib import Path

import pytest

from mergegate import provenance
from support.repositories import Repository

ROOT = Path(__file__).parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def checkout(tmp_path: Path) -> Repository:
    """What tells mergegate's source from another project's, and the record that an archive fills in."""
    made = Repository.create(tmp_path, dvc=False)
    for name in (
        ".gitattributes",
        "pyproject.toml",
        "src/mergegate/provenance.py",
        "src/mergegate/commit.txt",
    ):
        made.write(name, (ROOT / name).read_bytes())
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "Begin")
    return made


def test_this_checkout_is_of_its_head() -> None:
    assert provenance.commit() == provenance.checked_out(ROOT)


def test_a_checkout_is_of_its_head(checkout: Repository) -> None:
    assert provenance.recorded(checkout.path / "src/mergegate") is None
    assert provenance.checked_out(checkout.path) == checkout.git("rev-parse", "HEAD")


def test_an_archive_of_a_commit_knows_it(checkout: Repository, tmp_path: Path) -> None:
    checkout.git("archive", "--format=zip", "--output", str(tmp_path / "archive.zip"), "HEAD")
    shutil.unpack_archive(tmp_path / "archive.zip", tmp_path / "archive")
    assert provenance.recorded(tmp_path / "archive/src/mergegate") == checkout.git("rev-parse", "HEAD")
    assert provenance.checked_out(tmp_path / "archive") is None


def test_an_installation_inside_another_repository_is_not_of_its_head(
    checkout: Repository, tmp_path: Path
) -> None:
    other = Repository.create(tmp_path / "other", dvc=False)
    other.write("README.md", "Another project.\n")
    other.git("add", "--all")
    other.git("commit", "--quiet", "--message", "Begin")
    site = other.path / ".venv/lib/python3.11/site-packages"
    shutil.copytree(checkout.path / "src", site)
    # The same, with the source itself vendored into a folder of the other project.
    shutil.copytree(checkout.path, other.path / "vendored", ignore=shutil.ignore_patterns(".git"))
    assert [
        provenance.checked_out(folder) for folder in (site.parents[1], other.path, other.path / "vendored")
    ] == [
        None,
        None,
        None,
    ]


def test_a_folder_whose_project_has_another_name_is_not_ours(checkout: Repository) -> None:
    text = (ROOT / "pyproject.toml").read_text()
    checkout.write("pyproject.toml", text.replace('name = "mergegate"', 'name = "other"'))
    assert provenance.checked_out(checkout.path) is None


def test_a_variable_that_points_git_elsewhere_changes_nothing(
    checkout: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(ROOT / ".git"))
    assert provenance.checked_out(checkout.path) == checkout.git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (COMMIT + "\n", COMMIT),
        (COMMIT * 2, None),
        (COMMIT[:12], None),
        ("$Format:%H$\n", None),
        ("main\n", None),
        ("\xff", None),
        ("", None),
    ],
)
def test_only_a_full_name_is_a_record(tmp_path: Path, content: str, expected: str | None) -> None:
    (tmp_path / provenance.NAME).write_bytes(content.encode("latin-1"))
    assert provenance.recorded(tmp_path) == expected


def test_no_record_is_no_commit(tmp_path: Path) -> None:
    assert provenance.recorded(tmp_path) is None


def test_a_changed_file_or_a_new_module_makes_a_checkout_unclean(checkout: Repository) -> None:
    checkout.write("notes.txt", "Beside the source: no part of it.\n")
    clean = provenance.is_clean(checkout.path)
    checkout.write("src/mergegate/extra.py", "")
    grown = provenance.is_clean(checkout.path)
    (checkout.path / "src/mergegate/extra.py").unlink()
    checkout.write("src/mergegate/provenance.py", "changed\n")
    assert (clean, grown, provenance.is_clean(checkout.path)) == (True, False, False)


def test_where_there_is_no_repository_nothing_is_clean(tmp_path: Path) -> None:
    assert not provenance.is_clean(tmp_path)
