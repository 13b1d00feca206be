"""Metrics of predicted classes, all from one table of counts: truth × prediction."""

import numpy as np
from numpy.typing import NDArray

from mergegate.compare.sample import Sample, UndefinedError


def accuracy(sample: Sample) -> float:
    """Share of rows whose class is predicted."""
    return float(np.trace(sample.counts) / sample.counts.sum())


def balanced_accuracy(sample: Sample) -> float:
    """Mean recall over the classes that occur in the truth."""
    truth = sample.counts.sum(axis=1)
    occur = truth > 0
    if np.count_nonzero(occur) < 2:
        raise UndefinedError(f"every row is truly {sample.classes[int(np.argmax(truth))]}")
    return float(np.mean(np.diag(sample.counts)[occur] / truth[occur]))


def matthews_corrcoef(sample: Sample) -> float:
    """Correlation between truth and prediction; 0 when every row gets the same prediction."""
    counts = sample.counts
    truth, answer, total = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    spread = total**2 - truth @ truth
    if np.count_nonzero(truth) < 2:
        raise UndefinedError(f"every row is truly {sample.classes[int(np.argmax(truth))]}")
    if np.count_nonzero(answer) < 2:
        return 0.0
    covariance = np.trace(counts) * total - truth @ answer
    return float(covariance / np.sqrt(spread * (total**2 - answer @ answer)))


def precision(sample: Sample, code: int | None = None) -> float:
    """Share of the rows predicted to be of a class (the positive one) that truly are."""
    code = sample.positive if code is None else code
    predicted = sample.counts[:, code].sum()
    if not predicted:
        raise UndefinedError(f"no row is predicted to be {sample.classes[code]}")
    return float(sample.counts[code, code] / predicted)


def recall(sample: Sample, code: int | None = None) -> float:
    """Share of the rows truly of a class (the positive one) that are predicted to be."""
    code = sample.positive if code is None else code
    true = sample.counts[code].sum()
    if not true:
        raise UndefinedError(f"no row is truly {sample.classes[code]}")
    return float(sample.counts[code, code] / true)


def f1(sample: Sample, code: int | None = None) -> float:
    """Harmonic mean of precision and recall of a class (the positive one)."""
    code = sample.positive if code is None else code
    either = sample.counts[:, code].sum() + sample.counts[code].sum()
    if not either:
        raise UndefinedError(f"no row is truly {sample.classes[code]} or predicted to be")
    return float(2 * sample.counts[code, code] / either)


def precision_macro(sample: Sample) -> float:
    """Mean precision over the classes that occur; a class that is never predicted counts as 0."""
    return float(np.mean(_precisions(sample)))


def recall_macro(sample: Sample) -> float:
    """Mean recall over the classes that occur; a class that is only predicted counts as 0."""
    return float(np.mean(_recalls(sample)))


def f1_macro(sample: Sample) -> float:
    """Mean F1 over the classes that occur."""
    return float(np.mean(_f1s(sample)))


def precision_weighted(sample: Sample) -> float:
    """Mean precision over the classes, each by its true rows."""
    return _by_truth(sample, _precisions(sample))


def recall_weighted(sample: Sample) -> float:
    """Mean recall over the classes, each by its true rows."""
    return _by_truth(sample, _recalls(sample))


def f1_weighted(sample: Sample) -> float:
    """Mean F1 over the classes, each by its true rows."""
    return _by_truth(sample, _f1s(sample))


def _precisions(sample: Sample) -> NDArray[np.float64]:
    return _ratio(_hits(sample), sample.counts.sum(axis=0)[sample.present])


def _recalls(sample: Sample) -> NDArray[np.float64]:
    return _ratio(_hits(sample), sample.counts.sum(axis=1)[sample.present])


def _f1s(sample: Sample) -> NDArray[np.float64]:
    either = sample.counts.sum(axis=0) + sample.counts.sum(axis=1)
    return _ratio(2 * _hits(sample), either[sample.present])


def _hits(sample: Sample) -> NDArray[np.float64]:
    return np.diag(sample.counts)[sample.present]


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide per class, 0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _by_truth(sample: Sample, values: NDArray[np.float64]) -> float:
    return float(np.average(values, weights=sample.counts.sum(axis=1)[sample.present]))
