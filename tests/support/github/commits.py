"""The repository, its commits, runs and artifacts, as the stand-in answers."""

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from support.github.asked import Asked
from support.github.reply import Reply, invalid, refuse
from support.github.state import Status

if TYPE_CHECKING:
    from support.github.server import GitHubServer

LONGEST_DESCRIPTION = 140
MOST_STATUSES = 1000


def repository(server: "GitHubServer", asked: Asked) -> Reply:
    return Reply(200, server.wire.repository())


def ref(server: "GitHubServer", asked: Asked) -> Reply:
    name = unquote(asked.parts[0])
    if name not in server.branches:
        return refuse(404, "Not Found")
    sha = server.branches[name]
    return Reply(200, {"ref": f"refs/heads/{name}", "object": {"type": "commit", "sha": sha}})


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


def viewer(server: "GitHubServer", asked: Asked) -> Reply:
    """GraphQL answers one question: whose token this is; to Apps' tokens too (actions/github-script#39)."""
    if not re.search(r"viewer\s*\{\s*login\s*\}", str(asked.body.get("query", ""))):
        return Reply(200, {"errors": [{"type": "UNSUPPORTED", "message": "the stand-in knows viewer only"}]})
    return Reply(200, {"data": {"viewer": {"login": asked.token.login}}})


def user(server: "GitHubServer", asked: Asked) -> Reply:
    if not asked.token.user:
        return refuse(403, "Resource not accessible by integration")
    return Reply(200, server.wire.account(asked.token.login))
