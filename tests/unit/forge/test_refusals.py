"""Each way in which GitHub refuses, or can't be reached: one sentence, one next step, never the token."""

import json
import logging
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mergegate.errors import ForgeError
from mergegate.forge.artifacts import Artifact
from mergegate.forge.github import GitHub
from support.github.server import GitHubServer

SHA = "a" * 40
SECRET = "ghs_secret"


def refused(act: Callable[[], object]) -> ForgeError:
    """The error of an act, none of whose words is the token."""
    with pytest.raises(ForgeError) as caught:
        act()
    assert SECRET not in caught.value.message + caught.value.hint
    return caught.value


def test_a_token_without_the_permission(server: GitHubServer, github: GitHub) -> None:
    server.add_token(SECRET, {"contents": "read"})
    error = refused(lambda: github.set_status(SHA, "mergegate", "success", ""))
    assert error.status == 403
    assert error.message == (
        f"the token may not do POST /repos/team/flights/statuses/{SHA} "
        "(Resource not accessible by integration): it lacks statuses: write"
    )
    assert error.hint == (
        "under `permissions:` give the job statuses: write; a fork's pull request gets read at most"
    )


def test_permissions_of_which_one_would_do(server: GitHubServer, github: GitHub) -> None:
    server.add_token(SECRET, {"pull-requests": "read"})
    number = server.add_pull(head_sha=SHA).number
    error = refused(lambda: github.create_comment(number, "hello"))
    assert error.message.endswith("it lacks issues: write or pull-requests: write")


def test_an_old_server_that_names_no_permission(server: GitHubServer, github: GitHub) -> None:
    body = b'{"message": "Resource not accessible by integration"}'
    server.fail("GET", "/actions/", 403, body=body)
    assert refused(lambda: github.run(1)).message.endswith("it lacks actions: read")


def test_a_token_that_is_wrong_or_has_expired(server: GitHubServer, github: GitHub) -> None:
    del server.tokens[SECRET]
    error = refused(github.default_branch)
    assert error.status == 401
    assert error.message == (
        "GitHub doesn't accept the token (Bad credentials): it is wrong, revoked, or its job has ended"
    )
    assert "GITHUB_TOKEN" in error.hint


def test_what_is_not_there(server: GitHubServer, github: GitHub) -> None:
    error = refused(lambda: github.pull_request(7))
    assert (error.status, error.message) == (
        404,
        "GitHub knows nothing at GET /repos/team/flights/pulls/7, or hides it from this token",
    )
    assert error.hint == "look at the name; the token needs pull-requests: read"


def test_a_body_that_is_too_long(server: GitHubServer, github: GitHub) -> None:
    number = server.add_pull(head_sha=SHA).number
    error = refused(lambda: github.create_comment(number, "x" * 65_537))
    assert error.status == 422
    assert "Body is too long (maximum is 65536 characters)" in error.message
    assert error.hint == "GitHub takes 65,536 characters in a text and 140 in a status's description"
    assert len(server.asked("POST", "/comments")) == 1


def test_a_description_that_is_too_long(server: GitHubServer, github: GitHub) -> None:
    error = refused(lambda: github.set_status(SHA, "mergegate", "success", "x" * 141))
    assert "description is too long (maximum is 140 characters)" in error.message


def test_a_commit_with_a_thousand_statuses(server: GitHubServer, github: GitHub) -> None:
    github.set_status(SHA, "mergegate", "pending", "")
    server.statuses *= 1000
    error = refused(lambda: github.set_status(SHA, "mergegate", "success", ""))
    assert "This SHA and context has reached the maximum number of statuses" in error.message
    assert error.hint == "a commit takes 1,000 statuses of one name: push a new commit"
    assert github.set_status(SHA, "mergegate/other", "success", "").state == "success"


def test_a_job_that_may_open_no_pull_requests(server: GitHubServer, github: GitHub) -> None:
    server.branches["data/flights"] = SHA
    server.actions_may_open = False
    error = refused(lambda: github.create_pull_request(head="data/flights", base="main", title="x", body=""))
    assert error.message == (
        "GitHub answered POST /repos/team/flights/pulls with 403: "
        "GitHub Actions is not permitted to create or approve pull requests."
    )
    assert error.hint.startswith("allow it under Settings, Actions, General; or take an App's token")


