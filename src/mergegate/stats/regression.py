"""Root mean squared error, R² and the median absolute error with each row's influence."""

import numpy as np

from mergegate.stats.design import Design, Floats, UndefinedError
from mergegate.stats.distributions import normal_quantile
from mergegate.stats.influence import Influence
from mergegate.stats.means import means_left_out


def root_mean_squared_error(truth: Floats, predicted: Floats, design: Design) -> Influence:
    """Root of the mean squared distance, in the target's unit; delta method."""
    squares = np.square(predicted - truth)
    mean_square = design.mean(squares)
    value = float(np.sqrt(mean_square))
    slope = 0.5 / value if value else 0.0
    return Influence(
        value=value,
        rows=_weighted((squares - mean_square) * (slope / design.total), design),
        carried=design.effective(),
        method="delta, t and Hall's t, the wider",
        skewed="always",
        support=(0.0, np.inf),
        without=(lambda: np.sqrt(means_left_out(squares, design))) if design.cluster is not None else None,
    )


def r2_score(truth: Floats, predicted: Floats, design: Design) -> Influence:
    """Share of the truth's variance that the prediction explains; delta method on both sums of squares.

    Raises UndefinedError where the truth is the same on every row.
    """
    centre = design.mean(truth)
    around = np.square(truth - centre)
    spread = design.mean(around)
    counted = truth if design.weight is None else truth[design.weight > 0]
    if not spread or counted.min() == counted.max():
        raise UndefinedError("y_true is the same on every row")
    squares = np.square(predicted - truth)
    unexplained = design.mean(squares) / spread
    rows = -(squares - unexplained * around) / (spread * design.total)

    def without() -> Floats:
        first, second = (means_left_out(power, design) for power in (truth - centre, around))
        with np.errstate(all="ignore"):
            left: Floats = 1 - means_left_out(squares, design) / (second - first**2)
        return left

    return Influence(
        value=1 - unexplained,
        rows=_weighted(rows, design),
        carried=design.effective(),
        method="delta, t",
        skewed="ratio",
        support=(-np.inf, 1.0),
        without=without if design.cluster is not None else None,
    )


def median_absolute_error(truth: Floats, predicted: Floats, design: Design) -> Influence:
    """Median distance, in the target's unit; its influence with the density of Hall & Sheather (1988).

    Weighted as scikit-learn does: Hyndman & Fan (1996), type 2.
    """
    distances = np.abs(predicted - truth)
    order = np.argsort(distances)
    weight = np.ones(design.rows) if design.weight is None else design.weight
    below = np.cumsum(weight[order])
    value = _quantile(distances[order], below, 0.5)
    carried = design.effective()
    # Hall & Sheather's bandwidth at the median for 95 %: z^(2/3) · (1.5 φ(0)²)^(1/3) / n^(1/3).
    z = normal_quantile(0.975)
    bandwidth = min(z ** (2 / 3) * (1.5 / (2 * np.pi)) ** (1 / 3) / carried ** (1 / 3), 0.49)
    high = _quantile(distances[order], below, 0.5 + bandwidth)
    low = _quantile(distances[order], below, 0.5 - bandwidth)
    side = np.sign(distances - value)
    side -= design.mean(side)
    sparsity = (high - low) / (2 * bandwidth)
    return Influence(
        value=value,
        rows=_weighted(side * (sparsity / 2 / design.total), design),
        carried=carried,
        method="influence with Hall–Sheather density, t",
        support=(0.0, np.inf),
    )


def _quantile(ordered: Floats, below: Floats, p: float) -> float:
    """The weighted quantile of sorted values (n,), `below` their cumulated weight; a tie of two is halved."""
    # Both searches step over rows of weight 0.
    wanted = p * below[-1]
    tolerance = 1e-12 * below[-1]
    first = int(np.searchsorted(below, wanted - tolerance))
    second = int(np.searchsorted(below, wanted + tolerance, side="right"))
    last = len(ordered) - 1
    return float((ordered[min(first, last)] + ordered[min(second, last)]) / 2)


def _weighted(rows: Floats, design: Design) -> Floats:
    return rows if design.weight is None else rows * design.weight
