"""What each compared row lost by the change: head's loss less base's."""

from typing import Literal

import numpy as np

from mergegate.compare.sample import Sample, joint_classes
from mergegate.compare.sides import Paired
from mergegate.records.predictions import Predictions
from mergegate.stats import UndefinedError
from mergegate.stats.design import Floats

Measure = Literal["log_loss", "zero_one_loss", "mean_absolute_error", "mean_squared_error"]

_EPSILON = float(np.finfo(np.float64).eps)
_OF_CLASSES: tuple[Measure, ...] = ("log_loss", "zero_one_loss")
_OF_NUMBERS: tuple[Measure, ...] = ("mean_absolute_error", "mean_squared_error")


def measure_of(base: Predictions, head: Predictions) -> Measure:
    """The loss that says most of a row, of those that both files allow."""
    if base.task == "regression":
        return "mean_absolute_error"
    both = base.probabilities is not None and head.probabilities is not None
    return "log_loss" if both else "zero_one_loss"


def change_of_loss(base: Predictions, head: Predictions, paired: Paired, measure: Measure) -> Floats:
    """Head's loss less base's on each compared row (n,), higher is worse; -1, 0 and 1 for zero_one_loss.

    Raises UndefinedError for a measure that the files don't allow, and where a loss is no finite number.
    """
    if measure not in (_OF_NUMBERS if base.task == "regression" else _OF_CLASSES):
        raise UndefinedError(f"{measure} is no loss of a {base.task} task")
    classes = joint_classes(base, head) or None
    old = _losses(Sample(base, paired.base, classes=classes), measure)
    values = _losses(Sample(head, paired.head, classes=classes), measure)
    with np.errstate(all="ignore"):
        values -= old
    if not np.isfinite(values).all():
        raise UndefinedError("the numbers are too large to compute with")
    return values


def _losses(sample: Sample, measure: Measure) -> Floats:
    """A new array (n,)."""
    found: Floats
    if measure == "zero_one_loss":
        found = np.not_equal(sample.y_pred, sample.y_true).astype(np.float64)
    elif measure == "log_loss":
        found = np.clip(sample.probability_of_truth(), _EPSILON, 1 - _EPSILON)
        np.log(found, out=found)
        np.negative(found, out=found)
    else:
        with np.errstate(all="ignore"):
            found = sample.y_pred - sample.y_true
            function = np.abs if measure == "mean_absolute_error" else np.square
            function(found, out=found)
    return found
