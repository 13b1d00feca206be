"""`mergegate keep` and `backup` on real repositories: nothing goes that any revision may still need."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.repositories import Repository
from support.teams import POLICY, Team

LOCK = """schema: '2.0'
stages:
  train:
    cmd: train
    outs:
    - path: model
      hash: md5
      md5: %s
      size: 1
"""


@pytest.fixture
def team(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Team:
    return Team(tmp_path, capsys, monkeypatch)


def push(team: Team, branch: str, name: str) -> None:
    """A commit of somebody else's that only origin has, at a ref of any name."""
    team.made.git("checkout", "--quiet", "-b", "elsewhere")
    team.track(name)
    sha = team.made.commit("Elsewhere")
    team.made.git("push", "--quiet", "origin", f"{sha}:{branch}")
    team.made.git("checkout", "--quiet", "-")
    team.made.git("branch", "--quiet", "-D", "elsewhere")
    team.made.git("reflog", "expire", "--expire=now", "--all")
    team.made.git("gc", "--quiet", "--prune=now")


def test_what_nobody_names_is_deleted_and_nothing_else(team: Team) -> None:
    kept = team.put_folder(a=b"one", b=b"two")
    team.track(kept)
    team.made.commit("Track")
    gone = team.put(b"nobody's")
    before = team.there()
    out, _ = team.run("keep", "--yes")
    assert team.there() == before - {gone}
    assert "named by nobody: 1 object, 8 B" in out
    assert out.splitlines()[-1] == "deleted 1 object, 8 B"
    assert team.json("keep", "--dry-run")["unneeded"] == 0


def test_a_dry_run_deletes_nothing_and_says_what_would_go(team: Team) -> None:
    name = team.put(b"nobody's")
    answer = team.json("keep", "--dry-run")
    assert (answer["objects"], answer["deleted"], answer["dry_run"]) == ([name], 0, True)
    assert team.there() == {name}


def history(team: Team, name: str) -> None:
    """Named by a commit of main, and no longer by its tip."""
    team.track(name)
    team.made.commit("Old")
    team.track("0" * 32)
    team.made.commit("New")


def merged_in_vain(team: Team, name: str) -> None:
    """Named on a branch that was merged without its change, and is gone."""
    team.made.git("checkout", "--quiet", "-b", "vain")
    team.track(name)
    team.made.commit("In vain")
    team.made.git("checkout", "--quiet", "-")
    team.made.git("merge", "--quiet", "--strategy=ours", "--no-edit", "vain")
    team.made.git("branch", "--quiet", "-D", "vain")
    team.made.git("reflog", "expire", "--expire=now", "--all")


def tagged(team: Team, name: str) -> None:
    team.made.git("checkout", "--quiet", "-b", "release")
    team.track(name)
    team.made.commit("Release")
    team.made.git("tag", "--annotate", "v1", "--message", "Release")
    team.made.git("checkout", "--quiet", "-")
    team.made.git("branch", "--quiet", "-D", "release")


def stashed(team: Team, name: str) -> None:
    team.track(name)
    team.made.git("stash", "--include-untracked")


def uncommitted(team: Team, name: str) -> None:
    team.track(name)


def in_a_lock(team: Team, name: str) -> None:
    team.made.write("deep/dvc.lock", LOCK % name)
    team.made.commit("Train")


def in_a_broken_lock(team: Team, name: str) -> None:
    team.made.write("dvc.lock", "<<<<<<< ours\n" + LOCK % name)
    team.made.commit("Conflict")


def on_a_branch_of_origin(team: Team, name: str) -> None:
    push(team, "refs/heads/theirs", name)


def in_a_pull_request(team: Team, name: str) -> None:
    push(team, "refs/pull/7/head", name)


def in_the_reflog(team: Team, name: str) -> None:
    team.track(name)
    team.made.commit("Mistake")
    team.made.git("reset", "--quiet", "--hard", "HEAD~1")


def in_another_work_tree(team: Team, name: str) -> None:
    team.made.git("worktree", "add", "--quiet", "--detach", "../second")
    second = Repository(team.folder / "second", team.made.home)
    second.write("data.dvc", f"outs:\n- md5: {name}\n  hash: md5\n  path: data\n")
    second.commit("Elsewhere")
    second.git("reflog", "expire", "--expire=now", "--all")


