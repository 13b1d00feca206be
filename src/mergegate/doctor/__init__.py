"""What stands between a repository and a gate that nobody can skip: one file per check, all of them pure."""

from mergegate.doctor import policy, versions
from mergegate.doctor.check import Check
from mergegate.doctor.facts import Facts

CHECKS: tuple[Check[Facts], ...] = (
    versions,
    policy,
)
"""The checks that need nothing but this clone, in the order in which they are told."""
