"""Two tables' columns as bounded distributions, counted by the engine: what `stats.shift` takes.

Numbers with up to 10,000 distinct values are exact. Beyond, both sides are counted in the cells of one grid
(`grids`), and the distribution says how far off that may be. Categories are counted by name.
"""

from collections.abc import Iterator, Mapping, Sequence

import ibis
import ibis.expr.types as ir
import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate.dataset.category_counts import CategoryCounts, count_categories, count_common
from mergegate.dataset.grids import Cells, count_cells
from mergegate.dataset.numbers import numbers, split
from mergegate.dataset.scales import find_scales
from mergegate.dataset.shift_columns import Column
from mergegate.dataset.shift_sides import IS_OLD, ShiftSides
from mergegate.stats.shift import Tally, tally_counts

MOST_DISTINCT = 10_000
"""Distinct values of a column that are counted one by one."""
_GUESSED = 1.2
"""How far the engine's guess of distinct values may lie below the truth, and we still try to count them."""
_IDENTIFYING = 0.5
"""Distinct texts per row from which a text is no category but a name of the row."""


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


def distributions(sides: ShiftSides, columns: Sequence[Column]) -> Iterator[Distribution]:
    """The distributions of `columns`, in their order; the counts of all of them are in Python's memory.

    Few passes over a side serve all columns.
    """
    summaries = _summarise(sides, columns)
    few = [column for column in columns if _few(*summaries[column.plain])]
    tallies = {
        name: Cells(tally, 0.0, 0.0)
        for name, tally in _count_numbers(sides, [column for column in few if column.ordered])
    }
    named = dict(_count_texts(sides, [column for column in few if not column.ordered]))
    tallies |= _count_cells(sides, [each for each in columns if each.plain not in tallies], summaries)
    for column in columns:
        found = tallies.get(column.plain), named.get(column.plain)
        yield _distribution(sides, column, *summaries[column.plain], *found)


def _summarise(sides: ShiftSides, columns: Sequence[Column]) -> dict[str, tuple[_Summary, _Summary]]:
    """Of each column, base's rows and the added ones."""
    table = sides.table
    measures: dict[str, ir.Scalar] = {"rows": table.count()}
    for column in columns:
        measures[f"{column.plain}_present"] = table[column.plain].count()
        measures[f"{column.plain}_distinct"] = table[column.plain].approx_nunique()
    rows = sides.engine.fetch(table.group_by(IS_OLD).aggregate(**measures)).to_pylist()
    found = {row[IS_OLD]: row for row in rows}

    def summary(column: Column, *, is_old: bool) -> _Summary:
        row = found.get(int(is_old), {})
        keys = ("rows", f"{column.plain}_present", f"{column.plain}_distinct")
        return _Summary(*(row.get(key) or 0 for key in keys))

    return {each.plain: (summary(each, is_old=True), summary(each, is_old=False)) for each in columns}


def _few(old: _Summary, new: _Summary) -> bool:
    present = old.present > 0 and new.present > 0
    return present and max(old.distinct, new.distinct) <= MOST_DISTINCT * _GUESSED


def _count_numbers(sides: ShiftSides, columns: Sequence[Column]) -> Iterator[tuple[str, Tally]]:
    """Those of the columns that have few values after all."""
    for found in sides.fetch_each(_values(sides, columns)):
        values, rows, is_old = (numbers(found, name) for name in ("value", "rows", IS_OLD))
        for place, own in split(numbers(found, "which")):
            before = is_old[own]
            if _few_after_all(before):
                yield (
                    columns[place].plain,
                    tally_counts(values[own], rows[own] * before, rows[own] * (1 - before)),
                )


def _count_texts(sides: ShiftSides, columns: Sequence[Column]) -> Iterator[tuple[str, CategoryCounts]]:
    """As for numbers."""
    for found in sides.fetch_each(_values(sides, columns)):
        values, rows, is_old = found["value"].to_pylist(), numbers(found, "rows"), numbers(found, IS_OLD)
        for place, own in split(numbers(found, "which")):
            if _few_after_all(is_old[own]):
                texts = [values[row] for row in own.tolist()]
                counted = zip(texts, (is_old[own] > 0).tolist(), rows[own].tolist(), strict=True)
                yield columns[place].plain, count_categories(counted)


def _few_after_all(is_old: NDArray[np.int32]) -> bool:
    before = int(is_old.sum())
    return max(before, len(is_old) - before) <= MOST_DISTINCT


def _values(sides: ShiftSides, columns: Sequence[Column]) -> list[ir.Table]:
    """Each value of a side with its rows; so many of both that one side has too many tell that."""
    table = sides.table
    parts = []
    for place, column in enumerate(columns):
        keys = {
            "which": ibis.literal(place, type="int32"),
            "value": table[column.plain],
            IS_OLD: table[IS_OLD],
        }
        counted = table.group_by(**keys).aggregate(rows=table.count())
        parts.append(counted.filter(counted.value.notnull()).limit(2 * MOST_DISTINCT + 1))
    return parts


def _count_cells(
    sides: ShiftSides, columns: Sequence[Column], summaries: Mapping[str, tuple[_Summary, _Summary]]
) -> dict[str, Cells]:
    """Of columns of very many numbers."""
    present, rows = {}, 0
    for column in columns:
        before, after = summaries[column.plain]
        if column.ordered and before.present and after.present:
            present[column.plain], rows = before.present, before.rows
    return dict(count_cells(sides, find_scales(sides, present, rows))) if present else {}


def _distribution(
    sides: ShiftSides,
    column: Column,
    before: _Summary,
    after: _Summary,
    counted: Cells | None,
    categories: CategoryCounts | None,
) -> Distribution:
    found = Distribution(
        column,
        before.rows,
        after.rows,
        before.rows - before.present,
        after.rows - after.present,
    )
    if not before.present or not after.present:
        return found
    if column.ordered:
        assert counted is not None  # noqa: S101  by value or by cell
        return replace(
            found,
            tally=counted.tally,
            ks_error=counted.ks_error,
            wasserstein_error=counted.wasserstein_error,
        )
    if before.distinct > _IDENTIFYING * before.present and before.distinct > 50:
        return found
    return replace(found, categories=categories or count_common(sides, column.plain))