def in_a_repository_that_shares_the_remote(team: Team, name: str) -> None:
    other = Repository.create(team.folder / "other")
    other.write("sub/data.dvc", f"outs:\n- md5: {name}\n  hash: md5\n  path: data\n")
    other.commit("Theirs")
    team.made.replace("mergegate.yaml", "shared_with: []", "shared_with: [../other/repository]")
    team.made.commit("Share")
    team.made.git("push", "--quiet", "origin", "HEAD")


@pytest.mark.parametrize(
    "name_it",
    [
        history,
        merged_in_vain,
        tagged,
        stashed,
        uncommitted,
        in_a_lock,
        in_a_broken_lock,
        on_a_branch_of_origin,
        in_a_pull_request,
        in_the_reflog,
        in_another_work_tree,
        in_a_repository_that_shares_the_remote,
    ],
)
def test_what_any_revision_names_is_kept(team: Team, name_it: Callable[[Team, str], None]) -> None:
    kept = team.put_folder(a=b"precious")
    before = team.there()
    unnamed = team.put(b"nobody's")
    name_it(team, kept)
    team.run("keep", "--yes")
    assert team.there() == before
    assert unnamed not in before


def test_an_object_that_dvc_2_put_there_is_kept_by_its_name(team: Team) -> None:
    kept, gone = team.put(b"old", legacy=True), team.put(b"nobody's", legacy=True)
    team.made.write("data.dvc", f"outs:\n- md5: {kept}\n  path: data\n")
    team.made.commit("Track")
    team.run("keep", "--yes")
    assert team.there() == {kept}
    assert gone != kept


def test_only_the_tips_count_where_the_policy_says_so(team: Team) -> None:
    old, new = team.put(b"old"), team.put(b"new")
    team.made.replace("mergegate.yaml", "keep:\n", "keep:\n  commits: tips\n")
    team.track(old)
    team.made.commit("Old")
    team.track(new)
    team.made.commit("New")
    team.made.git("push", "--quiet", "origin", "HEAD")
    team.run("keep", "--yes")
    assert team.there() == {new}


def test_a_local_branch_counts_beside_one_of_the_same_name_on_origin(team: Team) -> None:
    ours = team.put(b"ours")
    team.made.replace("mergegate.yaml", "keep:\n", "keep:\n  commits: tips\n")
    team.made.commit("Tips")
    team.made.git("push", "--quiet", "origin", "HEAD")
    team.track(ours)
    team.made.commit("Not pushed yet")
    team.made.git("checkout", "--quiet", "--detach", "HEAD~1")
    team.run("keep", "--yes")
    assert team.there() == {ours}


def test_what_was_just_written_is_spared(team: Team) -> None:
    young = team.put(b"on its way", age=3600)
    out, _ = team.run("keep", "--yes")
    assert team.there() == {young}
    assert "named by nobody, and too young to go: 1 object" in out


def test_files_that_are_no_objects_are_left_alone(team: Team) -> None:
    team.made.write("../store/runs/ab/entry", "run")
    team.made.write("../store/files/md5/README", "hands off")
    out, _ = team.run("keep", "--yes")
    assert team.there() == {"abentry", "md5README"}
    assert "no DVC objects, left alone: 2 files" in out


def test_nothing_is_deleted_until_the_policy_says_who_shares_the_remote(team: Team) -> None:
    name = team.put(b"whose?")
    team.made.replace("mergegate.yaml", "keep:\n  shared_with: []\n", "")
    team.made.commit("Unsaid")
    team.made.git("push", "--quiet", "origin", "HEAD")
    _, err = team.run("keep", "--yes", code=2)
    assert "keep: {shared_with: [URL]}" in err
    assert team.there() == {name}


def test_a_change_of_the_policy_that_is_not_merged_deletes_nothing(team: Team) -> None:
    name = team.put(b"whose?")
    team.made.replace("mergegate.yaml", "keep:\n  shared_with: []\n", "")
    team.made.commit("Unsaid")
    team.made.git("push", "--quiet", "origin", "HEAD")
    team.made.git("checkout", "--quiet", "-b", "mine")
    team.made.write("mergegate.yaml", POLICY)
    team.made.commit("Said by me")
    team.run("keep", "--yes", code=2)
    assert team.there() == {name}


def test_without_a_terminal_nothing_is_deleted_unasked(team: Team) -> None:
    name = team.put(b"nobody's")
    result = team.run("keep", code=2)
    assert "add `--yes` to delete" in result[1]
    assert team.there() == {name}


