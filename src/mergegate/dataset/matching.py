"""Rows of one table that another has too, by the values of some columns: joined by a hash of 64 bits.

With ten million rows on each side, the chance that any two unequal rows hash alike is below one in 100,000.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.normalise import align, finite

HASH = "mergegate_hash"
DIGITS = 6
_MOST_DECIMALS = 300


def hashed(
    engine: Engine,
    left: ir.Table,
    right: ir.Table,
    columns: Sequence[str],
    *,
    missing: bool,
    coarse: bool = False,
) -> tuple[ir.Table, ir.Table]:
    """Both tables with HASH, of `columns`; without `missing`, only the rows that have all of them.

    `coarse`: fractions to 6 digits, so that a nudge makes no other row.
    """
    ways = [(left[name], right[name]) for name in columns]
    pairs = [align(*(_coarse(*way) if coarse else way)) for way in ways]
    sides = []
    for place, table in enumerate((left, right)):
        values = [value for pair in pairs for value in pair[place]]
        names = [f"mergegate_{at}" for at in range(len(values))]
        if not missing:
            table = table.filter(ibis.and_(*(table[name].notnull() for name in columns)))
        aligned = table.mutate(**dict(zip(names, values, strict=True)))
        hash = engine.row_hash(aligned, names, salt=engine.salt)
        sides.append(aligned.mutate(**{HASH: hash}).drop(*names))
    return sides[0], sides[1]


def matching(
    engine: Engine,
    left: ir.Table,
    right: ir.Table,
    columns: Sequence[str],
    *,
    missing: bool,
    coarse: bool = False,
) -> ir.Table:
    """Left rows whose values in `columns` a right row has too. A key or group that is missing is none."""
    a, b = hashed(engine, left, right, columns, missing=missing, coarse=coarse)
    return a.semi_join(b.select(HASH), HASH).drop(HASH)


def without_match(engine: Engine, left: ir.Table, right: ir.Table, columns: Sequence[str]) -> ir.Table:
    """Left rows, whole in `columns`, whose values no right row has."""
    a, b = hashed(engine, left, right, columns, missing=False)
    return a.anti_join(b.select(HASH), HASH).drop(HASH)


def count(engine: Engine, table: ir.Table) -> int:
    """How many rows."""
    return int(engine.fetch(table.aggregate(rows=table.count()))["rows"][0].as_py())


def count_twins(engine: Engine, table: ir.Table, columns: Sequence[str]) -> int:
    """Rows that equal another row of the same table in `columns`, coarsely; missing equals missing."""
    rows, _ = hashed(engine, table, table, columns, missing=True, coarse=True)
    groups = rows.group_by(HASH).aggregate(rows=rows.count())
    twins = groups.filter(groups.rows > 1)
    return int(engine.fetch(twins.aggregate(rows=twins.rows.sum()))["rows"][0].as_py() or 0)


def fractional(column: ir.Column) -> bool:
    """Whether a column may hold fractions."""
    return bool(column.type().is_floating() or column.type().is_decimal())


def _coarse(left: ir.Column, right: ir.Column) -> tuple[ir.Column, ir.Column]:
    """Both to DIGITS digits where either may hold fractions and both are numbers; else as they are."""
    numbers = all(side.type().is_numeric() and not side.type().is_boolean() for side in (left, right))
    if not numbers or not (fractional(left) or fractional(right)):
        return left, right
    return _rounded(left), _rounded(right)


def _rounded(column: ir.Column) -> ir.Column:
    """To DIGITS digits, but whole numbers whole: large ones name things, and times."""
    value = column.cast("float64")
    plain = finite(value) & (value != 0)
    size = plain.ifelse(value.abs(), 1.0).log10().floor()
    scale = ibis.literal(10.0) ** (DIGITS - 1 - size).clip(lower=0, upper=_MOST_DECIMALS).cast("float64")
    rounded: ir.Column = plain.ifelse((value * scale).round(0) / scale, value)
    return rounded


def present(column: ir.Column) -> ir.BooleanValue:
    """Whether a cell holds something: neither missing nor NaN."""
    known: ir.BooleanValue = column.notnull()
    return known & ~column.isnan() if column.type().is_floating() else known
