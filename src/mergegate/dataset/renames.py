"""Whether two columns hold the same values, whatever their order: a column that was renamed."""

from collections.abc import Callable
from functools import cache

import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.kinds import settle

_PARTS = 4
"""A column's hash is summed in as many parts, so that the sums fit 64 bits for any number of rows."""


def same_content(engine: Engine, old: ir.Table, new: ir.Table) -> Callable[[str, str], bool]:
    """Tells of a column of `old` and one of `new` whether they hold the same values equally often.

    The tables should hold the same rows: all, or those that both sides have. A column of one value or none is
    like too many others, and is never called the same.
    """

    @cache
    def content(side: str, column: str, kind: str) -> tuple[int, ...]:
        table = (old if side == "old" else new).select(
            value=(old if side == "old" else new)[column].cast(kind)
        )
        mark = engine.row_hash(table, ["value"])
        parts = {f"h{part}": ((mark >> (16 * part)) & 0xFFFF).sum() for part in range(_PARTS)}
        counts = {
            "cells": table.value.count(),
            "several": (table.value.min() != table.value.max()).cast("int8"),
        }
        row = engine.fetch(table.aggregate(**counts, **parts)).to_pylist()[0]
        return tuple(int(row[name] or 0) for name in ("several", "cells", *parts))

    def same(before: str, after: str) -> bool:
        kind = settle(old[before].type().copy(nullable=True), new[after].type().copy(nullable=True))
        if kind.is_null() or kind.is_string() != old[before].type().is_string():
            return False
        was, now = content("old", before, str(kind)), content("new", after, str(kind))
        return was == now and was[0] == 1

    return same
