"""Added rows held against base's, column by column: what `shift_claims` finds notable, in words."""

from collections.abc import Collection, Iterator, Sequence

import ibis
import ibis.expr.types as ir
import msgspec

from mergegate.dataset.distributions import Distribution, distributions
from mergegate.dataset.engine import Engine
from mergegate.dataset.samples import cut
from mergegate.dataset.seasons import find_seasons
from mergegate.dataset.shift_claims import CORRECTION, Claim, judge
from mergegate.dataset.shift_columns import Column, comparable, kind_of
from mergegate.dataset.shift_measures import Measures, measure
from mergegate.dataset.shift_sides import MOST_CELLS, Levels, ShiftSides, bring_together
from mergegate.dataset.shift_words import tell
from mergegate.dataset.units import Unit, find_unit
from mergegate.records.data import Shift

AT_ONCE = 24
"""Columns that a query asks for."""
MOST = 50
"""Shifts that are told; the largest notable ones first."""
MOST_LEVELS = 10
"""Values of a slice column that are looked at: those with the most added rows."""
FEWEST_ROWS = 30
"""Rows that a slice needs on either side."""


class _Found(msgspec.Struct, frozen=True):
    """A column in the whole table, or where a slice column has a level."""

    distribution: Distribution
    measures: Measures
    unit: Unit | None
    slice_column: str = ""
    slice_level: str = ""


def find_shift(
    engine: Engine,
    old: ir.Table,
    added: ir.Table,
    *,
    columns: Sequence[str],
    private: Collection[str] = (),
    slices: Sequence[str] = (),
) -> tuple[Shift, ...]:
    """Hold each of `columns` of `added` rows against `old`; at most 50, notable and large ones first.

    Columns that one side lacks, or has as another kind of value, are left out, and a time that only goes on.
    In a slice only columns are told that are notable there and not in the whole. Of `private` columns no
    value and no mean is told. Nothing where a side has no row.
    """
    names = list(dict.fromkeys(columns))
    wanted = comparable(old, added, names)
    if not wanted:
        return ()
    needed = {
        *(column.name for column in wanted),
        *slices,
        *(name for name in added.columns if _is_time(added, name)),
    }
    added = engine.keep(added.select([name for name in added.columns if name in needed]))
    levels = {
        column: some
        for column in slices
        if column not in private and (some := _find_levels(engine, old, added, column))
    }
    sides = list(_bring_together(engine, old, added, wanted, levels))
    found = [each for side, batch in sides for each in _look(side, batch)]
    if not found:
        return ()
    for column, some in levels.items():
        found += (each for level in some for each in _look_inside(sides, column, level))
    shifts = [
        _shift(each, claim, each.distribution.column.name in private)
        for each, claim in zip(found, judge([each.measures for each in found]), strict=True)
        if not _goes_on(each.distribution)
    ]
    whole = {shift.column for shift in shifts if shift.notable and not shift.slice_column}
    told = [
        shift for shift in shifts if not shift.slice_column or (shift.notable and shift.column not in whole)
    ]
    told.sort(
        key=lambda shift: (not shift.notable, bool(shift.slice_column), -(shift.psi or 0.0), shift.column)
    )
    return find_seasons(engine, old, added, told[:MOST], private)


def _find_levels(engine: Engine, old: ir.Table, added: ir.Table, column: str) -> tuple[str, ...]:
    """The commonest values of a slice column."""
    if column not in old.columns or column not in added.columns or kind_of(added[column].type()) is None:
        return ()
    after = added.select(level=added[column].cast("string"))
    counted = after.group_by("level").aggregate(rows=after.count())
    counted = counted.filter(counted.level.notnull(), counted.rows >= FEWEST_ROWS)
    ranked = counted.order_by([ibis.desc("rows"), "level"]).limit(MOST_LEVELS)
    return tuple(engine.fetch(ranked)["level"].to_pylist())


def _bring_together(
    engine: Engine, old: ir.Table, added: ir.Table, columns: Sequence[Column], levels: Levels
) -> Iterator[tuple[ShiftSides, Sequence[Column]]]:
    """Numbers first, held where they are not too many; then texts."""
    numbers, texts = ([each for each in columns if each.ordered is ordered] for ordered in (True, False))
    (rows,) = engine.fetch(old.aggregate(rows=old.count()))["rows"].to_pylist()
    held = rows * (len(numbers) + len(levels)) <= MOST_CELLS
    for group, is_held in ((numbers, held), (texts, False)):
        # A query costs by the columns of its tables, asked for or not.
        for start in range(0, len(group), AT_ONCE):
            some = group[start : start + AT_ONCE]
            yield bring_together(engine, old, added, some, levels=levels, held=is_held), some


def _look(
    sides: ShiftSides, columns: Sequence[Column], column: str = "", level: str = ""
) -> Iterator[_Found]:
    for distribution in distributions(sides, columns):
        if distribution.rows_old and distribution.rows_new:
            unit = find_unit(distribution.tally) if distribution.column.kind == "number" else None
            yield _Found(distribution, measure(distribution), unit, column, level)


def _look_inside(
    sides: Sequence[tuple[ShiftSides, Sequence[Column]]], column: str, level: str
) -> Iterator[_Found]:
    """The other columns where `column` has a level."""
    for some, batch in sides:
        others = [each for each in batch if each.name != column]
        for found in _look(some.inside(column, level), others, column, level) if others else ():
            if found.distribution.rows_old >= FEWEST_ROWS:
                yield found


def _is_time(table: ir.Table, name: str) -> bool:
    return kind_of(table[name].type()) == "time"


def _goes_on(found: Distribution) -> bool:
    """Whether a time is only later than before: at least half of the new rows after all of base's."""
    if found.column.kind != "time" or found.tally is None:
        return False
    values, old, new = found.tally.values, found.tally.old, found.tally.new
    latest, earliest = values[old > 0].max(), values[old > 0].min()
    return bool(new[values > latest].sum() * 2 >= new.sum() and not new[values < earliest].any())


def _shift(found: _Found, claim: Claim, private: bool) -> Shift:
    distribution, measures = found.distribution, found.measures
    column, categories = distribution.column, distribution.categories
    shown = measures if not private and column.kind == "number" else None
    return Shift(
        column=column.name,
        kind=column.kind,
        rows_old=distribution.rows_old,
        rows_new=distribution.rows_new,
        mean_old=shown.mean_old if shown else None,
        mean_new=shown.mean_new if shown else None,
        psi=measures.psi,
        wasserstein=measures.wasserstein,
        jensen_shannon=measures.jensen_shannon,
        ks=measures.ks,
        chi2=measures.chi2,
        p=claim.p,
        p_adjusted=claim.p_adjusted,
        correction=CORRECTION,
        missing_old=distribution.missing_old / distribution.rows_old,
        missing_new=distribution.missing_new / distribution.rows_new,
        new_categories=() if private or categories is None else tuple(map(cut, categories.unseen)),
        new_share=0.0 if categories is None else categories.unseen_rows / distribution.rows_new,
        slice_column=found.slice_column,
        slice_level=cut(found.slice_level),
        notable=claim.notable,
        sentence=tell(distribution, measures, claim, found.unit, private=private),
    )
