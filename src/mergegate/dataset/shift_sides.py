"""Both sides' columns as one plain table: read once and held where that is small."""

from collections.abc import Iterator, Mapping, Sequence

import ibis
import ibis.expr.types as ir
import msgspec
import pyarrow as pa

from mergegate.dataset.engine import Engine
from mergegate.dataset.footers import distrust
from mergegate.dataset.shift_columns import Column, plain_value

IS_OLD = "is_old"
"""1 for base's rows, 0 for the added ones: a query of one table costs less than of two."""
MOST_CELLS = 20_000_000
"""Rows × columns of both sides up to which they are held in the engine."""


class ShiftSides(msgspec.Struct, frozen=True):
    """Plain columns of both sides with `IS_OLD`; `levels` are the names in `table` of columns as text."""

    engine: Engine
    table: ir.Table
    held: bool
    levels: Mapping[str, str]

    @property
    def old(self) -> ir.Table:
        """Base's rows."""
        return self.table.filter(self.table[IS_OLD] == 1)

    def inside(self, column: str, level: str) -> "ShiftSides":
        """The rows where `column`, one of `levels`, is `level`."""
        table = self.table
        some = table.filter(table[self.levels[column]] == level)
        return ShiftSides(self.engine, some, self.held, self.levels)

    def fetch_each(self, parts: Sequence[ir.Table]) -> Iterator[pa.Table]:
        """Tables of one schema, each made of `table`: their rows in one query, or one by one.

        Where the table is not held, an engine would hold it for a query that names it twice.
        """
        if self.held and len(parts) > 1:
            yield self.engine.fetch(ibis.union(*parts, distinct=False))
            return
        for part in parts:
            yield self.engine.fetch(part)


def bring_together(
    engine: Engine,
    old: ir.Table,
    new: ir.Table,
    columns: Sequence[Column],
    *,
    levels: Sequence[str] = (),
    held: bool,
) -> ShiftSides:
    """Both sides of `columns` as plain values, and of `levels` as text."""
    names = {name: f"l{place}" for place, name in enumerate(levels)}
    parts = [_plain(engine, table, columns, names, is_old=is_old) for table, is_old in ((old, 1), (new, 0))]
    both = ibis.union(*parts, distinct=False)
    return ShiftSides(engine, engine.keep(both) if held else both, held, names)


def _plain(
    engine: Engine, table: ir.Table, columns: Sequence[Column], levels: Mapping[str, str], *, is_old: int
) -> ir.Table:
    wanted = dict.fromkeys([*(column.name for column in columns), *levels])
    table = distrust(engine, table.select(list(wanted)))
    plain: dict[str, ir.Value] = {
        column.plain: plain_value(table[column.name], column.kind) for column in columns
    }
    plain |= {name: table[column].cast("string") for column, name in levels.items()}
    return table.select(**{IS_OLD: ibis.literal(is_old, type="int32")}, **plain)
