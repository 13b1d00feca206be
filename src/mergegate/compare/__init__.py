"""Metrics of predictions, and base beside head on the same rows; pure, on arrays."""

from mergegate.compare.comparison import compare
from mergegate.compare.metrics import METRICS, Metric, Value, evaluate, names
from mergegate.compare.pairing import Pairing, pair
from mergegate.compare.sample import Sample

__all__ = ["METRICS", "Metric", "Pairing", "Sample", "Value", "compare", "evaluate", "names", "pair"]
