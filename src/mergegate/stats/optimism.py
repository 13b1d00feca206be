"""How much too good average precision looks on few positive rows."""

import numpy as np

from mergegate.stats.design import Floats

FEW = 1_000
"""Rows of a class from which its bias is a small part of the standard error."""


def average_precision_bias(hits: Floats, alarms: Floats, positives: float, negatives: float) -> float:
    """Bias of average precision by the jackknife, over positive and negative rows apart (Quenouille 1956).

    `hits`, `alarms` (t,) are the weight of positives and negatives at or above each different score,
    `positives`, `negatives` how many effective rows they are, which are left out one at a time. 0 from FEW
    positives on.
    """
    if not 2 <= positives < FEW or negatives < 2:
        return 0.0
    gained = np.diff(hits, prepend=0.0)
    # A negative that is left out raises the precision at the next positive and after: steps without a
    # positive need no place of their own.
    steps = np.flatnonzero(gained)
    total, row, other = float(hits[-1]), float(hits[-1]) / positives, float(alarms[-1]) / negatives
    gained, hits, alarms = gained[steps], hits[steps], alarms[steps]
    called = hits + alarms
    terms = gained * hits / called
    value = float(terms.sum()) / total
    before = np.cumsum(terms) - terms
    without = _share(hits - row, called - row)
    after = gained * without
    of_positive = (before + np.maximum(gained - row, 0) * without + _behind(after)) / (total - row)
    after = gained * _share(hits, called - other)
    of_negative = (before + after + _behind(after)) / total
    lost = np.diff(alarms, prepend=0.0)
    gap = float(gained @ (of_positive - value)) / total * (positives - 1)
    return gap + float(lost @ (of_negative - value)) / (negatives * other) * (negatives - 1)


def _share(part: Floats, whole: Floats) -> Floats:
    some = whole > 0
    return np.clip(np.divide(part, whole, out=np.zeros_like(whole), where=some), 0.0, 1.0)


def _behind(values: Floats) -> Floats:
    """Sums (t,) of all values after each."""
    sums: Floats = np.cumsum(values[::-1])[::-1] - values
    return sums
