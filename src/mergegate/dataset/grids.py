"""Numbers of many distinct values, both sides counted in the cells of one grid that base's values lay out.

A cell is a range of sign(u)·⌈4096·ln(1 + |u|)⌉, where u is the distance from base's median in units of the
median distance of those values that are not it: fine where the values are dense, wider by the same factor
outwards, and the same on every engine, run and order of rows. The median is a cell of its own: it may be
the value of most rows. A cell stands for the middle of its values.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.dataset.numbers import numbers, split
from mergegate.dataset.scales import Scale
from mergegate.dataset.shift_sides import IS_OLD, ShiftSides
from mergegate.stats.shift import Tally, tally_counts
from mergegate.stats.shift.tally import Floats

CELLS = 4_096
"""Cells for the first factor e of distance from the median, on either side."""
_FURTHEST = 10.0
"""Logarithm of the distance beyond which all values share a cell: 22,000 median distances."""

_COUNTED = ("cell", IS_OLD, "rows", "low", "high")


class Cells(msgspec.Struct, frozen=True, eq=False):
    """Rows of both sides by cell, and how far that may move two distances from those of every value.

    Inside a cell either distribution function may step first: `ks_error`. Each row stands up to half its
    cell's width from its value: `wasserstein_error`, in the column's unit.
    """

    tally: Tally
    ks_error: float
    wasserstein_error: float


def count_cells(sides: ShiftSides, scales: Mapping[str, Scale]) -> Iterator[tuple[str, Cells]]:
    """Count columns by their plain names, at most 82,000 cells of each side and column."""
    names = list(scales)
    parts = [_cells(sides.table, name, scale, place) for place, (name, scale) in enumerate(scales.items())]
    for found in sides.fetch_each(parts):
        for place, own in split(numbers(found, "which")):
            yield names[place], _sum_up({name: numbers(found, name)[own] for name in _COUNTED})


def _sum_up(found: Mapping[str, NDArray[Any]]) -> Cells:
    is_old, rows = found[IS_OLD] > 0, found["rows"].astype(np.float64)
    _, place = np.unique(found["cell"], return_inverse=True)
    size = int(place.max()) + 1
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, place, found["low"])
    np.maximum.at(high, place, found["high"])
    before = np.bincount(place, np.where(is_old, rows, 0.0), size)
    after = np.bincount(place, np.where(is_old, 0.0, rows), size)
    p, q, width = before / before.sum(), after / after.sum(), high - low
    return Cells(
        tally_counts(low / 2 + high / 2, before, after),
        _hidden(p, q, width > 0),
        float(np.sum((p + q) * width / 2)),
    )


def _hidden(p: Floats, q: Floats, wide: NDArray[np.bool_]) -> float:
    """How much farther apart two distribution functions may be inside `wide` cells than at their ends."""
    ends, other_ends = np.cumsum(p), np.cumsum(q)
    seen = float(np.abs(ends - other_ends).max())
    inside = np.maximum(ends - (other_ends - q), other_ends - (ends - p))
    return max(0.0, float(inside[wide].max(initial=0.0)) - seen)


def _cells(table: ir.Table, name: str, scale: Scale, which: int) -> ir.Table:
    centre, unit = (ibis.literal(each, type="float64") for each in (scale.centre, scale.unit))
    value = table[name]
    away = (value - centre) / unit
    cell = away.sign() * (ibis.least((away.abs() + 1).ln(), ibis.literal(_FURTHEST)) * CELLS).ceil()
    counted = table.group_by(
        which=ibis.literal(which, type="int32"), **{IS_OLD: table[IS_OLD]}, cell=cell.cast("int32")
    )
    found = counted.aggregate(rows=table.count(), low=value.min(), high=value.max())
    return found.filter(found.cell.notnull())
