"""States of git and of remotes in which an object that somebody needs looks unneeded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mergegate.flows.keep.keeping import Request, delete, survey
from mergegate.repo import references
from mergegate.repo.presence import open_store
from support.repositories import DVC_CONFIG, Repository
from support.s3 import CREDENTIALS, S3, serve
from support.teams import Team

OUTS = "outs:\n- md5: %s\n  hash: md5\n  path: data\n"


@pytest.fixture
def team(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Team:
    return Team(tmp_path, capsys, monkeypatch)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    for key, value in CREDENTIALS.items():
        monkeypatch.setenv(key, value)
    with serve() as running:
        running.make_bucket("first")
        running.make_bucket("second")
        yield running


def forget(team: Team) -> None:
    """Leave only what commits of the branch name."""
    team.made.git("reflog", "expire", "--expire=now", "--all")


def test_a_lock_behind_a_link_is_read(team: Team) -> None:
    old, new = team.put(b"old"), team.put(b"new")
    for name in (old, new):
        team.made.write("locks/prod.yaml", f"schema: '2.0'\nstages:\n  a:\n    cmd: a\n    md5: {name}\n")
        if name == old:
            (team.made.path / "chain.lock").symlink_to("locks/prod.yaml")
            (team.made.path / "sub").mkdir()
            (team.made.path / "sub/dvc.lock").symlink_to("../chain.lock")
        team.made.commit()
    team.run("keep", "--yes")
    assert team.there() == {old, new}


def test_a_link_that_leads_nowhere_stops_the_deletion_until_it_is_given_up(team: Team) -> None:
    name = team.put(b"nobody's")
    (team.made.path / "dvc.lock").symlink_to("/elsewhere/dvc.lock")
    team.made.commit()
    blob = team.made.git("rev-parse", "HEAD:dvc.lock")
    (team.made.path / "dvc.lock").unlink()
    team.made.commit()
    out, err = team.run("keep", "--yes", code=3)
    assert f"    {blob}" in out
    assert "a link that leads nowhere" in err
    assert team.there() == {name}
    team.run("keep", "--yes", "--without", blob)
    assert team.there() == set()


@pytest.mark.parametrize(
    "stored",
    [
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 90\n",
        b"\0GITCRYPT\0\x8f\x01",
    ],
)
def test_a_file_that_a_filter_wrote_stops_the_deletion(team: Team, stored: bytes) -> None:
    name = team.put(b"named in the file before the filter")
    team.made.write("data.dvc", stored)
    team.made.commit()
    team.made.write("data.dvc", OUTS % ("0" * 32))
    team.made.commit()
    _, err = team.run("keep", "--yes", code=3)
    assert "1 versions of DVC's files don't say what they name" in err
    assert team.there() == {name}
    assert "UNREAD: 1 version of DVC's files" in team.run("backup", "vault", code=1)[0]


def test_settings_of_git_hide_no_merge(team: Team) -> None:
    kept = team.put(b"made in the merge")
    team.track("1" * 32)
    team.made.commit()
    team.made.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    team.track("2" * 32)
    team.made.commit()
    team.made.git("checkout", "--quiet", "-")
    team.made.git("merge", "--quiet", "--strategy=ours", "--no-commit", "side")
    team.track(kept)
    team.made.commit("Evil merge")
    team.track("3" * 32)
    team.made.commit()
    forget(team)
    for key, value in {
        "log.diffMerges": "combined",
        "log.follow": "true",
        "diff.relative": "true",
        "diff.orderFile": "none",
        "color.ui": "always",
        "log.showRoot": "false",
    }.items():
        team.made.git("config", key, value)
    team.run("keep", "--yes", code=1)
    assert team.there() == {kept}


def test_a_graft_hides_no_commit(team: Team) -> None:
    kept = team.put(b"before the graft")
    team.track(kept)
    team.made.commit()
    team.track("1" * 32)
    head = team.made.commit()
    forget(team)
    team.made.write(".git/info/grafts", f"{head}\n")
    team.run("keep", "--yes", code=1)
    assert team.there() == {kept}


def test_refs_to_no_commit_are_no_obstacle(team: Team) -> None:
    kept = team.put(b"in a tagged tree")
    team.track(kept)
    team.made.commit()
    tree = team.made.git("rev-parse", "HEAD^{tree}")
    blob = team.made.git("rev-parse", "HEAD:data.dvc")
    team.made.git("update-ref", "refs/tags/tree", tree)
    team.made.git("update-ref", "refs/tags/blob", blob)
    team.made.git("push", "--quiet", "origin", "HEAD", "refs/tags/tree", "refs/tags/blob")
    team.made.replace("mergegate.yaml", "keep:\n", "keep:\n  commits: tips\n")
    team.run("keep", "--yes")
    team.made.commit()
    team.made.git("push", "--quiet", "origin", "HEAD")
    team.run("keep", "--yes")
    assert team.there() == {kept}


def test_more_revisions_than_a_command_line_holds(team: Team) -> None:
    team.track("1" * 32)
    head = team.made.commit()
    assert len(references.list_everywhere(team.made.path, [head] * 60_000).blobs) == 1


def test_a_clone_without_blobs_asks_for_them(team: Team) -> None:
    kept = team.put(b"old")
    team.track(kept)
    team.made.commit()
    team.track("1" * 32)
    team.made.commit()
    team.made.git("push", "--quiet", "origin", "HEAD")
    origin = Repository(team.origin, team.made.home)
    origin.git("config", "uploadpack.allowFilter", "true")
    team.made = origin.clone(team.folder / "deep", "--filter=blob:none")
    (team.folder / "deep/store").symlink_to(team.store)
    team.made.write(
        ".dvc/config", DVC_CONFIG + "    remote = store\n['remote \"store\"']\n    url = ../../store\n"
    )
    team.run("keep", "--yes", code=1)
    assert team.there() == {kept}


def test_no_credential_is_printed(team: Team) -> None:
    url = "http://user:p@ss:word@127.0.0.1:9/team/other.git"
    team.made.replace("mergegate.yaml", "shared_with: []", f"shared_with: ['{url}']")
    team.made.commit()
    team.made.git("push", "--quiet", "origin", "HEAD")
    out, err = team.run("keep", "--yes", code=3)
    assert "http://127.0.0.1:9/team/other.git shares the remote" in err
    assert "word" not in out + err
    team.made.git("remote", "set-url", "origin", url)
    out, err = team.run("keep", "--yes", code=3)
    assert "word" not in out + err


def test_a_credential_of_a_sharer_is_in_no_answer(team: Team) -> None:
    other = Repository.create(team.folder / "other")
    other.commit()
    url = f"file://user:secret@localhost{other.path}"
    team.made.replace("mergegate.yaml", "shared_with: []", f"shared_with: ['{url}']")
    team.made.commit()
    team.made.git("push", "--quiet", "origin", "HEAD")
    answer = team.json("keep", "--dry-run")
    assert [each["repository"] for each in answer["sources"]] == [".", f"file://localhost{other.path}"]


def test_submodules_are_said_not_to_be_asked(team: Team) -> None:
    other = Repository.create(team.folder / "other")
    other.commit()
    team.made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "sub")
    team.made.commit()
    assert "submodules were not asked" in team.run("keep", "--dry-run")[0]


def test_a_branch_of_a_sharer_that_moves_meanwhile_stops_the_deletion(team: Team) -> None:
    name = team.put(b"named just now")
    other = Repository.create(team.folder / "other")
    other.commit()
    team.made.replace("mergegate.yaml", "shared_with: []", "shared_with: [../other/repository]")
    team.made.commit()
    team.made.git("push", "--quiet", "origin", "HEAD")
    found = survey(Request(start=team.made.path))
    other.write("data.dvc", OUTS % name)
    other.commit()
    with pytest.raises(Exception, match="changed while this looked"):
        delete(found)
    assert team.there() == {name}


def test_what_the_workspace_names_meanwhile_stops_the_deletion(team: Team) -> None:
    name = team.put(b"named just now")
    found = survey(Request(start=team.made.path))
    team.track(name)
    with pytest.raises(Exception, match="changed while this looked"):
        delete(found)
    assert team.there() == {name}


def test_stores_of_others_below_a_remote_are_left_alone(team: Team) -> None:
    inner = "../store/other/files/md5/ab/" + "c" * 30
    team.made.write(inner, "theirs")
    out, _ = team.run("keep", "--yes")
    assert (team.made.path / inner).exists()
    assert "no DVC objects, left alone: 1 file" in out


@pytest.mark.parametrize("url", ["../../alias", "remote://store/", "remote://store/../store"])
def test_a_remote_under_another_name_is_no_backup(team: Team, url: str) -> None:
    kept = team.put(b"precious")
    team.track(kept)
    (team.folder / "alias").symlink_to(team.store)
    team.made.replace(".dvc/config", "url = ../../vault", f"url = {url}")
    team.made.commit()
    _, err = team.run("backup", "vault", code=2)
    assert "is the remote to be copied" in err
    assert team.there() == {kept}


def test_a_ref_with_a_hostile_name_is_printed_harmlessly(team: Team) -> None:
    team.track("1" * 32)
    team.made.commit()
    team.made.git("branch", "evil\u202ename")
    out, _ = team.run("keep", "--dry-run", code=1)
    assert "\u202e" not in out


def on_s3(team: Team, s3: S3, bucket: str) -> None:
    other = s3.url.replace("127.0.0.1", "localhost")
    team.made.write(
        ".dvc/config",
        DVC_CONFIG
        + "    remote = store\n"
        + f"['remote \"store\"']\n    url = s3://{bucket}/deep\n    endpointurl = {s3.url}\n"
        + f"['remote \"vault\"']\n    url = s3://{bucket}/vault\n    endpointurl = {s3.url}\n"
        + f"['remote \"same\"']\n    url = s3://{bucket}/deep/\n    endpointurl = {other}\n",
    )
    team.made.commit()


def test_an_object_that_s3_got_again_meanwhile_is_spared(
    team: Team, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_s3(team, s3, "first")
    again, gone = (team.put(data) for data in (b"again", b"gone"))
    place, other = (f"files/md5/{name[:2]}/{name[2:]}" for name in (again, gone))
    remote = open_store(team.made.project())
    assert remote.upload([(team.store / place, place), (team.store / other, other)]) == [None, None]
    monkeypatch.setattr("mergegate.flows.keep.keeping._is_old", lambda told, before: True)
    found = survey(Request(start=team.made.path))
    assert set(found.places) == {place, other}
    written = dict(remote.walk(""))[place].modified
    while dict(remote.walk(""))[place].modified == written:
        remote.upload([(team.store / place, place)])
    assert delete(found).deleted == 1
    assert set(dict(remote.walk(""))) == {place}


def test_a_remote_on_s3_is_cleared_and_copied(team: Team, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    on_s3(team, s3, "second")
    kept = team.put_folder(a=b"one", b=b"two")
    team.track(kept)
    team.made.commit()
    places = [str(file.relative_to(team.store)) for file in team.store.rglob("*") if file.is_file()]
    remote = open_store(team.made.project())
    remote.upload([(team.store / place, place) for place in places])
    team.made.write("x", "nobody's")
    nobody = "files/md5/ab/" + "c" * 30
    remote.upload([(team.made.path / "x", nobody)])
    assert team.json("keep", "--yes")["deleted"] == 0  # young
    monkeypatch.setattr("mergegate.flows.keep.keeping._is_old", lambda told, before: True)
    assert team.json("keep", "--yes")["deleted"] == 1
    assert set(dict(remote.walk(""))) == set(places)
    _, err = team.run("backup", "same", code=2)
    assert "is the remote to be copied" in err
    answer = team.json("backup", "vault")
    assert (answer["copied"], answer["checked"], answer["failed"]) == (3, 3, [])
    assert set(dict(open_store(team.made.project(), "vault").walk(""))) == set(places)
    assert set(dict(remote.walk(""))) == set(places)


def test_a_backup_that_may_not_write_copies_nothing_and_says_why(team: Team, s3: S3) -> None:
    s3.make_bucket("third")
    on_s3(team, s3, "third")
    kept = team.put_folder(a=b"one", b=b"two")
    team.track(kept)
    team.made.commit()
    places = [str(file.relative_to(team.store)) for file in team.store.rglob("*") if file.is_file()]
    remote = open_store(team.made.project())
    remote.upload([(team.store / place, place) for place in places])
    s3.refuses = lambda method, path: method == "PUT"
    answer = team.json("backup", "vault", code=3)
    out, _ = team.run("backup", "vault", code=3)
    s3.refuses = lambda method, path: False
    assert (answer["copied"], answer["checked"]) == (0, 0)
    files = sorted(name for name in team.there() if name != kept)
    assert sorted(answer["failed"]) == [
        f"{kept}: 2 of its files are not in the copy",
        *(
            f"{name}: remote vault (s3://third/vault) did not take it: PermissionError: Forbidden"
            for name in files
        ),
    ]
    assert all(f"  FAILED: {each}\n" in out for each in answer["failed"])
    assert set(dict(open_store(team.made.project(), "vault").walk(""))) == set()
    assert team.json("backup", "vault")["copied"] == 3


def test_a_backup_into_a_folder_that_takes_nothing_says_so(team: Team) -> None:
    kept = team.put_folder(a=b"one", b=b"two")
    team.track(kept)
    team.made.commit()
    (team.vault / "files").write_text("not a folder")
    answer = team.json("backup", "vault", code=3)
    assert (answer["copied"], len(answer["failed"])) == (0, 3)
    assert sum("did not take it: NotADirectoryError: " in each for each in answer["failed"]) == 2
    assert (team.vault / "files").read_text() == "not a folder"
