import hashlib
from pathlib import Path

import pytest

from mergegate.errors import BrokenError, UsageError
from mergegate.flows.listings import Listing, list_path, show_path
from support.tables import write_text


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def test_a_file_is_listed_under_no_name_and_called_by_its_own(tmp_path: Path) -> None:
    file = write_text(tmp_path / "a.csv", "x\n1\n")
    found = list_path(file, name="here/a.csv")
    assert (found.name, found.file, found.files) == ("here/a.csv", "a.csv", {"": md5("x\n1\n")})
    assert found.open([""]) == {"": file}


def test_a_folder_is_listed_by_what_its_files_hold_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b.csv", "deep/er/a.csv", "README.md", ".hidden.csv", ".git/config", "deep/.DS_Store"):
        write_text(tmp_path / name, name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "b.csv")
    found = list_path(tmp_path, name="data")
    assert found.files == {
        "README.md": md5("README.md"),
        "b.csv": md5("b.csv"),
        "deep/er/a.csv": md5("deep/er/a.csv"),
        "link.csv": md5("b.csv"),
    }
    assert found.open(["deep/er/a.csv"]) == {"deep/er/a.csv": tmp_path / "deep/er/a.csv"}


def test_too_many_files_are_refused_before_any_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mergegate.flows.listings.MOST_FILES", 2)
    for number in range(3):
        (tmp_path / f"{number}.csv").symlink_to("gone.csv")
    with pytest.raises(UsageError, match="data holds more than 2 files"):
        list_path(tmp_path, name="data")


def test_a_folder_that_cannot_be_looked_into_is_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody may be kept out of a folder where the tests run as root."""
    write_text(tmp_path / "a.csv", "x\n1\n")
    (tmp_path / "closed").mkdir()

    def scandir(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("os.scandir", scandir)
    with pytest.raises(BrokenError, match="can't be read: Permission denied"):
        list_path(tmp_path, name="data")


def test_a_path_is_shown_as_text() -> None:
    assert show_path("grüße.csv") == "grüße.csv"
    assert show_path(b"gr\xfc\xdfe.csv".decode(errors="surrogateescape")) == "gr\\xfc\\xdfe.csv"


def test_a_listing_that_says_nothing_of_sizes_knows_none() -> None:
    assert Listing("data", "data", {}, lambda names: {}).size("a.csv") is None
