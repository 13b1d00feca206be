"""Where the intervals come from: each method as an estimate names it, in a sentence with its source."""

_BY_CLUSTER = ", by cluster"

_SOURCES = {
    "DeLong summed over classes": "DeLong's (1988) variance, each row's part in it summed over the classes, "
    "with Student's t",
    "DeLong": "the variance of DeLong, DeLong & Clarke-Pearson (1988), by sorting as Sun & Xu (2014) do, "
    "with Student's t",
    "influence function": "the sum of each row's squared influence on the area (Jaeckel 1972; the point is "
    "that of Boyd, Eng & Page 2013), with Student's t",
    "influence with Hall": "each row's influence on the median, with the density of Hall & Sheather (1988)",
    "influence above": "each row's influence on the share above the quantile, with Student's t",
    "debiased": "the debiased estimate of Kumar, Liang & Ma (2019), by its influence, with Student's t",
    "delta on joint cells": "the delta method on the counts truth × base × head, a fraction of a row added "
    "to each (after Agresti & Min 2005 and Bonett & Price 2012)",
    "score limits": "Wilson's (1927) score limits for a share of effective rows (Korn & Graubard 1998)",
    "t and Hall": "the wider of Student's t and of t corrected for skewness (Hall 1992)",
    "delta, t and Hall": "the delta method with the wider of Student's t and of t corrected for skewness "
    "(Hall 1992)",
    "delta": "the delta method with Student's t",
    "identical": "none is needed: every prediction is the same, so that no sample could differ",
    "t": "Student's t",
}
"""The beginning of a method's name, the more special first → what it is."""


def source(method: str) -> str:
    """What the method is and who describes it; empty for one that is not known here."""
    name = method.removesuffix(_BY_CLUSTER)
    if " bootstrap samples" in name:
        found = "the wider of Student's t and of percentiles over resampled rows (Efron & Tibshirani 1993)"
    else:
        starts = sorted((start for start in _SOURCES if name.startswith(start)), key=len)
        found = _SOURCES[starts[-1]] if starts else ""
    if found and name != method:
        found += "; each cluster counts once, by leaving it out or by its summed influence (Obuchowski 1997)"
    return found
