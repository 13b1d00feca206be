"""The golden set: answers that the model owes whatever its metrics say, each with a reason and an author."""

from mergegate.golden.inputs import Fitted, fit, refuse_unknown
from mergegate.golden.judging import Answer, Answers, judge
from mergegate.golden.reading import SUFFIXES, gather, read
from mergegate.golden.row import Row
from mergegate.golden.settling import Settled, settle

__all__ = [
    "SUFFIXES",
    "Answer",
    "Answers",
    "Fitted",
    "Row",
    "Settled",
    "fit",
    "gather",
    "judge",
    "read",
    "refuse_unknown",
    "settle",
]
