"""`mergegate keep` and `backup` that are ended in the middle, run twice at once, or may not do all of it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mergegate.errors import RemoteError
from mergegate.flows.keep import backup, keeping
from support.teams import Team


@pytest.fixture
def team(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Team:
    return Team(tmp_path, capsys, monkeypatch)


def stop(word: str, number: int) -> Callable[[str], None]:
    """Ctrl-C at the so-manieth step that begins with a word."""
    seen: list[str] = []

    def progress(step: str) -> None:
        seen.extend([step] * step.startswith(word))
        if len(seen) == number:
            raise KeyboardInterrupt

    return progress


def test_a_deletion_that_is_interrupted_leaves_no_list_without_its_files(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_AT_ONCE", 2)
    monkeypatch.chdir(team.made.path)
    lists = {team.put_folder(a=b"one", b=b"two"), team.put_folder(c=b"three", d=b"four")}
    found = keeping.survey(keeping.Request(team.made.path))
    assert len(found.places) == 6
    with pytest.raises(KeyboardInterrupt):
        keeping.delete(found, progress=stop("deleting", 2))
    assert (len(team.there()), team.there() & lists) == (4, set())
    assert keeping.delete(keeping.survey(keeping.Request(team.made.path))).deleted == 4
    assert team.there() == set()


def test_two_deletions_at_once_delete_the_same(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(team.made.path)
    kept = team.put_folder(a=b"one")
    team.track(kept)
    team.made.commit("Track")
    before = team.there()
    team.put_folder(b=b"two")
    first, second = (keeping.survey(keeping.Request(team.made.path)) for _ in range(2))
    assert keeping.delete(first).failed == keeping.delete(second).failed == ()
    assert team.there() == before


def test_a_remote_of_which_a_part_can_not_be_listed_deletes_nothing(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(team.made.path)
    names = {team.put(b"nobody's"), team.put(b"nobody's either")}
    place = next((team.store / "files/md5").iterdir())
    scandir = os.scandir

    def refuse(path: str | Path) -> object:
        if Path(path) == place:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(RemoteError, match="Permission denied"):
        keeping.survey(keeping.Request(team.made.path))
    monkeypatch.undo()
    assert team.there() == names


def test_a_copy_that_is_interrupted_is_taken_up_again(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_AT_ONCE", 1)
    monkeypatch.chdir(team.made.path)
    kept = team.put_folder(a=b"one", b=b"two", c=b"three")
    team.track(kept)
    team.made.commit("Track")
    request = backup.Request(team.made.path, "vault")
    with pytest.raises(KeyboardInterrupt):
        backup.back_up(request, progress=stop("copying", 3))
    assert (len(team.there(team.vault)), kept in team.there(team.vault)) == (2, False)
    answer = backup.back_up(request)
    assert (answer.present, answer.copied, answer.failed) == (2, 2, ())
    assert team.there(team.vault) == team.there()
