"""Rows of one table that another has too, by the values of some columns: joined by a hash of 64 bits.

With ten million rows on each side, the chance that any two unequal rows hash alike is below one in 100,000.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.kinds import settle

HASH = "mergegate_hash"


def align(left: ir.Column, right: ir.Column) -> tuple[ir.Column, ir.Column]:
    """Both columns as one type, so that equal values compare and hash alike: 1 is 1.0, −0.0 is 0.0."""
    kind = settle(left.type().copy(nullable=True), right.type().copy(nullable=True))
    return _as(left, kind), _as(right, kind)


def _as(column: ir.Column, kind: dt.DataType) -> ir.Column:
    if column.type().copy(nullable=True) != kind:
        column = column.cast(kind)
    if kind.is_floating():
        column = (column == 0).fill_null(False).ifelse(ibis.literal(0.0, type=kind), column)
    return column


def hashed(
    engine: Engine, left: ir.Table, right: ir.Table, columns: Sequence[str], *, missing: bool
) -> tuple[ir.Table, ir.Table]:
    """Both tables with HASH, of `columns`; without `missing`, only the rows that have all of them."""
    pairs = {name: align(left[name], right[name]) for name in columns}
    sides = []
    for place, table in enumerate((left, right)):
        aligned = table.mutate(**{f"mergegate_{at}": pair[place] for at, pair in enumerate(pairs.values())})
        names = [f"mergegate_{at}" for at in range(len(pairs))]
        if not missing:
            aligned = aligned.drop_null(names, how="any")
        sides.append(aligned.mutate(**{HASH: engine.row_hash(aligned, names)}).drop(*names))
    return sides[0], sides[1]


def matching(
    engine: Engine, left: ir.Table, right: ir.Table, columns: Sequence[str], *, missing: bool
) -> ir.Table:
    """Left rows whose values in `columns` a right row has too. A key or group that is missing is none."""
    a, b = hashed(engine, left, right, columns, missing=missing)
    return a.semi_join(b.select(HASH), HASH).drop(HASH)


def without_match(engine: Engine, left: ir.Table, right: ir.Table, columns: Sequence[str]) -> ir.Table:
    """Left rows, whole in `columns`, whose values no right row has."""
    a, b = hashed(engine, left, right, columns, missing=False)
    return a.anti_join(b.select(HASH), HASH).drop(HASH)


def count(engine: Engine, table: ir.Table) -> int:
    """How many rows."""
    return int(engine.fetch(table.aggregate(rows=table.count()))["rows"][0].as_py())


def count_twins(engine: Engine, table: ir.Table, columns: Sequence[str]) -> int:
    """Rows that equal another row of the same table in `columns`; missing equals missing."""
    rows, _ = hashed(engine, table, table, columns, missing=True)
    groups = rows.group_by(HASH).aggregate(rows=rows.count())
    twins = groups.filter(groups.rows > 1)
    return int(engine.fetch(twins.aggregate(rows=twins.rows.sum()))["rows"][0].as_py() or 0)
