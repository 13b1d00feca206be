"""DVC's objects: verified whenever opened, fetched with one request each and no more."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mergegate import repo
from mergegate.errors import ConfigError, ObjectError, RemoteError
from mergegate.records.pipeline import ObjectHash
from support.memory import md5_of
from support.repositories import DVC_CONFIG, Repository
from support.s3 import CREDENTIALS, S3, serve


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    with serve() as server:
        yield server


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The server, this process being its user, with no request counted yet."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    s3_server.requests.clear()
    return s3_server


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    """A repository whose default remote is an empty folder beside it."""
    made = Repository.create(tmp_path)
    (tmp_path / "store").mkdir()
    made.write(
        ".dvc/config", DVC_CONFIG + "    remote = store\n['remote \"store\"']\n    url = ../../store\n"
    )
    return made


def store(made: Repository, data: bytes, *, suffix: str = "", legacy: bool = False) -> ObjectHash:
    """Put an object into the remote folder."""
    place = "../store" if legacy else "../store/files/md5"
    return ObjectHash(md5=made.add_object(data, suffix=suffix, cache=place), legacy=legacy)


def name_of(data: bytes) -> ObjectHash:
    return ObjectHash(md5=md5_of(data))


def cache_files(made: Repository) -> list[str]:
    cache = made.path / ".dvc/cache"
    return sorted(file.relative_to(cache).as_posix() for file in cache.rglob("*") if file.is_file())


def test_fetches_what_is_missing_into_the_cache_as_dvc_does(made: Repository) -> None:
    wanted, other = store(made, b"one"), store(made, b"two")
    objects = repo.Objects(made.project())
    assert not objects.have(wanted)
    assert objects.size(wanted) is None
    objects.fetch([wanted, wanted])
    path = objects.open(wanted)
    assert path.read_bytes() == b"one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert objects.size(wanted) == 3
    assert not objects.have(other)
    assert cache_files(made) == [f"files/md5/{wanted.md5[:2]}/{wanted.md5[2:]}"]


def test_what_is_fetched_serves_dvc_itself(made: Repository) -> None:
    made.write("data/rows.csv", "1\n")
    made.dvc("add", "--quiet", "data/rows.csv")
    made.dvc("push", "--quiet")
    clone = made.copy(made.path.parent / "elsewhere")
    made.run("rm", "-rf", ".dvc/cache", "data/rows.csv")
    repo.Objects(made.project()).fetch([name_of(b"1\n")])
    made.run("rm", "-rf", "../store")
    made.dvc("checkout", "--quiet")
    assert (made.path / "data/rows.csv").read_text() == (clone.path / "data/rows.csv").read_text() == "1\n"


def test_reads_both_layouts_of_the_cache(made: Repository) -> None:
    new, old = store(made, b"new"), store(made, b"a,b\r\n1,2\r\n", legacy=True)
    old = ObjectHash(md5=md5_of(b"a,b\n1,2\n"), legacy=True)
    made.run("mkdir", "-p", f"../store/{old.md5[:2]}")
    (made.path / f"../store/{old.md5[:2]}/{old.md5[2:]}").write_bytes(b"a,b\r\n1,2\r\n")
    objects = repo.Objects(made.project())
    objects.fetch([new, old])
    assert objects.open(new).read_bytes() == b"new"
    assert objects.open(old).read_bytes() == b"a,b\r\n1,2\r\n"
    assert objects.open(old) == made.path / ".dvc/cache" / old.md5[:2] / old.md5[2:]


def test_the_cache_may_be_elsewhere(made: Repository, tmp_path: Path) -> None:
    made.write(".dvc/config.local", "[Cache]\n    Dir = ../../shared cache  # for all of us\n")
    wanted = store(made, b"one")
    objects = repo.Objects(made.project())
    objects.fetch([wanted])
    assert objects.open(wanted).is_relative_to(tmp_path / "shared cache")
    assert made.dvc("cache", "dir").strip() == str(tmp_path / "shared cache")


def test_a_folder_s_list_is_fetched_alone_and_read(made: Repository) -> None:
    files = {"a.csv": md5_of("a"), "sub/ü b.csv": md5_of("b")}
    listed = json.dumps([{"md5": md5, "relpath": path} for path, md5 in files.items()]).encode()
    folder = store(made, listed, suffix=".dir")
    objects = repo.Objects(made.project())
    objects.fetch([folder])
    assert objects.tree(folder) == files
    assert cache_files(made) == [f"files/md5/{folder.md5[:2]}/{folder.md5[2:]}"]


def test_a_list_that_the_record_holds_needs_no_object(made: Repository) -> None:
    inline = ObjectHash(md5="0" * 32 + ".dir", files=(("a", md5_of("a")),))
    objects = repo.Objects(made.project())
    objects.fetch([inline])
    assert objects.tree(inline) == {"a": md5_of("a")}


@pytest.mark.parametrize(
    ("listed", "what"),
    [
        ("not json", "it is not JSON"),
        ('{"a": 1}', "it is not a list"),
        ('[{"relpath": "a"}]', "an entry has no path and md5: {'relpath': 'a'}"),
        ('[{"md5": "x", "relpath": "a"}]', "an entry has no path and md5: {'md5': 'x', 'relpath': 'a'}"),
        ('[{"md5": "%s", "relpath": "../../home"}]', "'../../home' leads out of the folder"),
        ('[{"md5": "%s", "relpath": "/etc/passwd"}]', "'/etc/passwd' leads out of the folder"),
        ('[{"md5": "%s", "relpath": "a//b"}]', "'a//b' leads out of the folder"),
        ('[{"md5": "%s", "relpath": "n"}, {"md5": "%s", "relpath": "n"}]', "'n' stands in it twice"),
        (
            '[{"md5": "%s", "relpath": "n"}, {"md5": "%s", "relpath": "n/x"}]',
            "'n/x' lies under a file of the same list",
        ),
    ],
)
def test_a_hostile_folder_list_is_refused(made: Repository, listed: str, what: str) -> None:
    data = listed.replace("%s", "0" * 32).encode()
    folder = ObjectHash(md5=made.add_object(data, suffix=".dir"))
    with pytest.raises(ObjectError) as caught:
        repo.Objects(made.project()).tree(folder)
    assert caught.value.message == f"the folder list {folder.md5} is not one that DVC writes: {what}"


def test_wrong_bytes_in_the_cache_are_never_believed(made: Repository) -> None:
    name = ObjectHash(md5=made.add_object(b"right"))
    path = made.path / ".dvc/cache/files/md5" / name.md5[:2] / name.md5[2:]
    path.write_bytes(b"wrong")
    objects = repo.Objects(made.project())
    assert objects.have(name)
    with pytest.raises(ObjectError) as caught:
        objects.open(name)
    assert caught.value.message == (
        f"the DVC object {name.md5} in the cache has other bytes (md5 {md5_of('wrong')}): {path}"
    )
    assert caught.value.hint == (
        "delete that file and run this again; files in a cache are damaged by writing through hard links"
    )


def test_wrong_bytes_on_the_remote_never_reach_the_cache(made: Repository) -> None:
    name = store(made, b"right")
    (made.path / "../store/files/md5" / name.md5[:2] / name.md5[2:]).write_bytes(b"wrong")
    with pytest.raises(ObjectError) as caught:
        repo.Objects(made.project()).fetch([name])
    assert caught.value.message == (
        f"remote store ({made.path.parent / 'store'}) holds other bytes under the name {name.md5}"
        f" (md5 {md5_of('wrong')})"
    )
    assert cache_files(made) == []


def test_an_object_that_nobody_pushed(made: Repository) -> None:
    here, gone = store(made, b"here"), name_of(b"gone")
    objects = repo.Objects(made.project())
    with pytest.raises(ObjectError) as caught:
        objects.fetch([gone, here])
    assert caught.value.message == f"remote store ({made.path.parent / 'store'}) has no object {gone.md5}"
    assert caught.value.hint == (
        "whoever made this revision must run `mergegate push`; `mergegate verify --remote` lists what lacks"
    )
    assert objects.have(here)
    with pytest.raises(ObjectError, match=f"has no object {gone.md5}"):
        objects.open(gone)
    with pytest.raises(ObjectError, match=f"the DVC object {gone.md5} is not in the cache"):
        repo.Objects(made.project()).open(gone)


def test_a_remote_that_is_not_there(made: Repository) -> None:
    made.run("rm", "-rf", "../store")
    with pytest.raises(RemoteError) as caught:
        repo.Objects(made.project()).fetch([name_of(b"x")])
    assert caught.value.message == (
        f"remote store can't be read: the folder {made.path.parent / 'store'} does not exist"
    )


def test_no_remote_and_an_unknown_remote(made: Repository) -> None:
    made.write(".dvc/config", DVC_CONFIG)
    with pytest.raises(ObjectError) as caught:
        repo.Objects(made.project()).fetch([name_of(b"x")])
    assert caught.value.message == "no default DVC remote is configured, so missing objects can't be fetched"
    with pytest.raises(ObjectError, match="the remote 'other' is not configured"):
        repo.Objects(made.project()).fetch([name_of(b"x")], remote="Other")


def test_nothing_missing_asks_nobody(made: Repository) -> None:
    made.run("rm", "-rf", "../store")
    repo.Objects(made.project()).fetch([ObjectHash(md5=made.add_object(b"here"))])


def test_without_dvc_there_are_no_objects(tmp_path: Path) -> None:
    made = Repository.create(tmp_path, dvc=False)
    objects = repo.Objects(made.project())
    assert not objects.have(name_of(b"x"))
    with pytest.raises(ObjectError, match="is in no DVC repository"):
        objects.open(name_of(b"x"))


def test_a_name_that_is_no_md5_touches_no_file(made: Repository) -> None:
    with pytest.raises(ObjectError, match="is not the name of a DVC object"):
        repo.Objects(made.project()).open(ObjectHash(md5="../../../../etc/passwd"))


def test_a_cache_that_can_t_be_written(made: Repository) -> None:
    wanted = store(made, b"one")
    made.write(".dvc/cache", "a file where the folder should be")
    with pytest.raises(ObjectError, match="DVC's cache can't be written"):
        repo.Objects(made.project()).fetch([wanted])


def test_s3_one_request_per_missing_object_and_no_other(made: Repository, s3: S3) -> None:
    bucket = "counted"
    s3.make_bucket(bucket)
    made.write(".dvc/config", s3.config(bucket))
    data = [b"one", b"two", b"three"]
    for item in data:
        md5 = md5_of(item)
        s3.put(f"{bucket}/deep/files/md5/{md5[:2]}/{md5[2:]}", item)
    legacy = md5_of(b"old")
    s3.put(f"{bucket}/deep/{legacy[:2]}/{legacy[2:]}", b"old")
    here = ObjectHash(md5=made.add_object(b"three"))
    objects = repo.Objects(made.project())
    before = sorted(path for path in made.path.rglob("*") if ".dvc/cache" not in path.as_posix())
    objects.fetch([*map(name_of, data), ObjectHash(md5=legacy, legacy=True)])
    assert sorted(s3.requests) == sorted(
        ("GET", f"/{bucket}/deep/{place}{md5[:2]}/{md5[2:]}")
        for place, md5 in (("files/md5/", md5_of(b"one")), ("files/md5/", md5_of(b"two")), ("", legacy))
    )
    assert [objects.open(name_of(item)).read_bytes() for item in data] == data
    assert objects.open(here).read_bytes() == b"three"
    assert sorted(path for path in made.path.rglob("*") if ".dvc/cache" not in path.as_posix()) == before


def test_s3_reads_what_dvc_pushed(made: Repository, s3: S3) -> None:
    s3.make_bucket("pushed")
    made.write(".dvc/config", s3.config("pushed"))
    made.environment |= CREDENTIALS
    made.write("data/rows.csv", "1\n")
    made.dvc("add", "--quiet", "data/rows.csv")
    made.dvc("push", "--quiet")
    made.run("rm", "-rf", ".dvc/cache")
    objects = repo.Objects(made.project())
    objects.fetch([name_of(b"1\n")])
    assert objects.open(name_of(b"1\n")).read_bytes() == b"1\n"


def test_s3_missing_object_missing_bucket_wrong_bytes_and_no_server(
    made: Repository, s3: S3, capfd: pytest.CaptureFixture[str]
) -> None:
    s3.make_bucket("faulty")
    wrong = name_of(b"right")
    s3.put(f"faulty/deep/files/md5/{wrong.md5[:2]}/{wrong.md5[2:]}", b"wrong")
    gone = name_of(b"gone")

    def say(config: str, name: ObjectHash) -> str:
        made.write(".dvc/config", config)
        with pytest.raises((ObjectError, RemoteError)) as caught:
            repo.Objects(made.project()).fetch([name])
        return caught.value.message

    said = [
        say(s3.config("faulty"), gone),
        say(s3.config("faulty"), wrong),
        say(s3.config("no-bucket"), gone),
        say(s3.config("faulty").replace(s3.url, "http://127.0.0.1:1"), gone),
    ]
    assert said[0] == f"remote store (s3://faulty/deep) has no object {gone.md5}"
    assert said[1] == (
        f"remote store (s3://faulty/deep) holds other bytes under the name {wrong.md5}"
        f" (md5 {md5_of('wrong')})"
    )
    assert said[2] == "remote store (s3://no-bucket/deep) can't be read: the bucket does not exist"
    assert said[3].startswith("remote store (s3://faulty/deep) can't be read: ")
    assert cache_files(made) == []
    assert capfd.readouterr().out == ""


def test_a_remote_that_keeps_versions_says_what_to_do(made: Repository, s3: S3) -> None:
    made.write(".dvc/config", s3.config("versions") + "    version_aware = true\n")
    with pytest.raises(RemoteError) as caught:
        repo.Objects(made.project()).fetch([name_of(b"x")])
    assert caught.value.message == (
        "remote store keeps versions of files under their own names, not objects by checksum"
    )


def test_a_remote_without_its_plug_in(made: Repository) -> None:
    made.write(
        ".dvc/config", DVC_CONFIG + "    remote = far\n['remote \"far\"']\n    url = gdrive://nowhere/x\n"
    )
    with pytest.raises(RemoteError) as caught:
        repo.Objects(made.project()).fetch([name_of(b"x")])
    assert caught.value.message == ("remote far needs DVC's plug-in for gdrive, which is not installed")
    assert caught.value.hint == "run `pip install 'dvc[gdrive]'`"


def test_a_secret_in_a_url_is_not_repeated(made: Repository) -> None:
    made.write(
        ".dvc/config",
        DVC_CONFIG + "    remote = far\n['remote \"far\"']\n    url = http://ada:secret@127.0.0.1:1/x\n",
    )
    with pytest.raises(RemoteError) as caught:
        repo.Objects(made.project()).fetch([name_of(b"x")])
    assert "secret" not in caught.value.message
    assert caught.value.message.startswith("remote far (http://127.0.0.1:1/x) can't be read: ")


def test_a_dvc_configuration_that_can_t_be_read(made: Repository) -> None:
    made.write(".dvc/config", "remote = store\n")
    with pytest.raises(ConfigError) as caught:
        repo.Objects(made.project()).fetch([name_of(b"x")])
    assert str(caught.value) == f"{made.path / '.dvc/config'}:1: a setting stands before any [section]"
