"""What stands between a repository and a gate that nobody can skip: one file per check, all of them pure."""

from mergegate.doctor import (
    advisory,
    bars,
    branches,
    following,
    hooks,
    large_files,
    lock_chain,
    merge_driver,
    owners,
    pinned_actions,
    policy,
    pushes,
    remote,
    secrets,
    status_name,
    strength,
    triggers,
    trusted_jobs,
    untrusted_jobs,
    versions,
    waivers,
    workflows,
)
from mergegate.doctor.check import Check
from mergegate.doctor.facts import Facts

CHECKS: tuple[Check[Facts], ...] = (
    policy,
    advisory,
    strength,
    bars,
    waivers,
    workflows,
    following,
    triggers,
    untrusted_jobs,
    trusted_jobs,
    pinned_actions,
    status_name,
    owners,
    branches,
    lock_chain,
    remote,
    pushes,
    secrets,
    large_files,
    merge_driver,
    hooks,
    versions,
)
"""The checks that need nothing but this clone, in the order in which they are told."""

SEEN_BETTER = {"owners": "code-owners", "status-name": "namesakes", "workflows": "trusted-workflows"}
"""Local checks whose question GitHub answers better, and the check that asks it."""
