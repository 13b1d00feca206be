"""Metrics of predicted numbers."""

from mergegate import stats
from mergegate.compare.sample import Sample
from mergegate.stats import Design, Influence


def mean_absolute_error(sample: Sample, design: Design) -> Influence:
    """Mean distance between prediction and truth, in the target's unit."""
    return stats.mean_absolute_error(sample.y_true, sample.y_pred, design)


def root_mean_squared_error(sample: Sample, design: Design) -> Influence:
    """Root of the mean squared distance, in the target's unit."""
    return stats.root_mean_squared_error(sample.y_true, sample.y_pred, design)


def r2_score(sample: Sample, design: Design) -> Influence:
    """Share of the truth's variance that the prediction explains; negative when worse than the mean."""
    return stats.r2_score(sample.y_true, sample.y_pred, design)


def median_absolute_error(sample: Sample, design: Design) -> Influence:
    """Median distance between prediction and truth; weighted by Hyndman & Fan (1996), type 2."""
    return stats.median_absolute_error(sample.y_true, sample.y_pred, design)


def mean_absolute_percentage_error(sample: Sample, design: Design) -> Influence:
    """Mean distance as a share of the truth's size; 1.0 is 100 %."""
    return stats.mean_absolute_percentage_error(sample.y_true, sample.y_pred, design)


def mean_pinball_loss(sample: Sample, design: Design, *, quantile: float = 0.5) -> Influence:
    """Mean pinball loss of the quantile that the prediction estimates."""
    return stats.mean_pinball_loss(sample.y_true, sample.y_pred, design, alpha=quantile)
