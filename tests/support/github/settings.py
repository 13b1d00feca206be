"""A repository's settings as the stand-in knows them: what administrators set, a test opens and closes."""

import re
from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

ROLES = ("read", "triage", "write", "maintain", "admin")


class Ruleset(Struct):
    """A ruleset; it includes and excludes refs, `~ALL`, `~DEFAULT_BRANCH`; its `rules` are as on the wire."""

    id: int
    name: str
    rules: list[dict[str, Any]]
    include: list[str] = field(default_factory=lambda: ["~DEFAULT_BRANCH"])
    exclude: list[str] = field(default_factory=list)
    enforcement: str = "active"
    target: str = "branch"
    organization: str = ""
    """The organisation that it is of; "" for the repository's own."""
    bypass: list[dict[str, Any]] = field(default_factory=list)

    def binds(self, branch: str, default_branch: str) -> bool:
        """Whether its conditions name a branch; one that is excluded never is."""

        def names(conditions: Iterable[str]) -> bool:
            return any(_names(condition, branch, default_branch) for condition in conditions)

        return self.target == "branch" and names(self.include) and not names(self.exclude)

    def rule(self, kind: str) -> dict[str, Any]:
        """The parameters of one of its rules, to be changed."""
        found = next(rule for rule in self.rules if rule["type"] == kind)
        parameters: dict[str, Any] = found["parameters"]
        return parameters

    def drop(self, kind: str) -> None:
        """Take a rule away."""
        self.rules = [rule for rule in self.rules if rule["type"] != kind]


class Environment(Struct):
    """An environment: any branch may use it, or with `policies` those, or with `protected` protected ones."""

    name: str
    policies: list[tuple[str, str]] | None = None
    protected: bool = False
    reviewers: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """The names of its secrets."""


class Settings(Struct):
    """What a new public repository of an organisation is set to; `files` are those of the default branch."""

    private: bool = False
    rulesets: list[Ruleset] = field(default_factory=list)
    protections: dict[str, dict[str, Any]] = field(default_factory=dict)
    collaborators: dict[str, str] = field(default_factory=lambda: {"ada": "admin"})
    keys: list[dict[str, Any]] = field(default_factory=list)
    actions: dict[str, Any] = field(
        default_factory=lambda: {"enabled": True, "allowed_actions": "all", "sha_pinning_required": False}
    )
    workflow: dict[str, Any] = field(
        default_factory=lambda: {
            "default_workflow_permissions": "read",
            "can_approve_pull_request_reviews": False,
        }
    )
    fork_approval: str = "first_time_contributors"
    private_forks: dict[str, bool] = field(
        default_factory=lambda: {
            "run_workflows_from_fork_pull_requests": False,
            "send_write_tokens_to_workflows": False,
            "send_secrets_and_variables": False,
            "require_approval_for_fork_pr_workflows": False,
        }
    )
    oidc: dict[str, Any] = field(default_factory=lambda: {"use_default": True})
    environments: list[Environment] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    organization_secrets: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    own_files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Branches → files that they have otherwise than the default one."""
    states: dict[str, str] = field(default_factory=dict)
    """Workflows' paths → what is not `active` of them."""
    owners_errors: list[dict[str, Any]] = field(default_factory=list)
    apps: dict[str, int] = field(default_factory=lambda: {"github-actions": 15368})


def protect(branch_checks: list[dict[str, Any]], **others: Any) -> dict[str, Any]:
    """A classic protection as administrators see it; `others` replace parts of it, None takes them away."""
    whole = {
        "required_status_checks": {
            "strict": True,
            "contexts": [each["context"] for each in branch_checks],
            "checks": branch_checks,
        },
        "required_pull_request_reviews": {
            "dismiss_stale_reviews": True,
            "require_code_owner_reviews": True,
            "required_approving_review_count": 1,
            "require_last_push_approval": False,
        },
        "enforce_admins": {"enabled": True},
        "required_linear_history": {"enabled": False},
        "allow_force_pushes": {"enabled": False},
        "allow_deletions": {"enabled": False},
    } | others
    return {name: value for name, value in whole.items() if value is not None}


def _names(condition: str, branch: str, default_branch: str) -> bool:
    if condition == "~ALL":
        return True
    if condition == "~DEFAULT_BRANCH":
        return branch == default_branch
    return re.fullmatch(_translate(condition), f"refs/heads/{branch}") is not None


def _translate(pattern: str) -> str:
    """Ruby's fnmatch with FNM_PATHNAME, as GitHub's documentation says: `*` stays within a part of a name."""
    known = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*|\?)", pattern)
    return "".join(known.get(part, re.escape(part)) for part in parts)
