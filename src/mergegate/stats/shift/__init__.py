"""Whether and how far two samples of a column differ: distances first, then tests, then corrections.

Pure functions on counts; numpy only. Numbers are a `Tally` (values with the rows of both sides, built by
`tally` from raw samples or `tally_counts`); categories are two rows of counts in one order. Holm's correction
is `mergegate.stats.adjusted`.
"""

from mergegate.stats.shift.bins import bin_by_quantiles, find_rare, lump_rare
from mergegate.stats.shift.corrections import benjamini_hochberg
from mergegate.stats.shift.distances import (
    jensen_shannon,
    kolmogorov_smirnov,
    mean,
    stability_index,
    stability_noise,
    standard_deviation,
    wasserstein,
)
from mergegate.stats.shift.effects import KS_MODERATE, PSI_LARGE, PSI_MODERATE, WASSERSTEIN_MODERATE
from mergegate.stats.shift.gamma import chi_square_tail, gamma_tail
from mergegate.stats.shift.homogeneity import ChiSquare, chi_square, fisher
from mergegate.stats.shift.kolmogorov import kolmogorov_tail, smirnov_tail
from mergegate.stats.shift.smirnov import Smirnov, smirnov_test
from mergegate.stats.shift.tally import Tally, tally, tally_counts

__all__ = [
    "KS_MODERATE",
    "PSI_LARGE",
    "PSI_MODERATE",
    "WASSERSTEIN_MODERATE",
    "ChiSquare",
    "Smirnov",
    "Tally",
    "benjamini_hochberg",
    "bin_by_quantiles",
    "chi_square",
    "chi_square_tail",
    "find_rare",
    "fisher",
    "gamma_tail",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "kolmogorov_tail",
    "lump_rare",
    "mean",
    "smirnov_tail",
    "smirnov_test",
    "stability_index",
    "stability_noise",
    "standard_deviation",
    "tally",
    "tally_counts",
    "wasserstein",
]
