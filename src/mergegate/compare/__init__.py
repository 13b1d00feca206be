"""Metrics of predictions, and base beside head on the same rows; pure, on arrays."""

from mergegate.compare.bands import Banded, Skipped, cut
from mergegate.compare.churn import estimate_share
from mergegate.compare.comparison import Comparison, compare
from mergegate.compare.flips import find_flips, with_inputs
from mergegate.compare.gaps import measure_gaps
from mergegate.compare.groups import GapAsk
from mergegate.compare.measured import Ask, Evidence, ExamName, Key, Measured, too_few
from mergegate.compare.metrics import METRICS, Metric, Value, evaluate, names
from mergegate.compare.own import Options
from mergegate.compare.pairing import Pairing, pair
from mergegate.compare.sample import Sample
from mergegate.compare.segments import search_segments
from mergegate.compare.sides import Paired, Setting

__all__ = [
    "METRICS",
    "Ask",
    "Banded",
    "Comparison",
    "Evidence",
    "ExamName",
    "GapAsk",
    "Key",
    "Measured",
    "Metric",
    "Options",
    "Paired",
    "Pairing",
    "Sample",
    "Setting",
    "Skipped",
    "Value",
    "compare",
    "cut",
    "estimate_share",
    "evaluate",
    "find_flips",
    "measure_gaps",
    "names",
    "pair",
    "search_segments",
    "too_few",
    "with_inputs",
]
