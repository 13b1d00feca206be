"""A remote's objects, sent, looked for, listed, removed: the same in a folder and on a real S3 server."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mergegate import repo
from mergegate.errors import RemoteError
from mergegate.repo.presence import look_for
from mergegate.repo.remote import Remote, open_remote
from mergegate.repo.settings import read_settings
from mergegate.repo.storage import Folder, Held
from support.remotes import make_with_remote
from support.repositories import Repository
from support.s3 import CREDENTIALS, S3, serve


@pytest.fixture(scope="session")
def server() -> Iterator[S3]:
    with serve() as running:
        yield running


@pytest.fixture(params=["folder", "s3"])
def remote(
    request: pytest.FixtureRequest, tmp_path: Path, server: S3, monkeypatch: pytest.MonkeyPatch
) -> Remote:
    return opened(make_with_remote(request.param, tmp_path, server, monkeypatch))


def opened(made: Repository) -> Remote:
    project = repo.locate(made.path)
    assert project.dvc_root is not None
    folder = project.dvc_root / ".dvc"
    return open_remote(folder, read_settings(folder))


def sources(tmp_path: Path, number: int) -> list[tuple[Path, str]]:
    items = []
    for index in range(number):
        file = tmp_path / f"source{index}"
        file.write_bytes(b"x" * index)
        items.append((file, f"files/md5/{index:02x}/{index:030x}"))
    return items


def test_what_is_sent_is_there_listed_and_can_be_brought_back(remote: Remote, tmp_path: Path) -> None:
    items = sources(tmp_path, 20)
    assert remote.upload(items) == [None] * 20
    listed = dict(remote.walk("files/md5"))
    assert {path: held.size for path, held in listed.items()} == {
        path: index for index, (_, path) in enumerate(items)
    }
    assert all(held.modified is not None and held.modified.tzinfo is not None for held in listed.values())
    target = tmp_path / "back"
    assert remote.download([(items[7][1], target)]) == [None]
    assert target.read_bytes() == b"x" * 7


def test_an_object_is_looked_at_without_its_bytes(remote: Remote, tmp_path: Path) -> None:
    items = sources(tmp_path, 3)
    remote.upload(items)
    sizes = [
        type(each) if isinstance(each, BaseException) else each.size
        for each in remote.look([items[2][1], "files/md5/ff/none", "files/md5"])
    ]
    assert sizes == [2, FileNotFoundError, FileNotFoundError]


def test_removed_is_removed_and_nothing_else(remote: Remote, tmp_path: Path) -> None:
    items = sources(tmp_path, 3)
    remote.upload(items)
    assert remote.remove([items[1][1]]) == [None]
    assert [path for path, _ in remote.walk("files/md5")] == [items[0][1], items[2][1]]


def test_a_folder_that_is_not_there_holds_nothing(remote: Remote) -> None:
    assert list(remote.walk("files/md5")) == []


def test_an_object_of_a_folder_that_may_not_be_read_is_not_taken_for_one_that_may() -> None:
    """Where several people push to one folder, whoever pushed an object may have kept it private."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        places = [f"files/md5/00/{index:030}" for index in range(70)]
        for place in places:
            Path(folder, place).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, place).write_bytes(b"x")
        Path(folder, places[0]).chmod(0)
        remote = Remote("store", folder, Folder(Path(folder)))
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # nothing is forbidden to root
        try:
            few, many = look_for(remote, places[:2]), look_for(remote, places)
        finally:
            os.seteuid(user)
    assert [type(each) for each in few.values()] == [PermissionError, Held]
    assert [type(each) for each in many.values()] == [PermissionError] + [Held] * 69


def test_a_source_that_is_gone_is_told_for_its_object_alone(remote: Remote, tmp_path: Path) -> None:
    (file, path), *_ = sources(tmp_path, 1)
    failures = remote.upload([(tmp_path / "gone", "files/md5/aa/bb"), (file, path)])
    assert [type(failure) for failure in failures] == [FileNotFoundError, type(None)]
    assert [path for path, _ in remote.walk("files")] == [path]


def test_a_bucket_that_does_not_exist_is_an_error(
    tmp_path: Path, server: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    made = Repository.create(tmp_path)
    made.write(".dvc/config", server.config("nobucket"))
    with pytest.raises(RemoteError, match="nobucket"):
        list(opened(made).walk("files/md5"))
