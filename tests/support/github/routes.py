"""The routes that the stand-in knows, each with the permission that it needs."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec import Struct

from support.github.reply import Reply, invalid, refuse
from support.github.state import ACTIONS, Comment, Pull, Status, Token

if TYPE_CHECKING:
    from support.github.server import GitHubServer

LONGEST_BODY = 65_536
LONGEST_DESCRIPTION = 140
MOST_STATUSES = 1000


class Asked(Struct):
    """A request to a route: what its path, query and body say, and who asks."""

    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    token: Token


class Route(Struct):
    """A route; any one of `needs` suffices."""

    method: str
    path: re.Pattern[str]
    needs: Mapping[str, str]
    answer: Callable[["GitHubServer", Asked], Reply]


def repository(server: "GitHubServer", asked: Asked) -> Reply:
    return Reply(200, server.wire.repository())


def ref(server: "GitHubServer", asked: Asked) -> Reply:
    name = unquote(asked.parts[0])
    if name not in server.branches:
        return refuse(404, "Not Found")
    sha = server.branches[name]
    return Reply(200, {"ref": f"refs/heads/{name}", "object": {"type": "commit", "sha": sha}})


def branch(server: "GitHubServer", asked: Asked) -> Reply:
    name = unquote(asked.parts[0])
    if name not in server.branches:
        return refuse(404, "Branch not found")
    return Reply(200, {"name": name, "commit": {"sha": server.branches[name]}, "protected": False})


def list_pulls(server: "GitHubServer", asked: Asked) -> Reply:
    state = asked.query.get("state", "open")
    found = [server.wire.pull(pull, alone=False) for pull in reversed(server.pulls.values())]
    if state != "all":
        found = [pull for pull in found if pull["state"] == state]
    # A head without an owner is no filter to GitHub: it lists all.
    if ":" in asked.query.get("head", ""):
        found = [
            pull for pull in found if (pull["head"]["label"] or "").lower() == asked.query["head"].lower()
        ]
    if asked.query.get("base"):
        found = [pull for pull in found if pull["base"]["ref"] == asked.query["base"]]
    return Reply(200, found, page_of="")


def read_pull(server: "GitHubServer", asked: Asked) -> Reply:
    pull = server.pulls.get(int(asked.parts[0]))
    if pull is None:
        return refuse(404, "Not Found")
    shown = server.wire.pull(pull)
    if pull.unknown > 0:
        pull.unknown -= 1
        shown["mergeable"] = None
    return Reply(200, shown)


def create_pull(server: "GitHubServer", asked: Asked) -> Reply:
    if asked.token.login == ACTIONS and not server.actions_may_open:
        return refuse(403, "GitHub Actions is not permitted to create or approve pull requests.")
    head, base = str(asked.body.get("head", "")), str(asked.body.get("base", ""))
    owner, _, name = head.rpartition(":")
    owner = owner or server.repository.partition("/")[0]
    if base not in server.branches:
        return invalid("PullRequest", field="base", code="invalid")
    if name not in server.branches:
        return invalid("PullRequest", field="head", code="invalid")
    if server.branches[name] == server.branches[base]:
        return invalid("PullRequest", message=f"No commits between {base} and {name}")
    for pull in server.pulls.values():
        if pull.state == "open" and (pull.head_ref, pull.base_ref) == (name, base):
            return invalid("PullRequest", message=f"A pull request already exists for {owner}:{name}.")
    if (refused := _too_long(asked.body.get("body") or "")) is not None:
        return refused
    pull = server.add_pull(
        head_ref=name,
        head_sha=server.branches[name],
        base_ref=base,
        title=str(asked.body.get("title", "")),
        body=str(asked.body.get("body") or ""),
        draft=bool(asked.body.get("draft", False)),
        author=asked.token.login,
    )
    return Reply(201, server.wire.pull(pull))


def update_pull(server: "GitHubServer", asked: Asked) -> Reply:
    pull: Pull | None = server.pulls.get(int(asked.parts[0]))
    if pull is None:
        return refuse(404, "Not Found")
    if (refused := _too_long(asked.body.get("body") or "")) is not None:
        return refused
    for name in ("title", "body", "state"):
        if name in asked.body:
            setattr(pull, name, asked.body[name])
    if "base" in asked.body:
        pull.base_ref = asked.body["base"]
        pull.base_sha = server.branches[pull.base_ref]
    return Reply(200, server.wire.pull(pull))


def add_labels(server: "GitHubServer", asked: Asked) -> Reply:
    pull = server.pulls.get(int(asked.parts[0]))
    if pull is None:
        return refuse(404, "Not Found")
    pull.labels += [name for name in asked.body.get("labels", []) if name not in pull.labels]
    return Reply(200, [{"name": name} for name in pull.labels])


def list_runs(server: "GitHubServer", asked: Asked) -> Reply:
    found = list(reversed(server.runs.values()))
    if len(asked.parts) == 1:
        file = unquote(asked.parts[0])
        found = [run for run in found if run.path.rpartition("/")[2] == file]
    for name in ("head_sha", "event"):
        if name in asked.query:
            found = [run for run in found if getattr(run, name) == asked.query[name]]
    if "branch" in asked.query:
        found = [run for run in found if run.head_branch == asked.query["branch"]]
    if "status" in asked.query:
        found = [run for run in found if asked.query["status"] in (run.status, run.conclusion)]
    return Reply(200, {"workflow_runs": [server.wire.run(run) for run in found]}, page_of="workflow_runs")


def read_run(server: "GitHubServer", asked: Asked) -> Reply:
    run = server.runs.get(int(asked.parts[0]))
    return refuse(404, "Not Found") if run is None else Reply(200, server.wire.run(run))


def list_artifacts(server: "GitHubServer", asked: Asked) -> Reply:
    run = server.runs.get(int(asked.parts[0]))
    if run is None:
        return refuse(404, "Not Found")
    found = [one for one in server.artifacts.values() if one.run_id == run.id]
    if "name" in asked.query:
        found = [one for one in found if one.name == asked.query["name"]]
    return Reply(200, {"artifacts": [server.wire.artifact(one, run) for one in found]}, page_of="artifacts")


def download(server: "GitHubServer", asked: Asked) -> Reply:
    artifact = server.artifacts.get(int(asked.parts[0]))
    if artifact is None:
        return refuse(404, "Not Found")
    if artifact.expired:
        return refuse(410, "Artifact has expired")
    return Reply(302, headers={"Location": server.storage_address(artifact)})


def list_statuses(server: "GitHubServer", asked: Asked) -> Reply:
    found = [one for one in reversed(server.statuses) if one.sha == asked.parts[0]]
    return Reply(200, [server.wire.status(one) for one in found], page_of="")


def create_status(server: "GitHubServer", asked: Asked) -> Reply:
    sha = asked.parts[0]
    if server.commits is not None and sha not in server.commits:
        return refuse(422, f"No commit found for SHA: {sha}")
    state = asked.body.get("state")
    if state not in ("error", "failure", "pending", "success"):
        return invalid("Status", field="state", code="invalid")
    description = asked.body.get("description")
    if description is not None and len(description) > LONGEST_DESCRIPTION:
        # kubernetes/test-infra#15250
        return invalid(
            "Status", field="description", message="description is too long (maximum is 140 characters)"
        )
    target = asked.body.get("target_url")
    if target and not target.startswith(("http://", "https://")):
        return invalid("Status", message="target_url must use http(s) scheme")
    context = asked.body.get("context", "default")
    if len(context) > 255:
        return invalid("Status", message="context is too long (maximum is 255 characters)")
    already = sum((one.sha, one.context) == (sha, context) for one in server.statuses)
    if already >= MOST_STATUSES:
        # openshift/release#6179
        return invalid("Status", message="This SHA and context has reached the maximum number of statuses.")
    status = Status(server.next_id(), sha, context, state, description, target, asked.token.login)
    server.statuses.append(status)
    return Reply(201, server.wire.status(status))


def list_comments(server: "GitHubServer", asked: Asked) -> Reply:
    number = int(asked.parts[0])
    if number not in server.pulls:
        return refuse(404, "Not Found")
    found = [server.wire.comment(one) for one in server.comments if one.number == number]
    return Reply(200, found, page_of="")


def create_comment(server: "GitHubServer", asked: Asked) -> Reply:
    number = int(asked.parts[0])
    if number not in server.pulls:
        return refuse(404, "Not Found")
    if server.pulls[number].locked:
        return refuse(403, "Unable to create comment because issue is locked.")
    body = asked.body.get("body")
    if not body:
        return invalid("IssueComment", field="body", code="missing_field")
    if (refused := _too_long(body)) is not None:
        return refused
    return Reply(201, server.wire.comment(server.add_comment(number, body, author=asked.token.login)))


def update_comment(server: "GitHubServer", asked: Asked) -> Reply:
    comment: Comment | None = next((one for one in server.comments if one.id == int(asked.parts[0])), None)
    if comment is None:
        return refuse(404, "Not Found")
    if (refused := _too_long(asked.body.get("body") or "")) is not None:
        return refused
    comment.body = asked.body["body"]
    return Reply(200, server.wire.comment(comment))


def read_comment(server: "GitHubServer", asked: Asked) -> Reply:
    comment = next((one for one in server.comments if one.id == int(asked.parts[0])), None)
    return refuse(404, "Not Found") if comment is None else Reply(200, server.wire.comment(comment))


def viewer(server: "GitHubServer", asked: Asked) -> Reply:
    """GraphQL answers one question: whose token this is; to Apps' tokens too (actions/github-script#39)."""
    if not re.search(r"viewer\s*\{\s*login\s*\}", str(asked.body.get("query", ""))):
        return Reply(200, {"errors": [{"type": "UNSUPPORTED", "message": "the stand-in knows viewer only"}]})
    return Reply(200, {"data": {"viewer": {"login": asked.token.login}}})


