"""Metrics of the order in which a classifier puts the rows: exact with ties, n·log n."""

import numpy as np

from mergegate.compare.sample import Sample, UndefinedError


def roc_auc(sample: Sample) -> float:
    """Area under the ROC curve: the share of (positive, negative) pairs in the right order, ties half."""
    return _area(sample, sample.positive)


def roc_auc_ovr(sample: Sample) -> float:
    """Mean over the classes of the area under the ROC curve of each class against the rest."""
    return float(np.mean([_area(sample, code) for code in range(len(sample.classes))]))


def average_precision(sample: Sample) -> float:
    """Precision at each score, weighted by the recall gained there; no interpolation."""
    ranking = sample.ranking(sample.positive)
    total = ranking.positives[-1]
    if not total:
        raise UndefinedError(f"no row is truly {sample.classes[sample.positive]}")
    precision = ranking.positives / (ranking.positives + ranking.negatives)
    return float(np.sum(np.diff(ranking.positives, prepend=0.0) * precision) / total)


def _area(sample: Sample, code: int) -> float:
    ranking = sample.ranking(code)
    positives, negatives = ranking.positives, ranking.negatives
    if not positives[-1]:
        raise UndefinedError(f"no row is truly {sample.classes[code]}")
    if not negatives[-1]:
        raise UndefinedError(f"every row is truly {sample.classes[code]}")
    below = positives - np.diff(positives, prepend=0.0) / 2
    return float(np.sum(np.diff(negatives, prepend=0.0) * below) / (positives[-1] * negatives[-1]))
