"""Amounts as people read them: shares that round neither to nothing nor to everything, moves, effects."""

import math

from mergegate.report import numbers
from mergegate.report.numbers import UNKNOWN, count

_TINY = 0.01
_SURE = 0.001


def share(part: float, whole: float = 1) -> str:
    """`0.26 %`, `12 %`; `100 %` only of all, `0 %` only of none."""
    if whole <= 0 or not math.isfinite(part / whole):
        return UNKNOWN
    cent = 100 * part / whole
    near = min(cent, 100 - cent)
    if near <= 0:
        return "0 %" if cent <= 0 else "100 %"
    if near < _TINY:
        return f"under {_TINY} %" if cent < 50 else f"over {100 - _TINY} %"
    return f"{cent:.{0 if near >= 10 else 1 if near >= 1 else 2}f} %"


def of(part: int, whole: int, noun: str = "rows") -> str:
    """`212 of 80,789 rows (0.26 %)`."""
    one = noun.removesuffix("s") if whole == 1 else noun
    return f"{count(part)} of {count(whole)} {one} ({share(part, whole)})"


def figure(number: float | None) -> str:
    """A number by itself, with four significant digits at most."""
    if number is None or not math.isfinite(number):
        return numbers.Scale(0).number(number)
    return numbers.bar(float(f"{number:.4g}"))


def effect(number: float | None) -> str:
    """An effect's size, with two decimals; a smaller one shows that it is not nothing."""
    if number is not None and 0 < number < _TINY / 2:
        return f"under {_TINY}"
    return numbers.Scale(2).number(number)


def chance(p: float | None) -> str:
    """A p-value."""
    if p is None:
        return UNKNOWN
    return f"under {_SURE}" if p < _SURE else f"{p:.2g}"


def p_value(p: float) -> str:
    """A p-value inside a sentence."""
    return f"p {chance(p)}" if p < _SURE else f"p = {chance(p)}"


def moved(old: float | None, new: float | None, *, by: bool = True) -> str:
    """`54.2 → 63.1 (+8.9)`, with the decimals that tell them apart; without the difference if not `by`."""
    if old is None or new is None:
        return figure(new if old is None else old)
    common = numbers.scale((old, new), new - old)
    if old == new:
        return common.number(new)
    step = f"{common.number(old)} → {common.number(new)}"
    return f"{step} ({common.signed(new - old)})" if by else step


def listed(items: list[str], most: int = 3, total: int = 0) -> str:
    """The first few, and how many more of all, or of `total`; `a, b and c` where these are all."""
    shown = items[:most]
    more = max(total, len(items)) - len(shown)
    return f"{', '.join(shown)} and {more:,} more" if more > 0 else joined(shown)


def joined(items: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def none(number: int) -> str:
    """A count inside a sentence."""
    return count(number) if number else "none"
