"""Event files in full, as GitHub Actions hands them to a job, of what the stand-in knows."""

import json
from pathlib import Path
from typing import Any

from support.github.server import GitHubServer
from support.github.state import MOMENT, Pull, Run

_ZERO = "0" * 40


def pull_request(
    server: GitHubServer, pull: Pull, action: str = "synchronize", **others: Any
) -> dict[str, Any]:
    """`others` are what only some actions have: `before`, `after`, `changes`."""
    return (
        {
            "action": action,
            "number": pull.number,
            "pull_request": server.wire.pull(pull),
        }
        | _around(server, pull.author)
        | others
    )


def workflow_run(server: GitHubServer, run: Run, action: str = "completed") -> dict[str, Any]:
    return {
        "action": action,
        "workflow_run": server.wire.run(run),
        "workflow": {
            "id": sum(run.path.encode()),
            "name": "review",
            "path": run.path,
            "state": "active",
            "created_at": MOMENT,
        },
    } | _around(server, run.actor)


def merge_group(
    server: GitHubServer, *, head_sha: str, head_ref: str, base_sha: str, base_ref: str = "refs/heads/main"
) -> dict[str, Any]:
    """`head_ref` is `refs/heads/gh-readonly-queue/main/pr-7-SHA`."""
    group = {"head_sha": head_sha, "head_ref": head_ref, "base_sha": base_sha, "base_ref": base_ref}
    commit = {"id": head_sha, "tree_id": head_sha, "message": "Merge", "timestamp": MOMENT}
    return {"action": "checks_requested", "merge_group": group | {"head_commit": commit}} | _around(
        server, "ada"
    )


def push(
    server: GitHubServer, *, ref: str = "refs/heads/main", before: str = _ZERO, after: str
) -> dict[str, Any]:
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == _ZERO,
        "deleted": after == _ZERO,
        "forced": False,
        "base_ref": None,
        "compare": f"{server.site}/{server.repository}/compare",
        "commits": [],
        "head_commit": None,
        "pusher": {"name": "ada", "email": "ada@example.org"},
    } | _around(server, "ada")


def workflow_dispatch(
    server: GitHubServer, inputs: dict[str, str] | None, *, ref: str = "refs/heads/main"
) -> dict[str, Any]:
    return {"inputs": inputs, "ref": ref, "workflow": ".github/workflows/verify.yml"} | _around(server, "ada")


def schedule(server: GitHubServer, *, cron: str = "17 4 * * *") -> dict[str, Any]:
    return {"schedule": cron, "workflow": ".github/workflows/scheduled.yml"} | _around(server, "ada")


def environment(
    server: GitHubServer, name: str, payload: dict[str, Any], file: Path, token: str = "token"
) -> dict[str, str]:
    """Write an event's file, and say what of it and of the API a job's environment holds."""
    file.write_text(json.dumps(payload))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": server.url,
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_REPOSITORY": server.repository,
        "GITHUB_SERVER_URL": server.site,
        "GITHUB_TOKEN": token,
    }


def _around(server: GitHubServer, sender: str) -> dict[str, Any]:
    """What every event has; nothing of it is read but the repository."""
    owner = server.repository.partition("/")[0]
    return {
        "repository": server.wire.repository(),
        "organization": {"login": owner, "id": 1},
        "sender": server.wire.account(sender),
    }
