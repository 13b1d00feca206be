"""Each column of both sides: missing cells, NaN, distinct values, lowest and highest."""

import math
from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.footers import distrust
from mergegate.dataset.kinds import told_kind
from mergegate.dataset.samples import show
from mergegate.records.data import ColumnProfile

EXACT_ROWS = 100_000
EXACT_DISTINCT = 5_000
"""Of more rows, more distinct values than this are estimated by a sketch, and the profile says so."""
_BATCH = 50
"""Columns asked at once: each that is counted exactly holds memory of its own."""

Measures = dict[str, ir.Scalar]
"""What is asked of a column, by name."""
Facts = dict[str, Any]
"""What was answered."""
Found = dict[str, dict[str, Facts]]
"""By side and column."""
Asked = Mapping[str, tuple[ir.Table, tuple[str, ...]]]
"""Some columns of each side."""


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

    Of private columns lowest and highest are None. Cells are read, whatever a file says of them.
    """
    tables = {side: table for side, table in (("old", old), ("new", new)) if table is not None}
    found: Found = {"old": {}, "new": {}}
    for asked in _batches({side: distrust(engine, table) for side, table in tables.items()}):
        for side, facts in _measure(engine, asked).items():
            found[side] |= facts
    before, after = found["old"], found["new"]
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


def _side(side: str, found: Facts | None, kind: dt.DataType | None, private: bool) -> Facts:
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


def _batches(tables: Mapping[str, ir.Table]) -> Iterator[Asked]:
    most = max((len(table.columns) for table in tables.values()), default=0)
    for start in range(0, most, _BATCH):
        yield {side: (table, table.columns[start : start + _BATCH]) for side, table in tables.items()}


def _measure(engine: Engine, asked: Asked) -> Found:
    """What one pass tells, then what can be asked only after that."""
    first = _ask(
        engine,
        asked,
        {side: {name: _measures(table[name]) for name in names} for side, (table, names) in asked.items()},
    )
    found = {side: {name: _judge(own) for name, own in facts.items()} for side, facts in first.items()}
    left = {
        side: {name: _left(table[name], found[side][name]) for name in names}
        for side, (table, names) in asked.items()
    }
    for side, facts in _ask(engine, asked, left).items():
        for name, own in facts.items():
            found[side][name] |= own
    return found


def _measures(column: ir.Column) -> Measures:
    kind = column.type()
    measures: Measures = {"cells": column.count(), "distinct": column.approx_nunique()}
    if kind.is_floating():
        measures["nan"] = ibis.ifelse(column.isnan(), 1, ibis.null("int8")).count()
    if kind.is_timestamp():
        # Nanoseconds have no Python value; nobody reads them in a lowest or highest.
        column = column.cast(dt.Timestamp(timezone=kind.timezone, scale=6))
    if (kind.is_numeric() and not kind.is_boolean()) or kind.is_temporal():
        measures |= {"low": column.min(), "high": column.max()}
    return measures


def _judge(own: Facts) -> Facts:
    """Whether distinct values are only estimated; NaN, which is higher than all, is no highest."""
    about = own["rows"] > EXACT_ROWS and own["distinct"] > EXACT_DISTINCT
    lowest = own.get("low")
    nothing = {"low": None, "high": None} if isinstance(lowest, float) and math.isnan(lowest) else {}
    return {**own, **nothing, "about": about}


def _left(column: ir.Column, own: Facts) -> Measures:
    measures: Measures = {}
    if not own["about"]:
        measures["distinct"] = column.nunique()
    if own.get("nan") and own["low"] is not None:
        measures["high"] = column.max(where=~column.isnan())
    return measures


def _ask(engine: Engine, asked: Asked, measures: Mapping[str, Mapping[str, Measures]]) -> Found:
    """Both sides in one query, which reads them at the same time."""
    totals = []
    for side, (table, _) in asked.items():
        values: Measures = {f"{side}_rows": table.count()}
        for place, own in enumerate(measures[side].values()):
            values |= {f"{side}{place}_{measure}": value for measure, value in own.items()}
        totals.append(table.aggregate(**values))
    row = engine.fetch(reduce(ir.Table.cross_join, totals)).to_pylist()[0]
    return {
        side: {
            name: {"rows": row[f"{side}_rows"]}
            | {measure: row[f"{side}{place}_{measure}"] for measure in own}
            for place, (name, own) in enumerate(columns.items())
        }
        for side, columns in measures.items()
    }
