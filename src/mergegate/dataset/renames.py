"""Whether two columns hold the same values, whatever their order: a column that was renamed."""

from collections.abc import Callable, Sequence
from functools import cache

import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.kinds import settle

_PARTS = 4
"""A column's hash is summed in as many parts, so that the sums fit 64 bits for any number of rows."""


def same_content(
    engine: Engine, old: ir.Table, new: ir.Table, *, key: Sequence[str] = ()
) -> Callable[[str, str], bool]:
    """Tells of a column of `old` and one of `new` whether they hold the same values equally often.

    With a `key` that both sides have in one type, only rows of shared keys count; without, all rows. A column
    of one value or none is like too many others, and is never called the same.
    """
    if key and _comparable(old, new, key):
        old, new = old.semi_join(new.view(), list(key)), new.semi_join(old.view(), list(key))

    @cache
    def content(head: bool, column: str, kind: str) -> tuple[int, ...]:
        side = new if head else old
        table = side.select(value=side[column].cast(kind))
        mark = engine.row_hash(table, ["value"])
        parts = {f"h{part}": ((mark >> (16 * part)) & 0xFFFF).sum() for part in range(_PARTS)}
        several = (table.value.min() != table.value.max()).cast("int8")
        row = engine.fetch(table.aggregate(several=several, cells=table.value.count(), **parts)).to_pylist()[
            0
        ]
        return tuple(int(row[name] or 0) for name in ("several", "cells", *parts))

    def same(before: str, after: str) -> bool:
        if before not in old.columns or after not in new.columns:
            return False
        was, now = (column.type().copy(nullable=True) for column in (old[before], new[after]))
        kind = settle(was, now)
        if kind.is_null() or kind.is_string() != was.is_string():
            return False
        contents = content(False, before, str(kind)), content(True, after, str(kind))
        return contents[0] == contents[1] and contents[0][0] == 1

    return same


def _comparable(old: ir.Table, new: ir.Table, key: Sequence[str]) -> bool:
    return all(
        name in old.columns and name in new.columns and old[name].type() == new[name].type() for name in key
    )
