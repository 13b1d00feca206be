"""Gates: policy × comparison → verdict. Pure, one file per kind."""

from mergegate.gates.verdict import KINDS, judge

__all__ = ["KINDS", "judge"]
