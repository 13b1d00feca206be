"""What a change does, for whom and on which rows, in words: the same for the comment and the terminal."""

from mergegate.report.explain.telling import alarms, behind, findings, surroundings

__all__ = ["alarms", "behind", "findings", "surroundings"]
