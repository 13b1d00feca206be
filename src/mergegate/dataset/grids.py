"""Numbers of many distinct values, both sides counted in the cells of one grid that base's values lay out.

A cell is a range of sign(u)·⌈4096·ln(1 + |u|)⌉, where u is the distance from base's median in units of the
median distance of those values that are not it: fine where the values are dense, wider by the same factor
outwards, and the same on every engine, run and order of rows. The median is a cell of its own: it may be
the value of most rows. A cell stands for the middle of its values.
"""

import ibis
import ibis.expr.types as ir
import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.dataset.engine import Engine
from mergegate.stats.shift import Tally, tally_counts
from mergegate.stats.shift.tally import Floats

CELLS = 4_096
"""Cells for the first factor e of distance from the median, on either side."""
_FURTHEST = 10.0
"""Logarithm of the distance beyond which all values share a cell: 22,000 median distances."""


class Scale(msgspec.Struct, frozen=True):
    """Where a grid is finest, and its unit there."""

    centre: float
    unit: float


class Cells(msgspec.Struct, frozen=True, eq=False):
    """Rows of both sides by cell, and how far that may move two distances from those of every value.

    Inside a cell either distribution function may step first: `ks_error`. Each row stands up to half its
    cell's width from its value: `wasserstein_error`, in the column's unit.
    """

    tally: Tally
    ks_error: float
    wasserstein_error: float


def find_scale(engine: Engine, table: ir.Table, column: str) -> Scale:
    """The median, and the median distance of the other values from it."""
    value = table[column]
    centre = engine.fetch(table.aggregate(found=value.median()))["found"][0].as_py()
    away = (value - ibis.literal(centre, type="float64")).abs()
    others = table.select(away=away).filter(lambda t: t.away > 0)
    unit = engine.fetch(others.aggregate(found=others.away.median()))["found"][0].as_py()
    return Scale(centre, unit if unit is not None and 0 < unit < float("inf") else 1.0)


def count_cells(engine: Engine, old: ir.Table, new: ir.Table, column: str, scale: Scale) -> Cells:
    """Count both sides in one query; at most 82,000 cells of each come back."""
    both = _cells(old, column, scale).mutate(is_old=ibis.literal(True))
    both = both.union(_cells(new, column, scale).mutate(is_old=ibis.literal(False)))
    found = engine.fetch(both)
    cell, is_old = found["cell"].to_numpy(), found["is_old"].to_numpy()
    rows = found["rows"].to_numpy().astype(np.float64)
    _, place = np.unique(cell, return_inverse=True)
    size = int(place.max()) + 1
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, place, found["low"].to_numpy())
    np.maximum.at(high, place, found["high"].to_numpy())
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


def _cells(table: ir.Table, column: str, scale: Scale) -> ir.Table:
    centre, unit = (ibis.literal(value, type="float64") for value in (scale.centre, scale.unit))
    named = table.select(value=table[column]).filter(lambda t: t.value.notnull())
    away = (named.value - centre) / unit
    place = away.sign() * (ibis.least((away.abs() + 1).ln(), ibis.literal(_FURTHEST)) * CELLS).ceil()
    placed = named.mutate(cell=place.cast("int32"))
    return placed.group_by("cell").aggregate(
        rows=placed.count(), low=placed.value.min(), high=placed.value.max()
    )
