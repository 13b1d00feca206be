"""Two tables' columns as bounded distributions, counted by the engine: what `stats.shift` takes.

Numbers with up to 10,000 distinct values are exact. Beyond, both sides are counted in the cells of one grid
(`grids`), and the distribution says how far off that may be. Categories are counted by name.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mergegate.dataset.category_counts import CategoryCounts, count_categories, count_common
from mergegate.dataset.engine import Engine
from mergegate.dataset.grids import count_cells, find_scale
from mergegate.dataset.shift_columns import Column
from mergegate.stats.shift import Tally, tally_counts

MOST_DISTINCT = 10_000
"""Distinct values of a column that are counted one by one."""
_GUESSED = 1.2
"""How far the engine's guess of distinct values may lie below the truth, and we still try to count them."""
_IDENTIFYING = 0.5
"""Distinct texts per row from which a text is no category but a name of the row."""
AT_ONCE = 16


class Distribution(msgspec.Struct, frozen=True, eq=False):
    """A column of both sides. `tally` for numbers and times, `categories` for the rest.

    Neither where a side has no value at all, or where nearly every row has a text of its own. Values that are
    missing count in `missing_*` and in `rows_*`, nowhere else. `ks_error` and `wasserstein_error` (in the
    column's unit) bound how far a grid moves these distances; 0 where every value was counted.
    """

    column: Column
    rows_old: int
    rows_new: int
    missing_old: int
    missing_new: int
    tally: Tally | None = None
    categories: CategoryCounts | None = None
    ks_error: float = 0.0
    wasserstein_error: float = 0.0


class _Summary(msgspec.Struct, frozen=True):
    rows: int
    present: int
    distinct: int


def distributions(
    engine: Engine, old: ir.Table, new: ir.Table, columns: Sequence[Column]
) -> Iterator[Distribution]:
    """The distributions of `columns` in two plain tables, in their order.

    Few passes over a side serve all columns; the counts of sixteen columns at a time are in Python's memory.
    """
    for start in range(0, len(columns), AT_ONCE):
        batch = columns[start : start + AT_ONCE]
        summaries = {
            column.plain: (before, after)
            for column, before, after in zip(
                batch, _summarise(engine, old, batch), _summarise(engine, new, batch), strict=True
            )
        }
        few = [column for column in batch if _few(*summaries[column.plain])]
        counted = {
            **_count(engine, old, new, few, ordered=True),
            **_count(engine, old, new, few, ordered=False),
        }
        for column in batch:
            yield _distribution(engine, old, new, column, *summaries[column.plain], counted.get(column.plain))


def _summarise(engine: Engine, table: ir.Table, columns: Sequence[Column]) -> Iterator[_Summary]:
    measures: dict[str, ir.Scalar] = {"rows": table.count()}
    for column in columns:
        measures[f"{column.plain}_present"] = table[column.plain].count()
        measures[f"{column.plain}_distinct"] = table[column.plain].approx_nunique()
    row = engine.fetch(table.aggregate(**measures)).to_pylist()[0]
    for column in columns:
        yield _Summary(row["rows"], row[f"{column.plain}_present"], row[f"{column.plain}_distinct"])


def _few(old: _Summary, new: _Summary) -> bool:
    present = old.present > 0 and new.present > 0
    return present and max(old.distinct, new.distinct) <= MOST_DISTINCT * _GUESSED


def _count(
    engine: Engine, old: ir.Table, new: ir.Table, columns: Sequence[Column], *, ordered: bool
) -> dict[str, pa.Table]:
    """The values of each column with the rows of both sides, where they are few after all."""
    wanted = [column for column in columns if column.ordered is ordered]
    if not wanted:
        return {}
    parts = [
        _values(table, column, side) for column in wanted for side, table in (("old", old), ("new", new))
    ]
    found = engine.fetch(ibis.union(*parts) if len(parts) > 1 else parts[0])
    result = {}
    for column in wanted:
        own = found.filter(pc.equal(found["which"], column.plain))
        sides = [own.filter(pc.equal(own["side"], side)) for side in ("old", "new")]
        if all(side.num_rows <= MOST_DISTINCT for side in sides):
            result[column.plain] = own
    return result


def _values(table: ir.Table, column: Column, side: str) -> ir.Table:
    """Each value with its rows; one more than can be used tells that there are too many."""
    named = table.select(value=table[column.plain]).filter(lambda t: t.value.notnull())
    counted = named.group_by("value").aggregate(rows=named.count())
    return counted.mutate(which=ibis.literal(column.plain), side=ibis.literal(side)).limit(MOST_DISTINCT + 1)


def _distribution(
    engine: Engine,
    old: ir.Table,
    new: ir.Table,
    column: Column,
    before: _Summary,
    after: _Summary,
    counted: pa.Table | None,
) -> Distribution:
    facts: dict[str, Any] = {
        "column": column,
        "rows_old": before.rows,
        "rows_new": after.rows,
        "missing_old": before.rows - before.present,
        "missing_new": after.rows - after.present,
    }
    if not before.present or not after.present:
        return Distribution(**facts)
    if column.ordered:
        if counted is not None:
            return Distribution(**facts, tally=_tally(counted))
        cells = count_cells(engine, old, new, column.plain, find_scale(engine, old, column.plain))
        return Distribution(
            **facts, tally=cells.tally, ks_error=cells.ks_error, wasserstein_error=cells.wasserstein_error
        )
    if before.distinct > _IDENTIFYING * before.present and before.distinct > 50:
        return Distribution(**facts)
    categories = (
        count_common(engine, old, new, column.plain) if counted is None else count_categories(counted)
    )
    return Distribution(**facts, categories=categories)


def _tally(counted: pa.Table) -> Tally:
    rows = counted["rows"].to_numpy().astype(np.float64)
    is_old = pc.equal(counted["side"], "old").to_numpy()
    return tally_counts(counted["value"].to_numpy(), np.where(is_old, rows, 0.0), np.where(is_old, 0.0, rows))
