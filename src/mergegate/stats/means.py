"""Means over rows of a loss: log loss, Brier score, absolute, percentage and pinball error, or one's own."""

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Design, Floats, UndefinedError
from mergegate.stats.influence import Influence, Skewed

_EPSILON = float(np.finfo(np.float64).eps)


def mean(values: Floats, design: Design, *, skewed: Skewed = "always") -> Influence:
    """Weighted mean of values (n,): any loss that a row has of its own; the difference is paired.

    Limits are the wider of t and t corrected for skewness (Hall 1992), for losses have long tails; with
    `skewed` "nowhere" t alone.
    Raises UndefinedError for values that are not finite.
    """
    if not np.isfinite(values).all():
        raise UndefinedError("a row's value is NaN or infinite")
    value = design.mean(values)
    rows = values - value
    rows /= design.total
    if design.weight is not None:
        rows *= design.weight
    return Influence(
        value=value,
        rows=rows,
        carried=design.effective(),
        method="t and Hall's t, the wider" if skewed == "always" else "t",
        without=(lambda: means_left_out(values, design)) if design.cluster is not None else None,
        skewed=skewed,
    )


def log_loss(of_truth: Floats, design: Design) -> Influence:
    """Mean negative logarithm of the probability (n,) given to each row's true class, clipped as usual."""
    losses = np.clip(of_truth, _EPSILON, 1 - _EPSILON)
    np.log(losses, out=losses)
    return mean(np.negative(losses, out=losses), design)


def brier_score(true: NDArray[np.bool_], probability: Floats, design: Design) -> Influence:
    """Mean squared distance of the positive class's probability (n,) from the truth (n,) as 0 or 1."""
    losses = probability - true
    return mean(np.square(losses, out=losses), design)


def mean_absolute_error(truth: Floats, predicted: Floats, design: Design) -> Influence:
    """Mean distance, in the target's unit."""
    return mean(np.abs(predicted - truth), design)


def mean_absolute_percentage_error(truth: Floats, predicted: Floats, design: Design) -> Influence:
    """Mean distance as a share of the truth's size. Raises UndefinedError where the truth is 0."""
    size = np.abs(truth)
    if not size.all():
        zero = np.count_nonzero(size == 0)
        raise UndefinedError(f"y_true is 0 on {zero:,} row{'s' if zero > 1 else ''}")
    return mean(np.abs(predicted - truth) / np.maximum(size, _EPSILON), design)


def mean_pinball_loss(truth: Floats, predicted: Floats, design: Design, *, alpha: float = 0.5) -> Influence:
    """Mean pinball loss of the `alpha` quantile."""
    short = truth - predicted
    return mean(np.where(short >= 0, alpha * short, (alpha - 1) * short), design)


def means_left_out(values: Floats, design: Design) -> Floats:
    """The mean with each cluster left out."""
    weight = np.ones(design.rows) if design.weight is None else design.weight
    weights, sums = design.by_cluster(weight), design.by_cluster(weight * values)
    with np.errstate(all="ignore"):
        result: Floats = (sums.sum() - sums) / (weights.sum() - weights)
    return result
