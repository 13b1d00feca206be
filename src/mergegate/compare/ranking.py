"""Metrics of the order in which a classifier puts the rows."""

from mergegate import stats
from mergegate.compare.sample import Sample
from mergegate.stats import Curve, Design, Influence, UndefinedError


def roc_auc(sample: Sample, design: Design) -> Influence:
    """Area under the ROC curve: the share of (positive, negative) pairs in the right order, ties half."""
    return stats.roc_auc(_curve(sample, design))


def average_precision(sample: Sample, design: Design) -> Influence:
    """Precision at each score, weighted by the recall gained there; no interpolation."""
    return stats.average_precision(_curve(sample, design))


def roc_auc_ovr(sample: Sample, design: Design) -> Influence:
    """Mean over the classes of the area under the ROC curve of each class against the rest."""
    codes = range(len(sample.classes))
    for code in codes:
        _require_both(sample, code)
    return stats.roc_auc_ovr(sample.y_true, [sample.ranking(code) for code in codes], design)


def precision_at_top(sample: Sample, design: Design, *, share: float) -> Influence:
    """Share of positives among the `share` of rows that rank highest."""
    return stats.precision_at(_curve(sample, design), share)


def _curve(sample: Sample, design: Design) -> Curve:
    sample.ranking(sample.positive)  # without probabilities there is nothing to say of the classes
    _require_both(sample, sample.positive)
    return sample.curve(sample.positive, design)


def _require_both(sample: Sample, code: int) -> None:
    """Raise UndefinedError, by the class's own name, where no row is of it or every row is."""
    label = sample.classes[code]
    if code not in sample.occurring:
        raise UndefinedError(f"no row is truly {label}")
    if len(sample.occurring) == 1:
        raise UndefinedError(f"every row is truly {label}")
