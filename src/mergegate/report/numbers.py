"""Numbers as people read them: as many digits as a difference needs, thousands apart, bytes in kB and MB."""

import math
from collections.abc import Callable, Sequence

UNKNOWN = "–"
ARROW = "→"
MINUS = "−"

_UNITS = ("kB", "MB", "GB", "TB", "PB")
_DECIMALS = 6
_LARGE = 1e12


def count(number: int | None) -> str:
    """A count with its thousands apart."""
    return UNKNOWN if number is None else f"{number:,}"


def size(number: int | None) -> str:
    """Bytes: `512 B`, `1.3 MB`."""
    if number is None:
        return UNKNOWN
    if number < 1000:
        return f"{number} B"
    power = min(len(_UNITS), int(math.log10(number) / 3 + 0.0002))
    scaled, unit = number / 1000**power, _UNITS[power - 1]
    return f"{scaled:,.1f} {unit}" if scaled < 99.95 else f"{scaled:,.0f} {unit}"


def plural(number: int, noun: str) -> str:
    """`no stages`, `1 stage`, `2 stages`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else f"no {noun}s"


def step(old: int | None, new: int | None, show: Callable[[int | None], str]) -> str:
    """`84,204 → 112,534 (+28,330)`; one number where nothing changed or only one side has it."""
    if old is None or new is None:
        return show(new if old is None else old)
    if old == new:
        return show(new)
    return f"{show(old)} {ARROW} {show(new)} ({'+' if new > old else MINUS}{show(abs(new - old))})"


def value(number: float | None) -> str:
    """A metric by itself, with four significant digits."""
    return compared([number], None)[0][0]


def compared(numbers: Sequence[float | None], difference: float | None) -> tuple[list[str], str]:
    """A metric on several sides and its difference, all with the same decimals.

    The largest number shows four significant digits, or more where two digits of the difference need them.
    """
    finite = [abs(number) for number in numbers if number is not None and math.isfinite(number)]
    decimals = max(_decimals(max(finite, default=0.0), 4), _decimals(difference or 0.0, 2))
    shown = [_number(number, decimals) for number in numbers]
    if difference is None or difference == 0 or math.isnan(difference):
        return shown, "0" if difference == 0 else _number(difference, decimals)
    return shown, ("+" if difference > 0 else "") + _number(difference, decimals)


def against(number: float | None, bar_: float | None) -> str:
    """A gate's value, with the decimals that tell it from its bar."""
    if number is None or bar_ is None:
        return value(number)
    return compared([number], number - bar_)[0][0]


def bar(number: float | None) -> str:
    """A bar as the policy states it: no digit is rounded away."""
    return UNKNOWN if number is None else _signs(f"{number:,.12g}")


def _number(number: float | None, decimals: int) -> str:
    """One number; in powers of ten when the decimals would show nothing of it, or too much."""
    if number is None:
        return UNKNOWN
    if math.isnan(number):
        return "not a number"
    if math.isinf(number):
        return f"{'' if number > 0 else MINUS}infinite"
    if number != 0 and not 10**-_DECIMALS <= abs(number) < _LARGE:
        return _signs(f"{number:.3g}")
    return _signs(f"{number:,.{decimals}f}")


def _signs(text: str) -> str:
    """The number's own sign as a minus; an exponent's stays a hyphen."""
    return MINUS + text[1:] if text.startswith("-") else text


def _decimals(number: float, significant: int) -> int:
    """Decimals that show this many significant digits, bounded."""
    if number == 0 or not math.isfinite(number):
        return 0
    return min(_DECIMALS, max(0, significant - 1 - math.floor(math.log10(abs(number)))))
