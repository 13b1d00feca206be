"""What turns a value and its standard error into limits and p-values, at any confidence."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.distributions import t_cdf, t_quantile


class Pivot(Protocol):
    """Limits and p-values that agree: `below(bar)` is the smallest tail whose upper limit is below it."""

    def low(self, tail: float) -> float:
        """The limit that the true value is below with probability `tail`."""

    def high(self, tail: float) -> float:
        """The limit that the true value is above with probability `tail`."""

    def below(self, bar: float) -> float:
        """One-sided p-value of the claim that the true value is below the bar."""

    def above(self, bar: float) -> float:
        """One-sided p-value of the claim that the true value is above the bar."""


@dataclass(frozen=True)
class Student:
    """Centre ± t · standard error, cut to the `support` of the metric."""

    centre: float
    standard_error: float
    df: float
    support: tuple[float, float] = (-math.inf, math.inf)

    def low(self, tail: float) -> float:
        """As in Pivot."""
        return self._cut(self.centre + self._reach(tail))

    def high(self, tail: float) -> float:
        """As in Pivot."""
        return self._cut(self.centre - self._reach(tail))

    def below(self, bar: float) -> float:
        """As in Pivot."""
        return _tail(self.centre - bar, self.standard_error, self.df)

    def above(self, bar: float) -> float:
        """As in Pivot."""
        return _tail(bar - self.centre, self.standard_error, self.df)

    def _reach(self, tail: float) -> float:
        return t_quantile(tail, self.df) * self.standard_error if self.standard_error else 0.0

    def _cut(self, limit: float) -> float:
        return min(max(limit, self.support[0]), self.support[1])


@dataclass(frozen=True)
class Score:
    """Wilson's (1927) score limits for a share of `rows` effective rows, with t in place of the normal.

    `value` lies in `support` (low, high), which is mapped to 0 … 1. Effective rows instead of rows carry the
    method to weighted and clustered shares (Korn & Graubard 1998; Dean & Pagano 2015) and to the area under
    the ROC curve (Kottas, Kuss & Zapf 2014). `centre` is the middle of the 95 % limits.
    """

    value: float
    rows: float
    df: float
    support: tuple[float, float] = (0.0, 1.0)

    def low(self, tail: float) -> float:
        """As in Pivot."""
        return self._limit(-1.0, tail)

    def high(self, tail: float) -> float:
        """As in Pivot."""
        return self._limit(1.0, tail)

    def below(self, bar: float) -> float:
        """As in Pivot."""
        share, bar = self._share(self.value), self._share(bar)
        if bar <= 0:
            return 1.0
        if bar >= 1:
            return 0.5 if share == bar == 1 else 0.0
        return t_cdf((share - bar) / math.sqrt(bar * (1 - bar)) * math.sqrt(self.rows), self.df)

    def above(self, bar: float) -> float:
        """As in Pivot."""
        low, high = self.support
        return Score(low + high - self.value, self.rows, self.df, self.support).below(low + high - bar)

    def _share(self, value: float) -> float:
        low, high = self.support
        return (value - low) / (high - low)

    def _limit(self, sign: float, tail: float) -> float:
        share, n = self._share(self.value), self.rows
        square = t_quantile(tail, self.df) ** 2
        spread = math.sqrt(square * (share * (1 - share) / n + square / (4 * n * n)))
        limit = (share + square / (2 * n) + sign * spread) / (1 + square / n)
        low, high = self.support
        return low + (high - low) * min(max(limit, 0.0), 1.0)


@dataclass(frozen=True, eq=False)
class Resampled:
    """Bootstrap-t limits (Hall 1992): `pivots` (B,) are the sorted (value* − value) / standard error*."""

    value: float
    standard_error: float
    pivots: NDArray[np.float64]

    def low(self, tail: float) -> float:
        """As in Pivot."""
        return self.value - self._quantile(1 - tail) * self.standard_error

    def high(self, tail: float) -> float:
        """As in Pivot."""
        return self.value - self._quantile(tail) * self.standard_error

    def below(self, bar: float) -> float:
        """As in Pivot."""
        found = (self.value - bar) / self.standard_error
        return float(1 + np.searchsorted(self.pivots, found, side="right")) / (1 + len(self.pivots))

    def above(self, bar: float) -> float:
        """As in Pivot."""
        found = (self.value - bar) / self.standard_error
        fewer = float(np.searchsorted(self.pivots, found, side="left"))
        return (1 + len(self.pivots) - fewer) / (1 + len(self.pivots))

    def _quantile(self, p: float) -> float:
        """The order statistic with (B + 1)·p pivots up to it, so that limits and p-values agree."""
        place = (
            math.floor(p * (len(self.pivots) + 1) + 1e-9)
            if p < 0.5
            else math.ceil(p * (len(self.pivots) + 1) - 1e-9)
        )
        if not 1 <= place <= len(self.pivots):
            return math.copysign(math.inf, p - 0.5)
        return float(self.pivots[place - 1])


@dataclass(frozen=True)
class Union:
    """The widest of several: covers wherever one of them does."""

    parts: tuple[Pivot, ...]

    def low(self, tail: float) -> float:
        """As in Pivot."""
        return min(part.low(tail) for part in self.parts)

    def high(self, tail: float) -> float:
        """As in Pivot."""
        return max(part.high(tail) for part in self.parts)

    def below(self, bar: float) -> float:
        """As in Pivot."""
        return max(part.below(bar) for part in self.parts)

    def above(self, bar: float) -> float:
        """As in Pivot."""
        return max(part.above(bar) for part in self.parts)


def _tail(distance: float, standard_error: float, df: float) -> float:
    """P(T ≤ distance / standard error); with no error at all a matter of the sign."""
    if not standard_error:
        return 0.0 if distance < 0 else 1.0
    return t_cdf(distance / standard_error, df)
