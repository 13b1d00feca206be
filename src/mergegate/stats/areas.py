"""Areas under the ROC and the precision-recall curve with each row's influence, linear once ranked."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.curve import Curve
from mergegate.stats.design import Design, Floats
from mergegate.stats.influence import Influence
from mergegate.stats.optimism import FEW, average_precision_bias
from mergegate.stats.ranking import Ranking

_UNIT = (0.0, 1.0)


def roc_auc(curve: Curve) -> Influence:
    """Area under the ROC curve by DeLong, DeLong & Clarke-Pearson (1988).

    In n·log n by midranks (Sun & Xu 2014); weights count a pair by their product.
    """
    positives, negatives = curve.positives, curve.negatives
    pairs = positives * negatives
    rows, area = np.empty(curve.ranking.rows), 0.0
    for block in curve.blocks():
        # Positives above each score and negatives below it, ties half.
        above = block.hits - block.gained * 0.5
        area += float(above @ block.lost)
        below = block.lost * 0.5 - block.alarms
        below += negatives
        above /= pairs
        below /= pairs
        block.spread(below, above, rows)
    value = area / pairs
    return Influence(
        value=min(max(value, 0.0), 1.0),
        rows=curve.weighted(rows, positive=-value / positives, negative=-value / negatives),
        carried=curve.carried,
        method="DeLong, t",
        support=_UNIT,
        strata=curve.true,
        without=_without(curve, roc_area),
    )


def average_precision(curve: Curve) -> Influence:
    """Average precision, its influence function (point estimate: Boyd, Eng & Page 2013).

    A row more moves the precision at every score from its own on down.
    """
    positives = curve.positives
    rows, total = np.empty(curve.ranking.rows), 0.0
    all_below, hit_below = 0.0, 0.0
    for block in curve.blocks(upward=True):
        called = np.maximum(block.hits + block.alarms, np.finfo(np.float64).tiny)
        precision = block.hits / called
        total += float(block.gained @ precision)
        # By weight, precision moves by (1 − precision) / called for a positive, by −precision / called
        # otherwise.
        share = block.gained / called
        share /= positives
        from_here = _from_here(share, all_below)
        share *= precision
        of_negative = _from_here(share, hit_below)
        all_below, hit_below = float(from_here[0]), float(of_negative[0])
        from_here -= of_negative
        precision /= positives
        from_here += precision
        block.spread(from_here, np.negative(of_negative, out=of_negative), rows)
    value = total / positives
    few, many = curve.design.effective(curve.true), curve.design.effective(~curve.true)
    return Influence(
        value=min(max(value, 0.0), 1.0),
        rows=curve.weighted(rows, positive=-value / positives),
        carried=min(few, many),
        method="influence function, t",
        support=_UNIT,
        strata=curve.true,
        without=_without(curve, precision_area),
        bias=average_precision_bias(curve.hits, curve.alarms, few, many) if few < FEW else 0.0,
    )


def roc_auc_ovr(codes: NDArray[np.int64], rankings: list[Ranking], design: Design) -> Influence:
    """Mean over k classes of the area of each class against the rest, `rankings` by each class's probability.

    The influences are summed row by row. Raises UndefinedError where a class does not occur, or is alone.
    """
    parts = [roc_auc(Curve(codes == code, ranking, design)) for code, ranking in enumerate(rankings)]
    withouts = [part.without for part in parts if part.without is not None]
    return Influence(
        value=float(np.mean([part.value for part in parts])),
        rows=np.sum([part.rows for part in parts], axis=0) / len(parts),
        carried=min(part.carried for part in parts),
        method="DeLong summed over classes, t",
        support=_UNIT,
        without=(lambda: np.mean([left_out() for left_out in withouts], axis=0)) if withouts else None,
    )


def roc_area(gained: Floats, lost: Floats) -> Floats:
    """Area under the ROC curve from weight (…, t) of each class at falling scores; NaN without both."""
    above = np.cumsum(gained, axis=-1) - gained / 2
    with np.errstate(all="ignore"):
        area: Floats = (above * lost).sum(axis=-1) / (gained.sum(axis=-1) * lost.sum(axis=-1))
    return area


def precision_area(gained: Floats, lost: Floats) -> Floats:
    """Average precision from weight (…, t) of each class at falling scores; NaN without positives."""
    hits = np.cumsum(gained, axis=-1)
    called = hits + np.cumsum(lost, axis=-1)
    with np.errstate(all="ignore"):
        precision = np.where(called > 0, hits / called, 0.0)
        area: Floats = (gained * precision).sum(axis=-1) / hits[..., -1]
    return area


def _from_here(values: Floats, below: float) -> Floats:
    """Sums (b,) of each value, all after it, and what lies below them."""
    sums: Floats = np.cumsum(values[::-1])[::-1]
    sums += below
    return sums


def _without(curve: Curve, area: Callable[[Floats, Floats], Floats]) -> Callable[[], Floats] | None:
    """The area with each cluster left out, from a histogram of rank bins by cluster."""
    return None if curve.design.cluster is None else lambda: area(*curve.left_out)
