"""Intervals, tests, families and power for metrics on shared rows; numpy only, so that a review starts fast.

A `Design` holds the rows' weights and clusters. Rankings, means and regression metrics give an `Influence`
for each model, which `difference` (paired) and `absolute` (one model) turn into an `Estimate`; metrics of
classes come from `Decisions`, which holds both models.
An Estimate gives limits and p-values at any confidence.
"""

from mergegate.stats.areas import average_precision, roc_auc, roc_auc_ovr
from mergegate.stats.calibration import equal_bins, expected_calibration_error, squared_calibration_error
from mergegate.stats.curve import Curve
from mergegate.stats.decisions import Decisions
from mergegate.stats.design import Design, UndefinedError
from mergegate.stats.distributions import mcnemar
from mergegate.stats.estimate import Estimate, Interval, identical
from mergegate.stats.families import adjusted, classify, fail_claim, holm, judge
from mergegate.stats.influence import Influence, absolute, difference
from mergegate.stats.means import (
    brier_score,
    log_loss,
    mean,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_pinball_loss,
)
from mergegate.stats.power import chance, smallest_detectable
from mergegate.stats.ranking import Partition, Ranking, rank
from mergegate.stats.regression import median_absolute_error, r2_score, root_mean_squared_error
from mergegate.stats.top import precision_at

__all__ = [
    "Curve",
    "Decisions",
    "Design",
    "Estimate",
    "Influence",
    "Interval",
    "Partition",
    "Ranking",
    "UndefinedError",
    "absolute",
    "adjusted",
    "average_precision",
    "brier_score",
    "chance",
    "classify",
    "difference",
    "equal_bins",
    "expected_calibration_error",
    "fail_claim",
    "holm",
    "identical",
    "judge",
    "log_loss",
    "mcnemar",
    "mean",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_pinball_loss",
    "median_absolute_error",
    "precision_at",
    "r2_score",
    "rank",
    "roc_auc",
    "roc_auc_ovr",
    "root_mean_squared_error",
    "smallest_detectable",
    "squared_calibration_error",
]
