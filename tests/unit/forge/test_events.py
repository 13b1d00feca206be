"""What started the workflow, from full payloads and from hostile ones."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from mergegate.errors import UsageError
from mergegate.forge.event_kinds import Event, EventPull, Inputs, MergeGroup, Push, WorkflowRun
from mergegate.forge.events import read_event
from support.github import payloads
from support.github.server import GitHubServer

HEAD = "a" * 40
BASE = "b" * 40


@pytest.fixture
def github() -> GitHubServer:
    """What the payloads tell of; nothing is asked over the network."""
    return GitHubServer()


def read(github: GitHubServer, folder: Path, name: str, payload: Any) -> Event:
    return read_event(payloads.environment(github, name, payload, folder / "event.json"))


def refused(github: GitHubServer, folder: Path, name: str, payload: Any) -> str:
    with pytest.raises(UsageError) as caught:
        read(github, folder, name, payload)
    assert caught.value.hint
    assert len(caught.value.message) < 700 + len(str(folder))
    assert caught.value.message.isprintable()
    return caught.value.message.replace(str(folder), "")


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "ready_for_review", "edited"])
def test_a_pull_request(github: GitHubServer, tmp_path: Path, action: str) -> None:
    pull = github.add_pull(head_sha=HEAD, base_sha=BASE, head_ref="data/june", draft=True)
    payload = payloads.pull_request(github, pull, action, changes={"base": {"ref": {"from": "lax"}}})
    assert read(github, tmp_path, "pull_request", payload) == Event(
        name="pull_request",
        repository="team/flights",
        default_branch="main",
        action=action,
        pull_request=EventPull(
            number=1,
            action=action,
            state="open",
            draft=True,
            head_sha=HEAD,
            head_ref="data/june",
            head_repository="team/flights",
            base_sha=BASE,
            base_ref="main",
        ),
    )


@pytest.mark.parametrize(
    ("action", "status", "conclusion"),
    [
        ("requested", "queued", None),
        ("in_progress", "in_progress", None),
        ("completed", "completed", "success"),
        ("completed", "completed", "startup_failure"),
    ],
)
def test_a_run_of_another_workflow(
    github: GitHubServer, tmp_path: Path, action: str, status: str, conclusion: str | None
) -> None:
    run = github.add_run(
        head_sha=HEAD,
        head_branch="data/june",
        status=status,
        conclusion=conclusion,
        attempt=2,
        pull_requests=[7],
    )
    event = read(github, tmp_path, "workflow_run", payloads.workflow_run(github, run, action))
    assert event.run == WorkflowRun(
        id=run.id,
        attempt=2,
        number=1,
        path=".github/workflows/review.yml",
        event="pull_request",
        head_sha=HEAD,
        head_branch="data/june",
        head_owner="team",
        head_repository="team/flights",
        status=status,
        conclusion=conclusion,
        action=action,
        html_url=f"https://github.example/team/flights/actions/runs/{run.id}",
        pull_requests=(7,),
    )
    assert (event.name, event.action, event.pull_request) == ("workflow_run", action, None)


def test_a_run_of_a_fork_that_is_gone(github: GitHubServer, tmp_path: Path) -> None:
    run = github.add_run(head_sha=HEAD, head_repository=None)
    found = read(github, tmp_path, "workflow_run", payloads.workflow_run(github, run)).run
    assert found is not None
    assert (found.head_owner, found.head_repository, found.pull_requests) == (None, None, ())


def test_a_run_of_a_pull_request_whose_fork_is_gone(github: GitHubServer, tmp_path: Path) -> None:
    pull = github.add_pull(head_sha=HEAD, head_repository=None)
    found = read(github, tmp_path, "pull_request", payloads.pull_request(github, pull)).pull_request
    assert found is not None
    assert found.head_repository is None


def test_a_group_of_the_merge_queue(github: GitHubServer, tmp_path: Path) -> None:
    ref = f"refs/heads/gh-readonly-queue/main/pr-7-{BASE}"
    payload = payloads.merge_group(github, head_sha=HEAD, head_ref=ref, base_sha=BASE)
    group = MergeGroup(head_sha=HEAD, head_ref=ref, base_sha=BASE, base_ref="refs/heads/main")
    assert read(github, tmp_path, "merge_group", payload).merge_group == group
    del payload["merge_group"]["base_sha"]
    assert read(github, tmp_path, "merge_group", payload).merge_group == replace(group, base_sha=None)


def test_pushes_that_move_make_and_delete_a_branch(github: GitHubServer, tmp_path: Path) -> None:
    zero = "0" * 40
    for before, after in ((BASE, HEAD), (zero, HEAD), (BASE, zero)):
        payload = payloads.push(github, before=before, after=after)
        assert read(github, tmp_path, "push", payload).push == Push(
            ref="refs/heads/main",
            before=None if before == zero else before,
            after=None if after == zero else after,
        )


def test_what_a_maintainer_types(github: GitHubServer, tmp_path: Path) -> None:
    typed = {"pr": " 7 ", "sha": HEAD, "other": "x"}
    for inputs, expected in (
        (typed, Inputs(pr=7, sha=HEAD)),
        ({"pr": "", "sha": ""}, Inputs()),
        (None, Inputs()),
    ):
        payload = payloads.workflow_dispatch(github, inputs)
        assert read(github, tmp_path, "workflow_dispatch", payload).inputs == expected


def test_a_schedule(github: GitHubServer, tmp_path: Path) -> None:
    assert read(github, tmp_path, "schedule", payloads.schedule(github)) == Event(
        name="schedule", repository="team/flights", default_branch="main"
    )


def test_a_file_that_is_named_replaces_the_jobs_own(github: GitHubServer, tmp_path: Path) -> None:
    environment = payloads.environment(github, "schedule", payloads.schedule(github), tmp_path / "event.json")
    environment["GITHUB_EVENT_PATH"] = "/nowhere"
    assert read_event(environment, file=tmp_path / "event.json").name == "schedule"


def test_the_repository_is_the_jobs(github: GitHubServer, tmp_path: Path) -> None:
    payload = payloads.schedule(github)
    environment = payloads.environment(github, "schedule", payload, tmp_path / "event.json")
    environment["GITHUB_REPOSITORY"] = "other/flights"
    with pytest.raises(UsageError, match="is an event of team/flights, but GITHUB_REPOSITORY is other/fl"):
        read_event(environment)
    environment["GITHUB_REPOSITORY"] = "Team/Flights"
    assert read_event(environment).repository == "Team/Flights"
    environment["GITHUB_REPOSITORY"] = ""
    assert read_event(environment).repository == "team/flights"
    del payload["repository"]
    (tmp_path / "event.json").write_text(json.dumps(payload))
    with pytest.raises(UsageError, match="GITHUB_REPOSITORY is not set, and the event names no repository"):
        read_event(environment)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "GITHUB_EVENT_NAME is not set, so nobody knows what started this"),
        ({"GITHUB_EVENT_NAME": "push"}, "GITHUB_EVENT_PATH is not set, so there is no event to read"),
        (
            {"GITHUB_EVENT_NAME": "issue_comment\n"},
            "the event 'issue_comment\\n' is none that is understood here",
        ),
        (
            {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "/nowhere/event.json"},
            "the event /nowhere/event.json can't be read: No such file or directory",
        ),
        (
            {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "/dev/null"},
            "the event /dev/null is no file",
        ),
        ({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "a\0b"}, "the event a\\x00b is no path"),
    ],
)
def test_a_job_that_doesnt_say_what_started_it(environment: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_event(environment)
    assert caught.value.message == message
    assert caught.value.hint


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "event.json")
    with pytest.raises(UsageError, match="is no file"):
        read_event({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")})


def test_a_file_of_a_hundred_megabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "event.json").open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(UsageError, match="is over 26,214,400 bytes"):
        read_event({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"action": "\xff"}', b"[" * 100_000, b"\x00"]
)
def test_a_file_that_is_no_event(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "event.json").write_bytes(content)
    with pytest.raises(UsageError, match=r"event\.json is no event of GitHub's: "):
        read_event({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")})


def test_an_event_of_another_kind_than_its_name(github: GitHubServer, tmp_path: Path) -> None:
    payload = payloads.schedule(github)
    for name in ("workflow_run", "pull_request", "merge_group"):
        assert refused(github, tmp_path, name, payload) == (
            f"/event.json is no event of GitHub's: Object missing required field `{name}`"
        )
    assert "missing required field `before`" in refused(github, tmp_path, "push", payload)


@pytest.mark.parametrize(
    "branch",
    [
        "a\nb",
        "a\x1b[31m",
        "a b",
        "a..b",
        "-x",
        "a~1",
        "a\\b",
        "a.lock",
        "",
        "é" * 200,
        "a\u202eb" * 200,
        "@{-1}",
    ],
)
def test_a_branch_that_git_would_not_allow(github: GitHubServer, tmp_path: Path, branch: str) -> None:
    pull = github.add_pull(head_sha=HEAD, head_ref=branch)
    payload = payloads.pull_request(github, pull)
    message = refused(github, tmp_path, "pull_request", payload)
    assert "is no name that git allows a branch" in message or "Expected `str` of length <= 512" in message


def test_a_forks_branch_may_begin_with_a_dash_and_a_line_end_is_still_refused(
    github: GitHubServer, tmp_path: Path
) -> None:
    run = github.add_run(head_sha=HEAD, head_branch="--upload-pack=x")
    found = read(github, tmp_path, "workflow_run", payloads.workflow_run(github, run)).run
    assert found is not None
    assert found.head_branch == "--upload-pack=x"
    run.head_branch = "a\nb"
    assert "is no name that git allows" in refused(
        github, tmp_path, "workflow_run", payloads.workflow_run(github, run)
    )


@pytest.mark.parametrize(
    "branch", ["data/$(touch hacked)".replace(" ", "\u00a0"), "a'b\"c`d`", "é/ü", "a;b&c|d"]
)
def test_a_branch_that_git_allows_is_taken_as_it_is(
    github: GitHubServer, tmp_path: Path, branch: str
) -> None:
    pull = github.add_pull(head_sha=HEAD, head_ref=branch)
    found = read(github, tmp_path, "pull_request", payloads.pull_request(github, pull)).pull_request
    assert found is not None
    assert found.head_ref == branch


@pytest.mark.parametrize("value", ["7", 7.5, -1, 0, None, True, 10**30, [7], {"a": 7}])
def test_a_number_that_is_none(github: GitHubServer, tmp_path: Path, value: object) -> None:
    payload = payloads.pull_request(github, github.add_pull(head_sha=HEAD))
    payload["pull_request"]["number"] = value
    assert "$.pull_request.number" in refused(github, tmp_path, "pull_request", payload)


@pytest.mark.parametrize("value", ["A" * 40, "a" * 39, "a" * 41, "$(id)", "", "../../x", "a" * 39 + "\n"])
def test_a_sha_that_is_none(github: GitHubServer, tmp_path: Path, value: str) -> None:
    run = github.add_run(head_sha=value)
    assert "is no commit's full name" in refused(
        github, tmp_path, "workflow_run", payloads.workflow_run(github, run)
    )


@pytest.mark.parametrize("key", ["id", "path", "event", "head_sha", "head_branch", "status"])
def test_a_run_that_lacks_a_key(github: GitHubServer, tmp_path: Path, key: str) -> None:
    payload = payloads.workflow_run(github, github.add_run(head_sha=HEAD))
    del payload["workflow_run"][key]
    assert f"missing required field `{key}`" in refused(github, tmp_path, "workflow_run", payload)


def test_a_name_of_a_gigabyte_is_cut_in_the_sentence(github: GitHubServer, tmp_path: Path) -> None:
    run = github.add_run(head_sha=HEAD, path="x" * 10_000_000)
    assert "Expected `str` of length <= 512 - at `$.workflow_run.path`" in refused(
        github, tmp_path, "workflow_run", payloads.workflow_run(github, run)
    )


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"pr": "7; rm -rf /"}, "the input pr is no number of a pull request: '7; rm -rf /'"),
        ({"pr": "#7"}, "the input pr is no number of a pull request: '#7'"),
        ({"pr": "٧"}, "the input pr is no number of a pull request: '٧'"),
        ({"pr": 7}, "the input pr is no text"),
        ({"pr": "7", "sha": "HEAD"}, "'HEAD' is no commit's full name"),
    ],
)
def test_what_a_maintainer_mistypes(
    github: GitHubServer, tmp_path: Path, inputs: dict[str, Any], message: str
) -> None:
    payload = payloads.workflow_dispatch(github, inputs)
    assert refused(github, tmp_path, "workflow_dispatch", payload) == message


@pytest.mark.parametrize("name", ["../x", "a/..", "a/b/c", "a", "/", "a/b\n", "-a/b", "a/" + "b" * 101])
def test_a_repository_whose_name_is_none(github: GitHubServer, tmp_path: Path, name: str) -> None:
    github.repository = name
    message = refused(github, tmp_path, "schedule", payloads.schedule(github))
    assert message.endswith("is no repository's name")
