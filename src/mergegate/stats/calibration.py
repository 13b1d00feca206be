"""How far probabilities are from frequencies: a point without an interval, a squared error with one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Design, Floats, UndefinedError, summed
from mergegate.stats.influence import Influence
from mergegate.stats.ranking import BLOCK, Ranking, rank

BINS = 15


def expected_calibration_error(
    true: NDArray[np.bool_],
    probability: Floats,
    design: Design,
    *,
    bins: int = BINS,
    ranking: Ranking | None = None,
) -> float:
    """Mean distance of probability and frequency over bins of equal size (Naeini, Cooper & Hauskrecht 2015).

    No interval of it covers: show it, judge by log loss, Brier score or the squared error below.
    `ranking` is that by the probability, where it is known.
    """
    weight, gap, _ = _gaps(true, probability, design, _bins(probability, bins, ranking))
    return float(weight @ np.abs(gap) / weight.sum())


def squared_calibration_error(
    true: NDArray[np.bool_],
    probability: Floats,
    design: Design,
    *,
    bins: int = BINS,
    ranking: Ranking | None = None,
) -> Influence:
    """Squared distance of probability and frequency over bins of equal size, debiased.

    Kumar, Liang & Ma (2019). Near 0 it may be negative. Raises UndefinedError with fewer than two effective
    rows in each bin. `ranking` as in `expected_calibration_error`.
    """
    codes = _bins(probability, bins, ranking)
    weight, gap, frequency = _gaps(true, probability, design, codes)
    squares = weight if design.weight is None else summed(codes, design.weight**2, len(weight))
    effective = np.divide(weight**2, squares, out=np.zeros_like(weight), where=squares > 0)
    if effective.min() < 2:
        raise UndefinedError(f"{design.rows} rows are too few for {len(weight)} bins")
    noise = frequency * (1 - frequency) / (effective - 1)
    share = weight / weight.sum()
    value = float(share @ (gap**2 - noise))
    around = gap**2 - share @ gap**2
    rows = np.empty(design.rows)
    for start in range(0, design.rows, BLOCK):
        block = slice(start, start + BLOCK)
        code = codes[block]
        apart = gap.take(code)
        own = probability[block] - true[block] - apart
        rows[block] = (2 * apart * own + around.take(code)) / design.total
    if design.weight is not None:
        rows *= design.weight
    return Influence(
        value=value,
        rows=rows,
        carried=design.effective(),
        method="debiased, influence, t",
    )


def _bins(probability: Floats, bins: int, ranking: Ranking | None) -> NDArray[Any]:
    """Bins (n,) of equal size by probability; equal probabilities share one."""
    rows = len(probability)
    bins = max(1, min(bins, rows))
    ranking = ranking or rank(probability)
    edges = probability[ranking.order[rows - 1 - (np.arange(1, bins) * rows) // bins]]
    codes = np.zeros(rows, np.min_scalar_type(bins))
    for start in range(0, rows, BLOCK):
        block = slice(start, start + BLOCK)
        for edge in edges:
            codes[block] += probability[block] >= edge
    occurs = np.bincount(codes, minlength=bins) > 0
    if occurs.all():
        return codes
    return (np.cumsum(occurs) - 1).astype(codes.dtype).take(codes)


def _gaps(
    true: NDArray[np.bool_], probability: Floats, design: Design, codes: NDArray[Any]
) -> tuple[Floats, Floats, Floats]:
    """Weight, probability less frequency, and frequency of each bin."""
    bins, row_weight = int(codes.max()) + 1, design.weight
    weight = summed(codes, row_weight, bins)
    safe = np.where(weight > 0, weight, 1.0)
    if row_weight is None:
        hits, chances = summed(codes[true], None, bins), summed(codes, probability, bins)
    else:
        hits, chances = summed(codes, row_weight * true, bins), summed(codes, row_weight * probability, bins)
    frequency = hits / safe
    return weight, chances / safe - frequency, frequency