@pytest.mark.parametrize(
    ("status", "said", "hint"),
    [
        (403, "Repository was archived so is read-only.", "unarchive the repository"),
        (
            403,
            "Resource protected by organization SAML enforcement.",
            "authorise the token for the organisation's single sign-on",
        ),
        (
            403,
            "Although you appear to have the correct authorization credentials",
            "look at the token's rights, and at the rules of the repository and its organisation",
        ),
        (451, "Repository access blocked", "correct what is named, or report it with this sentence"),
    ],
)
def test_refusals_in_githubs_own_words(
    server: GitHubServer, github: GitHub, status: int, said: str, hint: str
) -> None:
    server.fail("GET", "/flights$", status, body=json.dumps({"message": said}).encode())
    error = refused(github.default_branch)
    assert error.message == f"GitHub answered GET /repos/team/flights with {status}: {said}"
    assert (error.hint, error.status) == (hint, status)


def test_a_locked_conversation(server: GitHubServer, github: GitHub) -> None:
    server.add_pull(head_sha=SHA, locked=True)
    error = refused(lambda: github.create_comment(1, "hello"))
    assert error.message.endswith("with 403: Unable to create comment because issue is locked.")
    assert error.hint == "unlock the pull request's conversation"


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b'{"message": 7}', b"<p>no</p>", b'{"errors": [[], 7]}']
)
def test_a_refusal_that_says_nothing(server: GitHubServer, github: GitHub, body: bytes) -> None:
    server.fail("GET", "/flights$", 400, body=body)
    told = ": a web page, not data" if body.startswith(b"<") else ""
    assert refused(github.default_branch).message == (
        f"GitHub answered GET /repos/team/flights with 400{told}"
    )


def test_a_token_of_which_graphql_doesnt_say_whose_it_is(server: GitHubServer, github: GitHub) -> None:
    server.fail("POST", "/graphql$", 200, body=b'{"data": null, "errors": [{"type": "FORBIDDEN"}]}')
    assert refused(github.whoami).message == "GitHub doesn't say whose the token is"
    assert github.whoami() == github.whoami() == "github-actions[bot]"
    assert len(server.asked("POST", "/graphql$")) == 2


def test_a_pull_request_that_exists_already(server: GitHubServer, github: GitHub) -> None:
    server.branches["data/flights"] = SHA
    github.create_pull_request(head="data/flights", base="main", title="New rows", body="")
    error = refused(
        lambda: github.create_pull_request(head="data/flights", base="main", title="Again", body="")
    )
    assert error.status == 422
    assert error.message == (
        "GitHub answered POST /repos/team/flights/pulls with 422: "
        "Validation Failed; A pull request already exists for team:data/flights."
    )


def test_a_page_for_people_instead_of_data(server: GitHubServer, github: GitHub) -> None:
    page = b"<!DOCTYPE html><title>Unicorn!</title>"
    server.fail("GET", "/flights$", 200, body=page, headers={"Content-Type": "text/html"})
    error = refused(github.default_branch)
    assert error.message.endswith("to /repos/team/flights is a web page, not data")
    assert error.hint == "look at GITHUB_API_URL; a proxy may stand in between"


def test_an_answer_of_another_shape(server: GitHubServer, github: GitHub) -> None:
    server.fail("GET", "/pulls/7$", 200, body=b'{"number": "7"}')
    error = refused(lambda: github.pull_request(7))
    assert "is not as documented: Expected `int`, got `str` - at `$.number`" in error.message


def test_an_answer_that_never_ends_or_nests_for_ever(server: GitHubServer, github: GitHub) -> None:
    server.fail("GET", "/pulls/7$", 200, body=b'{"number": 7, "x": ' + b"[" * 100_000)
    assert "is not as documented" in refused(lambda: github.pull_request(7)).message
    server.fail("GET", "/pulls/7$", 200, body=b" " * (20 * 2**20 + 1))
    assert "is over 20,971,520 bytes" in refused(lambda: github.pull_request(7)).message


