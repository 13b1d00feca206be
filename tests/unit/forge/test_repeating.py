"""What is written happens once, however the connection breaks."""

import pytest

from mergegate.errors import ForgeError
from mergegate.forge.github import GitHub
from support.github.server import GitHubServer

SHA = "a" * 40


@pytest.mark.parametrize("status", [0, 500, 502, 504])
def test_a_comment_that_was_written_although_no_answer_came_is_not_written_again(
    server: GitHubServer, github: GitHub, status: int
) -> None:
    number = server.add_pull(head_sha=SHA).number
    server.fail("POST", "/comments$", status, carried_out=True, body=b"")
    made = github.create_comment(number, "hello\n")
    assert [(one.id, one.body) for one in server.comments] == [(made.id, "hello\n")]
    assert len(server.asked("POST", "/comments$")) == 1


def test_a_comment_that_was_not_written_is_written_then(
    server: GitHubServer, github: GitHub, slept: list[float]
) -> None:
    number = server.add_pull(head_sha=SHA).number
    server.fail("POST", "/comments$", 502, times=3)
    github.create_comment(number, "hello")
    assert [one.body for one in server.comments] == ["hello"]
    assert slept == [1.0, 2.0, 4.0]


def test_a_strangers_copy_is_not_taken_for_the_comment(server: GitHubServer, github: GitHub) -> None:
    number = server.add_pull(head_sha=SHA).number
    server.add_comment(number, "hello", author="mallory")
    server.fail("POST", "/comments$", 502)
    github.create_comment(number, "hello")
    assert [one.author for one in server.comments] == ["mallory", "github-actions[bot]"]


def test_a_refused_comment_is_neither_looked_for_nor_repeated(server: GitHubServer, github: GitHub) -> None:
    with pytest.raises(ForgeError):
        github.create_comment(7, "hello")
    assert [(one.method, one.status) for one in server.requests] == [("POST", 404)]


def test_a_pull_request_that_was_opened_although_no_answer_came_is_found(
    server: GitHubServer, github: GitHub
) -> None:
    server.branches["data/flights"] = SHA
    server.fail("POST", "/pulls$", 0, carried_out=True, body=b"")
    opened = github.create_pull_request(head="data/flights", base="main", title="New rows", body="")
    assert (opened.number, list(server.pulls)) == (1, [1])


def test_a_pull_request_that_is_opened_late_is_found_after_the_refusal(
    server: GitHubServer, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.branches["data/flights"] = SHA
    server.fail("POST", "/pulls$", 502)
    # GitHub carries the first request out only after it was looked for.
    server.fail("GET", "/pulls$", 200, body=b"[]")
    late = server.add_pull(head_sha=SHA, head_ref="data/flights")
    opened = github.create_pull_request(head="data/flights", base="main", title="New rows", body="")
    assert opened.number == late.number
    assert [(one.method, one.status) for one in server.requests] == [
        ("POST", 502),
        ("GET", 200),
        ("POST", 422),
        ("GET", 200),
    ]


def test_a_status_is_simply_set_again(server: GitHubServer, github: GitHub) -> None:
    server.fail("POST", "/statuses/", 502, carried_out=True)
    github.set_status(SHA, "mergegate", "success", "the gates hold")
    assert [one.state for one in server.statuses] == ["success", "success"]


def test_changing_is_repeated_because_twice_is_as_once(server: GitHubServer, github: GitHub) -> None:
    pull = server.add_pull(head_sha=SHA)
    comment = server.add_comment(pull.number, "old", author="github-actions[bot]")
    server.fail("PATCH", "/comments/", 0, body=b"", carried_out=True)
    server.fail("PATCH", "/pulls/", 503)
    github.update_comment(comment.id, "new")
    github.update_pull_request(pull.number, title="Newer")
    assert (comment.body, pull.title) == ("new", "Newer")


def test_a_list_is_read_on_after_a_page_that_failed(server: GitHubServer, github: GitHub) -> None:
    number = server.add_pull(head_sha=SHA).number
    for index in range(101):
        server.add_comment(number, str(index))
    comments = github.comments(number)
    first = next(comments)
    server.fail("GET", "/comments$", 502)
    assert [first.body, *(one.body for one in comments)] == [str(index) for index in range(101)]


def test_a_pull_request_is_asked_for_until_github_knows_whether_it_merges(
    server: GitHubServer, github: GitHub, slept: list[float]
) -> None:
    server.add_pull(head_sha=SHA, mergeable=False, unknown=3)
    assert github.settled_pull_request(1).mergeable is False
    assert slept == [1.0, 2.0, 4.0]
    server.pulls[1].unknown = 100
    assert github.settled_pull_request(1).mergeable is None
    assert slept[3:] == [1.0, 2.0, 4.0, 8.0, 16.0]
    server.pulls[1].state = "closed"
    assert github.settled_pull_request(1).state == "closed"
    assert len(slept) == 8
