"""Areas under the ROC and the precision-recall curve with each row's influence, linear once ranked."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Design, Floats, UndefinedError, summed
from mergegate.stats.influence import Influence
from mergegate.stats.optimism import average_precision_bias
from mergegate.stats.ranking import Ranking

_UNIT = (0.0, 1.0)


class Curve:
    """What both curves are drawn from: weight of positives and negatives at or above each different score.

    `true` (n,) marks the positive rows. `hits`, `alarms` (t,) rise with falling score, to `positives` and
    `negatives`. Raises UndefinedError where one class has no weight.
    """

    def __init__(self, true: NDArray[np.bool_], ranking: Ranking, design: Design) -> None:
        self.true, self.ranking, self.design = true, ranking, design
        self._in_order = true.take(ranking.order)
        last = ranking.last
        if design.weight is None:
            self.hits = self._at_steps(np.cumsum(self._in_order, dtype=np.float64))
            self.alarms = (last + 1) - self.hits
        else:
            weight = design.weight.take(ranking.order)
            self.hits = self._at_steps(np.cumsum(np.where(self._in_order, weight, 0.0)))
            self.alarms = self._at_steps(np.cumsum(np.where(self._in_order, 0.0, weight)))
        self.positives, self.negatives = float(self.hits[-1]), float(self.alarms[-1])
        if not self.positives:
            raise UndefinedError("no row is truly positive")
        if not self.negatives:
            raise UndefinedError("every row is truly positive")

    @cached_property
    def gained(self) -> Floats:
        """Weight (t,) of the positives with each score."""
        return _steps(self.hits)

    @property
    def carried(self) -> float:
        """Effective rows of the smaller class."""
        return min(self.design.effective(self.true), self.design.effective(~self.true))

    def influence(self, of_positive: Floats, of_negative: Floats) -> Floats:
        """Give every row (n,) what its score (t,) and class say, times its own weight."""
        if len(of_positive) < self.ranking.rows:
            of_positive, of_negative = (
                of_positive.take(self.ranking.step),
                of_negative.take(self.ranking.step),
            )
        result = np.empty(self.ranking.rows)
        result[self.ranking.order] = np.where(self._in_order, of_positive, of_negative)
        if self.design.weight is not None:
            result *= self.design.weight
        return result

    def _at_steps(self, cumulated: Floats) -> Floats:
        return cumulated if len(self.ranking.last) == len(cumulated) else cumulated.take(self.ranking.last)


def roc_auc(curve: Curve) -> Influence:
    """Area under the ROC curve by DeLong, DeLong & Clarke-Pearson (1988).

    In n·log n by midranks (Sun & Xu 2014); weights count a pair by their product.
    """
    positives, negatives = curve.positives, curve.negatives
    lost = _steps(curve.alarms)
    # Positives above each score and negatives below it, ties half.
    above = curve.gained * -0.5
    above += curve.hits
    value = float(above @ lost) / (positives * negatives)
    below = lost
    below *= 0.5
    below -= curve.alarms
    below += negatives
    below /= negatives * positives
    below -= value / positives
    above /= negatives * positives
    above -= value / negatives
    return Influence(
        value=min(max(value, 0.0), 1.0),
        rows=curve.influence(below, above),
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
    called = curve.hits + curve.alarms
    np.maximum(called, np.finfo(np.float64).tiny, out=called)
    precision = curve.hits / called
    value = float(curve.gained @ precision) / curve.positives
    # By weight, precision moves by (1 − precision) / called for a positive, by −precision / called otherwise.
    share = np.divide(curve.gained, called, out=called)
    share /= curve.positives
    of_positive = _from_here(share)
    share *= precision
    from_here = _from_here(share)
    of_positive -= from_here
    precision -= value
    precision /= curve.positives
    of_positive += precision
    np.negative(from_here, out=from_here)
    return Influence(
        value=min(max(value, 0.0), 1.0),
        rows=curve.influence(of_positive, from_here),
        carried=curve.carried,
        method="influence function, t",
        support=_UNIT,
        strata=curve.true,
        without=_without(curve, precision_area),
        bias=average_precision_bias(
            curve.hits,
            curve.alarms,
            curve.design.effective(curve.true),
            curve.design.effective(~curve.true),
        ),
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


def _steps(cumulated: Floats) -> Floats:
    """What each of the values (t,) adds to the one before."""
    steps = np.empty_like(cumulated)
    steps[0] = cumulated[0]
    np.subtract(cumulated[1:], cumulated[:-1], out=steps[1:])
    return steps


def _from_here(values: Floats) -> Floats:
    """Sums (t,) of each value and all after it."""
    sums: Floats = np.cumsum(values[::-1])[::-1]
    return sums


def _without(curve: Curve, area: Callable[[Floats, Floats], Floats]) -> Callable[[], Floats] | None:
    """The area with each cluster left out, from a histogram of rank bins by cluster."""
    design, true = curve.design, curve.true
    if design.cluster is None:
        return None
    cluster, groups = design.cluster, design.clusters

    def left_out() -> Floats:
        bins = curve.ranking.bins()
        count = int(bins.max()) + 1
        cells = cluster * count
        cells += bins
        tables = []
        for rows in (true, ~true):
            weight = None if design.weight is None else design.weight[rows]
            table = summed(cells[rows], weight, groups * count).reshape(groups, count)
            tables.append(table.sum(axis=0) - table)
        return area(tables[0], tables[1])

    return left_out
