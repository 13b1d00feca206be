"""Metrics of predicted numbers."""

import numpy as np
from numpy.typing import NDArray

from mergegate.compare.sample import Sample, UndefinedError


def mean_absolute_error(sample: Sample) -> float:
    """Mean distance between prediction and truth, in the target's unit."""
    return sample.mean(_distances(sample))


def root_mean_squared_error(sample: Sample) -> float:
    """Root of the mean squared distance, in the target's unit."""
    return float(np.sqrt(sample.mean(np.square(_distances(sample)))))


def r2_score(sample: Sample) -> float:
    """Share of the truth's variance that the prediction explains; negative when worse than the mean."""
    centre = sample.mean(sample.y_true)
    spread = sample.mean(np.square(sample.y_true - centre))
    # The mean of equal numbers may differ from them in the last bit: constancy is asked of the numbers.
    if not spread or sample.y_true.min() == sample.y_true.max():
        raise UndefinedError("y_true is the same on every row")
    return 1.0 - sample.mean(np.square(_distances(sample))) / spread


def median_absolute_error(sample: Sample) -> float:
    """Median distance between prediction and truth; weighted by Hyndman & Fan (1996), type 2."""
    distances = _distances(sample)
    if sample.weight is None:
        return float(np.median(distances))
    kept = sample.weight > 0
    distances, weight = distances[kept], sample.weight[kept]
    order = np.argsort(distances)
    below = np.cumsum(weight[order])
    half = below[-1] / 2
    place = min(int(np.searchsorted(below, half)), len(order) - 1)
    # The half falls exactly between two rows: their mean, as with the plain median.
    between = below[place] - half <= np.finfo(np.float64).eps
    after = min(place + 1, len(order) - 1) if between else place
    return float((distances[order[place]] + distances[order[after]]) / 2)


def mean_absolute_percentage_error(sample: Sample) -> float:
    """Mean distance as a share of the truth's size; 1.0 is 100 %."""
    size = np.abs(sample.y_true)
    zero = int(np.count_nonzero(size == 0))
    if zero:
        raise UndefinedError(f"y_true is 0 on {zero:,} row{'s' if zero > 1 else ''}")
    return sample.mean(_distances(sample) / np.maximum(size, np.finfo(np.float64).eps))


def mean_pinball_loss(sample: Sample) -> float:
    """Mean pinball loss of the median (alpha 0.5), half the mean absolute error."""
    return sample.mean(_distances(sample)) / 2


def _distances(sample: Sample) -> NDArray[np.float64]:
    distances: NDArray[np.float64] = np.abs(sample.y_pred - sample.y_true)
    return distances
