"""What the client reads and writes, against the stand-in."""

import hashlib
import json
from pathlib import Path

import pytest

from mergegate.errors import ForgeError
from mergegate.forge.github import GitHub
from support.github.server import GitHubServer

SHA = "a" * 40


def test_names_the_default_branch_and_its_tip(server: GitHubServer, github: GitHub) -> None:
    server.branches["feature/a#b"] = SHA
    assert github.default_branch() == "main"
    assert github.branch_tip("main") == "0" * 39 + "1"
    assert github.branch_tip("feature/a#b") == SHA


def test_reads_a_pull_request(server: GitHubServer, github: GitHub) -> None:
    pull = server.add_pull(head_sha=SHA, title="More rows")
    found = github.pull_request(pull.number)
    assert (found.number, found.state, found.title, found.mergeable) == (1, "open", "More rows", True)
    assert (found.head_sha, found.head_ref, found.head_repository) == (SHA, "change", "team/flights")
    assert (found.base_ref, found.base_sha) == ("main", "0" * 39 + "1")


def test_lists_every_comment_of_many_pages(server: GitHubServer, github: GitHub) -> None:
    number = server.add_pull(head_sha=SHA).number
    for index in range(120):
        server.add_comment(number, f"comment {index}")
    assert [one.body for one in github.comments(number)] == [f"comment {index}" for index in range(120)]


def test_sets_a_status_and_reads_it_back(server: GitHubServer, github: GitHub) -> None:
    github.set_status(SHA, "mergegate", "pending", "under review")
    github.set_status(SHA, "mergegate", "success", "the gates hold", "https://example.org/run")
    assert [(one.context, one.state, one.target_url) for one in github.statuses(SHA)] == [
        ("mergegate", "success", "https://example.org/run"),
        ("mergegate", "pending", ""),
    ]


def test_writes_and_replaces_a_comment(server: GitHubServer, github: GitHub) -> None:
    number = server.add_pull(head_sha=SHA).number
    made = github.create_comment(number, "first")
    changed = github.update_comment(made.id, "second")
    assert (made.author, changed.body) == ("github-actions[bot]", "second")
    assert [one.body for one in server.comments] == ["second"]
    assert github.whoami() == "github-actions[bot]"


def test_downloads_an_artifact_without_sending_the_token_along(
    server: GitHubServer, github: GitHub, tmp_path: Path
) -> None:
    run = server.add_run(head_sha=SHA)
    server.add_artifact(run.id, "mergegate-evidence", b"zip" * 1000)
    (artifact,) = github.artifacts(run.id)
    github.download(artifact, tmp_path / "evidence.zip", 3000)
    assert (tmp_path / "evidence.zip").read_bytes() == b"zip" * 1000
    assert artifact.digest == f"sha256:{hashlib.sha256(b'zip' * 1000).hexdigest()}"


def test_a_run_is_known_by_its_file_whatever_ref_github_adds_to_it(
    server: GitHubServer, github: GitHub
) -> None:
    server.branches["data/june"] = SHA
    run = server.add_run(head_sha=SHA, path=".github/workflows/review.yml@main")
    assert [found.path for found in github.runs_of(SHA)] == [".github/workflows/review.yml"]
    assert github.run(run.id).path == ".github/workflows/review.yml"


def test_finds_the_runs_of_the_review_on_a_commit(server: GitHubServer, github: GitHub) -> None:
    first = server.add_run(head_sha=SHA, conclusion="failure")
    server.add_run(head_sha=SHA, path=".github/workflows/ci.yml")
    second = server.add_run(head_sha=SHA)
    server.add_run(head_sha="b" * 40)
    assert [run.id for run in github.runs_of(SHA)] == [second.id, first.id]
    assert github.run(first.id).conclusion == "failure"


def test_opens_and_edits_a_pull_request(server: GitHubServer, github: GitHub) -> None:
    server.branches["data/flights"] = SHA
    opened = github.create_pull_request(head="data/flights", base="main", title="New rows", body="May")
    edited = github.update_pull_request(opened.number, body="May and June")
    assert (edited.number, server.pulls[1].body) == (opened.number, "May and June")
    assert [pull.number for pull in github.pull_requests(head="team:data/flights")] == [opened.number]


def test_a_pull_request_whose_fork_is_gone_is_read_and_listed(server: GitHubServer, github: GitHub) -> None:
    server.add_pull(head_sha=SHA, head_repository=None)
    server.add_pull(head_sha=SHA, head_repository=None, head_owner="eve")
    server.add_pull(head_sha=SHA, head_repository="eve/flights")
    server.add_pull(head_sha=SHA, state="closed")
    assert github.pull_request(1).head_repository is None
    assert [(one.number, one.head_repository, one.head_label) for one in github.pull_requests()] == [
        (3, "eve/flights", "eve:change"),
        (2, None, "eve:change"),
        (1, None, ""),
    ]
    assert [one.number for one in github.pull_requests(head="eve:change")] == [3, 2]


def test_pull_requests_are_found_by_head_and_base(server: GitHubServer, github: GitHub) -> None:
    server.branches["lax"] = "c" * 40
    for base in ("main", "lax"):
        server.add_pull(head_sha=SHA, head_repository="eve/flights", head_ref="change", base_ref=base)
    for index in range(70):
        server.add_pull(head_sha=SHA, head_ref=f"other-{index}")
    assert [pull.number for pull in github.pull_requests(head="Eve:change")] == [2, 1]
    assert [pull.number for pull in github.pull_requests(head="eve:change", base="lax")] == [2]
    assert github.pull_requests(head="mallory:change") == ()
    assert len(github.pull_requests()) == 72


def test_a_filter_that_github_leaves_aside_still_filters(server: GitHubServer, github: GitHub) -> None:
    pull = server.add_pull(head_sha=SHA, head_ref="other")
    server.fail("GET", "/pulls$", 200, body=json.dumps([server.wire.pull(pull)]).encode())
    assert github.pull_requests(head="team:change") == ()


def test_a_run_of_which_much_is_null(server: GitHubServer, github: GitHub) -> None:
    run = server.add_run(head_sha=SHA, head_repository=None, conclusion=None)
    told = server.wire.run(run) | {"head_branch": None, "pull_requests": None, "status": None}
    server.fail("GET", "/runs/", 200, body=json.dumps(told).encode())
    found = github.run(run.id)
    assert (found.head_owner, found.head_branch, found.status, found.pull_requests) == (None, "", "", ())


def test_what_a_run_left_is_listed_newest_first(server: GitHubServer, github: GitHub) -> None:
    run, other = server.add_run(head_sha=SHA), server.add_run(head_sha=SHA)
    for index in range(60):
        server.add_artifact(run.id, f"part-{index}", b"zip", expired=index == 0)
    server.add_artifact(other.id, "other", b"zip")
    found = github.artifacts(run.id)
    assert [one.name for one in found] == [f"part-{index}" for index in reversed(range(60))]
    assert [one.name for one in found if one.expired] == ["part-0"]


def test_a_branch_that_is_not_there(github: GitHub) -> None:
    with pytest.raises(ForgeError) as caught:
        github.branch_tip("gone")
    assert caught.value.status == 404


def test_labels_are_added(server: GitHubServer, github: GitHub) -> None:
    server.add_pull(head_sha=SHA, labels=["data"])
    github.add_labels(1, ["data", "retrain"])
    assert server.pulls[1].labels == ["data", "retrain"]
