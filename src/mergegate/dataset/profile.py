"""Each column of both sides: missing cells, NaN, distinct values, lowest and highest."""

from collections.abc import Collection, Mapping
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.kinds import told_kind
from mergegate.dataset.samples import show
from mergegate.records.data import ColumnProfile

EXACT_ROWS = 100_000
EXACT_DISTINCT = 5_000
"""Of more rows, more distinct values than this are estimated by a sketch, and the profile says so."""
_BATCH = 50
"""Columns asked at once: each that is counted exactly holds memory of its own."""


def profile(
    engine: Engine,
    old: ir.Table | None,
    new: ir.Table | None,
    *,
    private: Collection[str] = (),
    old_schema: sch.Schema | None = None,
    new_schema: sch.Schema | None = None,
) -> tuple[ColumnProfile, ...]:
    """A profile of each column, head's first; the schemas tell types where a table was cast to compare.

    Of private columns lowest and highest are None.
    """
    before = _measure(engine, old)
    after = _measure(engine, new)
    return tuple(
        ColumnProfile(
            column=name,
            private=name in private,
            distinct_about=bool(before.get(name, {}).get("about") or after.get(name, {}).get("about")),
            **_side("old", before.get(name), _kind(old, old_schema, name), name in private),
            **_side("new", after.get(name), _kind(new, new_schema, name), name in private),
        )
        for name in dict.fromkeys([*after, *before])
    )


def _kind(table: ir.Table | None, schema: sch.Schema | None, name: str) -> dt.DataType | None:
    if schema is not None and name in schema:
        return schema[name]
    return table[name].type() if table is not None and name in table.columns else None


def _side(
    side: str, found: Mapping[str, Any] | None, kind: dt.DataType | None, private: bool
) -> dict[str, Any]:
    if found is None or kind is None:
        return {}
    return {
        f"type_{side}": told_kind(kind),
        f"missing_{side}": found["rows"] - found["cells"],
        f"nan_{side}": found.get("nan") or 0,
        f"distinct_{side}": found["distinct"],
        f"low_{side}": None if private else show(found.get("low")),
        f"high_{side}": None if private else show(found.get("high")),
    }


def _measure(engine: Engine, table: ir.Table | None) -> dict[str, dict[str, Any]]:
    if table is None:
        return {}
    rows = _one(engine, table, {"rows": table.count()})["rows"]
    exact = rows <= EXACT_ROWS
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(table.columns), _BATCH):
        names = table.columns[start : start + _BATCH]
        measures = {
            f"{measure}{place}": value
            for place, name in enumerate(names)
            for measure, value in _measures(table[name], exact=exact).items()
        }
        row = _one(engine, table, measures)
        for place, name in enumerate(names):
            own = {measure: row.get(f"{measure}{place}") for measure in _MEASURES}
            found[name] = {
                **own,
                "rows": rows,
                "about": not exact and (own["distinct"] or 0) > EXACT_DISTINCT,
            }
    if not exact:
        _count_few(engine, table, found)
    return found


def _count_few(engine: Engine, table: ir.Table, found: dict[str, dict[str, Any]]) -> None:
    """Count exactly what is few."""
    few = [name for name, own in found.items() if not own["about"]]
    for start in range(0, len(few), _BATCH):
        names = few[start : start + _BATCH]
        counts = _one(engine, table, {f"c{place}": table[name].nunique() for place, name in enumerate(names)})
        for place, name in enumerate(names):
            found[name]["distinct"] = counts[f"c{place}"]


def _one(engine: Engine, table: ir.Table, measures: Mapping[str, ir.Scalar]) -> dict[str, Any]:
    row: dict[str, Any] = engine.fetch(table.aggregate(**measures)).to_pylist()[0]
    return row


_MEASURES = ("cells", "distinct", "nan", "low", "high")


def _measures(column: ir.Column, *, exact: bool) -> dict[str, ir.Scalar]:
    kind = column.type()
    distinct = column.nunique() if exact else column.approx_nunique()
    measures: dict[str, ir.Scalar] = {"cells": column.count(), "distinct": distinct}
    if kind.is_floating():
        known = ~column.isnan()
        return {
            **measures,
            "nan": column.isnan().sum(),
            "low": column.min(where=known),
            "high": column.max(where=known),
        }
    if kind.is_timestamp():
        # Nanoseconds have no Python value; nobody reads them in a lowest or highest.
        column = column.cast(dt.Timestamp(timezone=kind.timezone, scale=6))
    if (kind.is_numeric() and not kind.is_boolean()) or kind.is_temporal():
        return {**measures, "low": column.min(), "high": column.max()}
    return measures
