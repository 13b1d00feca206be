"""What is tried again, how long is waited, and what is said when that was in vain."""

import socket

from mergegate.forge.github import GitHub
from support.github.refused import SECRET, refused
from support.github.server import GitHubServer

SHA = "a" * 40


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
