"""Areas under the ROC and the precision-recall curve with each row's influence, linear once ranked."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Design, Floats, UndefinedError, summed
from mergegate.stats.influence import Influence
from mergegate.stats.ranking import Ranking

_UNIT = (0.0, 1.0)
Curve = Callable[[Floats, Floats], Floats]


def roc_auc(true: NDArray[np.bool_], ranking: Ranking, design: Design) -> Influence:
    """Area under the ROC curve of `true` (n,) by DeLong, DeLong & Clarke-Pearson (1988).

    In n·log n by midranks (Sun & Xu 2014); weights count a pair by their product. Raises UndefinedError
    without both classes.
    """
    steps = _Steps(true, ranking, design)
    steps.require_both()
    gained, lost = steps.gained, steps.lost
    # Weight on the right side of each step, ties half: of negatives below, of positives above.
    below = steps.negatives - np.cumsum(lost) + lost / 2
    above = np.cumsum(gained) - gained / 2
    value = float(above @ lost) / (steps.positives * steps.negatives)
    of_positive = (below / steps.negatives - value) / steps.positives
    of_negative = (above / steps.positives - value) / steps.negatives
    return Influence(
        value=min(max(value, 0.0), 1.0),
        rows=steps.spread(of_positive, of_negative),
        carried=steps.carried,
        method="DeLong, t",
        support=_UNIT,
        strata=true,
        without=_without(true, ranking, design, roc_area),
    )


def average_precision(true: NDArray[np.bool_], ranking: Ranking, design: Design) -> Influence:
    """Average precision of `true` (n,), its influence function (point estimate: Boyd, Eng & Page 2013).

    A row more moves the precision at every step from its own on. Raises UndefinedError without both classes.
    """
    steps = _Steps(true, ranking, design)
    steps.require_both()
    hits = np.cumsum(steps.gained)
    called = hits + np.cumsum(steps.lost)
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    value = float(steps.gained @ precision) / steps.positives
    # By weight, precision moves by (1 − precision) / called for a positive, by −precision / called otherwise.
    share = np.divide(steps.gained, called, out=np.zeros_like(hits), where=called > 0) / steps.positives
    from_here = np.cumsum((share * precision)[::-1])[::-1]
    all_from_here = np.cumsum(share[::-1])[::-1]
    of_positive = (precision - value) / steps.positives + all_from_here - from_here
    return Influence(
        value=min(max(value, 0.0), 1.0),
        rows=steps.spread(of_positive, -from_here),
        carried=steps.carried,
        method="influence function, t",
        support=_UNIT,
        strata=true,
        without=_without(true, ranking, design, precision_area),
    )


def roc_auc_ovr(codes: NDArray[np.int64], rankings: list[Ranking], design: Design) -> Influence:
    """Mean over k classes of the area of each class against the rest, `rankings` by each class's probability.

    The influences are summed row by row. Raises UndefinedError where a class does not occur, or is alone.
    """
    parts = [roc_auc(codes == code, ranking, design) for code, ranking in enumerate(rankings)]
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


class _Steps:
    """Weight of positives and negatives at each different score, from the highest down."""

    def __init__(self, true: NDArray[np.bool_], ranking: Ranking, design: Design) -> None:
        self.ranking, self.design, self.true = ranking, design, true
        in_order = true[ranking.order]
        count = ranking.steps
        if design.weight is None:
            self.gained = summed(ranking.step[in_order], None, count)
            self.lost = summed(ranking.step, None, count) - self.gained
        else:
            weight = design.weight[ranking.order]
            self.gained = summed(ranking.step, np.where(in_order, weight, 0.0), count)
            self.lost = summed(ranking.step, np.where(in_order, 0.0, weight), count)
        self.positives, self.negatives = float(self.gained.sum()), float(self.lost.sum())

    @property
    def carried(self) -> float:
        """Effective rows of the smaller class."""
        return min(self.design.effective(self.true), self.design.effective(~self.true))

    def require_both(self) -> None:
        """Raise UndefinedError where one class has no weight."""
        if not self.positives:
            raise UndefinedError("no row is truly positive")
        if not self.negatives:
            raise UndefinedError("every row is truly positive")

    def spread(self, of_positive: Floats, of_negative: Floats) -> Floats:
        """Give every row (n,) its step's influence times its own weight."""
        step, order = self.ranking.step, self.ranking.order
        values = np.where(self.true[order], of_positive[step], of_negative[step])
        result = np.empty(len(order))
        result[order] = values
        if self.design.weight is not None:
            result *= self.design.weight
        return result


def _without(
    true: NDArray[np.bool_], ranking: Ranking, design: Design, area: Curve
) -> Callable[[], Floats] | None:
    """The area with each cluster left out, from a histogram of rank bins by cluster."""
    if design.cluster is None:
        return None
    cluster, groups = design.cluster, design.clusters

    def left_out() -> Floats:
        bins = ranking.bins()
        count = int(bins.max()) + 1
        cells = cluster * count + bins
        weight = np.ones(design.rows) if design.weight is None else design.weight
        gained = summed(cells, np.where(true, weight, 0.0), groups * count).reshape(groups, count)
        lost = summed(cells, np.where(true, 0.0, weight), groups * count).reshape(groups, count)
        return area(gained.sum(axis=0) - gained, lost.sum(axis=0) - lost)

    return left_out
