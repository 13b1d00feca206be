"""What an interval says about a bar, and how many such claims one review may make at once."""

from collections.abc import Sequence
from typing import Literal

from mergegate.stats.estimate import Estimate

Finding = Literal["pass", "fail", "insufficient"]
Outcome = Literal["better", "worse", "no_evidence", "insufficient"]


def judge(estimate: Estimate, bar: float, *, at_least: bool, confidence: float = 0.95) -> Finding:
    """Where the whole interval lies: on the right side of the bar (pass), the wrong one (fail), or both.

    `at_least`: right is at or above the bar, otherwise at or below. For `max_regression: m` the estimate is
    head less base and the bar −m (higher is better) or m: a test of non-inferiority. A fail stands only once
    its family is corrected (`holm`); a pass needs no correction, for every gate must pass
    (intersection–union, Berger 1982).
    """
    if estimate.problem:
        return "insufficient"
    interval = estimate.interval(confidence)
    if at_least:
        passes, fails = interval.low >= bar, interval.high < bar
    else:
        passes, fails = interval.high <= bar, interval.low > bar
    return "pass" if passes else "fail" if fails else "insufficient"


def fail_claim(estimate: Estimate, bar: float, *, at_least: bool) -> float:
    """One-sided p-value of the claim that the true value is on the wrong side of the bar."""
    if estimate.problem:
        return 1.0
    return estimate.p_below(bar) if at_least else estimate.p_above(bar)


def classify(estimate: Estimate, *, greater_is_better: bool, confidence: float = 0.95) -> Outcome:
    """Head against base in a word, from the interval of their difference."""
    if estimate.problem:
        return "insufficient"
    interval = estimate.interval(confidence)
    if interval.low > 0:
        return "better" if greater_is_better else "worse"
    if interval.high < 0:
        return "worse" if greater_is_better else "better"
    return "no_evidence"


def adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's (1979) adjusted p-values: a claim stands at level α when its own is at most α."""
    count = len(p_values)
    result = [0.0] * count
    largest = 0.0
    for place, index in enumerate(sorted(range(count), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (count - place) * p_values[index]))
        result[index] = largest
    return tuple(result)


def holm(p_values: Sequence[float], confidence: float = 0.95) -> tuple[bool, ...]:
    """Which one-sided claims of a family stand together, by Holm's (1979) step-down.

    The level is that of one side of an interval, (1 − confidence) / 2: a family of one is the plain interval.
    """
    level = (1 - confidence) / 2
    # A bootstrap's p-value is often the level itself, but for the last digit.
    return tuple(p <= level * (1 + 1e-9) for p in adjusted(p_values))
