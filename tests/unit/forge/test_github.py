"""What the client reads and writes, against the stand-in."""

import hashlib
from pathlib import Path

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
