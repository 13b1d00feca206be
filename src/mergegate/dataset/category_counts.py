"""Categories of both sides with their rows: by name where they are few, else the common ones and the rest."""

import ibis
import ibis.expr.types as ir
import msgspec
import numpy as np
import pyarrow as pa

from mergegate.dataset.engine import Engine
from mergegate.stats.shift.tally import Floats

MOST_COMMON = 1_000
"""Categories told apart where there are more than can be counted; the rest are one."""
MOST_NEW = 20


class CategoryCounts(msgspec.Struct, frozen=True, eq=False):
    """Rows of each category, `old` and `new` (k,), in order of the names.

    `names` has k entries, or one less: then the last of the counts is all other categories together. `unseen`
    are the commonest categories that only the new side has, `unseen_rows` the new rows in any such.
    """

    names: tuple[str, ...]
    old: Floats
    new: Floats
    unseen: tuple[str, ...]
    unseen_rows: int


def count_categories(counted: pa.Table) -> CategoryCounts:
    """From a table of `value`, `rows` and `side` ("old" or "new") that has every category."""
    sides: tuple[dict[str, int], dict[str, int]] = ({}, {})
    columns = (counted[name].to_pylist() for name in ("value", "rows", "side"))
    for value, rows, side in zip(*columns, strict=True):
        sides[side == "new"][value] = rows
    before, after = sides
    names = tuple(sorted(before.keys() | after.keys()))
    unseen = sorted(after.keys() - before.keys(), key=lambda name: (-after[name], name))
    return CategoryCounts(
        names,
        np.array([before.get(name, 0) for name in names], dtype=np.float64),
        np.array([after.get(name, 0) for name in names], dtype=np.float64),
        tuple(unseen[:MOST_NEW]),
        sum(after[name] for name in unseen),
    )


def count_common(engine: Engine, old: ir.Table, new: ir.Table, column: str) -> CategoryCounts:
    """The 1,000 commonest categories of both sides together, the rest as one; new ones by a join."""
    before, after = (_counted(table, column) for table in (old, new))
    joined = before.outer_join(after, before.value == after.value)
    both = engine.keep(
        joined.select(
            value=ibis.coalesce(before.value, after.value),
            old=before.rows.fill_null(0),
            new=after.rows.fill_null(0),
        )
    )
    every = engine.fetch(both.aggregate(old=both.old.sum(), new=both.new.sum())).to_pylist()[0]
    ranked = both.order_by([ibis.desc(both.old + both.new), both.value]).limit(MOST_COMMON)
    common = sorted(engine.fetch(ranked).to_pylist(), key=lambda row: str(row["value"]))
    only_new = both.filter(both.old == 0)
    unseen = engine.fetch(only_new.order_by([ibis.desc("new"), "value"]).limit(MOST_NEW))
    rows = engine.fetch(only_new.aggregate(rows=only_new.new.sum()))["rows"][0].as_py()
    before_rows, after_rows = ([row[side] for row in common] for side in ("old", "new"))
    return CategoryCounts(
        tuple(row["value"] for row in common),
        np.array([*before_rows, every["old"] - sum(before_rows)], dtype=np.float64),
        np.array([*after_rows, every["new"] - sum(after_rows)], dtype=np.float64),
        tuple(unseen["value"].to_pylist()),
        int(rows or 0),
    )


def _counted(table: ir.Table, column: str) -> ir.Table:
    named = table.select(value=table[column]).filter(lambda t: t.value.notnull())
    return named.group_by("value").aggregate(rows=named.count())
