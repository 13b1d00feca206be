import threading
from pathlib import Path

import pytest

from mergegate.errors import BrokenError, ObjectError, RemoteError
from mergegate.flows.merge_driver import store
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.storing import store_object
from support.memory import md5_of


def make(folder: Path) -> Path:
    """A work tree with a DVC repository at the top and another below."""
    for path in (".dvc", "ml/.dvc", "ml/deep"):
        (folder / path).mkdir(parents=True)
    return folder


def test_a_remote_that_does_not_answer_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.01)
    never = threading.Event()
    with pytest.raises(RemoteError, match="no list came within 0 s"):
        store._wait(never.wait, "no list came")
    never.set()


def test_what_goes_wrong_behind_is_raised_in_front() -> None:
    def fail() -> None:
        raise ValueError("odd")

    with pytest.raises(BrokenError, match="ValueError: odd"):
        store._wait(fail, "")
    assert store._wait(lambda: 7, "") == 7


def test_the_nearest_dvc_repository_above_a_file_is_its_own(tmp_path: Path) -> None:
    top = make(tmp_path / "top")
    assert store.find_project(top, "ml/gone/raw.dvc").root == top / "ml"
    assert store.find_project(top, "other/raw.dvc").prefix == ""
    (top / ".dvc").rmdir()
    with pytest.raises(ObjectError, match=r"other/raw\.dvc is in no DVC repository"):
        store.find_project(top, "other/raw.dvc")


def test_an_object_is_stored_where_dvc_looks_for_it_and_only_under_its_own_name(tmp_path: Path) -> None:
    project = store.find_project(make(tmp_path / "top"), "raw.dvc")
    name = ObjectHash(md5=f"{md5_of('[]')}.dir")
    path = store_object(project, name, b"[]")
    assert path == project.root / f".dvc/cache/files/md5/{name.md5[:2]}/{name.md5[2:]}"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"[]", 0o444)
    assert store_object(project, name, b"[]") == path
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    assert store_object(project, name, b"[]").read_bytes() == b"[]"
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    with pytest.raises(BrokenError, match="can't be stored as"):
        store_object(project, name, b"[1]")


def test_a_cache_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    project = store.find_project(make(tmp_path / "top"), "raw.dvc")
    (project.root / ".dvc/cache").write_text("in the way")
    with pytest.raises(ObjectError, match="DVC's cache can't be written"):
        store_object(project, ObjectHash(md5=md5_of("x")), b"x")
