"""How far probabilities are from frequencies: a point without an interval, a squared error with one."""

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Design, Floats, UndefinedError, summed
from mergegate.stats.influence import Influence

BINS = 15


def expected_calibration_error(
    true: NDArray[np.bool_], probability: Floats, design: Design, *, bins: int = BINS
) -> float:
    """Mean distance of probability and frequency over bins of equal size (Naeini, Cooper & Hauskrecht 2015).

    No interval of it covers: show it, judge by log loss, Brier score or the squared error below.
    """
    weight, gap, _ = _gaps(true, probability, design, _bins(probability, bins))
    return float(weight @ np.abs(gap) / weight.sum())


def squared_calibration_error(
    true: NDArray[np.bool_], probability: Floats, design: Design, *, bins: int = BINS
) -> Influence:
    """Squared distance of probability and frequency over bins of equal size, debiased.

    Kumar, Liang & Ma (2019). Near 0 it may be negative. Raises UndefinedError with fewer than two effective
    rows in each bin.
    """
    codes = _bins(probability, bins)
    weight, gap, frequency = _gaps(true, probability, design, codes)
    row_weight = np.ones(design.rows) if design.weight is None else design.weight
    squares = summed(codes, row_weight**2, len(weight))
    rows = np.divide(weight**2, squares, out=np.zeros_like(weight), where=squares > 0)
    if rows.min() < 2:
        raise UndefinedError(f"{design.rows} rows are too few for {len(weight)} bins")
    noise = frequency * (1 - frequency) / (rows - 1)
    share = weight / weight.sum()
    value = float(share @ (gap**2 - noise))
    own = probability - true - gap[codes]
    influence = 2 * gap[codes] * own + (gap**2)[codes] - float(share @ gap**2)
    return Influence(
        value=value,
        rows=influence * row_weight / design.total,
        carried=design.effective(),
        method="debiased, influence, t",
    )


def _bins(probability: Floats, bins: int) -> NDArray[np.int64]:
    """Bins (n,) of equal size by probability; equal probabilities share one."""
    ordered = np.sort(probability)
    bins = max(1, min(bins, len(ordered)))
    edges = ordered[(np.arange(1, bins) * len(ordered)) // bins]
    codes = np.searchsorted(edges, probability, side="right")
    occurs = np.bincount(codes, minlength=bins) > 0
    return np.asarray((np.cumsum(occurs) - 1)[codes], np.int64)


def _gaps(
    true: NDArray[np.bool_], probability: Floats, design: Design, codes: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """Weight, probability less frequency, and frequency of each bin."""
    row_weight = np.ones(design.rows) if design.weight is None else design.weight
    bins = int(codes.max()) + 1
    weight = summed(codes, row_weight, bins)
    safe = np.where(weight > 0, weight, 1.0)
    frequency = summed(codes, row_weight * true, bins) / safe
    return weight, summed(codes, row_weight * probability, bins) / safe - frequency, frequency
