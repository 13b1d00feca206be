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
    codes: NDArray[Any] | None = None,
) -> float:
    """Mean distance of probability and frequency over bins of equal size (Naeini, Cooper & Hauskrecht 2015).

    No interval of it covers: show it, judge by log loss, Brier score or the squared error below.
    `codes` (n,) are the rows' bins, where they are known.
    """
    codes = equal_bins(probability, bins=bins) if codes is None else codes
    weight, gap, _ = _gaps(true, probability, design, codes)
    return float(weight @ np.abs(gap) / weight.sum())


def squared_calibration_error(
    true: NDArray[np.bool_],
    probability: Floats,
    design: Design,
    *,
    bins: int = BINS,
    codes: NDArray[Any] | None = None,
) -> Influence:
    """Squared distance of probability and frequency over bins of equal size, debiased.

    Kumar, Liang & Ma (2019). Near 0 it may be negative. Raises UndefinedError with fewer than two effective
    rows in each bin. `codes` as in `expected_calibration_error`.
    """
    codes = equal_bins(probability, bins=bins) if codes is None else codes
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


def equal_bins(probability: Floats, ranking: Ranking | None = None, bins: int = BINS) -> NDArray[Any]:
    """Bins (n,) of equal size by rising probability, without gaps; equal probabilities share one.

    `ranking` is that by the probability, where it is known.
    """
    rows = len(probability)
    ranking = ranking or rank(probability)
    bins = max(1, min(bins, rows))
    # Bins start at quantiles; whoever has the same probability as one belongs to its bin.
    last = rows - 1 - (np.arange(1, bins) * rows) // bins
    ends = sorted({_end_of_score(ranking, int(place)) for place in last} | {rows}, reverse=True)
    codes = np.empty(rows, np.min_scalar_type(bins))
    for code, (end, start) in enumerate(zip(ends, [*ends[1:], 0], strict=True)):
        codes[ranking.order[start:end]] = code
    return codes


def _end_of_score(ranking: Ranking, place: int) -> int:
    """The place after all rows with the score at a place."""
    behind = ranking.starts[place + 1 :]
    return place + 1 + (int(np.argmax(behind)) if behind.any() else len(behind))


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
