"""The law of Kolmogorov's statistic for a sample of n, as exact as double precision allows where it matters.

Which method serves where follows Simard and L'Ecuyer (2011).
"""

import math

import numpy as np

from mergegate.stats.shift.tally import Floats

_NOTHING_LEFT = 370.0
_SMALL = 140
_MATRIX_UP_TO = 100_000
_SUM_UP_TO = 1_000_000
_ROOT_2PI = math.sqrt(2 * math.pi)


def kolmogorov_tail(n: int, x: float) -> float:
    """Probability that the statistic of `n` ≥ 1 independent rows, two-sided, is at least `x`."""
    if n < 1 or math.isnan(x):
        raise ValueError(f"Kolmogorov's law needs a row and a number, not {n} and {x}")
    z_square = n * x * x
    if x <= 0:
        return 1.0
    if x >= 1 or z_square >= _NOTHING_LEFT:
        return 0.0
    if x >= 0.5 or z_square >= (4 if n <= _SMALL else 2.2):
        return min(1.0, 2 * smirnov_tail(n, x))
    if n <= _SMALL or (n <= _MATRIX_UP_TO and n * x**1.5 <= 1.4):
        below = _by_matrix(n, x)
    else:
        below = _by_series(n, x)
    return min(1.0, max(0.0, 1 - below))


def smirnov_tail(n: int, x: float) -> float:
    """Probability that the one-sided statistic of `n` rows is at least 0 < `x` < 1.

    The sum of Birnbaum and Tingey (1951); from a million rows Maag and Dicaire's (1971) approximation.
    """
    if n > _SUM_UP_TO:
        return math.exp(-((6 * n * x + 1) ** 2) / (18 * n))
    j = np.arange(1, int(n * (1 - x)) + 1, dtype=np.float64)
    j = j[n - j - n * x > 0]
    left = n - j
    logs = j * np.log1p(n * x / j) + left * np.log1p(-n * x / left)
    logs += 0.5 * np.log(n / (2 * math.pi * j * left))
    logs += _stirling(np.array([float(n)]))[0] - _stirling(j) - _stirling(left)
    terms = np.exp(logs) * (x / (x + j / n))
    return float(terms.sum()) + math.exp(n * math.log1p(-x))


def _by_matrix(n: int, x: float) -> float:
    """Durbin's matrix, raised to the n-th power: Marsaglia, Tsang and Wang (2003)."""
    k = int(n * x) + 1
    size, h = 2 * k - 1, k - n * x
    row, column = np.indices((size, size))
    matrix = (row - column + 1 >= 0).astype(np.float64)
    powers = h ** np.arange(1, size + 1)
    matrix[:, 0] -= powers
    matrix[-1, :] -= powers[::-1]
    matrix[-1, 0] += max(2 * h - 1, 0.0) ** size
    factorials = np.cumprod(np.concatenate([[1.0], np.arange(1, size + 1)]))
    matrix /= factorials[np.maximum(row - column + 1, 0)]
    power, exponent = _power(matrix, n)
    entry = float(power[k - 1, k - 1])
    if entry <= 0:
        return 0.0
    # n! / nⁿ, which alone would underflow.
    scale = math.lgamma(n + 1) - n * math.log(n) if n < 10 else _log_scale(n)
    return math.exp(math.log(entry) + exponent * math.log(2) + scale)


def _log_scale(n: int) -> float:
    return -n + 0.5 * math.log(2 * math.pi * n) + float(_stirling(np.array([float(n)]))[0])


def _power(matrix: Floats, n: int) -> tuple[Floats, int]:
    """The n-th power as a matrix and a binary exponent: its entries leave the range of a double."""
    result, exponent = np.eye(len(matrix)), 0
    square, of_square = matrix, 0
    while n:
        if n & 1:
            result, by = _rescaled(result @ square)
            exponent += of_square + by
        n >>= 1
        if n:
            square, by = _rescaled(square @ square)
            of_square = 2 * of_square + by
    return result, exponent


def _rescaled(matrix: Floats) -> tuple[Floats, int]:
    by = int(np.frexp(np.abs(matrix).max())[1])
    return np.ldexp(matrix, -by), by


def _by_series(n: int, x: float) -> float:
    """The limit law with three terms of its error: Pelz and Good (1976)."""
    z = math.sqrt(n) * x
    z2, z4, z6, pi2 = z**2, z**4, z**6, math.pi**2
    odd = 2 * np.arange(1, math.ceil(16 * z / math.pi) + 1) - 1.0
    i2 = odd**2
    weights = np.exp(-pi2 / 8 / z2 * i2)
    k = np.arange(1, len(odd) + 1, dtype=np.float64) ** 2
    even = k * np.exp(-pi2 / 2 / z2 * k)
    k0 = weights.sum() / z
    k1 = np.sum((pi2 / 4 * i2 - z2) * weights) / (6 * z4)
    second = 6 * z6 + 2 * z4 + pi2 / 4 * (2 * z4 - 5 * z2) * i2 + pi2**2 / 16 * (1 - 2 * z2) * i2**2
    k2 = np.sum(second * weights) / (72 * z**7) - pi2 / (36 * z**3) * even.sum()
    third = -30 * z6 - 90 * z**8 + pi2 / 4 * (135 * z4 - 96 * z6) * i2
    third = third + pi2**2 / 16 * (212 * z4 - 60 * z2) * i2**2 + pi2**3 / 64 * (5 - 30 * z2) * i2**3
    k3 = np.sum(third * weights) / (6480 * z**10) + pi2 / (216 * z6) * np.sum((3 * z2 - pi2 * k) * even)
    return float(_ROOT_2PI * (k0 + k1 / math.sqrt(n) + k2 / n + k3 / n**1.5))


_SMALLEST = np.array([0.0] + [
    math.lgamma(k + 1) - (k + 0.5) * math.log(k) + k - 0.5 * math.log(2 * math.pi) for k in range(1, 16)
])  # fmt: skip


def _stirling(k: Floats) -> Floats:
    """log k! less Stirling's formula, for whole k ≥ 1 (Abramowitz & Stegun 1964, 6.1.41)."""
    s = 1 / (k * k)
    series = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / k
    small = k < len(_SMALLEST)
    series[small] = _SMALLEST[k[small].astype(np.intp)]
    return series
