"""Which categories a column of few values lost and gained."""

from collections.abc import Collection, Sequence

import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.records.data import ColumnProfile

MOST = 20
"""A text column of at most so many values in base is one of categories."""
_MOST_NEW = 1_000


def find_categories(
    engine: Engine,
    old: ir.Table,
    new: ir.Table,
    profiles: Sequence[ColumnProfile],
    *,
    private: Collection[str] = (),
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """(gone, new) categories, sorted, of each column of text with at most 20 values in base, by its name.

    Of private columns only how many. At most 1,000 values of head are looked at.
    """
    found = {}
    for each in profiles:
        few = 0 < (each.distinct_old or 0) <= MOST and (each.distinct_new or 0) <= _MOST_NEW
        name = each.column
        # A column that is text on one side only is read as text on both, and has no categories.
        told = {each.type_old, each.type_new} == {"text"}
        if not (few and told and name in old.columns and name in new.columns):
            continue
        before, after = _values(engine, old, name), _values(engine, new, name)
        gone, added = sorted(before - after), sorted(after - before)
        if name in private:
            gone, added = _counted(gone), _counted(added)
        if gone or added:
            found[name] = (tuple(gone), tuple(added))
    return found


def _values(engine: Engine, table: ir.Table, name: str) -> set[str]:
    column = table.select(value=table[name]).distinct()
    rows = engine.fetch(column.filter(column.value.notnull()).limit(_MOST_NEW)).to_pylist()
    return {row["value"] for row in rows}


def _counted(values: list[str]) -> list[str]:
    return [f"{len(values):,} hidden"] if values else []
