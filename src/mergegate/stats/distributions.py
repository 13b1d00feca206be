"""Normal, Student's t, beta and binomial probabilities in double precision, without scipy's start-up time."""

import math
from functools import lru_cache

_SQRT2 = math.sqrt(2)
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
_TINY = 1e-300
_EPSILON = 2.0**-53
_MOST_STEPS = 200_000
_EXPANDED_FROM = 1e5
"""Degrees of freedom from which t is computed from the normal distribution."""


def normal_cdf(z: float) -> float:
    """Probability that a standard normal variable is at most `z`."""
    return 0.5 * math.erfc(-z / _SQRT2)


def normal_quantile(p: float) -> float:
    """The z that a standard normal variable stays below with probability `p`, 0 ≤ p ≤ 1."""
    _check_probability(p)
    if p in (0.0, 1.0):
        return math.copysign(math.inf, p - 0.5)
    if p > 0.5:
        return -normal_quantile(1 - p)
    # A first guess good to 4.5e-4 (Abramowitz & Stegun 1964, 26.2.23), then Halley's steps.
    r = math.sqrt(-2 * math.log(p))
    z = -(
        r - (2.515517 + r * (0.802853 + r * 0.010328)) / (1 + r * (1.432788 + r * (0.189269 + r * 0.001308)))
    )
    for _ in range(4):
        excess = math.expm1(math.log(max(normal_cdf(z), 5e-324)) - math.log(p)) * p
        step = excess * math.sqrt(2 * math.pi) * math.exp(min(z * z / 2, 700))
        z -= step / (1 + z * step / 2)
    return z


def beta_cdf(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function I_x(a, b) for a, b > 0 and 0 ≤ x ≤ 1."""
    return _beta_cdf(x, 1 - x, a, b)


def t_cdf(t: float, df: float) -> float:
    """Probability that Student's t with `df` > 0 degrees of freedom (any real number) is at most `t`."""
    if not df > 0:
        raise ValueError(f"degrees of freedom must be positive, not {df}")
    if math.isinf(t) or math.isinf(df):
        return normal_cdf(t)
    if df >= _EXPANDED_FROM:
        return normal_cdf(math.copysign(_hill(t, df), t))
    square = t * t
    tail = 0.5 * _beta_cdf(df / (df + square), square / (df + square), df / 2, 0.5)
    return tail if t < 0 else 1 - tail


def t_quantile(p: float, df: float) -> float:
    """The t that Student's t with `df` > 0 degrees of freedom stays below with probability `p`, 0 ≤ p ≤ 1."""
    _check_probability(p)
    if not df > 0:
        raise ValueError(f"degrees of freedom must be positive, not {df}")
    if math.isinf(df):
        return normal_quantile(p)
    if p in (0.0, 1.0):
        return math.copysign(math.inf, p - 0.5)
    if p == 0.5:
        return 0.0
    if p > 0.5:
        return -t_quantile(1 - p, df)
    return _lower_t_quantile(p, df)


def binomial_cdf(k: int, n: int, p: float = 0.5) -> float:
    """Probability of at most `k` successes in `n` trials."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    return _beta_cdf(1 - p, p, n - k, k + 1)


def mcnemar(lost: int, won: int, *, two_sided: bool = True) -> float:
    """Exact p-value of rows that only base got right (`lost`) against those only head did (`won`).

    One-sided it is that of the claim that head is worse. McNemar (1947), exact as in Mosteller (1952).
    """
    if lost < 0 or won < 0:
        raise ValueError("counts of rows can't be negative")
    rows = lost + won
    if not two_sided:
        return binomial_cdf(won, rows) if rows else 1.0
    return min(1.0, 2 * binomial_cdf(min(lost, won), rows)) if rows else 1.0


def _check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"a probability lies between 0 and 1, not {p}")


def _hill(t: float, df: float) -> float:
    """The normal deviate with t's tail (Hill 1970, CACM Algorithm 395), to the last digits for large `df`."""
    a = df - 0.5
    b = 48 * a * a
    y = a * math.log1p(t * t / df)
    series = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b)
    return ((series + y + 3) / b + 1) * math.sqrt(y)


@lru_cache(maxsize=4_096)
def _lower_t_quantile(p: float, df: float) -> float:
    """The quantile of p < 1/2: Newton's steps on the logarithm, kept inside a bracket."""
    low, high = -1.0, 0.0
    while t_cdf(low, df) > p:
        low, high = low * 2, low
    z = normal_quantile(p)
    t = min(max(z + (z**3 + z) / (4 * df), low), high)
    target, scale = math.log(p), -_log_beta(df / 2, 0.5) - 0.5 * math.log(df)
    for _ in range(200):
        tail = t_cdf(t, df)
        if tail > p:
            high = t
        else:
            low = t
        log_density = scale - (df + 1) / 2 * math.log1p(t * t / df)
        step = (math.log(max(tail, _TINY)) - target) * tail * math.exp(-log_density)
        guess = t - step
        if not low < guess < high:
            guess = (low + high) / 2
        if abs(guess - t) <= 1e-15 * abs(t) or guess in (low, high):
            return guess
        t = guess
    return t


def _beta_cdf(x: float, y: float, a: float, b: float) -> float:
    """I_x(a, b) where y = 1 − x is given too, so that neither loses digits near 1."""
    if x <= 0:
        return 0.0
    if y <= 0:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_fraction(y, x, b, a)
    return _beta_fraction(x, y, a, b)


def _beta_fraction(x: float, y: float, a: float, b: float) -> float:
    """I_x(a, b) by its continued fraction (DLMF 8.17.22), evaluated from the front (Lentz 1976)."""
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _TINY else _TINY)
    fraction = d
    for m in range(1, _MOST_STEPS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > _TINY else _TINY)
            c = 1 + numerator / c
            c = c if abs(c) > _TINY else _TINY
            fraction *= c * d
        if abs(c * d - 1) < 2 * _EPSILON:
            break
    return math.exp(_log_power(x, y, a, b)) / a * fraction


def _log_power(x: float, y: float, a: float, b: float) -> float:
    """log of x^a · y^b / B(a, b), with the large terms cancelled before they are rounded."""
    if min(a, b) < 10:
        log_x = math.log(x) if x < 0.5 else math.log1p(-y)
        log_y = math.log(y) if y < 0.5 else math.log1p(-x)
        return a * log_x + b * log_y - _log_beta(a, b)
    total = a + b
    # The distance from the mode, as a whole: x − a/(a+b).
    shift = (x * b - y * a) / total
    stirling = _stirling(a) + _stirling(b) - _stirling(total)
    powers = a * _log1p(shift * total / a) + b * _log1p(-shift * total / b)
    return powers + 0.5 * math.log(a * (b / total)) - _HALF_LOG_2PI - stirling


def _log1p(x: float) -> float:
    return math.log1p(x) if x > -1 else -math.inf


def _log_beta(a: float, b: float) -> float:
    """log B(a, b) where one side is below 10; lgamma alone would lose digits to a large other."""
    small, large = min(a, b), max(a, b)
    if large < 10:
        return math.lgamma(small) + math.lgamma(large) - math.lgamma(small + large)
    total = small + large
    tail = (large - 0.5) * math.log1p(-small / total) + _stirling(large) - _stirling(total)
    return math.lgamma(small) + tail + small - small * math.log(total)


def _stirling(x: float) -> float:
    """log Γ(x) less Stirling's formula, for x ≥ 10 (Abramowitz & Stegun 1964, 6.1.41)."""
    s = 1 / (x * x)
    series = 1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * 691 / 360360))))
    return series / x
