"""Evidence is placed whole, by name or by copy, and never through what a change has put in its way."""

import hashlib
import json
from pathlib import Path

import pytest

from mergegate import __version__
from mergegate.errors import UsageError
from mergegate.flows.packing import MOST_OBJECTS, pack_evidence


def stored(folder: Path, content: bytes) -> tuple[str, Path]:
    """An object as a cache keeps it: where, and its file."""
    digits = hashlib.md5(content, usedforsecurity=False).hexdigest()
    place = f"files/md5/{digits[:2]}/{digits[2:]}"
    file = folder / "cache" / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return place, file


def held(into: Path) -> dict[str, bytes]:
    """What lies in the evidence beside the manifest, which always does."""
    found = {p.relative_to(into).as_posix(): p.read_bytes() for p in into.rglob("*") if p.is_file()}
    assert json.loads(found.pop("evidence.json")) == {"schema": 1, "mergegate": __version__}
    return found


def test_objects_are_placed_and_old_ones_are_gone(tmp_path: Path) -> None:
    into = tmp_path / "evidence"
    one, two = stored(tmp_path, b"one"), stored(tmp_path, b"two")
    assert pack_evidence(dict([one]), into, reproduction=b"{}") == 5
    assert held(into) == {f"objects/{one[0]}": b"one", "reproduce.json": b"{}"}
    assert pack_evidence(dict([two]), into) == 3
    assert held(into) == {f"objects/{two[0]}": b"two"}
    assert pack_evidence(dict([two]), into) == 3
    assert held(into) == {f"objects/{two[0]}": b"two"}


def test_a_cut_or_linked_object_is_made_anew(tmp_path: Path) -> None:
    into = tmp_path / "evidence"
    place, file = stored(tmp_path, b"whole")
    target = into / "objects" / place
    target.parent.mkdir(parents=True)
    for bring in (lambda: target.write_bytes(b"cut"), lambda: target.symlink_to(file)):
        target.unlink(missing_ok=True)
        bring()
        pack_evidence({place: file}, into)
        assert (target.is_symlink(), target.read_bytes()) == (False, b"whole")


def test_a_linked_folder_is_no_evidence(tmp_path: Path) -> None:
    into = tmp_path / "evidence"
    (into / "objects").mkdir(parents=True)
    (into / "objects/files").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="holds objects/files, which is no evidence"):
        pack_evidence(dict([stored(tmp_path, b"x")]), into)
    assert list(into.iterdir()) == [into / "objects"]


def test_too_many_objects_are_not_placed(tmp_path: Path) -> None:
    _, file = stored(tmp_path, b"x")
    many = {f"files/md5/00/{number:030x}": file for number in range(MOST_OBJECTS + 1)}
    with pytest.raises(UsageError, match="the evidence would have 19,001 objects, and at most 19,000 may be"):
        pack_evidence(many, tmp_path / "evidence")
    assert not (tmp_path / "evidence").exists()
