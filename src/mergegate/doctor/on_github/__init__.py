"""What GitHub's settings leave open: one file per check, all of them pure."""

from mergegate.doctor.check import Check
from mergegate.doctor.on_github import (
    allowed_actions,
    app_key,
    bypass,
    code_owners,
    fork_approval,
    fork_tokens,
    history,
    namesakes,
    oidc_subject,
    pull_request,
    recent_status,
    required_status,
    status_source,
    token_permissions,
    trusted_workflows,
    up_to_date,
    verify_environment,
)
from mergegate.doctor.on_github.facts import GitHubFacts

CHECKS: tuple[Check[GitHubFacts], ...] = (
    required_status,
    status_source,
    app_key,
    bypass,
    pull_request,
    code_owners,
    up_to_date,
    history,
    verify_environment,
    fork_tokens,
    namesakes,
    trusted_workflows,
    recent_status,
    fork_approval,
    token_permissions,
    allowed_actions,
    oidc_subject,
)
"""The checks that need GitHub's word, in the order in which they are told."""
