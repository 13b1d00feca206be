"""Objects are put where stages read them, and nowhere else."""

import os
from pathlib import Path

import pytest

from mergegate.errors import ObjectError, UsageError
from mergegate.repo.hashing import hash_bytes
from mergegate.repo.placing import check_unharmed, place

DATA = b"some data\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "cache" / "object"
    file.parent.mkdir()
    file.write_bytes(DATA)
    file.chmod(0o444)
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("links", [("reflink", "copy"), ("copy",), ("reflink",), ()])
def test_a_copy_can_be_written_and_leaves_the_cache_alone(
    source: Path, root: Path, links: tuple[str, ...]
) -> None:
    placed = place(source, root, "a/b/data.txt", hash_bytes(DATA), links=links)
    copy = root / "a/b/data.txt"
    assert copy.read_bytes() == DATA
    copy.write_bytes(b"other")
    assert source.read_bytes() == DATA
    check_unharmed({"a/b/data.txt": placed})


def test_links_are_made_where_they_are_asked_for(source: Path, root: Path) -> None:
    place(source, root, "hard", hash_bytes(DATA), links=("hardlink", "copy"))
    place(source, root, "soft", hash_bytes(DATA), links=("symlink", "copy"))
    assert (root / "hard").stat().st_ino == source.stat().st_ino
    assert (root / "soft").readlink() == source


def test_what_lies_there_goes(source: Path, root: Path) -> None:
    (root / "data").mkdir()
    (root / "data/old").touch()
    place(source, root, "data", hash_bytes(DATA), links=("copy",))
    assert (root / "data").read_bytes() == DATA


def test_writing_through_a_link_is_noticed_and_the_damaged_object_removed(source: Path, root: Path) -> None:
    placed = place(source, root, "data", hash_bytes(DATA), links=("hardlink",))
    (root / "data").chmod(0o644)
    (root / "data").write_bytes(b"other data")
    with pytest.raises(ObjectError, match="wrote through data into DVC's cache, and damaged the object"):
        check_unharmed({"data": placed})
    assert not source.exists()


def test_touching_a_link_is_no_harm(source: Path, root: Path) -> None:
    placed = place(source, root, "data", hash_bytes(DATA), links=("hardlink",))
    os.utime(source, (0, 0))
    check_unharmed({"data": placed})


def test_a_link_on_the_way_is_not_followed(source: Path, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "data").symlink_to(outside)
    with pytest.raises(UsageError, match="data is a link or a file"):
        place(source, root, "data/a", hash_bytes(DATA), links=("copy",))
    assert list(outside.iterdir()) == []
    # A link in the very place is replaced, not written through.
    place(source, root, "data", hash_bytes(DATA), links=("copy",))
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("path", ["../a", "a/../../b", "/a", "a//b", ".git/hooks/x", "a/.git/x", "a\0b", ""])
def test_a_path_out_of_the_tree_is_refused(source: Path, root: Path, path: str) -> None:
    with pytest.raises(UsageError, match="is no path inside the repository"):
        place(source, root, path, hash_bytes(DATA), links=("copy",))
