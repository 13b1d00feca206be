"""The largest difference between any two of several groups, as a number with limits and p-values."""

from mergegate.stats.gap.widest import widest

__all__ = ["widest"]
