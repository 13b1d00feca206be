"""Files that are alike on both sides say what a column is, whatever the one new file beside them says."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import ibis.expr.types as ir
from msgspec import structs

from mergegate.dataset.engine import Engine
from mergegate.dataset.kinds import settle
from mergegate.dataset.rows import RowDiff
from mergegate.dataset.samples import cut
from mergegate.records.data import SchemaChange

_EXACT = 2**53
"""Below it a float holds every whole number."""

Schemas = tuple[sch.Schema | None, sch.Schema | None]


def join_alike(
    old: sch.Schema | None, new: sch.Schema | None, alike: sch.Schema | None
) -> tuple[Schemas, frozenset[str]]:
    """Both sides' columns, each with the files alike on both, and the columns that only the new files lack.

    A column that differing files had and emptied stays empty: what is alike must not hide it.
    """
    if alike is None:
        return (old, new), frozenset()
    lacking = frozenset(
        name for name in alike.names if new is not None and name not in new and (old is None or name in old)
    )
    emptied = {
        name: new[name]
        for name in (old.names if old and new else ())
        if new and old and name in new and new[name].is_null() and not old[name].is_null()
    }
    head = _join(new, alike)
    head = {name: emptied.get(name, kind) for name, kind in head.items() if name not in lacking}
    return (ibis.schema(_join(old, alike)), ibis.schema(head)), lacking


def ease_floats(
    engine: Engine, changes: Sequence[SchemaChange], schemas: Schemas, new: ir.Table | None, rows: RowDiff
) -> tuple[SchemaChange, ...]:
    """Whole numbers written as floats only because cells are missing lose nothing: additive.

    Every value of head's must be whole, and none of the rows' that both sides have may have changed.
    """
    before, after = schemas
    if before is None or after is None or new is None or (not rows.changes.key and rows.changes.removed):
        return tuple(changes)
    changed = {each.column for each in rows.columns}
    names = {
        cut(name): name
        for name in after.names
        if name in before and name in new.columns and name not in changed
        if before[name].is_integer() and after[name].is_floating() and new[name].type().is_floating()
    }
    asked = [names[each.column] for each in changes if each.kind == "retyped" and each.column in names]
    missing = _count_missing(engine, new, asked)
    return tuple(
        _ease(each, missing[names[each.column]])
        if each.kind == "retyped" and missing.get(names.get(each.column, ""))
        else each
        for each in changes
    )


def _join(own: sch.Schema | None, alike: sch.Schema) -> Mapping[str, dt.DataType]:
    if own is None:
        return dict(alike.items())
    found = {}
    for name in dict.fromkeys((*own.names, *alike.names)):
        kinds = [side[name] for side in (own, alike) if name in side]
        required = len(kinds) > 1 and not any(kind.nullable for kind in kinds)
        found[name] = settle(*(kind.copy(nullable=True) for kind in kinds)).copy(nullable=not required)
    return found


def _count_missing(engine: Engine, table: ir.Table, names: Sequence[str]) -> dict[str, int]:
    """Missing cells of each column whose other cells are all whole."""
    if not names:
        return {}
    measures: dict[str, ir.Scalar] = {}
    for place, name in enumerate(names):
        cells = table[name].cast("float64")
        odd = cells.isnan() | (cells % 1.0 != 0) | (cells.abs() >= _EXACT)
        measures[f"odd{place}"] = (cells.notnull() & odd).sum()
        measures[f"missing{place}"] = cells.isnull().sum()
    (row,) = engine.fetch(table.aggregate(**measures)).to_pylist()
    return {name: row[f"missing{place}"] or 0 for place, name in enumerate(names) if not row[f"odd{place}"]}


def _ease(change: SchemaChange, missing: int) -> SchemaChange:
    cells = f"{missing:,} cells are missing" if missing > 1 else "1 cell is missing"
    sentence = (
        f"{change.column} was {change.old}, and is written as float since {cells}: Int64 keeps whole numbers"
    )
    return structs.replace(change, additive=True, sentence=sentence)
