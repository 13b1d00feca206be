"""The golden set of a model: read from three revisions, answered by both bundles, judged."""

from mergegate.flows.golden.reviewing import review_golden

__all__ = ["review_golden"]
