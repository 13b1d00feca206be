"""Each hole of a repository: how it is opened, which check finds it, in which words, and whom it serves."""

from typing import Any

from support.github.closed import KEY
from support.github.openings import (
    Open,
    also,
    append,
    bypass,
    classic,
    environment,
    file,
    parameters,
    required,
    setting,
    the,
)

WRITERS = "whoever may write (bob, cyn, ada)"

REVIEWS: dict[str, Any] = {"required_approving_review_count": 1, "require_code_owner_reviews": True}

HOLES: dict[str, tuple[Open, str, str, str]] = {
    "nothing is required": (
        lambda github: github.settings.rulesets.clear(),
        "required-status",
        "nothing requires the status `mergegate` on main",
        WRITERS,
    ),
    "another status is required": (
        required({"context": "review", "integration_id": 15368}),
        "required-status",
        "nothing requires the status `mergegate` on release/1.0",
        WRITERS,
    ),
    "the ruleset only evaluates": (
        lambda github: setattr(the(github), "enforcement", "evaluate"),
        "required-status",
        "nothing requires the status `mergegate` on main; not in force: the ruleset 'protect' (evaluate)",
        WRITERS,
    ),
    "the ruleset is switched off": (
        lambda github: setattr(the(github), "enforcement", "disabled"),
        "required-status",
        "nothing requires the status `mergegate` on main; not in force: the ruleset 'protect' (disabled)",
        WRITERS,
    ),
    "the ruleset is for tags": (
        lambda github: setattr(the(github), "target", "tag"),
        "required-status",
        "nothing requires the status `mergegate` on main",
        WRITERS,
    ),
    "the ruleset leaves a protected branch out": (
        lambda github: setattr(the(github), "include", ["~DEFAULT_BRANCH"]),
        "required-status",
        "nothing requires the status `mergegate` on release/1.0",
        WRITERS,
    ),
    "the ruleset excludes the default branch": (
        lambda github: setattr(the(github), "exclude", ["refs/heads/ma*"]),
        "required-status",
        "nothing requires the status `mergegate` on main",
        WRITERS,
    ),
    "a new branch needs no status": (
        parameters(required_status_checks={"do_not_enforce_on_create": True}),
        "required-status",
        "a new branch of release/* may be made of commits without the status `mergegate`",
        WRITERS,
    ),
    "owners without an approval": (
        parameters(pull_request={"required_approving_review_count": 0}),
        "code-owners",
        "no review by code owners is required on main",
        WRITERS,
    ),
    "any source": (
        required({"context": "mergegate"}),
        "status-source",
        "the status `mergegate` is taken from any source on main",
        WRITERS,
    ),
    "GitHub Actions as the source": (
        required({"context": "Mergegate", "integration_id": 15368}),
        "status-source",
        "the status `mergegate` is taken from GitHub Actions on main",
        WRITERS,
    ),
    "an Enterprise's own GitHub Actions": (
        also(
            required({"context": "mergegate", "integration_id": 3}),
            lambda github: github.settings.apps.update({"github-actions": 3}),
        ),
        "status-source",
        "the status `mergegate` is taken from GitHub Actions on main",
        WRITERS,
    ),
    "a machine that pushes": (
        also(
            required({"context": "mergegate"}),
            setting("keys", [{"id": 1, "title": "nightly", "read_only": False}]),
        ),
        "status-source",
        "the status `mergegate` is taken from any source on main",
        "the deploy key 'nightly'",
    ),
    "administrators bypass": (
        bypass("RepositoryRole", 5),
        "bypass",
        "repository administrators may bypass the ruleset 'protect' on main",
        "repository administrators",
    ),
    "writers bypass on pull requests": (
        bypass("RepositoryRole", 4, "pull_request"),
        "bypass",
        "everybody with the role write may bypass the ruleset 'protect' on main",
        "everybody with the role write",
    ),
    "an App bypasses": (bypass("Integration", 7), "bypass", "the App number 7 may", "the App number 7"),
    "a team bypasses": (bypass("Team", 9), "bypass", "the team number 9 may", "the team number 9"),
    "owners bypass": (
        bypass("OrganizationAdmin", 1),
        "bypass",
        "owners of the organisation may",
        "owners of the organisation",
    ),
    "deploy keys bypass": (bypass("DeployKey", None), "bypass", "every deploy key may", "every deploy key"),
    "no pull request is required": (
        lambda github: the(github).drop("pull_request"),
        "pull-request",
        "main, release/1.0 may be pushed to without a pull request",
        WRITERS,
    ),
    "no code owner is asked": (
        parameters(pull_request={"require_code_owner_review": False}),
        "code-owners",
        "no review by code owners is required on main",
        WRITERS,
    ),
    "nobody owns anything": (
        file(".github/CODEOWNERS"),
        "code-owners",
        "CODEOWNERS names nobody for mergegate.yaml, .github/workflows/review.yml, "
        ".github/workflows/comment.yml",
        WRITERS,
    ),
    "workflows lose their owner": (
        append(".github/CODEOWNERS", "/.github/workflows/\n"),
        "code-owners",
        ".github/CODEOWNERS names nobody for .github/workflows/review.yml, .github/workflows/comment.yml",
        WRITERS,
    ),
    "main may move": (
        parameters(required_status_checks={"strict_required_status_checks_policy": False}),
        "up-to-date",
        "a change may enter main, release/1.0 that was judged against an older state of it",
        WRITERS,
    ),
    "force pushes": (
        lambda github: the(github).drop("non_fast_forward"),
        "history",
        "force pushes to main, release/1.0 are not blocked",
        WRITERS,
    ),
    "deletion of a protected branch": (
        lambda github: the(github).drop("deletion"),
        "history",
        "release/1.0 may be deleted",
        WRITERS,
    ),
    "the environment is open": (
        environment(),
        "app-key",
        "the environment 'mergegate' is for the App's key, and open to every branch",
        WRITERS,
    ),
    "the environment takes protected branches": (
        environment(protected=True),
        "app-key",
        "the environment 'mergegate' is for the App's key, and open to every branch that has a protection",
        WRITERS,
    ),
    "the environment takes tags": (
        environment(policies=[("main", "branch"), ("v*", "tag")]),
        "app-key",
        "the environment 'mergegate' is for the App's key, and open to the tag v*",
        WRITERS,
    ),
    "the environment takes a pattern": (
        environment(policies=[("ma*", "branch")]),
        "app-key",
        "the environment 'mergegate' is for the App's key, and open to the branch ma*",
        WRITERS,
    ),
    "the environment is gone": (
        lambda github: github.settings.environments.pop(0),
        "app-key",
        "the job pending of comment.yml takes the App's key, and uses no environment 'mergegate' that exists",
        WRITERS,
    ),
    "a job leaves the environment": (
        file(".github/workflows/comment.yml", ("    environment: mergegate\n", "")),
        "app-key",
        "the job pending of comment.yml takes the App's key, and uses no environment",
        WRITERS,
    ),
    "another environment with the key is open": (
        lambda github: setattr(github.settings.environments[1], "policies", None),
        "app-key",
        "the environment 'ingest' is for the App's key, and open to every branch",
        WRITERS,
    ),
    "the key is the repository's": (
        setting("secrets", ["OTHER", KEY]),
        "app-key",
        f"the App's key {KEY} is a secret of the whole repository",
        WRITERS,
    ),
    "the key is the organisation's": (
        setting("organization_secrets", [KEY]),
        "app-key",
        f"the App's key {KEY} is a secret of the whole repository",
        WRITERS,
    ),
    "forks of a private repository may write": (
        also(
            setting("private", True),
            setting(
                "private_forks",
                {"run_workflows_from_fork_pull_requests": True, "send_write_tokens_to_workflows": True},
            ),
        ),
        "fork-tokens",
        "pull requests from forks are given a token that may write",
        "whoever may fork this repository",
    ),
    "a job bears the status's name": (
        also(
            required({"context": "mergegate", "integration_id": 15368}),
            file(".github/workflows/review.yml", ("    name: review\n", "    name: mergegate\n")),
        ),
        "namesakes",
        "the job review of review.yml bears the required status's name, `mergegate`",
        WRITERS,
    ),
    "classic: administrators pass": (
        classic(enforce_admins={"enabled": False}),
        "bypass",
        "repository administrators may bypass the branch protection on main",
        "repository administrators",
    ),
    "classic: any source": (
        classic(
            required_status_checks={
                "strict": True,
                "contexts": ["mergegate"],
                "checks": [{"context": "mergegate", "app_id": None}],
            }
        ),
        "status-source",
        "the status `mergegate` is taken from any source on main",
        WRITERS,
    ),
    "classic: an old server names no App": (
        classic(required_status_checks={"strict": True, "contexts": ["mergegate"], "checks": []}),
        "status-source",
        "the status `mergegate` is taken from any source on main",
        WRITERS,
    ),
    "classic: nothing is required": (
        classic(required_status_checks=None),
        "required-status",
        "nothing requires the status `mergegate` on main",
        WRITERS,
    ),
    "classic: no pull request": (
        classic(required_pull_request_reviews=None),
        "pull-request",
        "main may be pushed to without a pull request",
        WRITERS,
    ),
    "classic: some need no pull request": (
        classic(
            required_pull_request_reviews=REVIEWS
            | {
                "bypass_pull_request_allowances": {
                    "users": [{"login": "eve"}],
                    "teams": [{"slug": "ops"}],
                    "apps": [{"slug": "sync"}],
                }
            }
        ),
        "pull-request",
        "eve, the team ops, the App sync may push to main without a pull request",
        "the team ops",
    ),
    "classic: force pushes": (
        classic(allow_force_pushes={"enabled": True}),
        "history",
        "force pushes to main are not blocked",
        WRITERS,
    ),
    "classic: deletions": (
        classic(allow_deletions={"enabled": True}),
        "history",
        "release/1.0 may be deleted",
        WRITERS,
    ),
}
