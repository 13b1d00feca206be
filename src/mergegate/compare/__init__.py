"""Metrics of predictions, and base beside head on the same rows; pure, on arrays."""

from mergegate.compare.comparison import Comparison, compare
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
    "evaluate",
    "names",
    "pair",
    "too_few",
]
