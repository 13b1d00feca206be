"""Metrics of predictions, and base beside head on the same rows; pure, on arrays."""

from mergegate.compare.churn import estimate_share
from mergegate.compare.comparison import Comparison, compare
from mergegate.compare.groups import GapAsk
from mergegate.compare.measured import Ask, Evidence, ExamName, Key, Measured, too_few
from mergegate.compare.metrics import METRICS, Metric, Value, evaluate, names
from mergegate.compare.own import Options
from mergegate.compare.pairing import Pairing, pair
from mergegate.compare.sample import Sample
from mergegate.compare.sides import Paired, Setting

__all__ = [
    "METRICS",
    "Ask",
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
    "Value",
    "compare",
    "estimate_share",
    "evaluate",
    "names",
    "pair",
    "too_few",
]
