"""Base's and head's decisions on the same rows, compared by the delta method.

A fraction of a row is added to each joint cell truth × base × head, which generalises Agresti & Min (2005)
and Bonett & Price (2012) from shares to every smooth function of counts.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mergegate.stats.cells import Cells, added_rows, classes_problem, squares_over_all
from mergegate.stats.costs import cost
from mergegate.stats.counts import PER_CLASS, WHOLE, Count, Margins, require
from mergegate.stats.design import JACKKNIFE_BELOW, Design
from mergegate.stats.estimate import Estimate
from mergegate.stats.influence import cluster_problem, degrees_of_freedom, jackknife_variance
from mergegate.stats.pivots import Student, augmented_score

_MOST_SUMS = 1 << 22
"""Clusters × classes up to which each cluster is left out in turn."""


class Decisions:
    """Class codes (n,) from 0 to `classes` − 1: the truth, and one model's answers or base's and head's.

    Classes that occur nowhere cost nothing. The rows' `design` brings weights and clusters.
    """

    def __init__(self, truth: NDArray[Any], *answers: NDArray[Any], classes: int, design: Design) -> None:
        self.design = design
        self._original = truth, answers
        self._binary = classes <= 2
        self.classes = 2
        if not self._binary:
            places = _places((truth, *answers), classes)
            self.classes = int(places[-1]) + 1
            truth, answers = places[truth], tuple(places[codes] for codes in answers)
        self.cells = Cells(truth, answers, self.classes, design)

    @classmethod
    def of_hits(cls, *hits: NDArray[np.bool_], design: Design) -> "Decisions":
        """Rows that one model, or base and head, get right (n,) by any rule, as top-k's; for `accuracy`."""
        truth = np.ones(design.rows, np.int64)
        return cls(truth, *(hit.astype(np.int64) for hit in hits), classes=2, design=design)

    def difference(self, name: str, code: int = 1, share: float = 1.0) -> Estimate:
        """Head's metric less `share` times base's; `code` is the class that precision, recall and f1 are of.

        `name` as in counts.WHOLE and counts.PER_CLASS, `share` as in influence.difference. Raises
        UndefinedError where either has no value.
        """
        return self._for(name, code)._compare(name, {0: -share, 1: 1.0})

    def absolute(self, name: str, code: int = 1, *, side: int = -1) -> Estimate:
        """The metric of one model, by default of the last. Raises UndefinedError where it has no value."""
        return self.alone(side)._for(name, code)._compare(name, {0: 1.0})

    def alone(self, side: int = -1) -> "Decisions":
        """The decisions of one model; for several of its metrics faster than to ask for each."""
        truth, answers = self._original
        if len(answers) == 1:
            return self
        return Decisions(truth, answers[side], classes=2 if self._binary else self._size, design=self.design)

    def cost_difference(self, costs: ArrayLike, share: float = 1.0) -> Estimate:
        """Head's mean cost a row less `share` times base's; `costs` (k, k) as costs[truth, answer]."""
        truth, answers = self._original
        return cost(truth, [(answers[0], -share), (answers[1], 1.0)], costs, self.design)

    def cost_absolute(self, costs: ArrayLike, *, side: int = -1) -> Estimate:
        """One model's mean cost a row, by default the last's."""
        truth, answers = self._original
        return cost(truth, [(answers[side], 1.0)], costs, self.design)

    def value(self, name: str, code: int = 1, *, side: int = -1) -> float:
        """The metric of one model as a point, by default of the last. Raises UndefinedError as `absolute`."""
        of = self._for(name, code)
        margins = of.cells.margins[side]
        require(name, margins)
        return float((WHOLE.get(name) or PER_CLASS[name])(margins, of._present(name, side))[0])

    @property
    def _size(self) -> int:
        truth, answers = self._original
        return 1 + max(int(codes.max()) for codes in (truth, *answers))

    def _for(self, name: str, code: int) -> "Decisions":
        """The two-class decisions that a metric is of: one class against the rest, or right against wrong."""
        truth, answers = self._original
        if name in PER_CLASS and not (self._binary and code == 1):
            split = [(codes == code).astype(np.int64) for codes in (truth, *answers)]
        elif name == "accuracy" and not self._binary:
            split = [np.ones(len(truth), np.int64), *((codes == truth).astype(np.int64) for codes in answers)]
        else:
            return self
        return Decisions(*split, classes=2, design=self.design)

    def _compare(self, name: str, sides: dict[int, float]) -> Estimate:
        """The estimate of a difference (two sides with a factor each) or of one model's own value (one)."""
        metric = WHOLE.get(name) or PER_CLASS[name]
        value = 0.0
        for side, factor in sides.items():
            require(name, self.cells.margins[side])
            value += factor * float(metric(self.cells.margins[side], self._present(name, side))[0])
        centre, variance = self._delta(name, metric, sides)
        error = math.sqrt(variance)
        carried = min(self._carried(name, side) for side in sides)
        clustered = self.design.cluster is not None
        # Alone and weighted, few heavy rows may carry it; in a difference the added rows allow for that.
        weighted_alone = self.design.weight is not None and len(sides) == 1
        df = degrees_of_freedom(carried, self.design) if clustered or weighted_alone else math.inf
        low, high = (-1.0, 1.0) if name == "matthews_corrcoef" else (0.0, 1.0)
        paired = len(sides) == 2
        by_cluster = ", by cluster" if clustered else ""
        return Estimate(
            value=value,
            standard_error=error,
            df=df,
            carried=carried,
            method=("delta on joint cells" if paired else "score limits for effective rows") + by_cluster,
            pivot=Student(centre, error, df, (low + sides[0] * high, high + sides[0] * low))
            if paired
            else augmented_score(value, centre, error, df, carried, (low, high)),
            discordant=self._discordant(name) if paired else None,
            clusters=self.design.clusters if clustered else None,
            problem=cluster_problem(self.design) or classes_problem(self.classes, self.design),
        )

    def _delta(self, name: str, metric: Count, sides: dict[int, float]) -> tuple[float, float]:
        """Centre and variance once a fraction of a row is added to each joint cell."""
        cells = self.cells
        weight = added_rows(self.classes, len(sides)) * cells.row_weight
        centre, slopes = 0.0, []
        for side, factor in sides.items():
            value, slope = metric(cells.augmented(side, weight), self._present(name, side))
            centre += factor * float(value)
            slopes.append(Margins(factor * slope.hits, factor * slope.truth, factor * slope.answer))
        # An added row is a row, and a cluster, of its own.
        variance = weight * cells.row_weight * squares_over_all(slopes)
        if self.design.cluster is None:
            return centre, variance + float(cells.squares @ cells.moves(slopes) ** 2)
        if 1 < self.design.clusters < JACKKNIFE_BELOW and self.design.clusters * self.classes <= _MOST_SUMS:
            return centre, variance + self._jackknife(name, metric, weight, sides)
        moves = cells.moves(slopes)[cells.row]
        sums = self.design.by_cluster(moves if self.design.weight is None else moves * self.design.weight)
        groups = self.design.clusters
        return centre, variance + float(sums @ sums) * groups / max(groups - 1, 1)

    def _jackknife(self, name: str, metric: Count, added: float, sides: dict[int, float]) -> float:
        left_out = np.zeros(self.design.clusters)
        for side, factor in sides.items():
            whole, parts = self.cells.augmented(side, added), self.cells.by_cluster(side)
            rest = Margins(whole.hits - parts.hits, whole.truth - parts.truth, whole.answer - parts.answer)
            left_out += factor * metric(rest, self._present(name, side))[0]
        return jackknife_variance(left_out)

    def _present(self, name: str, side: int) -> NDArray[np.bool_]:
        """Classes that a mean over classes is over, as scikit-learn has it."""
        if name == "balanced_accuracy":
            return self.cells.margins[side].truth > 0
        present = np.zeros(self.classes, np.bool_)
        present[self.cells.of_truth] = present[self.cells.of_answers[side]] = True
        return present

    def _carried(self, name: str, side: int) -> float:
        """Effective rows that carry a metric: its class's, or the smallest one's for a mean."""
        cells = self.cells
        truth, answer = cells.of_truth, cells.of_answers[side]
        if name in PER_CLASS:
            own = {"recall": truth == 1, "precision": answer == 1, "f1": (truth == 1) | (answer == 1)}[name]
            return cells.effective(own)
        if name in ("balanced_accuracy", "matthews_corrcoef") or name.endswith("_macro"):
            sizes = cells.margins[side].truth
            return cells.effective(truth == int(np.argmin(np.where(sizes > 0, sizes, np.inf))))
        return self.design.effective()

    def _discordant(self, name: str) -> int:
        """Rows that base and head decide differently; for a recall, among the class's own."""
        cells = self.cells
        differ = cells.of_answers[0] != cells.of_answers[1]
        if name == "recall":
            differ &= cells.of_truth == 1
        if self.design.weight is None:
            return int(cells.weight[differ].sum())
        return int(np.count_nonzero(differ[cells.row] & (self.design.weight > 0)))


def _places(every: Sequence[NDArray[Any]], classes: int) -> NDArray[np.int32]:
    """A code for each class that occurs in any of the codes (n,), and for two at least."""
    occurs = np.zeros(classes, np.bool_)
    for codes in every:
        occurs |= np.bincount(codes, minlength=classes) > 0
    if np.count_nonzero(occurs) < 2:
        occurs[:2] = True
    return np.cumsum(occurs, dtype=np.int32) - np.int32(1)
