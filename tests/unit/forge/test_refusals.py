"""Each way in which GitHub refuses: one sentence, one next step, never the token."""

import json
import logging

import pytest

from mergegate.forge.github import GitHub
from support.github.refused import SECRET, refused
from support.github.server import GitHubServer

SHA = "a" * 40


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
