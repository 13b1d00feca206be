"""`mergegate ingest`: new files of a source become one pull request, the right way, as real DVC sees it."""

import os
import shutil
from pathlib import Path

import pytest

from support.github.server import GitHubServer
from support.incoming import BRANCH, Incoming, build, table

MONTHS = {f"2013-0{month}.parquet" for month in (1, 2, 3)}
APRIL = "2013-04.parquet"
MAY = "2013-05.parquet"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("incoming") / "team"
    build(folder, stage=True)
    return folder


@pytest.fixture
def team(built: Path, tmp_path: Path, github: GitHubServer) -> Incoming:
    shutil.copytree(built, tmp_path / "team", symlinks=True)
    return Incoming(tmp_path / "team", github)


def state(team: Incoming) -> tuple[str, ...]:
    """What a user sees of their clone, of git's remote, and of the DVC remote."""
    shown = ("status", "--porcelain", "--branch"), ("for-each-ref",), ("worktree", "list"), ("stash", "list")
    store = sorted(str(path) for path in team.store.rglob("*"))
    return (*(team.made.git(*each) for each in shown), team.made.git("ls-remote", "origin"), *store)


def test_a_new_file_becomes_a_pull_request_whose_fresh_clone_has_every_file(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    before = team.made.git("status", "--porcelain", "--branch")
    told = team.ask("--open-pr")
    assert (told["outcome"], told["files_before"], told["files_after"], told["rows"]) == ("opened", 3, 4, 20)
    clone = team.clone("fresh")
    clone.dvc("pull", "--quiet", "data/flights.dvc")
    assert team.listed(clone) == {*MONTHS, APRIL}
    assert "data/flights.dvc" not in clone.dvc("status", "data/flights.dvc")
    # What DVC itself would have written.
    written = (clone.path / "data/flights.dvc").read_text()
    clone.dvc("add", "--quiet", "data/flights")
    assert (clone.path / "data/flights.dvc").read_text() == written
    assert team.made.git("status", "--porcelain", "--branch") == before
    assert not (team.made.path / "data/flights").exists()
    (pull,) = team.github.pulls.values()
    assert (pull.title, pull.head_ref, pull.base_ref) == ("Add 1 file to data/flights", BRANCH, "main")
    assert "| 2013-04.parquet | new | 20 |" in pull.body
    assert "No stage was run: dvc.lock is of the data before." in pull.body


def test_nothing_new_opens_nothing_and_says_so(team: Incoming) -> None:
    before = state(team)
    out, _ = team.run("--open-pr")
    assert out == "data/flights (folder ../drop): nothing new\n"
    assert state(team) == before
    assert team.github.pulls == {}


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    before = state(team)
    out, _ = team.run("--dry-run")
    assert "data/flights (folder ../drop): would be proposed" in out
    assert "  together: 3 files before, 4 after" in out
    team.run("--dry-run", "--open-pr")
    assert state(team) == before
    assert team.github.pulls == {}


def test_without_open_pr_a_local_branch_holds_the_commit_and_nothing_is_pushed(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    there = team.made.git("ls-remote", "origin")
    told = team.ask(token="")
    assert told["outcome"] == "committed"
    assert team.made.git("rev-parse", BRANCH) == told["commit"]
    assert team.made.git("ls-remote", "origin") == there
    assert team.ask(token="")["outcome"] == "current"


def test_run_again_it_does_nothing_and_more_files_update_the_same_pull_request(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    first = team.ask("--open-pr")
    assert team.ask("--open-pr")["outcome"] == "current"
    assert team.tip() == first["commit"]
    team.bring(MAY, table(5))
    second = team.ask("--open-pr")
    assert (second["outcome"], second["pull_request"]) == ("updated", first["pull_request"])
    (pull,) = team.github.pulls.values()
    assert pull.title == "Add 2 files to data/flights"
    assert team.made.git("rev-list", "--count", f"origin/main..{second['commit']}") == "1"
    clone = team.clone("fresh")
    clone.dvc("pull", "--quiet", "data/flights.dvc")
    assert team.listed(clone) == {*MONTHS, APRIL, MAY}


def test_the_branch_follows_a_target_that_got_other_files_meanwhile(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    team.ask("--open-pr")
    team.bring(MAY, table(5))
    shutil.copy(team.drop / MAY, team.author.path / "data/flights" / MAY)
    team.author.dvc("add", "--quiet", "data/flights")
    team.author.dvc("push", "--quiet")
    team.merge()
    told = team.ask("--open-pr")
    assert (told["outcome"], [file["path"] for file in told["files"]]) == ("updated", [APRIL])
    assert told["files_before"] == 4
    team.merge(BRANCH)
    assert team.ask("--open-pr")["outcome"] == "nothing"


def test_a_file_that_leaves_the_source_leaves_the_pull_request(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    team.ask("--open-pr")
    (team.drop / APRIL).unlink()
    team.bring(MAY, table(5))
    told = team.ask("--open-pr")
    assert told["notes"] == [f"Proposed before, and gone from the source since: {APRIL}."]
    assert [file["path"] for file in told["files"]] == [MAY]


def test_a_branch_that_was_merged_with_a_persons_work_is_used_again(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    number = team.ask("--open-pr")["pull_request"]
    theirs = team.clone("theirs")
    theirs.write("notes.md", "looked at it")
    theirs.commit("Look")
    theirs.git("push", "--quiet", "origin", f"HEAD:{BRANCH}")
    team.merge(BRANCH)
    team.github.pulls[number].state = "closed"
    team.bring(MAY, table(5))
    told = team.ask("--open-pr")
    assert (told["outcome"], [file["path"] for file in told["files"]]) == ("opened", [MAY])


def test_a_branch_that_a_person_worked_on_is_left_alone(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    team.ask("--open-pr")
    theirs = team.clone("theirs")
    theirs.write("notes.md", "looked at it")
    sha = theirs.commit("Look")
    theirs.git("push", "--quiet", "origin", f"HEAD:{BRANCH}")
    team.bring(MAY, table(5))
    told = team.ask("--open-pr", code=1)
    assert (told["outcome"], team.tip()) == ("refused", sha)
    assert told["problem"] == f"somebody worked on the branch {BRANCH} ({sha[:10]}): it is not overwritten"


def test_a_commit_that_a_person_amended_is_theirs(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    team.ask("--open-pr")
    theirs = team.clone("theirs")
    theirs.write("notes.md", "looked at it")
    theirs.git("add", "--all")
    theirs.git("commit", "--quiet", "--amend", "--no-edit")
    theirs.git("push", "--quiet", "--force", "origin", f"HEAD:{BRANCH}")
    assert team.ask("--open-pr", code=1)["outcome"] == "refused"


def test_what_a_person_closed_stays_closed_until_other_files_come(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    number = team.ask("--open-pr")["pull_request"]
    team.github.pulls[number].state = "closed"
    told = team.ask("--open-pr")
    assert (told["outcome"], told["pull_request"]) == ("declined", number)
    assert told["notes"] == [f"pull request {number} with these files was closed: it stays closed"]
    team.bring(MAY, table(5))
    told = team.ask("--open-pr")
    assert told["outcome"] == "opened"
    assert told["pull_request"] != number
    assert len(told["files"]) == 2


def test_a_pull_request_that_a_killed_run_did_not_open_is_opened_by_the_next(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    team.github.fail("POST", "/pulls$", 422, times=1)
    told = team.ask("--open-pr", code=3)
    assert (told["outcome"], team.github.pulls) == ("failed", {})
    assert team.tip() is not None
    told = team.ask("--open-pr")
    assert told["outcome"] == "opened"
    assert len(team.github.pulls) == 1


def test_other_bytes_under_a_name_that_is_taken_are_refused_unless_they_are_corrections(
    team: Incoming,
) -> None:
    team.bring("2013-02.parquet", table(2, rows=22))
    told = team.ask("--open-pr", code=1)
    assert told["problem"] == "other bytes came under a name that is taken: 2013-02.parquet"
    assert team.github.pulls == {}
    told = team.ask("--open-pr", "--corrections")
    assert [(file["path"], file["corrects"]) for file in told["files"]] == [("2013-02.parquet", True)]
    (pull,) = team.github.pulls.values()
    assert pull.title == "Correct 1 file of data/flights"
    clone = team.clone("fresh")
    clone.dvc("pull", "--quiet", "data/flights.dvc")
    written = (clone.path / "data/flights.dvc").read_text()
    clone.dvc("add", "--quiet", "data/flights")
    assert (clone.path / "data/flights.dvc").read_text() == written


@pytest.mark.parametrize("corrections", [(), ("--corrections",)])
def test_the_same_file_again_is_not_new(team: Incoming, corrections: tuple[str, ...]) -> None:
    team.author.dvc("pull", "--quiet")
    for name in MONTHS:
        shutil.copy(team.author.path / "data/flights" / name, team.drop / name)
    shutil.copy(team.drop / "2013-01.parquet", team.drop / "again.parquet")
    told = team.ask("--open-pr", *corrections)
    assert told["outcome"] == "nothing"
    assert told["notes"] == [
        "Left out, for its bytes are there under another name: again.parquet is 2013-01.parquet."
    ]


def test_repro_brings_a_lock_that_is_true(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    told = team.ask("--open-pr", "--repro")
    assert (told["outcome"], told["reproduced"]) == ("opened", ["count"])
    clone = team.clone("fresh")
    clone.dvc("pull", "--quiet")
    assert clone.is_green()
    assert (clone.path / "model.txt").read_text() == "80 rows"
    assert (clone.path / "metrics.json").read_text() == '{"rows": 80}'
    assert team.ask("--open-pr", "--repro")["outcome"] == "current"


def test_a_stage_that_fails_opens_nothing(team: Incoming) -> None:
    team.bring(APRIL, table(4, rows=30))
    before = state(team)
    told = team.ask("--open-pr", "--repro", code=3)
    assert "the stage count fails with the new files" in told["problem"]
    assert "ninety is too many" in told["problem"]
    assert state(team) == before
    assert team.github.pulls == {}


def test_a_token_of_the_job_is_told_loudly(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    out, _ = team.run("--open-pr", token="", GITHUB_TOKEN="job")
    assert "WARNING: This token is the job's own GITHUB_TOKEN" in out
    (pull,) = team.github.pulls.values()
    assert pull.body.startswith("`mergegate ingest` found 1 new file")
    assert "> [!WARNING]\n> This token is the job's own GITHUB" in pull.body
    _, err = team.run("--open-pr", "--require-checks", token="job", code=2)
    assert "would start no checks" in err


def test_the_apps_token_goes_before_the_jobs_and_is_nowhere_to_be_read(team: Incoming) -> None:
    team.bring(APRIL, table(4))
    out, err = team.run("--open-pr", "--require-checks", GITHUB_TOKEN="job")
    assert "WARNING" not in out
    (pull,) = team.github.pulls.values()
    assert pull.author == "mergegate[bot]"
    written = [path for path in team.folder.rglob("*") if path.is_file()]
    assert [path for path in written if b"ghs_the-apps" in path.read_bytes()] == []
    assert "ghs_the-apps" not in out + err + pull.body


def test_two_at_once_the_second_says_so(team: Incoming) -> None:
    begun, end = team.folder / "begun", team.folder / "end"
    for pipe in (begun, end):
        os.mkfifo(pipe)
    team.drop.joinpath("slow.sh").write_text(f"echo > {begun}\nread line < {end}\n")
    team.author.replace("mergegate.yaml", "folder: ../drop", f"command: sh {team.drop}/slow.sh")
    team.merge()
    first = team.start("--open-pr")
    begun.read_text()
    told = team.ask("--open-pr", code=3)
    end.write_text("\n")
    assert first.wait(60) == 0
    assert told["problem"].startswith("another process is ingesting into data/flights just now (")
