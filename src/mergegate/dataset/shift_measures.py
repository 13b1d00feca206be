"""One column's shift in numbers: how large on every scale, and how probable by chance alone."""

import math

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mergegate.dataset.category_counts import CategoryCounts
from mergegate.dataset.distributions import Distribution
from mergegate.stats.shift import (
    KS_MODERATE,
    PSI_MODERATE,
    WASSERSTEIN_MODERATE,
    Tally,
    bin_by_quantiles,
    chi_square,
    find_rare,
    fisher,
    jensen_shannon,
    lump_rare,
    mean,
    smirnov_test,
    stability_index,
    stability_noise,
    standard_deviation,
    wasserstein,
)
from mergegate.stats.shift.tally import Floats

_FULL_BINS = 10
_ROWS_PER_BIN = 5
"""Rows that the smaller side should have for each bin of numbers: fewer rows, fewer bins, less noise."""


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """Effects and p-values of one column; None where the column has no such measure.

    `psi` is less what two samples of one population have on average, and never negative. `p` is of the values
    (KS or chi-square), `missing_p` of the share of missing cells, `missing_psi` that share's own effect.
    """

    mean_old: float | None = None
    mean_new: float | None = None
    spread_old: float | None = None
    spread_new: float | None = None
    psi: float | None = None
    wasserstein: float | None = None
    jensen_shannon: float | None = None
    ks: float | None = None
    chi2: float | None = None
    p: float | None = None
    missing_psi: float = 0.0
    missing_p: float = 1.0

    @property
    def moved(self) -> bool:
        """Whether the values' shift is of a size that matters, on any of the scales."""
        bars = (
            (self.psi, PSI_MODERATE),
            (self.ks, KS_MODERATE),
            (self.wasserstein, WASSERSTEIN_MODERATE),
        )
        return any(value is not None and value >= bar for value, bar in bars)

    @property
    def emptied(self) -> bool:
        """Whether the share of missing cells moved by an amount that matters."""
        return self.missing_psi >= PSI_MODERATE


def measure(found: Distribution) -> Measures:
    """All that the kind of a column has."""
    old = (found.missing_old, found.rows_old - found.missing_old)
    new = (found.missing_new, found.rows_new - found.missing_new)
    missing = {"missing_psi": _beyond_noise(old, new), "missing_p": fisher(old, new)}
    if found.tally is not None:
        return _ordered(found.tally, missing)
    if found.categories is not None:
        return _named(found.categories, missing)
    return Measures(**missing)


def _ordered(tally: Tally, missing: dict[str, float]) -> Measures:
    fewest = min(tally.rows_old, tally.rows_new)
    bins = bin_by_quantiles(tally, bins=int(min(_FULL_BINS, max(2, fewest // _ROWS_PER_BIN))))
    test = smirnov_test(tally)
    with np.errstate(over="ignore", invalid="ignore"):
        return Measures(
            mean_old=_finite(mean(tally.values, tally.old)),
            mean_new=_finite(mean(tally.values, tally.new)),
            spread_old=_finite(standard_deviation(tally.values, tally.old)),
            spread_new=_finite(standard_deviation(tally.values, tally.new)),
            psi=_beyond_noise(*bins),
            wasserstein=_finite(wasserstein(tally, scaled=True)),
            jensen_shannon=jensen_shannon(*bins),
            ks=test.statistic,
            p=test.p,
            **missing,
        )


def _named(categories: CategoryCounts, missing: dict[str, float]) -> Measures:
    old, new = categories.old, categories.new
    test = chi_square(*lump_rare(old, new))
    p, rare = test.p, find_rare(old, new)
    if rare.all():
        rare = find_rare(old, new, below=1.0)
    if rare.any() and not rare.all():
        # Too few rows for chi-square: the rare ones together, exactly. Two tests, so twice the smaller.
        p = min(1.0, 2 * min(p, fisher(_split(old, rare), _split(new, rare))))
    return Measures(
        psi=_beyond_noise(old, new),
        jensen_shannon=jensen_shannon(old, new),
        chi2=test.statistic,
        p=p,
        **missing,
    )


def _split(counts: Floats, rare: NDArray[np.bool_]) -> tuple[int, int]:
    return int(counts[rare].sum()), int(counts[~rare].sum())


def _beyond_noise(old: ArrayLike, new: ArrayLike) -> float:
    """The stability index less what chance alone gives it: fewer rows don't raise it."""
    return max(0.0, stability_index(old, new) - stability_noise(old, new))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
