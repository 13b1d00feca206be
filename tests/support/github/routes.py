"""The routes that the stand-in knows, each with the permission that it needs."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from support.github import commits, pulls
from support.github.asked import Asked
from support.github.reply import Reply

if TYPE_CHECKING:
    from support.github.server import GitHubServer


class Route(Struct):
    """A route; any one of `needs` suffices."""

    method: str
    path: re.Pattern[str]
    needs: Mapping[str, str]
    answer: Callable[["GitHubServer", Asked], Reply]


_EITHER_READ = {"issues": "read", "pull_requests": "read"}
_EITHER_WRITE = {"issues": "write", "pull_requests": "write"}


def _route(
    method: str, path: str, needs: Mapping[str, str], answer: Callable[["GitHubServer", Asked], Reply]
) -> Route:
    return Route(method, re.compile(path), needs, answer)


BELOW: tuple[Route, ...] = (
    _route("GET", "", {"metadata": "read"}, commits.repository),
    _route("GET", "/git/ref/heads/(.+)", {"contents": "read"}, commits.ref),
    _route("GET", "/branches/([^/]+)", {"contents": "read"}, commits.branch),
    _route("GET", "/pulls", {"pull_requests": "read"}, pulls.list_pulls),
    _route("POST", "/pulls", {"pull_requests": "write"}, pulls.create_pull),
    _route("GET", r"/pulls/(\d+)", {"pull_requests": "read"}, pulls.read_pull),
    _route("PATCH", r"/pulls/(\d+)", {"pull_requests": "write"}, pulls.update_pull),
    _route("GET", "/actions/runs", {"actions": "read"}, commits.list_runs),
    _route("GET", "/actions/workflows/([^/]+)/runs", {"actions": "read"}, commits.list_runs),
    _route("GET", r"/actions/runs/(\d+)", {"actions": "read"}, commits.read_run),
    _route("GET", r"/actions/runs/(\d+)/artifacts", {"actions": "read"}, commits.list_artifacts),
    _route("GET", r"/actions/artifacts/(\d+)/zip", {"actions": "read"}, commits.download),
    _route("GET", "/commits/([0-9a-f]+)/statuses", {"statuses": "read"}, commits.list_statuses),
    _route("POST", "/statuses/([0-9a-f]+)", {"statuses": "write"}, commits.create_status),
    _route("GET", r"/issues/(\d+)/comments", _EITHER_READ, pulls.list_comments),
    _route("POST", r"/issues/(\d+)/comments", _EITHER_WRITE, pulls.create_comment),
    _route("GET", r"/issues/comments/(\d+)", _EITHER_READ, pulls.read_comment),
    _route("PATCH", r"/issues/comments/(\d+)", _EITHER_WRITE, pulls.update_comment),
    _route("POST", r"/issues/(\d+)/labels", _EITHER_WRITE, pulls.add_labels),
)
"""Below /repos/OWNER/NAME."""

ABOVE: tuple[Route, ...] = (
    _route("POST", "/graphql", {}, commits.viewer),
    _route("GET", "/user", {}, commits.user),
)
