"""The stand-in behaves as GitHub does where a client could go wrong."""

import httpx
import pytest

from support.github.server import GitHubServer

SHA = "a" * 40


def get(server: GitHubServer, path: str, token: str | None = "token", **headers: str) -> httpx.Response:
    given = headers if token is None else headers | {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{server.url}{path}", headers=given)


def post(server: GitHubServer, path: str, body: object, token: str = "token") -> httpx.Response:
    return httpx.post(f"{server.url}{path}", json=body, headers={"Authorization": f"token {token}"})


def test_a_list_has_thirty_entries_to_a_page_and_never_over_a_hundred(server: GitHubServer) -> None:
    number = server.add_pull(head_sha=SHA).number
    for index in range(120):
        server.add_comment(number, str(index))
    path = f"/repos/team/flights/issues/{number}/comments"
    first, last = get(server, path), get(server, f"{path}?per_page=1000&page=2")
    assert [len(answer.json()) for answer in (first, last)] == [30, 20]
    assert first.headers["link"] == (
        f'<{server.url}{path}?page=2>; rel="next", <{server.url}{path}?page=4>; rel="last"'
    )
    assert last.headers["link"] == (
        f'<{server.url}{path}?per_page=1000&page=1>; rel="prev", '
        f'<{server.url}{path}?per_page=1000&page=1>; rel="first"'
    )


def test_each_token_may_what_its_job_declares_and_no_more(server: GitHubServer) -> None:
    server.add_token("judge", {"actions": "read", "contents": "read", "pull-requests": "read"})
    server.add_token("post", {"statuses": "write", "pull-requests": "write"})
    server.add_pull(head_sha=SHA)
    at = "/repos/team/flights"
    assert [get(server, f"{at}{path}", "judge").status_code for path in ("", "/pulls", "/actions/runs")] == [
        200,
        200,
        200,
    ]
    refused = [
        post(server, f"{at}/statuses/{SHA}", {"state": "success"}, "judge"),
        post(server, f"{at}/issues/1/comments", {"body": "x"}, "judge"),
        get(server, f"{at}/actions/runs", "post"),
        get(server, f"{at}/git/ref/heads/main", "post"),
        get(server, "/user", "post"),
    ]
    assert [(answer.status_code, answer.json()["message"]) for answer in refused] == [
        (403, "Resource not accessible by integration")
    ] * 5
    assert [answer.headers.get("x-accepted-github-permissions") for answer in refused] == [
        "statuses=write",
        "issues=write; pull_requests=write",
        "actions=read",
        "contents=read",
        None,
    ]
    assert post(server, f"{at}/statuses/{SHA}", {"state": "success"}, "post").status_code == 201


def test_nobody_and_a_stranger_are_told_apart(server: GitHubServer) -> None:
    answers = [get(server, "/repos/team/flights", None), get(server, "/repos/team/flights", "wrong")]
    assert [(one.status_code, one.json()["message"]) for one in answers] == [
        (401, "Requires authentication"),
        (401, "Bad credentials"),
    ]
    assert get(server, "/repos/team/other").status_code == 404


def test_a_head_without_its_owner_is_no_filter(server: GitHubServer) -> None:
    server.add_pull(head_sha=SHA, head_ref="one")
    server.add_pull(head_sha=SHA, head_ref="two")
    at = "/repos/team/flights/pulls?head="
    assert [len(get(server, at + head).json()) for head in ("one", "team:one", "other:one")] == [2, 1, 0]


def test_a_token_that_arrives_where_artifacts_lie_fails_the_test() -> None:
    server = GitHubServer().start()
    run = server.add_run(head_sha=SHA)
    artifact = server.add_artifact(run.id, "mergegate-evidence", b"zip")
    answer = get(server, f"/repos/team/flights/actions/artifacts/{artifact.id}/zip")
    assert answer.status_code == 302
    address = answer.headers["location"]
    assert httpx.get(address).content == b"zip"
    assert httpx.get(address.replace("signed", "forged")).status_code == 403
    assert httpx.get(address, headers={"Authorization": "Bearer token"}).status_code == 400
    with pytest.raises(AssertionError, match="a token was sent where artifacts lie"):
        server.stop()


def test_a_request_that_says_not_who_asks_is_forbidden(server: GitHubServer) -> None:
    assert get(server, "/repos/team/flights", **{"User-Agent": ""}).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (f"/statuses/{SHA}", {"state": "great"}, "invalid"),
        (f"/statuses/{SHA}", {"state": "success", "context": "x" * 256}, "custom"),
        (f"/statuses/{SHA}", {"state": "success", "target_url": "javascript:x"}, "custom"),
        ("/pulls", {"head": "gone", "base": "main", "title": "x"}, "invalid"),
        ("/pulls", {"head": "main", "base": "gone", "title": "x"}, "invalid"),
        ("/pulls", {"head": "same", "base": "main", "title": "x"}, "custom"),
    ],
)
def test_what_github_finds_invalid(
    server: GitHubServer, path: str, body: dict[str, str], message: str
) -> None:
    server.branches["same"] = server.branches["main"]
    answer = post(server, f"/repos/team/flights{path}", body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, message)


def test_a_commit_that_is_not_there_takes_no_status(server: GitHubServer) -> None:
    server.commits = set()
    answer = post(server, f"/repos/team/flights/statuses/{SHA}", {"state": "success"})
    assert (answer.status_code, answer.json()["message"]) == (422, f"No commit found for SHA: {SHA}")
