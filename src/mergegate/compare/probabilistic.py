"""Metrics of the probabilities themselves."""

import numpy as np

from mergegate.compare.sample import Sample

_EPSILON = float(np.finfo(np.float64).eps)
"""Probabilities are kept this far from 0 and 1, as scikit-learn does: one sure mistake stays finite."""


def log_loss(sample: Sample) -> float:
    """Mean of minus the logarithm of the probability given to the true class."""
    likelihood = np.clip(sample.probability_of_truth(), _EPSILON, 1 - _EPSILON)
    return -sample.mean(np.log(likelihood))


def brier_score_loss(sample: Sample) -> float:
    """Mean squared distance between the probability of the positive class and the truth (0 or 1)."""
    return sample.mean(np.square(sample.probability(sample.positive) - (sample.y_true == sample.positive)))
