"""What a sample could have found: the smallest loss it would call, and the chance to call a given one."""

import math

from mergegate.stats.distributions import normal_cdf, normal_quantile, t_quantile


def chance(
    loss: float, standard_error: float, *, df: float = math.inf, confidence: float = 0.95, claims: int = 1
) -> float:
    """Probability that a true loss beyond the margin is called: Φ(loss / SE − t).

    `loss` is the drop less the margin, in the metric's units; t is of `df` at one side's level, which
    `claims` divides (the first of Holm's steps).
    """
    if standard_error <= 0:
        return 1.0 if loss > 0 else 0.0
    return normal_cdf(loss / standard_error - _critical(df, confidence, claims))


def smallest_detectable(
    standard_error: float,
    *,
    df: float = math.inf,
    confidence: float = 0.95,
    power: float = 0.8,
    claims: int = 1,
) -> float:
    """The loss beyond the margin that would be called with this power: (t + z) · SE.

    t is the quantile of `df` at one side's level (1 − confidence) / 2 / claims, z the normal quantile of
    `power`: 2.80 · SE for large samples, 3.24 · SE with power 0.9.
    """
    return (_critical(df, confidence, claims) + normal_quantile(power)) * standard_error


def _critical(df: float, confidence: float, claims: int) -> float:
    return -t_quantile((1 - confidence) / 2 / claims, df)
