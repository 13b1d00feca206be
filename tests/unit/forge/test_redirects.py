"""What is behind a redirect: artifacts, renamed repositories, next pages; the token stays at home."""

from functools import partial
from pathlib import Path

import pytest

from mergegate.forge.artifacts import Artifact
from mergegate.forge.github import GitHub
from support.github.refused import refused
from support.github.server import GitHubServer

SHA = "a" * 40


def test_an_expired_artifact(server: GitHubServer, github: GitHub, tmp_path: Path) -> None:
    run = server.add_run(head_sha=SHA)
    stored = server.add_artifact(run.id, "mergegate-evidence", b"zip", expired=True)
    (artifact,) = github.artifacts(run.id)
    error = refused(lambda: github.download(artifact, tmp_path / "zip", 100))
    assert (error.status, error.message) == (410, "the artifact mergegate-evidence has expired")
    meanwhile = Artifact(id=stored.id, name="x", size=3, expired=False, created_at="", digest=None)
    error = refused(lambda: github.download(meanwhile, tmp_path / "zip", 100))
    assert (error.status, error.hint) == (
        410,
        "an artifact is kept for some days only: run its workflow again",
    )
    assert list(tmp_path.iterdir()) == []


def test_an_artifact_that_is_larger_than_allowed_or_than_it_said(
    server: GitHubServer, github: GitHub, tmp_path: Path
) -> None:
    run = server.add_run(head_sha=SHA)
    server.add_artifact(run.id, "mergegate-evidence", b"0" * 1001)
    (honest,) = github.artifacts(run.id)
    said = Artifact(id=honest.id, name="e\nvil", size=1, expired=False, created_at="", digest=None)
    for artifact, name in ((honest, "mergegate-evidence"), (said, "e\\nvil")):
        error = refused(partial(github.download, artifact, tmp_path / "zip", 1000))
        assert error.message == f"the artifact {name} is over 1,000 bytes"
    assert list(tmp_path.iterdir()) == []


def test_an_artifact_with_other_bytes_than_its_digest(
    server: GitHubServer, github: GitHub, tmp_path: Path
) -> None:
    run = server.add_run(head_sha=SHA)
    server.add_artifact(run.id, "mergegate-evidence", b"zip", digest="sha256:" + "0" * 64)
    (artifact,) = github.artifacts(run.id)
    error = refused(lambda: github.download(artifact, tmp_path / "zip", 1000))
    assert error.message.startswith("the artifact mergegate-evidence has other bytes than GitHub says")
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_breaks_off_begins_anew(
    server: GitHubServer, github: GitHub, tmp_path: Path, slept: list[float]
) -> None:
    run = server.add_run(head_sha=SHA)
    server.add_artifact(run.id, "mergegate-evidence", b"zip" * 100)
    server.fail("GET", "/storage/", 0, body=b"zipzip")
    server.fail("GET", "/storage/", 503, body=b"")
    (artifact,) = github.artifacts(run.id)
    github.download(artifact, tmp_path / "zip", 1000)
    assert (tmp_path / "zip").read_bytes() == b"zip" * 100
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize("target", ["http://example.org/zip", "ftp://example.org/zip", "//", "", "file:///x"])
def test_a_download_that_leads_to_an_unsafe_place(
    server: GitHubServer, github: GitHub, tmp_path: Path, target: str
) -> None:
    run = server.add_run(head_sha=SHA)
    server.add_artifact(run.id, "mergegate-evidence", b"zip")
    server.fail("GET", "/zip$", 302, headers={"Location": target}, body=b"")
    (artifact,) = github.artifacts(run.id)
    error = refused(lambda: github.download(artifact, tmp_path / "zip", 1000))
    assert error.message.endswith("/zip leads to no address that is safe to read")


def test_a_renamed_repository_is_read_under_its_old_name_but_not_written(server: GitHubServer) -> None:
    server.renamed_from.add("team/old")
    server.add_pull(head_sha=SHA)
    with GitHub(server.url, "team/old", "token") as github:
        assert github.default_branch() == "main"
        assert github.pull_request(1).head_sha == SHA
        assert [one.number for one in github.pull_requests(base="main")] == [1]
        error = refused(lambda: github.set_status(SHA, "mergegate", "success", ""))
    assert error.message.endswith("with 307: the repository has another name now")
    assert server.statuses == []


@pytest.mark.parametrize("target", ["https://example.org/repos/team/flights", "", "http://[", "/repos/x/y"])
def test_a_redirect_to_another_host_is_not_followed(
    server: GitHubServer, github: GitHub, target: str
) -> None:
    server.fail("GET", "/flights$", 301, headers={"Location": target}, body=b"")
    assert refused(github.default_branch).message.endswith("leads to another host, or in a circle")


def test_a_circle_of_redirects_ends(server: GitHubServer, github: GitHub) -> None:
    at = f"{server.url}/repos/team/flights"
    server.fail("GET", "/flights$", 301, headers={"Location": at}, body=b"", times=100)
    assert refused(github.default_branch).message.endswith("leads to another host, or in a circle")
    assert len(server.requests) == 4


def test_a_next_page_on_another_host_is_not_read(server: GitHubServer, github: GitHub) -> None:
    link = {"Link": '<https://example.org/next>; rel="next"'}
    server.fail("GET", "/comments$", 200, headers=link, body=b"[]")
    assert refused(lambda: list(github.comments(1))).message.endswith("names a next page on another host")
