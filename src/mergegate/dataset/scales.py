"""Where base's numbers lie and how far apart: exact medians, found in windows that a sample lays out.

A median asked of an engine holds the column. Here a sample says between which values it must be; the engine
counts the rows below these and hands out what is between; if the sample was wrong, that shows, and the window
is made wider. A sample moves the cost, never the result.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mergegate.dataset.numbers import numbers
from mergegate.dataset.order import Counted
from mergegate.dataset.shift_sides import ShiftSides
from mergegate.stats.shift.tally import Floats

MOST_FETCHED = 100_000
"""Rows up to which the values themselves are fetched."""
SAMPLED = 40_000
"""Rows of a sample, more of very many."""
_ONE_IN = 500
MOST_COLLECTED = 40_000_000
"""Values of windows that are handed out at once."""
_NARROW, _WIDE, _ALL = 4.0, 14.0, math.inf
"""How far a median may be from the sample's, in its standard deviations."""
_FEWEST = 1_000
"""Sampled values without which a window is of all values."""
_CROWDED = 0.2
"""The share of the sample in a window from which its values are counted: many are equal."""


class Scale(msgspec.Struct, frozen=True):
    """The median, and the median distance of the values that are not it; 1 where all are."""

    centre: float
    unit: float


class Window(msgspec.Struct, frozen=True):
    """Where both medians are looked for: from `low` to `high`, and in a band of values on either side."""

    low: float = -math.inf
    high: float = math.inf
    far_left: float = -math.inf
    left: float = math.inf
    right: float = -math.inf
    far_right: float = math.inf

    @property
    def ranges(self) -> tuple[tuple[float, float], ...]:
        """Lowest and highest value of each part; parts may overlap."""
        return (self.low, self.high), (self.far_left, self.left), (self.right, self.far_right)


class Found(msgspec.Struct, frozen=True, eq=False):
    """A column's values in a window, how many are below it, and how many between its two bands."""

    window: Window
    counted: Counted
    below: int = 0
    between: int = 0


def find_scales(sides: ShiftSides, present: Mapping[str, int], rows: int) -> dict[str, Scale]:
    """The scales of base's columns, by plain names; of its `rows` some are `present` in each."""
    names, old = list(present), sides.old
    if rows <= MOST_FETCHED:
        values = _fetch(sides, old, names)
        return _solve(((name, Found(Window(), Counted(values[name]))) for name in names), present)
    share = max(SAMPLED / rows, 1 / _ONE_IN)
    sample = _fetch(sides, old.filter(ibis.random() < share), names)
    windows = {name: find_window(sample[name], _NARROW) for name in names}
    shares = {name: _share_within(window, sample[name]) for name, window in windows.items()}
    scales: dict[str, Scale] = {}
    for batch in _batches({name: each for name, each in shares.items() if each < _CROWDED}, rows):
        scales |= _solve(_collect(sides, {name: windows[name] for name in batch}), present)
    for width in (_WIDE, _ALL):
        left = {name: find_window(sample[name], width) for name in names if name not in scales}
        scales |= _solve(_count(sides, left), present)
    return scales


def find_window(sample: Floats, width: float) -> Window:
    """Where both medians must be, by a sample; anywhere by a small one."""
    if len(sample) < _FEWEST or width == _ALL:
        return Window()
    low, centre, high = _around(sample, width)
    with np.errstate(over="ignore"):
        away = np.abs(sample - centre)
    away = away[away > 0]
    if len(away) < _FEWEST:
        return Window()
    near, unit, far = _around(away, width)
    # The bands lie about a median that is off itself, and not by chance in the same direction.
    off = max(high - centre, centre - low)
    near, far = unit - math.hypot(unit - near, off), unit + math.hypot(far - unit, off)
    bands = (centre - far, centre - near, centre + near, centre + far)
    # Of the largest floats there are the differences are infinite.
    return Window(low, high, *bands) if all(map(math.isfinite, bands)) else Window()


