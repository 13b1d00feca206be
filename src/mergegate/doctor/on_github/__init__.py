"""What GitHub's settings leave open: one file per check, all of them pure."""

from typing import Any

from mergegate.doctor.check import Check

CHECKS: tuple[Check[Any], ...] = ()
"""The checks that need GitHub's word, in the order in which they are told."""