def user(server: "GitHubServer", asked: Asked) -> Reply:
    if not asked.token.user:
        return refuse(403, "Resource not accessible by integration")
    return Reply(200, server.wire.account(asked.token.login))


def _too_long(body: str) -> Reply | None:
    if len(body) <= LONGEST_BODY:
        return None
    return refuse(
        422,
        "Validation Failed",
        errors=[
            {
                "resource": "IssueComment",
                "code": "unprocessable",
                "field": "data",
                "message": "Body is too long (maximum is 65536 characters)",
            }
        ],
    )


_EITHER_READ = {"issues": "read", "pull_requests": "read"}
_EITHER_WRITE = {"issues": "write", "pull_requests": "write"}


def _route(
    method: str, path: str, needs: Mapping[str, str], answer: Callable[["GitHubServer", Asked], Reply]
) -> Route:
    return Route(method, re.compile(path), needs, answer)


BELOW: tuple[Route, ...] = (
    _route("GET", "", {"metadata": "read"}, repository),
    _route("GET", "/git/ref/heads/(.+)", {"contents": "read"}, ref),
    _route("GET", "/branches/([^/]+)", {"contents": "read"}, branch),
    _route("GET", "/pulls", {"pull_requests": "read"}, list_pulls),
    _route("POST", "/pulls", {"pull_requests": "write"}, create_pull),
    _route("GET", r"/pulls/(\d+)", {"pull_requests": "read"}, read_pull),
    _route("PATCH", r"/pulls/(\d+)", {"pull_requests": "write"}, update_pull),
    _route("GET", "/actions/runs", {"actions": "read"}, list_runs),
    _route("GET", "/actions/workflows/([^/]+)/runs", {"actions": "read"}, list_runs),
    _route("GET", r"/actions/runs/(\d+)", {"actions": "read"}, read_run),
    _route("GET", r"/actions/runs/(\d+)/artifacts", {"actions": "read"}, list_artifacts),
    _route("GET", r"/actions/artifacts/(\d+)/zip", {"actions": "read"}, download),
    _route("GET", "/commits/([0-9a-f]+)/statuses", {"statuses": "read"}, list_statuses),
    _route("POST", "/statuses/([0-9a-f]+)", {"statuses": "write"}, create_status),
    _route("GET", r"/issues/(\d+)/comments", _EITHER_READ, list_comments),
    _route("POST", r"/issues/(\d+)/comments", _EITHER_WRITE, create_comment),
    _route("GET", r"/issues/comments/(\d+)", _EITHER_READ, read_comment),
    _route("PATCH", r"/issues/comments/(\d+)", _EITHER_WRITE, update_comment),
    _route("POST", r"/issues/(\d+)/labels", _EITHER_WRITE, add_labels),
)
"""Below /repos/OWNER/NAME."""

ABOVE: tuple[Route, ...] = (
    _route("POST", "/graphql", {}, viewer),
    _route("GET", "/user", {}, user),
)
