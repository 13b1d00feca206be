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
"""Rows × columns up to which numbers are held in the engine; texts may be long, and never are."""

Levels = Mapping[str, Sequence[str]]
"""Columns and some of their values, as text, whose rows are looked at by themselves."""


class ShiftSides(msgspec.Struct, frozen=True):
    """Plain columns of both sides with `IS_OLD`, and the level of each row where there are any."""

    engine: Engine
    table: ir.Table
    held: bool
    levels: Levels

    @property
    def old(self) -> ir.Table:
        """Base's rows."""
        return self.table.filter(self.table[IS_OLD] == 1)

    def inside(self, column: str, level: str) -> "ShiftSides":
        """The rows where `column` has one of its `levels`."""
        name, code = _level_name(self.levels, column), self.levels[column].index(level)
        some = self.table.filter(self.table[name] == code)
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
    levels: Levels | None = None,
    held: bool,
) -> ShiftSides:
    """Both sides of `columns` as plain values."""
    levels = levels or {}
    parts = [_plain(engine, table, columns, levels, is_old=is_old) for table, is_old in ((old, 1), (new, 0))]
    both = ibis.union(*parts, distinct=False)
    return ShiftSides(engine, engine.keep(both) if held else both, held, levels)


def _plain(
    engine: Engine, table: ir.Table, columns: Sequence[Column], levels: Levels, *, is_old: int
) -> ir.Table:
    wanted = dict.fromkeys([*(column.name for column in columns), *levels])
    table = distrust(engine, table.select(list(wanted)))
    plain: dict[str, ir.Value] = {
        column.plain: plain_value(table[column.name], column.kind) for column in columns
    }
    for column, some in levels.items():
        text = table[column].cast("string")
        codes = [(text == level, ibis.literal(code, type="int32")) for code, level in enumerate(some)]
        plain[_level_name(levels, column)] = ibis.cases(*codes, else_=ibis.null("int32"))
    return table.select(**{IS_OLD: ibis.literal(is_old, type="int32")}, **plain)


def _level_name(levels: Levels, column: str) -> str:
    return f"l{list(levels).index(column)}"
