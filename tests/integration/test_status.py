"""Statuses: pending, judged and conflicts, against GitHub's stand-in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.github import payloads
from support.github.server import GitHubServer
from support.github.state import Run, Status
from support.jobs import PERMISSIONS, TOKEN, Jobs
from support.projects import Project

SHA = "a" * 40
OTHER = "b" * 40
URL = "https://github.example/team/flights/actions/runs"


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    """No repository is needed where nothing is judged."""
    for name in ("project", "files"):
        (tmp_path / name).mkdir()
    with GitHubServer() as github:
        github.add_token(TOKEN, PERMISSIONS)
        yield Jobs(
            Project(tmp_path / "project", tmp_path), tmp_path / "server.git", github, tmp_path / "files"
        )


def judged(
    number: int | None = 1, base: str = "main", state: str = "success", **others: Any
) -> dict[str, Any]:
    return {
        "number": number,
        "base": base,
        "context": "mergegate",
        "state": state,
        "description": f"it is a {state}",
        **others,
    }


def write(jobs: Jobs, run: Run, *found: dict[str, Any], **others: Any) -> None:
    """A judgement of the run, as `mergegate judge` writes it."""
    judgement = {
        "schema": 1,
        "mergegate": "0.1.0",
        "repository": "team/flights",
        "sha": run.head_sha,
        "run_id": run.id,
        "run_attempt": run.attempt,
        "run_url": f"{URL}/{run.id}",
        "judged": found,
        **others,
    }
    jobs.judgement.write_text(json.dumps(judgement))


def test_a_judgement_is_set_once(jobs: Jobs) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    write(jobs, run, judged())
    ended = jobs.status(run, "--judgement", str(jobs.judgement), "--json")
    assert (ended.code, ended.err) == (0, "mergegate on aaaaaaaaaa: success, it is a success (set)\n")
    assert json.loads(ended.out) == [
        {
            "sha": SHA,
            "context": "mergegate",
            "state": "success",
            "description": "it is a success",
            "target_url": f"{URL}/{run.id}/attempts/1",
            "action": "set",
        }
    ]
    assert jobs.status(run).err.endswith("(stands already)\n")
    assert len(jobs.github.statuses) == 1


def test_of_two_pull_requests_with_one_commit_the_stricter_counts(jobs: Jobs) -> None:
    for base in ("main", "release"):
        jobs.github.add_pull(head_sha=SHA, base_ref=base)
    run = jobs.add_run(SHA)
    write(jobs, run, judged(1), judged(2, "release", "failure"), judged(2, "release", context="mergegate/x"))
    assert jobs.status(run).code == 0
    assert jobs.stands(SHA) == {
        "mergegate": ("failure", "#2: it is a failure"),
        "mergegate/x": ("success", "it is a success"),
    }


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"state": "closed"}, "pull request 1 is closed"),
        ({"head_sha": OTHER}, "pull request 1 has moved on to bbbbbbbbbb, which another run judges"),
        (
            {"base_ref": "release"},
            "pull request 1 wants to enter another branch now, for which another run judges it",
        ),
    ],
)
def test_what_changed_meanwhile_gets_nothing(jobs: Jobs, change: dict[str, str], note: str) -> None:
    pull = jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    write(jobs, run, judged())
    for name, value in change.items():
        setattr(pull, name, value)
    assert jobs.status(run).err == f"note: {note}\n"
    assert jobs.comment(run).err == f"note: {note}\n"
    assert (jobs.github.statuses, jobs.github.comments) == ([], [])


def test_a_newer_run_or_attempt_has_the_word(jobs: Jobs) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    write(jobs, run, judged())
    newer = jobs.add_run(SHA, status="queued", conclusion=None)
    note = f"the newer run {newer.id} of this commit takes the place of run {run.id}"
    assert jobs.status(run).err == f"note: {note}\n"
    del jobs.github.runs[newer.id]
    payload = payloads.workflow_run(jobs.github, run)
    run.attempt = 2
    file = str(jobs.judgement)
    ended = jobs.run("status", "workflow_run", payload, "--judgement", file)
    assert ended.err == f"note: attempt 2 of run {run.id} takes the place of attempt 1\n"
    assert jobs.github.statuses == []


DAMAGED = {
    "missing": None,
    "empty": "",
    "no json": "{",
    "another schema": json.dumps({"schema": 2}),
    "other fields": json.dumps({"schema": 1, "surprise": True}),
}


@pytest.mark.parametrize("damaged", DAMAGED)
def test_without_a_judgement_that_can_be_used_the_status_is_an_error(jobs: Jobs, damaged: str) -> None:
    jobs.github.add_pull(head_sha=SHA)
    jobs.github.add_pull(head_sha=SHA, base_ref="release")
    run = jobs.add_run(SHA)
    text = DAMAGED[damaged]
    if text is not None:
        jobs.judgement.write_text(text)
    ended = jobs.status(run)
    assert ended.code == 3
    assert jobs.stands(SHA) == {"mergegate": ("error", "#1: the job that judges ended without a judgement")}
    assert jobs.comment(run, "--via", "github").code == 3
    for comment in jobs.github.comments:
        assert comment.body.startswith(
            "## ⚠️ Not judged: the job that judges ended without a judgement\n\n"
            "The job that judges ended without a judgement. "
            "Next: look at its log, and run the workflow again.\n\n"
        )
    assert [comment.number for comment in jobs.github.comments] == [1, 2]


def test_another_runs_judgement_is_not_used(jobs: Jobs) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    for wrong in (
        {"run_id": run.id - 1},
        {"sha": OTHER},
        {"run_attempt": 2},
        {"repository": "team/other"},
    ):
        write(jobs, run, judged(), **wrong)
        assert jobs.status(run).code == 3
        assert jobs.stands(SHA)["mergegate"][0] == "error"


@pytest.mark.parametrize(
    "wrong",
    [
        {"context": "build"},
        {"context": "mergegate/" + "x" * 91},
        {"number": 0},
        {"state": "great"},
    ],
)
def test_a_judgement_names_only_what_is_ours(jobs: Jobs, wrong: dict[str, Any]) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    write(jobs, run, judged() | wrong)
    assert jobs.status(run).code == 3
    assert set(jobs.stands(SHA)) == {"mergegate"}


def test_a_hostile_description_is_made_plain(jobs: Jobs) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    write(jobs, run, judged(description="@team \u202e\x1b[2J" + "x" * 10_000, state="failure"))
    assert jobs.status(run).code == 0
    state, description = jobs.stands(SHA)["mergegate"]
    assert state == "failure"
    assert len(description) == 140
    assert description.startswith("\N{FULLWIDTH COMMERCIAL AT}team \\u202e\\x1b[2Jxxx")


def test_a_run_that_begins_takes_back_what_an_older_one_said(jobs: Jobs) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    write(jobs, run, judged())
    jobs.status(run)
    again = jobs.add_run(SHA, status="queued", conclusion=None)
    ended = jobs.run(
        "status", "workflow_run", payloads.workflow_run(jobs.github, again, "requested"), "--pending"
    )
    assert ended.err == "mergegate on aaaaaaaaaa: pending, the review is under way (set)\n"
    assert jobs.stands(SHA) == {"mergegate": ("pending", "the review is under way")}


def test_pending_comes_never_after_the_verdict_of_its_own_run(jobs: Jobs) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    write(jobs, run, judged())
    jobs.status(run)
    assert jobs.status(run, "--pending").err == (
        "mergegate on aaaaaaaaaa: success, it is a success (a newer one stands)\n"
    )
    assert len(jobs.github.statuses) == 1


def test_pending_for_another_branch_takes_back_what_the_commit_bears_and_sets_nothing_new(jobs: Jobs) -> None:
    pull = jobs.github.add_pull(head_sha=SHA, base_ref="release")
    run = jobs.add_run(SHA)
    assert jobs.status(run, "--pending").err == ""
    assert jobs.github.statuses == []
    # A green that main's policy gave must not open the branch that the change was retargeted to.
    pull.base_ref = "main"
    write(jobs, run, judged())
    jobs.status(run)
    pull.base_ref = "release"
    again = jobs.add_run(SHA, status="in_progress", conclusion=None)
    jobs.status(again, "--pending")
    assert jobs.stands(SHA) == {"mergegate": ("pending", "the review is under way")}


def test_a_commit_that_took_a_thousand_statuses_is_told(jobs: Jobs) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    for number in range(1000):
        state = "success" if number % 2 else "failure"
        jobs.github.statuses.append(_status(number, state))
    write(jobs, run, judged(state="failure"))
    ended = jobs.status(run)
    assert ended.code == 3
    assert "next: a commit takes 1,000 statuses of one name: push a new commit" in ended.err


def test_a_push_marks_what_conflicts_and_unmarks_what_no_longer_does(jobs: Jobs) -> None:
    heads = [letter * 40 for letter in "abcde"]
    for head, mergeable in zip(heads, (True, False, None, False, False), strict=True):
        jobs.github.add_pull(head_sha=head, head_ref=head[:3], mergeable=mergeable)
    jobs.github.pulls[4].state = "closed"
    jobs.github.pulls[5].base_ref = "release"
    jobs.github.pulls[3].mergeable, jobs.github.pulls[3].unknown = False, 1
    payload = payloads.push(jobs.github, after="f" * 40)
    ended = jobs.run("status", "push", payload, "--conflicts")
    line = "conflicts with main: git fetch origin && git merge origin/main, then push"
    assert (ended.code, ended.err) == (
        0,
        f"mergegate on bbbbbbbbbb: error, {line} (set)\nmergegate on cccccccccc: error, {line} (set)\n",
    )
    ended = jobs.run("status", "push", payload, "--conflicts")
    assert ended.err.count("(stands already)") == 2
    # Before the conflict there was a verdict on one of them, and none on the other.
    jobs.github.statuses.insert(0, _status(1, "failure", sha=heads[1]))
    for number in (2, 3):
        jobs.github.pulls[number].mergeable = True
    jobs.run("status", "push", payload, "--conflicts")
    assert [jobs.stands(head).get("mergegate") for head in heads] == [
        None,
        ("failure", "number 1"),
        ("pending", "the conflict is gone; close and reopen the pull request to start its review"),
        None,
        None,
    ]


def test_a_push_elsewhere_looks_at_nothing(jobs: Jobs) -> None:
    payload = payloads.push(jobs.github, ref="refs/heads/other", after="f" * 40)
    ended = jobs.run("status", "push", payload, "--conflicts")
    assert (ended.code, ended.err) == (0, "note: the push was not to main\n")


@pytest.mark.parametrize(
    ("options", "variables", "said"),
    [
        (("--pending", "--target", "main"), {}, "say which statuses to set"),
        (("--pending", "--conflicts"), {}, "say which statuses to set"),
        (("--pending",), {"GITHUB_EVENT_NAME": ""}, "GITHUB_EVENT_NAME is not set"),
        (("--pending",), {"GITHUB_EVENT_NAME": "push"}, "is no event of GitHub's"),
        (("--pending",), {"GITHUB_EVENT_NAME": "issues"}, "is none that is understood here"),
        (("--pending",), {"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is missing"),
        (("--pending",), {"GITHUB_EVENT_PATH": "/nowhere/event.json"}, "can't be read"),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_the_next_step(
    jobs: Jobs, options: tuple[str, ...], variables: dict[str, str], said: str
) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    payload = payloads.workflow_run(jobs.github, run)
    ended = jobs.run("status", "workflow_run", payload, *options, **variables)
    assert ended.code == 2
    assert said in ended.err
    assert "\n  next: " in ended.err


@pytest.mark.parametrize(
    ("permissions", "needed"),
    [
        (PERMISSIONS | {"statuses": "read"}, "statuses: write"),
        ({name: level for name, level in PERMISSIONS.items() if name != "actions"}, "actions: read"),
    ],
)
def test_a_token_without_the_scope_is_told_which_one_it_lacks(
    jobs: Jobs, permissions: dict[str, str], needed: str
) -> None:
    jobs.github.add_token(TOKEN, permissions)
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    ended = jobs.status(run, "--pending")
    assert ended.code == 3
    assert needed in ended.err


def test_a_token_that_has_expired_is_told(jobs: Jobs) -> None:
    jobs.github.add_pull(head_sha=SHA)
    run = jobs.add_run(SHA)
    del jobs.github.tokens[TOKEN]
    ended = jobs.status(run, "--pending")
    assert ended.code == 3
    assert "GitHub doesn't accept the token" in ended.err


def _status(number: int, state: str, sha: str = SHA) -> Status:
    return Status(number, sha, "mergegate", state, f"number {number}", f"{URL}/1")
