"""Groups of rows against all the others: by how much their means differ, and whether that may be chance."""

import math
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Floats
from mergegate.stats.discordance.moments import Moments
from mergegate.stats.distributions import normal_quantile, t_cdf, t_quantile
from mergegate.stats.estimate import Interval

_NOTHING = 1e-9
"""An excess this small beside the largest value is rounding."""


class Contrast(msgspec.Struct, frozen=True, eq=False):
    """k groups against all other rows: `excess` (k,) is the mean of the group less that of the rest.

    Two standard errors with their degrees of freedom: `apart`, of the group's and the rest's own spread
    (Welch 1947) or of their clusters, and `pooled`, as if both spread alike (Student 1908). Losses have long
    tails. A group that happens to have none of the rare large values looks surer than it is by itself, one
    that happens to have two of them by all rows: a claim needs both.
    """

    means: Floats
    rest: Floats
    excess: Floats
    apart: Floats
    apart_df: Floats
    pooled: Floats
    pooled_df: Floats

    def __getitem__(self, which: slice | NDArray[np.bool_]) -> "Contrast":
        """Some of the groups."""
        return Contrast(*(getattr(self, name)[which] for name in self.__struct_fields__))

    def likely(self, level: float) -> NDArray[np.bool_]:
        """Which groups (k,) may have a p-value of at most `level`: a normal tail is the least that t has."""
        reach = _reach(level)
        found: NDArray[np.bool_] = (self.excess > 0) & (
            self.excess >= reach * np.maximum(self.apart, self.pooled)
        )
        return found

    def p_value(self, place: int) -> float:
        """One-sided p-value of the claim that a group's mean is above that of the rest."""
        return max(
            _above(float(self.excess[place]), float(error[place]), float(df[place]))
            for error, df in self._errors()
        )

    def interval(self, place: int, confidence: float) -> Interval:
        """Two-sided limits of a group's excess, the wider ones."""
        excess, tail = float(self.excess[place]), (1 - confidence) / 2
        reach = max(
            -t_quantile(tail, float(df[place])) * float(error[place]) if error[place] else 0.0
            for error, df in self._errors()
        )
        return Interval(excess - reach, excess + reach, confidence)

    def _errors(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        return (self.apart, self.apart_df), (self.pooled, self.pooled_df)


def contrast(part: Moments, rest: Moments, *, scale: float = 1.0, clustered: bool = False) -> Contrast:
    """Groups of rows against the rest of each; both hold some rows.

    `scale` is the largest value's size: an excess that is rounding beside it is none. Where rows are
    `clustered`, `apart` is left at 0 for their clusters' error.
    """
    rows, left = part.rows, rest.rows
    own, others = part.variances(), rest.variances()
    excess = part.means() - rest.means()
    excess[np.abs(excess) <= _NOTHING * scale] = 0.0
    df = np.maximum(rows + left - 2, 1.0)
    within = (own * (rows - 1) + others * (left - 1)) / df
    own, others = own / rows, others / left
    return Contrast(
        means=part.means(),
        rest=rest.means(),
        excess=excess,
        apart=np.zeros(len(excess)) if clustered else np.sqrt(own + others),
        apart_df=df if clustered else _welch(own, rows - 1, others, left - 1),
        pooled=np.sqrt(within * (1 / rows + 1 / left)),
        pooled_df=df,
    )


@lru_cache
def _reach(level: float) -> float:
    """Standard errors that a normal tail of so much lies beyond; asked for with every two columns."""
    return -normal_quantile(level)


def _welch(own: Floats, own_df: Floats, rest: Floats, rest_df: Floats) -> Floats:
    """Degrees of freedom of a sum of two variances (Satterthwaite 1946)."""
    parts = np.square(own) / np.maximum(own_df, 1.0) + np.square(rest) / np.maximum(rest_df, 1.0)
    result: Floats = np.where(parts > 0, np.square(own + rest) / np.where(parts > 0, parts, 1.0), 1.0)
    return np.maximum(result, 1.0)


def _above(excess: float, error: float, df: float) -> float:
    if not error:
        return 0.0 if excess > 0 else 1.0
    return t_cdf(-excess / error, df) if math.isfinite(error) else 1.0
