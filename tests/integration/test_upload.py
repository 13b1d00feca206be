"""Objects sent to a remote: nothing is called there that is not, in a folder and on a real S3 server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mergegate.errors import RemoteError
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.presence import look_for, open_store
from mergegate.repo.storage import Held
from mergegate.repo.upload import Pushed, push_objects
from support.remotes import make_with_remote
from support.repositories import DVC_CONFIG, Repository
from support.s3 import S3, serve


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with serve() as running:
        yield running


@pytest.fixture(params=["folder", "s3"])
def made(
    request: pytest.FixtureRequest, tmp_path: Path, server: S3, monkeypatch: pytest.MonkeyPatch
) -> Repository:
    """A repository with an empty remote."""
    return make_with_remote(request.param, tmp_path, server, monkeypatch)


def add_folder(made: Repository, files: dict[str, bytes]) -> tuple[ObjectHash, dict[str, str]]:
    """A folder's objects in the cache; the list's name and those of its files."""
    names = {path: made.add_object(data) for path, data in sorted(files.items())}
    listed = [{"md5": md5, "relpath": path} for path, md5 in names.items()]
    return ObjectHash(md5=made.add_object(json.dumps(listed).encode(), suffix=".dir")), names


def cached(made: Repository, md5: str) -> Path:
    return made.path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]


def place(md5: str) -> str:
    return f"files/md5/{md5[:2]}/{md5[2:]}"


def held(made: Repository) -> dict[str, int]:
    """What the remote holds: md5 → bytes."""
    remote = open_store(made.project())
    return {path[10:].replace("/", ""): each.size for path, each in remote.walk("files/md5")}


def failed(pushed: Pushed) -> dict[str, str]:
    return {each.name.md5: each.reason for each in pushed.failed}


def test_a_folder_is_sent_whole_and_the_second_time_nothing_is(made: Repository) -> None:
    name, names = add_folder(made, {"a": b"one", "sub/b": b"three"})
    first = push_objects(made.project(), [name])
    assert (set(first.sent), first.present, first.failed) == ({name.md5, *names.values()}, 0, ())
    size = cached(made, name.md5).stat().st_size
    assert first.bytes_sent == 8 + size
    assert held(made) == {names["a"]: 3, names["sub/b"]: 5, name.md5: size}
    second = push_objects(made.project(), [name])
    assert (second.sent, second.bytes_sent, second.present, second.failed) == ((), 0, 3, ())


def test_a_list_that_is_there_does_not_hide_a_file_that_is_not(made: Repository) -> None:
    name, names = add_folder(made, {"a": b"one", "b": b"two"})
    push_objects(made.project(), [name])
    assert open_store(made.project()).remove([place(names["b"])]) == [None]
    pushed = push_objects(made.project(), [name])
    assert (pushed.sent, pushed.present, pushed.failed) == ((names["b"],), 2, ())


def test_what_is_cleared_away_while_others_are_sent_is_sent_too(made: Repository) -> None:
    name, names = add_folder(made, {"a": b"one", "b": b"two"})
    push_objects(made.project(), [ObjectHash(md5=names["a"])])
    remote = open_store(made.project())

    cleared = [place(names["a"])]

    def clear(step: str) -> None:
        if step.startswith("sending") and cleared:
            remote.remove([cleared.pop()])

    pushed = push_objects(made.project(), [name], progress=clear)
    assert (set(pushed.sent), pushed.present, pushed.failed) == ({*names.values(), name.md5}, 0, ())
    assert held(made).keys() == {*names.values(), name.md5}


def test_an_object_cut_short_on_the_remote_is_sent_again(made: Repository, tmp_path: Path) -> None:
    md5 = made.add_object(b"whole bytes")
    (tmp_path / "short").write_bytes(b"whole")
    open_store(made.project()).upload([(tmp_path / "short", place(md5))])
    pushed = push_objects(made.project(), [ObjectHash(md5=md5)])
    assert (pushed.sent, held(made)) == ((md5,), {md5: 11})


def test_a_damaged_object_is_named_and_never_sent_nor_is_its_list(made: Repository) -> None:
    name, names = add_folder(made, {"a": b"one", "b": b"two"})
    cached(made, names["b"]).write_bytes(b"TWO")
    pushed = push_objects(made.project(), [name])
    assert failed(pushed) == {names["b"]: "damaged", name.md5: "withheld"}
    assert held(made) == {names["a"]: 3}
    assert "has other bytes" in pushed.failed[0].message


def test_what_is_neither_here_nor_there_is_named(made: Repository) -> None:
    name, names = add_folder(made, {"a": b"one", "b": b"two"})
    cached(made, names["a"]).unlink()
    gone = ObjectHash(md5="0" * 32)
    pushed = push_objects(made.project(), [name, gone])
    assert failed(pushed) == {names["a"]: "not-here", name.md5: "withheld", gone.md5: "not-here"}
    assert held(made) == {names["b"]: 3}


def test_files_that_only_the_remote_has_are_enough_for_their_list(made: Repository) -> None:
    name, names = add_folder(made, {"a": b"one", "b": b"two"})
    push_objects(made.project(), [ObjectHash(md5=names["a"])])
    cached(made, names["a"]).unlink()
    pushed = push_objects(made.project(), [name])
    assert (set(pushed.sent), pushed.failed) == ({names["b"], name.md5}, ())


def test_a_list_that_only_the_remote_has_is_read_from_there(made: Repository) -> None:
    name, names = add_folder(made, {"a": b"one", "b": b"two"})
    push_objects(made.project(), [name])
    cached(made, name.md5).unlink()
    open_store(made.project()).remove([place(names["a"])])
    assert push_objects(made.project(), [name]).sent == (names["a"],)


def test_objects_of_dvc_2_go_to_their_own_place(made: Repository) -> None:
    md5 = made.add_object(b"old", cache=".dvc/cache")
    pushed = push_objects(made.project(), [ObjectHash(md5=md5, legacy=True)])
    assert pushed.sent == (md5,)
    remote = open_store(made.project())
    assert isinstance(look_for(remote, [f"{md5[:2]}/{md5[2:]}"])[f"{md5[:2]}/{md5[2:]}"], Held)


def test_many_objects_are_found_by_listing(made: Repository, server: S3) -> None:
    names = [ObjectHash(md5=made.add_object(str(index).encode())) for index in range(110)]
    assert len(push_objects(made.project(), names[:100]).sent) == 100
    remote = open_store(made.project())
    server.requests.clear()
    told = look_for(remote, [place(name.md5) for name in names])
    missing = [path for path, each in told.items() if isinstance(each, FileNotFoundError)]
    assert missing == [place(name.md5) for name in names[100:]]
    assert len(server.requests) <= 4


def test_a_remote_that_does_not_answer_is_an_error_and_nothing_is_sent(tmp_path: Path) -> None:
    made = Repository.create(tmp_path)
    made.write(
        ".dvc/config", DVC_CONFIG + "    remote = store\n['remote \"store\"']\n    url = ../../nowhere\n"
    )
    md5 = made.add_object(b"one")
    with pytest.raises(RemoteError, match="does not exist"):
        push_objects(made.project(), [ObjectHash(md5=md5)])


def spread(made: Repository, number: int) -> list[str]:
    """Objects on the remote whose names begin alike, as on a remote of very many, and one that is not."""
    store = open_store(made.project())
    source = made.write("source", b"")
    names = [f"files/md5/{index % 2:02x}/{index:030x}" for index in range(number)]
    assert store.upload([(source, name) for name in names[1:]]) == [None] * (number - 1)
    return names


def test_a_remote_of_very_many_is_listed_by_the_folders_that_are_wanted(made: Repository, server: S3) -> None:
    names = spread(made, 90)
    store = open_store(made.project())
    server.requests.clear()
    told = look_for(store, names)
    assert [type(each) for each in told.values()] == [FileNotFoundError] + [Held] * 89
    assert len(server.requests) < 10


def test_where_listing_is_forbidden_each_is_asked_for(made: Repository, server: S3) -> None:
    names = spread(made, 70)
    store = open_store(made.project())
    server.requests.clear()
    server.refuses = lambda method, path: method == "GET"
    try:
        told = look_for(store, names)
    finally:
        server.refuses = lambda method, path: False
    assert sum(isinstance(each, Held) for each in told.values()) == 69
    assert sum(method == "HEAD" for method, _ in server.requests) in (0, 70)
