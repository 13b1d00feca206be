"""The routes that the stand-in knows, each with the permission that it needs."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from support.github import commits, pulls, set_up
from support.github.asked import Asked
from support.github.reply import Reply

if TYPE_CHECKING:
    from support.github.server import GitHubServer


class Route(Struct):
    """A route; any one of `needs` suffices. `hidden`: a person who may not is told that there is nothing."""

    method: str
    path: re.Pattern[str]
    needs: Mapping[str, str]
    answer: Callable[["GitHubServer", Asked], Reply]
    hidden: bool = False


_EITHER_READ = {"issues": "read", "pull_requests": "read"}
_EITHER_WRITE = {"issues": "write", "pull_requests": "write"}


_ADMIN = {"administration": "read"}


def _route(
    method: str,
    path: str,
    needs: Mapping[str, str],
    answer: Callable[["GitHubServer", Asked], Reply],
    *,
    hidden: bool = False,
) -> Route:
    return Route(method, re.compile(path), needs, answer, hidden)


BELOW: tuple[Route, ...] = (
    _route("GET", "", {"metadata": "read"}, commits.repository),
    _route("GET", "/git/ref/heads/(.+)", {"contents": "read"}, commits.ref),
    _route("GET", "/branches/([^/]+)", {"contents": "read"}, set_up.branch),
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
    # https://docs.github.com/rest/branches/branch-protection: who is no administrator is told 404.
    _route("GET", "/branches/([^/]+)/protection", _ADMIN, set_up.protection, hidden=True),
    _route("GET", "/git/matching-refs/heads/(.*)", {"contents": "read"}, set_up.matching_refs),
    # https://docs.github.com/rest/repos/rules
    _route("GET", "/rules/branches/([^/]+)", {"metadata": "read"}, set_up.branch_rules),
    _route("GET", "/rulesets", {"metadata": "read"}, set_up.list_rulesets),
    _route("GET", r"/rulesets/(\d+)", {"metadata": "read"}, set_up.read_ruleset),
    _route("GET", "/collaborators", {"metadata": "read"}, set_up.collaborators),
    _route("GET", "/keys", _ADMIN, set_up.keys, hidden=True),
    # https://docs.github.com/rest/actions/permissions
    _route("GET", "/actions/permissions", _ADMIN, set_up.actions),
    _route("GET", "/actions/permissions/workflow", _ADMIN, set_up.workflow_permissions),
    _route("GET", "/actions/permissions/fork-pr-contributor-approval", _ADMIN, set_up.fork_approval),
    _route("GET", "/actions/permissions/fork-pr-workflows-private-repos", _ADMIN, set_up.private_forks),
    _route("GET", "/actions/oidc/customization/sub", {"actions": "read"}, set_up.oidc),
    _route("GET", "/actions/workflows", {"actions": "read"}, set_up.workflows),
    _route("GET", "/actions/secrets", {"secrets": "read"}, set_up.secrets),
    _route("GET", "/actions/organization-secrets", {"secrets": "read"}, set_up.organization_secrets),
    _route("GET", "/environments", {"actions": "read"}, set_up.environments),
    _route("GET", "/environments/([^/]+)", {"actions": "read"}, set_up.environment),
    _route("GET", "/environments/([^/]+)/secrets", {"environments": "read"}, set_up.environment_secrets),
    _route(
        "GET", "/environments/([^/]+)/deployment-branch-policies", {"actions": "read"}, set_up.branch_policies
    ),
    _route("GET", "/contents/(.+)", {"contents": "read"}, set_up.contents),
    _route("GET", "/codeowners/errors", {"contents": "read"}, set_up.owners_errors),
)
"""Below /repos/OWNER/NAME."""

ABOVE: tuple[Route, ...] = (
    _route("POST", "/graphql", {}, commits.viewer),
    _route("GET", "/user", {}, commits.user),
    _route("GET", "/apps/([^/]+)", {}, set_up.app),
)
