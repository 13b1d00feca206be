"""What turns a value and its standard error into limits and p-values, at any confidence."""

import math
from dataclasses import dataclass
from typing import Protocol

from mergegate.stats.distributions import t_cdf, t_quantile

_NO_SKEWNESS = 1e-6

_LARGEST = 700.0
"""The exponential of more is no float."""


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


def augmented_score(
    value: float, centre: float, error: float, df: float, carried: float, support: tuple[float, float]
) -> Score:
    """Wilson's limits from the centre and error after rows were added to `carried`, two for a share.

    The added rows are taken out of the effective ones again.
    """
    low, high = support
    share = (centre - low) / (high - low)
    rows = share * (1 - share) * ((high - low) / error) ** 2 * carried / (carried + 2)
    return Score(min(max(value, low), high), max(rows, 1e-6), df, support)


@dataclass(frozen=True)
class Logit:
    """Student's t on the logit scale, for a value strictly within `support` (low, high).

    As for the areas under the ROC curve (Qin & Hotilovac 2008) and the precision-recall curve (Boyd, Eng &
    Page 2013): limits stay within the support and lean to its middle.
    """

    value: float
    standard_error: float
    df: float
    support: tuple[float, float] = (0.0, 1.0)

    def low(self, tail: float) -> float:
        """As in Pivot."""
        return self._limit(t_quantile(tail, self.df))

    def high(self, tail: float) -> float:
        """As in Pivot."""
        return self._limit(-t_quantile(tail, self.df))

    def below(self, bar: float) -> float:
        """As in Pivot."""
        return self._claim(bar, 1.0)

    def above(self, bar: float) -> float:
        """As in Pivot."""
        return self._claim(bar, -1.0)

    def _claim(self, bar: float, sign: float) -> float:
        share = self._share(bar)
        if not 0 < share < 1:
            return float((share <= 0) == (sign > 0))
        return t_cdf(sign * (_logit(self._share(self.value)) - _logit(share)) / self._error(), self.df)

    def _limit(self, t: float) -> float:
        low, high = self.support
        place = (_logit(self._share(self.value)) + t * self._error()) / 2
        return low + (high - low) * (1 + math.tanh(place)) / 2

    def _error(self) -> float:
        share = self._share(self.value)
        return self.standard_error / (self.support[1] - self.support[0]) / (share * (1 - share))

    def _share(self, value: float) -> float:
        low, high = self.support
        return (value - low) / (high - low)


@dataclass(frozen=True)
class Below:
    """Student's t for the logarithm of how far a value lies below its `top`, as R² below 1."""

    value: float
    standard_error: float
    df: float
    top: float

    def low(self, tail: float) -> float:
        """As in Pivot."""
        return self._limit(-t_quantile(tail, self.df))

    def high(self, tail: float) -> float:
        """As in Pivot."""
        return self._limit(t_quantile(tail, self.df))

    def below(self, bar: float) -> float:
        """As in Pivot."""
        return t_cdf(self._distance(bar), self.df) if bar < self.top else 0.0

    def above(self, bar: float) -> float:
        """As in Pivot."""
        return t_cdf(-self._distance(bar), self.df) if bar < self.top else 1.0

    def _limit(self, t: float) -> float:
        left = self.top - self.value
        return self.top - left * math.exp(min(t * self.standard_error / left, _LARGEST))

    def _distance(self, bar: float) -> float:
        left = self.top - self.value
        return math.log((self.top - bar) / left) * left / self.standard_error


@dataclass(frozen=True)
class Hall:
    """Student's t corrected for skewness by Hall's (1992) cubic, which is monotone; cut to the `support`.

    `skewness` is that of the mean: Σψ³ / (Σψ²)^1.5 over the influences ψ. Johnson's (1978) correction is the
    cubic's first terms.
    """

    value: float
    standard_error: float
    df: float
    skewness: float
    support: tuple[float, float] = (-math.inf, math.inf)

    def low(self, tail: float) -> float:
        """As in Pivot."""
        return self._limit(-t_quantile(tail, self.df))

    def high(self, tail: float) -> float:
        """As in Pivot."""
        return self._limit(t_quantile(tail, self.df))

    def below(self, bar: float) -> float:
        """As in Pivot."""
        return t_cdf(self._corrected(bar), self.df)

    def above(self, bar: float) -> float:
        """As in Pivot."""
        return t_cdf(-self._corrected(bar), self.df)

    def _corrected(self, bar: float) -> float:
        t, k = (self.value - bar) / self.standard_error, self.skewness
        if abs(k) < _NO_SKEWNESS:
            return t
        return ((1 + k * t / 3) ** 3 - 1) / k + k / 6

    def _limit(self, t: float) -> float:
        k = self.skewness
        if abs(k) >= _NO_SKEWNESS:
            t = 3 / k * (math.cbrt(1 + k * (t - k / 6)) - 1)
        return min(max(self.value - t * self.standard_error, self.support[0]), self.support[1])


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


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
