"""The policy's schema and the YAML loader whose errors name file, key path and line."""

from mergegate.config.loader import find, load, read
from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.config.problem import PolicyError, Problem
from mergegate.config.schema import modeline, schema_address

__all__ = [
    "POLICY_FILE",
    "Policy",
    "PolicyError",
    "Problem",
    "find",
    "load",
    "modeline",
    "read",
    "schema_address",
]
