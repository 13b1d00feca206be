"""Reported numbers with the unit that their names end in: `training.seconds` of 4000 is `1 h 6 min 40 s`."""

import re
from collections.abc import Callable

_UNIT = re.compile(
    r"(?:^|[._-])(seconds?|secs?|(?<=_)s|milliseconds|ms|minutes|hours|bytes|kb|mb|gb)$", re.IGNORECASE
)
_SIZES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1.0))
_LONGEST = 1e15


def show_quantity(name: str, value: float) -> str | None:
    """`value` as people read it, None where the name ends in no unit that is known here."""
    found = _UNIT.search(name)
    if found is None or not 0 <= value < _LONGEST:
        return None
    unit, factor = _FACTORS[found[1].lower()]
    return unit(value * factor)


def _duration(seconds: float) -> str:
    """Seconds in at most three parts; below a minute four digits."""
    if 0 < seconds < 1:
        return f"{seconds * 1e3:.4g} ms"
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.4g} s"
    parts = ((whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    return " ".join(f"{count:,} {unit}" for count, unit in parts if count)


def _size(count: float) -> str:
    """Bytes with the unit that shows them, four digits."""
    unit, size = next((pair for pair in _SIZES if count >= pair[1]), _SIZES[-1])
    shown = f"{count / size:,.4g}" if count / size < 1e4 else f"{count / size:,.0f}"
    return f"{shown} {unit}"


_FACTORS: dict[str, tuple[Callable[[float], str], float]] = {
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), (_duration, 1.0)),
    **dict.fromkeys(("milliseconds", "ms"), (_duration, 1e-3)),
    "minutes": (_duration, 60.0),
    "hours": (_duration, 3600.0),
    "bytes": (_size, 1.0),
    "kb": (_size, 1e3),
    "mb": (_size, 1e6),
    "gb": (_size, 1e9),
}
