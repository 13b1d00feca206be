"""Edges between bins of numbers: near the quantiles, and as round as may be."""

import itertools
import math
from collections.abc import Iterator

import msgspec
import numpy as np

from mergegate.stats.design import Floats

_NEAR = 0.08
"""How far from its quantile an edge may lie for a round number, as a share of a bin's rows."""
_STEPS = (5, 2, 1)
_LARGEST = float(np.finfo(np.float64).max)
_COUNTABLE = 2.0**53
"""From here on a float has no neighbour that is one less."""


class Edges(msgspec.Struct, frozen=True):
    """Inner limits between bins, rising, each the least number of the bin above it; and the bins' names."""

    values: tuple[float, ...]
    texts: tuple[str, ...]
    names: tuple[str, ...]


def edges(numbers: Floats, bins: int) -> Edges:
    """The edges of about `bins` bins of numbers (n,), n > 0, without NaN; fewer where values repeat."""
    finite = np.clip(numbers, -_LARGEST, _LARGEST)
    whole = bool(np.abs(finite).max() < _COUNTABLE and (finite == np.trunc(finite)).all())
    found = dict.fromkeys(edge for edge in _cuts(finite, bins, whole=whole) if edge is not None)
    low = float(finite.min())
    return _named(tuple(sorted(edge for edge in found if edge > low)), finite, whole=whole)


def _cuts(finite: Floats, bins: int, *, whole: bool) -> Iterator[float | None]:
    """An edge near each inner quantile; None where a value repeats so often that none is near."""
    rows = len(finite)
    near = max(int(_NEAR * rows / bins), 0)
    ranks = [rows * place // bins for place in range(1, bins)]
    wanted = sorted({min(max(rank + away, 0), rows - 1) for rank in ranks for away in (-near, 0, near)})
    ordered = np.partition(finite, wanted)
    for rank in ranks:
        low, middle, high = (float(ordered[min(max(rank + away, 0), rows - 1)]) for away in (-near, 0, near))
        if low < high:
            yield roundest(low, high, middle, whole=whole)
        else:
            yield _beside(finite, middle, rank, whole=whole)


def _beside(finite: Floats, value: float, rank: int, *, whole: bool) -> float | None:
    """The edge below or above a value that many rows have, whichever comes nearer to the quantile."""
    below, above = finite[finite < value], finite[finite > value]
    ends = len(finite) - len(above)
    if len(above) and (not len(below) or abs(ends - rank) < abs(len(below) - rank)):
        least = float(above.min())
        return roundest(value, least, least, whole=whole)
    return roundest(float(below.max()), value, value, whole=whole) if len(below) else None


def roundest(low: float, high: float, near: float, *, whole: bool = False) -> float:
    """The number above `low` and at most `high` with the fewest digits; of equals the one nearest `near`."""
    span = high - low
    if not math.isfinite(span):
        return 0.0
    exponent = math.floor(math.log10(span)) + 1
    for power in range(exponent, exponent - 18, -1):
        for step in _STEPS:
            size = float(f"{step}e{power}")
            if whole and size < 1:
                break
            place = math.floor(near / size + 0.5)
            for each in sorted((place - 1, place, place + 1), key=lambda n: abs(n * size - near)):
                found = _exact(each * step, power)
                if low < found <= high:
                    return found
    return high


def _exact(digits: int, power: int) -> float:
    """digits · 10^power as the float that its text stands for: 3e-1, never 0.30000000000000004."""
    return float(f"{digits}e{power}")


def _named(found: tuple[float, ...], numbers: Floats, *, whole: bool) -> Edges:
    texts = tuple(shown(edge) for edge in found)
    if not found:
        return Edges((), (), (shown(float(numbers.min())),))
    if whole:
        starts = (float(numbers.min()), *found)
        ends = (*(edge - 1 for edge in found), float(numbers.max()))
        names = (
            shown(a) if a == b else f"{shown(a)} to {shown(b)}" for a, b in zip(starts, ends, strict=True)
        )
        return Edges(found, texts, tuple(names))
    inner = (f"{a} to {b}" for a, b in itertools.pairwise(texts))
    return Edges(found, texts, (f"below {texts[0]}", *inner, f"{texts[-1]} or more"))


def shown(number: float) -> str:
    """A number by the digits that tell it from its neighbours: `0.3`, `1200`, `7e-08`."""
    return repr(number + 0.0).removesuffix(".0")