def test_a_shallow_clone_is_refused(team: Team, tmp_path: Path) -> None:
    name = team.put(b"nobody's")
    team.track("2" * 32)
    team.made.commit("Second")
    team.made.git("push", "--quiet", "origin", "HEAD")
    team.made = team.made.clone(tmp_path / "shallow", "--depth=1")
    (tmp_path / "shallow" / "store").symlink_to(team.store)
    _, err = team.run("keep", "--yes", code=2)
    assert "git fetch --unshallow" in err
    assert team.there() == {name}


def test_an_origin_that_does_not_answer_stops_everything(team: Team) -> None:
    name = team.put(b"nobody's")
    team.made.git("remote", "set-url", "origin", str(team.folder / "gone"))
    _, err = team.run("keep", "--yes", code=3)
    assert "git's remote origin can't be asked" in err
    assert team.there() == {name}


def test_a_sharer_that_can_not_be_cloned_stops_everything(team: Team) -> None:
    name = team.put(b"nobody's")
    team.made.replace("mergegate.yaml", "shared_with: []", "shared_with: [../nowhere]")
    team.made.commit("Share")
    team.made.git("push", "--quiet", "origin", "HEAD")
    _, err = team.run("keep", "--yes", code=3)
    assert "../nowhere shares the remote, and can't be cloned" in err
    assert team.there() == {name}


def test_a_list_that_is_nowhere_stops_the_deletion_until_it_is_given_up(team: Team) -> None:
    unnamed = team.put(b"perhaps in the list")
    lost = "3" * 32 + ".dir"
    history(team, lost)
    out, err = team.run("keep", "--yes", code=3)
    assert f"    {lost}" in out
    assert "--without ID" in err
    assert team.there() == {unnamed}
    team.run("keep", "--yes", "--without", lost)
    assert team.there() == set()


def test_a_list_is_deleted_before_its_files(team: Team) -> None:
    team.put_folder(a=b"one")
    answer = team.json("keep", "--dry-run")
    assert [name.endswith(".dir") for name in answer["objects"]] == [True, False]


def test_what_a_branch_names_and_the_remote_lost_is_said(team: Team) -> None:
    name = team.put(b"precious")
    team.track(name)
    team.made.commit("Track")
    (team.store / "files/md5" / name[:2] / name[2:]).unlink()
    out, _ = team.run("keep", "--dry-run", code=1)
    assert f"    {name} of data at refs/heads/" in out


def test_a_backup_holds_what_is_needed_and_is_read_back(team: Team) -> None:
    kept = team.put_folder(a=b"one", b=b"two")
    team.track(kept)
    team.made.commit("Track")
    before = team.there()
    team.put(b"nobody's")
    answer = team.json("backup", "vault")
    assert (answer["copied"], answer["checked"], answer["present"], answer["failed"]) == (3, 3, 0, [])
    assert team.there(team.vault) == before
    again = team.json("backup", "vault")
    assert (again["copied"], again["present"]) == (0, 3)


def test_a_pull_from_the_backup_gives_the_data(team: Team) -> None:
    team.made.write("data/a", "one")
    team.made.dvc("add", "--quiet", "data")
    team.made.commit("Add")
    team.made.dvc("push", "--quiet")
    team.run("backup", "vault")
    team.made.run("rm", "-rf", "data", ".dvc/cache", "../store")
    team.made.dvc("pull", "--quiet", "--remote", "vault")
    assert (team.made.path / "data/a").read_text() == "one"


def test_a_damaged_object_is_not_copied_nor_a_list_that_names_it(team: Team) -> None:
    kept = team.put_folder(a=b"one", b=b"two")
    team.track(kept)
    team.made.commit("Track")
    damaged = next(name for name in team.there() if not name.endswith(".dir"))
    (team.store / "files/md5" / damaged[:2] / damaged[2:]).write_bytes(b"???")
    answer = team.json("backup", "vault", code=3)
    assert len(answer["failed"]) == 2
    assert f"{damaged}: remote store" in answer["failed"][0]
    assert "1 of its files are not in the copy" in answer["failed"][1]
    assert kept not in team.there(team.vault)


def test_a_backup_that_rotted_is_found_and_mended(team: Team) -> None:
    name = team.put(b"one")
    team.track(name)
    team.made.commit("Track")
    team.run("backup", "vault")
    copy = team.vault / "files/md5" / name[:2] / name[2:]
    copy.write_bytes(b"two")
    assert team.json("backup", "vault")["copied"] == 0
    assert team.json("backup", "vault", "--check")["copied"] == 1
    assert copy.read_bytes() == b"one"


def test_a_remote_is_not_backed_up_to_itself(team: Team) -> None:
    _, err = team.run("backup", "store", code=2)
    assert "is the remote to be copied" in err
