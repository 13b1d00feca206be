"""The regularised incomplete gamma function, and chi-square's tail, in double precision."""

import math

_TINY = 1e-300
_EPSILON = 2.0**-53
_MOST_STEPS = 200_000


def gamma_tail(a: float, x: float) -> float:
    """Regularised upper incomplete gamma function Q(a, x) for a > 0 and x ≥ 0 (DLMF 8.2.4)."""
    if not a > 0 or not x >= 0:
        raise ValueError(f"the incomplete gamma function needs a > 0 and x ≥ 0, not {a} and {x}")
    if x == 0:
        return 1.0
    if math.isinf(x):
        return 0.0
    return 1 - _lower_series(a, x) if x < a + 1 else _upper_fraction(a, x)


def chi_square_tail(statistic: float, df: float) -> float:
    """Probability that chi-square with `df` > 0 degrees of freedom is at least `statistic`."""
    return gamma_tail(df / 2, statistic / 2)


def _lower_series(a: float, x: float) -> float:
    """P(a, x) by its series (DLMF 8.11.4), for x < a + 1."""
    term = total = 1 / a
    for step in range(1, _MOST_STEPS):
        term *= x / (a + step)
        total += term
        if term < total * _EPSILON:
            break
    return total * math.exp(_log_power(a, x))


def _upper_fraction(a: float, x: float) -> float:
    """Q(a, x) by its continued fraction (DLMF 8.9.2), evaluated from the front (Lentz 1976)."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    fraction = d
    for step in range(1, _MOST_STEPS):
        numerator = -step * (step - a)
        b += 2
        d = numerator * d + b
        c = b + numerator / c
        d = 1 / (d if abs(d) > _TINY else _TINY)
        c = c if abs(c) > _TINY else _TINY
        fraction *= c * d
        if abs(c * d - 1) < 2 * _EPSILON:
            break
    return fraction * math.exp(_log_power(a, x))


def _log_power(a: float, x: float) -> float:
    """log of x^a · e^−x / Γ(a), with the large terms cancelled before they are rounded."""
    # Far from the mode nothing cancels.
    if a < 10 or not 0.1 * a < x < 10 * a:
        return a * math.log(x) - x - math.lgamma(a)
    away = (x - a) / a
    s = 1 / (a * a)
    # log Γ(a) less Stirling's formula (Abramowitz & Stegun 1964, 6.1.41).
    series = (
        1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * 691 / 360360))))
    ) / a
    return a * (math.log1p(away) - away) + 0.5 * math.log(a / (2 * math.pi)) - series
