"""Whether a column's new values look like base's in another unit: miles that became kilometres."""

import msgspec
import numpy as np

from mergegate.stats.shift import Tally, kolmogorov_smirnov, tally_counts
from mergegate.stats.shift.tally import Floats

_MOVED = 0.2
"""The largest distance of the distribution functions from which a change of unit is thought of."""
_ALIKE = 0.1
_CLOSER = 4.0
"""How many times nearer the converted values must be."""
_SAME_QUARTILES = 0.04
"""How far, as a share, each quartile may be from the converted one: some units lie near each other."""
FEWEST_ROWS = 50
"""New rows below which nearly any distribution looks like another."""
FEWEST_VALUES = 5
"""Distinct values of base that must be there: two heaps can be laid on any two others."""


class Unit(msgspec.Struct, frozen=True):
    """A conversion: new = factor · old + offset."""

    factor: float
    offset: float
    words: str

    @property
    def formula(self) -> str:
        """`× 1.8 + 32`, as it is applied to base's values."""
        times = "" if self.factor == 1 else f"× {self.factor:.6g}"
        sign = "+" if self.offset > 0 else "−"
        plus = "" if self.offset == 0 else f"{sign} {abs(self.offset):.6g}"
        return f"{times} {plus}".strip()


def _both(factor: float, one: str, other: str, offset: float = 0.0) -> tuple[Unit, Unit]:
    return (
        Unit(factor, offset, f"{one} to {other}"),
        Unit(1 / factor, -offset / factor, f"{other} to {one}"),
    )


KNOWN = (
    *_both(1.8, "°C", "°F", 32.0),
    *_both(1.0, "°C", "K", 273.15),
    *_both(1.609344, "miles", "kilometres"),
    *_both(1.852, "nautical miles", "kilometres"),
    *_both(1.150779448, "knots", "miles per hour"),
    *_both(3.6, "metres per second", "kilometres per hour"),
    *_both(2.236936292, "metres per second", "miles per hour"),
    *_both(3.280839895, "metres", "feet"),
    *_both(2.54, "inches", "centimetres"),
    *_both(25.4, "inches", "millimetres"),
    *_both(2.204622622, "kilograms", "pounds"),
    *_both(33.8638866667, "inches of mercury", "hectopascals"),
    *_both(24.0, "days", "hours"),
    *_both(60.0, "hours to minutes, or minutes", "seconds"),
    *_both(3_600.0, "hours", "seconds"),
    *_both(86_400.0, "days", "seconds"),
    *_both(10.0, "tens", "ones"),
    *_both(100.0, "shares", "percents"),
    *_both(1_000.0, "thousands", "ones"),
    *_both(1_000_000.0, "millions", "ones"),
)


def find_unit(tally: Tally | None) -> Unit | None:
    """The known conversion that takes base's distribution nearest to the new one, if that makes them alike.

    Alike: a largest distance of at most 0.1 and a quarter of what it was, quartiles within 4 %.
    """
    if tally is None or tally.rows_new < FEWEST_ROWS or np.count_nonzero(tally.old) < FEWEST_VALUES:
        return None
    moved = kolmogorov_smirnov(tally)
    if moved < _MOVED:
        return None
    distances = [kolmogorov_smirnov(_converted(tally, unit)) for unit in KNOWN]
    best = int(np.argmin(distances))
    unit, nearest = KNOWN[best], min(_ALIKE, moved / _CLOSER)
    with np.errstate(over="ignore"):
        converted = _quartiles(tally, tally.old) * unit.factor + unit.offset
    found = _quartiles(tally, tally.new)
    scale = np.maximum(np.maximum(np.abs(found), np.abs(converted)), found[2] - found[0])
    same = bool((np.abs(found - converted) <= _SAME_QUARTILES * scale).all())
    return unit if distances[best] <= nearest and same else None


def _quartiles(tally: Tally, counts: Floats) -> Floats:
    reached = np.cumsum(counts)
    result: Floats = tally.values[np.searchsorted(reached, reached[-1] * np.array([0.25, 0.5, 0.75]))]
    return result


def _converted(tally: Tally, unit: Unit) -> Tally:
    """The old values in the new unit beside the new ones."""
    size = len(tally.values)
    with np.errstate(over="ignore"):
        values = np.concatenate([tally.values * unit.factor + unit.offset, tally.values])
    zeros = np.zeros(size)
    return tally_counts(values, np.concatenate([tally.old, zeros]), np.concatenate([zeros, tally.new]))
