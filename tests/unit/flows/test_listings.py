import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from mergegate.dataset.tree import TreeDiff, diff_trees
from mergegate.errors import BrokenError, UsageError
from mergegate.flows.listings import Listing, find_place, list_places, show_path
from mergegate.flows.tracked import list_place
from support.tables import write_text


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def test_a_file_is_listed_under_no_name_and_called_by_its_own(tmp_path: Path) -> None:
    file = write_text(tmp_path / "a.csv", "x\n1\n")
    found = list_place(find_place(file, name="here/a.csv"))
    assert (found.name, found.file, found.files) == ("here/a.csv", "a.csv", {"": md5("x\n1\n")})
    assert (found.open([""]), found.size("")) == ({"": file}, 4)


def test_a_folder_is_listed_by_what_its_files_hold_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b.csv", "deep/er/a.csv", "README.md", ".hidden.csv", ".git/config", "deep/.DS_Store"):
        write_text(tmp_path / name, name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "b.csv")
    found = list_place(find_place(tmp_path, name="data"))
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
        find_place(tmp_path, name="data")


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
        find_place(tmp_path, name="data")


def test_a_path_is_shown_as_text() -> None:
    assert show_path("grüße.csv") == "grüße.csv"
    assert show_path(b"gr\xfc\xdfe.csv".decode(errors="surrogateescape")) == "gr\\xfc\\xdfe.csv"


def test_a_listing_that_says_nothing_of_sizes_knows_none() -> None:
    assert Listing("data", "data", {}, lambda names: {}).size("a.csv") is None


def list_both(folder: Path, old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Listing, Listing]:
    for side, files in (("old", old), ("new", new)):
        for name, text in files.items():
            write_text(folder / side / name, text)
    places = (find_place(folder / side, name=side) for side in ("old", "new"))
    return list_places(*places)


def test_two_places_differ_where_their_files_do(tmp_path: Path) -> None:
    old, new = list_both(
        tmp_path,
        {"same": "1", "edited": "10", "longer": "1", "gone": "no size like it", "moved": "1234", "b": "9876"},
        {"same": "1", "edited": "20", "longer": "12", "new": "123", "d/moved": "1234", "b": "9876"},
    )
    assert diff_trees(old.files, new.files) == TreeDiff(
        added=("d/moved", "new"), removed=("gone", "moved"), changed=("edited", "longer")
    )
    assert old.files["moved"] == new.files["d/moved"]
    assert old.files["moved"] != old.files["b"] == new.files["b"]
    assert len(set(new.files.values())) == len(new.files)


def test_a_file_that_is_gone_is_found_among_those_that_stayed(tmp_path: Path) -> None:
    old, new = list_both(tmp_path, {"a": "1", "copy": "1"}, {"a": "1"})
    assert old.files["copy"] == new.files["a"] == old.files["a"]


def test_a_file_is_like_itself_and_like_one_that_only_begins_so_not(tmp_path: Path) -> None:
    long = "x" * 600_000
    old, new = list_both(tmp_path, {"end": f"{long}1", "same": long}, {"end": f"{long}2"})
    (tmp_path / "new/same").hardlink_to(tmp_path / "old/same")
    old, new = list_places(*(find_place(tmp_path / side, name=side) for side in ("old", "new")))
    assert diff_trees(old.files, new.files) == TreeDiff(changed=("end",))


def test_a_file_that_is_not_there_to_be_read_is_named(tmp_path: Path) -> None:
    write_text(tmp_path / "new/a.csv", "x\n1\n")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/a.csv").symlink_to("gone.csv")
    places = [find_place(tmp_path / side, name=side) for side in ("old", "new")]
    with pytest.raises(BrokenError, match=r"old/a\.csv can't be read: No such file or directory"):
        list_places(*places)
