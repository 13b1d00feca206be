"""The gap between the best and the worst of k groups: max over pairs of |mᵢ − mⱼ|, from independent groups.

That a gap is above a bar is claimed of some pair: the smallest of the pairs' p-values times their number
(Bonferroni). That it is below is claimed of all pairs, and needs no correction (intersection–union, Berger
1982). Two pairs' estimates depend on each other, which neither argument minds.
"""

import math
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.stats.distributions import t_quantile
from mergegate.stats.estimate import Estimate
from mergegate.stats.pivots import Student

Floats = NDArray[np.float64]


class Widest(msgspec.Struct, frozen=True, eq=False):
    """The pivot of the largest of several differences (m,), by their centres, standard errors and df.

    Two hundred groups have 39,800 pairs: only those are asked exactly that may be the answer.
    """

    centre: Floats
    error: Floats
    df: Floats

    def low(self, tail: float) -> float:
        """As in Pivot; never below 0."""
        tail /= len(self.centre)
        most = self.centre + t_quantile(tail, math.inf) * self.error
        return max(0.0, _largest(lambda place: self._pair(place).low(tail), most))

    def high(self, tail: float) -> float:
        """As in Pivot."""
        most = self.centre - t_quantile(tail, float(self.df.min())) * self.error
        return _largest(lambda place: self._pair(place).high(tail), most)

    def below(self, bar: float) -> float:
        """As in Pivot."""
        return _largest(
            lambda place: self._pair(place).below(bar), _tails(-self._distance(bar)) + self._heavier
        )

    def above(self, bar: float) -> float:
        """As in Pivot."""
        least = np.minimum(_tails(self._distance(bar)), 0.5)
        return min(1.0, -len(least) * _largest(lambda place: -self._pair(place).above(bar), -least))

    @property
    def _heavier(self) -> float:
        """More than any tail of Student's t with so few degrees of freedom exceeds the normal's."""
        return 0.0 if np.isinf(self.df.min()) else min(0.5, 0.2 / float(self.df.min()))

    def _distance(self, bar: float) -> Floats:
        """How many standard errors each difference lies above the bar."""
        beyond = self.centre - bar
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(
                self.error > 0, beyond / self.error, np.where(beyond == 0, 0.0, beyond * math.inf)
            )

    def _pair(self, place: int) -> Student:
        return Student(float(self.centre[place]), float(self.error[place]), float(self.df[place]))


def widest(groups: Sequence[Estimate]) -> Estimate:
    """The gap of at least two groups' values, each an estimate from rows of its own.

    Degrees of freedom of a pair by Welch (1947). `carried` is that of the group with the fewest rows,
    `clusters` likewise. Raises ValueError for one group.
    """
    if len(groups) < 2:
        raise ValueError("a gap is between at least two groups")
    value, error, df = (
        np.array([getattr(group, name) for group in groups], np.float64)
        for name in ("value", "standard_error", "df")
    )
    one, other = (places[~np.eye(len(groups), dtype=bool)] for places in np.indices((len(groups),) * 2))
    a, b = error[one] ** 2, error[other] ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        welch = (a + b) ** 2 / (a**2 / df[one] + b**2 / df[other])
    pivot = Widest(value[one] - value[other], np.sqrt(a + b), np.where(np.isnan(welch), np.inf, welch))
    top = int(pivot.centre.argmax())
    clusters = [group.clusters for group in groups if group.clusters is not None]
    return Estimate(
        value=float(pivot.centre[top]),
        standard_error=float(pivot.error[top]),
        df=float(pivot.df[top]),
        carried=min(group.carried for group in groups),
        method=f"largest of {len(one) // 2:,} differences, Welch's t each, Bonferroni",
        pivot=pivot,
        clusters=min(clusters) if clusters else None,
    )


def _largest(exact: Callable[[int], float], most: Floats) -> float:
    """The largest exact value, where each is at most `most`."""
    best = -math.inf
    for place in np.argsort(-most, kind="stable").tolist():
        if most[place] <= best:
            break
        best = max(best, exact(place))
    return best


def _tails(z: Floats) -> Floats:
    """The normal's upper tails."""
    return np.array([math.erfc(each / math.sqrt(2)) / 2 for each in z.tolist()])