def find_scale(found: Found, present: int) -> Scale | None:
    """The scale of a column with so many values `present`; None where a median is not in the window."""
    window, counted = found.window, found.counted
    values = counted.values
    middle = counted.where((values >= window.low) & (values <= window.high)).middle(
        before=found.below, of=present
    )
    if middle is None:
        return None
    centre = middle[0] / 2 + middle[1] / 2
    equal = counted.where(values == centre).total
    if equal == present:
        return Scale(centre, 1.0)
    with np.errstate(over="ignore"):
        away = np.abs(values - centre)
    banded = (values >= window.far_left) & (values <= window.left)
    banded |= (values >= window.right) & (values <= window.far_right)
    bands = Counted(away, counted.rows).where(banded & (away > 0))
    before = found.between - (equal if window.left < centre < window.right else 0)
    middle = bands.middle(before=before, of=present - equal)
    # Every row between the bands must be nearer, every row beyond them farther.
    nearest = max(centre - window.left, window.right - centre)
    farthest = min(centre - window.far_left, window.far_right - centre)
    if middle is None or not nearest <= middle[0] <= middle[1] <= farthest:
        return None
    unit = middle[0] / 2 + middle[1] / 2
    return Scale(centre, unit if 0 < unit < math.inf else 1.0)


def _solve(found: Iterable[tuple[str, Found]], present: Mapping[str, int]) -> dict[str, Scale]:
    scales = ((name, find_scale(each, present[name])) for name, each in found)
    return {name: scale for name, scale in scales if scale is not None}


def _fetch(sides: ShiftSides, rows: ir.Table, names: list[str]) -> dict[str, Floats]:
    missing = _number(math.nan)
    found = sides.engine.fetch(rows.select(**{name: rows[name].fill_null(missing) for name in names}))
    values = {name: numbers(found, name) for name in names}
    return {name: each[~np.isnan(each)] for name, each in values.items()}


def _around(sample: Floats, width: float) -> tuple[float, float, float]:
    """The sample's median and the values so many standard deviations of it below and above."""
    middle, reach = len(sample) / 2, width * math.sqrt(len(sample)) / 2
    low, high = max(0, math.floor(middle - reach)), min(len(sample) - 1, math.ceil(middle + reach))
    places = [low, int(middle), high]
    found = np.partition(sample, places)[places]
    return float(found[0]), float(found[1]), float(found[2])


def _share_within(window: Window, sample: Floats) -> float:
    within: NDArray[np.bool_] = reduce(
        or_, ((sample >= low) & (sample <= high) for low, high in window.ranges)
    )
    return float(within.sum() / max(1, len(sample)))


def _batches(shares: Mapping[str, float], rows: int) -> Iterator[list[str]]:
    """Columns whose windows have not too many values together."""
    batch: list[str] = []
    for name in shares:
        if batch and sum(shares[each] for each in (*batch, name)) * rows > MOST_COLLECTED:
            yield batch
            batch = []
        batch.append(name)
    if batch:
        yield batch


def _collect(sides: ShiftSides, windows: Mapping[str, Window]) -> Iterator[tuple[str, Found]]:
    """The values in the windows, a few in a hundred of all, in one pass."""
    old = sides.old
    values = {name: old[name].collect(where=_chosen(window, old[name])) for name, window in windows.items()}
    found = sides.engine.fetch(old.aggregate(**_outside(old, windows), **values))
    for name, window in windows.items():
        counted = Counted(numbers(pa.table([found[name].combine_chunks().flatten()], ["values"]), "values"))
        yield name, Found(window, counted, **_told(found, name))


def _count(sides: ShiftSides, windows: Mapping[str, Window]) -> Iterator[tuple[str, Found]]:
    """Each value in a window with its rows, column by column."""
    if not windows:
        return
    old, engine = sides.old, sides.engine
    outside = engine.fetch(old.aggregate(**_outside(old, windows)))
    for name, window in windows.items():
        some = old.select(value=old[name]).filter(lambda t, window=window: _chosen(window, t.value))
        found = engine.fetch(some.group_by("value").aggregate(rows=some.count()))
        counted = Counted(numbers(found, "value"), numbers(found, "rows"))
        yield name, Found(window, counted, **_told(outside, name))


def _chosen(window: Window, value: ir.Value) -> ir.BooleanValue:
    chosen: ir.BooleanValue = reduce(
        or_, (value.between(_number(low), _number(high)) for low, high in window.ranges)
    )
    return chosen


def _outside(old: ir.Table, windows: Mapping[str, Window]) -> dict[str, ir.Scalar]:
    measures = {}
    for name, window in windows.items():
        below = old[name] < _number(window.low)
        between = (old[name] > _number(window.left)) & (old[name] < _number(window.right))
        measures[f"{name}_below"] = ibis.ifelse(below, 1, ibis.null("int8")).count()
        measures[f"{name}_between"] = ibis.ifelse(between, 1, ibis.null("int8")).count()
    return measures


def _told(found: pa.Table, name: str) -> dict[str, int]:
    return {key: found[f"{name}_{key}"][0].as_py() for key in ("below", "between")}


def _number(value: float) -> ir.Scalar:
    return ibis.literal(value, type="float64")
