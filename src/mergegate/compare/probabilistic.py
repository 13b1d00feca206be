"""Metrics of the probabilities themselves."""

from mergegate import stats
from mergegate.compare.sample import Sample
from mergegate.stats import Design, Influence


def log_loss(sample: Sample, design: Design) -> Influence:
    """Mean of minus the logarithm of the probability given to the true class."""
    return stats.log_loss(sample.probability_of_truth(), design)


def brier_score_loss(sample: Sample, design: Design) -> Influence:
    """Mean squared distance between the probability of the positive class and the truth (0 or 1)."""
    code = sample.positive
    return stats.brier_score(sample.y_true == code, sample.probability(code), design)


def expected_calibration_error(sample: Sample, design: Design) -> float:
    """Mean distance of probability and frequency over 15 bins; no interval of it covers."""
    code = sample.positive
    true, probability, bins = sample.y_true == code, sample.probability(code), sample.bins
    return stats.expected_calibration_error(true, probability, design, codes=bins)


def squared_calibration_error(sample: Sample, design: Design) -> Influence:
    """Debiased squared distance of probability and frequency over 15 bins (Kumar, Liang & Ma 2019)."""
    code = sample.positive
    true, probability, bins = sample.y_true == code, sample.probability(code), sample.bins
    return stats.squared_calibration_error(true, probability, design, codes=bins)