def test_an_outage_that_lasts(server: GitHubServer, github: GitHub, slept: list[float]) -> None:
    server.fail("GET", "/flights$", 502, body=b"<html>Bad Gateway</html>", times=100)
    error = refused(github.default_branch)
    assert error.status == 502
    assert error.message.endswith(
        "is out of order: it answered GET /repos/team/flights with 502, again and again"
    )
    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_connections_that_are_cut(server: GitHubServer, github: GitHub, slept: list[float]) -> None:
    server.fail("GET", "/flights$", 0, body=b"", times=2)
    server.fail("GET", "/flights$", 0, body=b'{"full_name": "team/fl', times=2)
    assert github.default_branch() == "main"
    assert slept == [1.0, 2.0, 4.0, 8.0]
    server.fail("GET", "/pulls/7$", 0, body=b"", times=100)
    error = refused(lambda: github.pull_request(7))
    assert " cut the connection: GET /repos/team/flights/pulls/7: " in error.message
    assert error.status is None


def test_a_host_that_nobody_answers_for(slept: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with GitHub(f"http://127.0.0.1:{port}", "team/flights", SECRET, sleep=slept.append) as github:
        error = refused(github.default_branch)
    assert error.message.startswith(f"127.0.0.1:{port} can't be reached: GET /repos/team/flights: ")
    assert error.hint == "look at GITHUB_API_URL and the network, then run the job again"


def test_the_secondary_limit_is_waited_for_as_long_as_github_asks(
    server: GitHubServer, github: GitHub, slept: list[float]
) -> None:
    number = server.add_pull(head_sha=SHA).number
    server.limit("POST", "/comments", retry_after=30)
    server.limit("POST", "/comments", status=429, retry_after=7)
    github.create_comment(number, "hello")
    assert slept == [30.0, 7.0]
    assert [one.body for one in server.comments] == ["hello"]


def test_the_secondary_limit_without_a_time_is_waited_for_by_the_minute(
    server: GitHubServer, github: GitHub, slept: list[float]
) -> None:
    server.limit("GET", "/flights$", retry_after=None, times=100)
    error = refused(github.default_branch)
    assert slept == [60.0, 120.0]
    assert error.message == (
        "GitHub refuses GET /repos/team/flights: too much was asked in a short time (a secondary rate limit)"
    )


def test_the_primary_limit_is_waited_for_when_it_ends_soon(
    server: GitHubServer, github: GitHub, slept: list[float]
) -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000100"}
    server.fail("GET", "/flights$", 403, headers=spent, body=b'{"message": "API rate limit exceeded"}')
    server.fail("GET", "/flights$", 429, headers=spent, body=b'{"message": "API rate limit exceeded"}')
    assert github.default_branch() == "main"
    assert slept == [101.0, 101.0]


def test_the_primary_limit_that_ends_late_is_told(
    server: GitHubServer, github: GitHub, slept: list[float]
) -> None:
    server.budget, server.reset = 1, 1_000_000 + 1800
    assert github.default_branch() == "main"
    error = refused(lambda: github.pull_request(1))
    assert error.message == (
        "GitHub refuses GET /repos/team/flights/pulls/1: the token's requests of this hour are used up"
    )
    assert (error.hint, slept) == ("run the job again in 31 min", [])


def test_what_did_not_change_costs_nothing_of_the_budget(server: GitHubServer, github: GitHub) -> None:
    server.add_pull(head_sha=SHA)
    server.budget = 2
    assert [github.pull_request(1).head_sha for _ in range(3)] == [SHA] * 3
    assert ([one.status for one in server.requests], server.budget) == ([200, 304, 304], 1)
    server.pulls[1].head_sha = "b" * 40
    assert github.pull_request(1).head_sha == "b" * 40


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


def test_the_token_is_in_no_representation_log_or_echo(
    server: GitHubServer, github: GitHub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = b'{"message": "token ghs_secret is bad\\u001b[31m https://h.example/x?sig=signed"}'
    server.fail("GET", "/flights$", 400, body=echo)
    error = refused(github.default_branch)
    assert error.message == (
        "GitHub answered GET /repos/team/flights with 400: token *** is bad\\x1b[31m https://h.example/x?…"
    )
    assert repr(github) == f"GitHub('team/flights' at {server.url.removeprefix('http://')})"
    assert SECRET not in caplog.text + repr(vars(github)) + repr(error)
