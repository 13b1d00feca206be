"""Numbers as people read them: as many digits as a difference needs, thousands apart, bytes in kB and MB."""

import math
from collections.abc import Callable, Sequence

import msgspec

from mergegate.amounts import amount

UNKNOWN = "–"
ARROW = "→"
MINUS = "−"

_UNITS = ("kB", "MB", "GB", "TB", "PB")
_TIMES = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
_DECIMALS = 6
_FEW = 4
_LARGE = 1e12
_SMALL = 10**-_DECIMALS


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


def duration(seconds: float | None) -> str:
    """A time with the unit that shows it: `6.2 µs`."""
    if seconds is None:
        return UNKNOWN
    unit, size = next((pair for pair in _TIMES if abs(seconds) >= pair[1]), _TIMES[-1])
    return f"{bar(float(f'{seconds / size:.3g}'))} {unit}"


def plural(number: int, noun: str) -> str:
    """`no stages`, `1 stage`, `2 stages`."""
    return amount(number, noun) if number else f"no {noun}s"


def step(old: int | None, new: int | None, show: Callable[[int | None], str]) -> str:
    """`84,204 → 112,534 (+28,330)`; one number where nothing changed or only one side has it."""
    if old is None or new is None:
        return show(new if old is None else old)
    if old == new:
        return show(new)
    return f"{show(old)} {ARROW} {show(new)} ({'+' if new > old else MINUS}{show(abs(new - old))})"


def percent(share: float) -> str:
    """`95 %`, `99.9 %`."""
    return f"{bar(share * 100)} %"


class Scale(msgspec.Struct, frozen=True):
    """The decimals and the unit that one row's numbers share.

    `floor` is the size below which a number is shown in powers of ten, because decimals would show nothing
    of it; 0 where an interval beside it says that nothing is to be seen.
    """

    decimals: int
    unit: str = ""
    floor: float = _SMALL
    times: float = 1.0

    def number(self, number: float | None) -> str:
        """One number."""
        return self._with_unit(self._plain(number), number)

    def signed(self, number: float | None) -> str:
        """A difference with its sign; `0` where there is none."""
        if number == 0:
            return self._with_unit("0", number)
        return self._with_unit(self._sign(number), number)

    def interval(self, low: float | None, high: float | None, *, signed: bool = True) -> str:
        """`−0.0121 to +0.0019`; an end that is not a number is unbounded, and is said to be."""
        show = self._sign if signed else self._plain
        below, above = (end is not None and math.isfinite(end) for end in (low, high))
        if below and above:
            return self._with_unit(f"{show(low)} to {show(high)}", low)
        if below:
            return f"{self._with_unit(show(low), low)} or more, unbounded above"
        return f"{self._with_unit(show(high), high)} or less, unbounded below" if above else "unbounded"

    def bar(self, bar_: float) -> str:
        """A bar as the policy states it."""
        return self._with_unit(bar(bar_ * self.times), bar_)

    def _sign(self, number: float | None) -> str:
        shown = self._plain(number)
        return f"+{shown}" if number is not None and number > 0 and shown.strip("0.") else shown

    def _plain(self, number: float | None) -> str:
        scaled = None if number is None else number * self.times
        return _number(scaled, self.decimals, self.floor)

    def _with_unit(self, text: str, number: float | None) -> str:
        known = number is not None and math.isfinite(number)
        return f"{text} {self.unit}" if self.unit and known else text


def scale(
    sides: Sequence[float | None],
    difference: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str = "",
) -> Scale:
    """What shows the largest side with four significant digits, and two of how sure the difference is.

    Half the interval's width says how sure; without an interval, the difference itself needs two digits.
    """
    known = [abs(number) for number in sides if number is not None and math.isfinite(number)]
    sure = _sure(difference, low, high)
    decimals = max(_decimals(max(known, default=0.0), 4), _decimals(sure or difference or 0.0, 2))
    return Scale(decimals, unit, 0.0 if sure >= _SMALL else _SMALL)


def compared(numbers: Sequence[float | None], difference: float | None) -> tuple[list[str], str]:
    """A metric on several sides and its difference, all with the same decimals."""
    common = scale(numbers, difference)
    return [common.number(number) for number in numbers], common.signed(difference)


def judged(
    value: float | None,
    low: float | None,
    high: float | None,
    bar: float | None,
    *,
    sides: Sequence[float | None] = (),
    unit: str = "",
    relative: bool = False,
) -> Scale:
    """What shows a gate's number and limits with the decimals that tell each from the bar.

    The `sides` that a difference is of give it their decimals; without an interval it has four, or two
    significant digits. A `relative` number is a share, shown in per cent.
    """
    times = 100.0 if relative else 1.0
    middle, *ends = (None if number is None else number * times for number in (value, low, high))
    line = None if bar is None else bar * times
    sure = _sure(middle, *ends)
    finite = [number for number in (middle, *ends) if number is not None and math.isfinite(number)]
    apart = [abs(number - line) for number in finite if line is not None and number != line]
    alone = finite[0] if finite else 0.0
    fewest = _decimals(sure, 2) if sure else max(min(_decimals(alone, 4), _FEW), _decimals(alone, 2))
    shared = 0 if relative else scale(sides, None).decimals
    decimals = max([fewest, shared, *(_decimals(gap, 1) for gap in apart)])
    return Scale(decimals, "%" if relative else unit, 0.0 if sure >= _SMALL else _SMALL, times)


def _sure(middle: float | None, low: float | None = None, high: float | None = None) -> float:
    """Half the interval's width, from the middle where it is open on one side; 0 without an interval."""
    ends = [end for end in (low, high) if end is not None and math.isfinite(end)]
    other = ends[1] if len(ends) == 2 else middle or 0.0
    width = abs(ends[0] - other) / len(ends) if ends else 0.0
    return width if math.isfinite(width) else 0.0


def bar(number: float | None) -> str:
    """A bar as the policy states it: no digit is rounded away."""
    return UNKNOWN if number is None else _signs(f"{number:,.12g}")


def _number(number: float | None, decimals: int, floor: float) -> str:
    """One number; in powers of ten when the decimals would show nothing of it, or too much."""
    if number is None:
        return UNKNOWN
    if math.isnan(number):
        return "not a number"
    if math.isinf(number):
        return f"{'' if number > 0 else MINUS}infinite"
    if number != 0 and not floor <= abs(number) < _LARGE:
        return _signs(f"{number:.3g}")
    shown = f"{number:,.{decimals}f}"
    return _signs(shown if shown.strip("-0.,") else shown.lstrip("-"))


def _signs(text: str) -> str:
    """The number's own sign as a minus; an exponent's stays a hyphen."""
    return MINUS + text[1:] if text.startswith("-") else text


def _decimals(number: float, significant: int) -> int:
    """Decimals that show this many significant digits, bounded."""
    if number == 0 or not math.isfinite(number):
        return 0
    return min(_DECIMALS, max(0, significant - 1 - math.floor(math.log10(abs(number)))))
