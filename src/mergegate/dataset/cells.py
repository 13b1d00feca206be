"""Cells that changed on rows of both sides, column by column: how many, by how much, and examples."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence

import ibis
import ibis.expr.types as ir
import msgspec

from mergegate.dataset.engine import Engine
from mergegate.dataset.normalise import align, differs, finite
from mergegate.dataset.samples import LONGEST, MOST, show, show_key
from mergegate.records.data import Cell

FIRST = 200
"""Changed rows, first by key, in which examples are looked for before a column is asked for its own."""
_TOGETHER = 200
"""Aggregates in one query: the time to plan one grows faster than their number."""

Row = Mapping[str, object]


class Changed(msgspec.Struct, frozen=True):
    """Rows that changed: of columns `k0`…, `o0`… (base), `n0`… (head).

    `key` and `names` are what these are called, `private` ones are not shown.
    `kept`: the engine holds `rows`.
    """

    engine: Engine
    rows: ir.Table
    key: tuple[str, ...]
    names: tuple[str, ...]
    private: Collection[str] = ()
    kept: bool = False

    def held(self, places: Collection[int]) -> "Changed":
        """The same with the rows held in the engine, of these columns only."""
        if self.kept:
            return self
        cells = [f"{side}{place}" for place in places for side in "on"]
        rows = self.engine.keep(self.rows.select(*self.slots, *cells))
        return msgspec.structs.replace(self, rows=rows, kept=True)

    @property
    def slots(self) -> list[str]:
        """What the key's columns are called."""
        return [f"k{place}" for place in range(len(self.key))]

    def hides(self, place: int) -> bool:
        """Whether a column is private."""
        return self.names[place] in self.private

    def fetch_one(self, **aggregates: ir.Scalar) -> Row:
        """One row of aggregates of all changed rows."""
        found: dict[str, object] = {}
        names = list(aggregates)
        for start in range(0, len(names), _TOGETHER):
            some = {name: aggregates[name] for name in names[start : start + _TOGETHER]}
            found |= self.engine.fetch(self.rows.aggregate(**some)).to_pylist()[0]
        return found


class Moves(msgspec.Struct, frozen=True):
    """What happened to a column's changed cells; `mean` and `largest` (absolute) are of numbers only, and
    None where they are beyond a float.

    `both` counts the changed cells that are there, and finite where they are numbers, on both sides.
    """

    changed: int
    emptied: int
    filled: int
    both: int
    mean: float | None
    largest: float | None


def differing(rows: ir.Table, place: int) -> ir.BooleanValue:
    """Whether a column's cell differs between the sides."""
    return differs(*align(rows[f"o{place}"], rows[f"n{place}"]))


def present(rows: ir.Table, place: int) -> ir.BooleanValue:
    """Whether a cell differs and has a value, a finite one if it is a number, on both sides."""
    old, new = rows[f"o{place}"], rows[f"n{place}"]
    there = old.notnull() & new.notnull()
    if numeric(rows, place):
        there = finite(old) & finite(new)
    return differing(rows, place) & there


def numeric(rows: ir.Table, place: int) -> bool:
    """Whether a column is a number on both sides."""
    return all(_is_number(rows[f"{side}{place}"]) for side in "on")


def _is_number(column: ir.Value) -> bool:
    kind = column.type()
    return bool(kind.is_numeric() and not kind.is_boolean())


def count(changed: Changed) -> dict[int, int]:
    """How many cells of each column changed, by its place; columns without any are left out."""
    rows, every = changed.rows, range(len(changed.names))
    found = changed.fetch_one(**{f"c{place}": rows.count(where=differing(rows, place)) for place in every})
    return {place: many for place in every if (many := _whole(found[f"c{place}"]))}


def measure(changed: Changed, counts: Mapping[int, int]) -> dict[int, Moves]:
    """What happened to the counted columns, by place."""
    if not counts:
        return {}
    found = changed.fetch_one(
        **{name: value for place in counts for name, value in _aggregates(changed.rows, place)}
    )
    return {place: _moves(found, place, many) for place, many in counts.items()}


def _aggregates(rows: ir.Table, place: int) -> Iterator[tuple[str, ir.Scalar]]:
    old, new, differ = rows[f"o{place}"], rows[f"n{place}"], differing(rows, place)
    yield f"emptied{place}", rows.count(where=differ & new.isnull())
    yield f"filled{place}", rows.count(where=differ & old.isnull())
    both = present(rows, place)
    yield f"both{place}", rows.count(where=both)
    if numeric(rows, place):
        move = both.ifelse(new.cast("float64") - old.cast("float64"), ibis.null("float64"))
        yield f"mean{place}", move.mean()
        yield f"largest{place}", move.abs().max()


def _moves(found: Row, place: int, changed: int) -> Moves:
    return Moves(
        changed=changed,
        emptied=_whole(found[f"emptied{place}"]),
        filled=_whole(found[f"filled{place}"]),
        both=_whole(found[f"both{place}"]),
        mean=_number(found.get(f"mean{place}")),
        largest=_number(found.get(f"largest{place}")),
    )


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int) else 0


def _number(value: object) -> float | None:
    return value if isinstance(value, float) and math.isfinite(value) else None


def sample(changed: Changed, moves: Mapping[int, Moves], first: ir.Table) -> dict[int, tuple[Cell, ...]]:
    """Examples of each column's changed cells, by key; `first` are the first of the rows."""
    shown = {f"d{place}": differing(first, place) for place in moves}
    rows = _fetch(changed, first, moves, shown)
    found = {place: [row for row in rows if row[f"d{place}"]][:MOST] for place in moves}
    for place, known in found.items():
        if len(known) < min(MOST, moves[place].changed):
            # Rare beside the others: it is asked for by itself.
            own = changed.rows.filter(differing(changed.rows, place))
            first = own.order_by(changed.slots).limit(MOST)
            found[place] = _fetch(changed, first, [place], {})
    return {place: tuple(_cell(changed, place, row) for row in rows) for place, rows in found.items()}


def first_of(rows: ir.Table, slots: Sequence[str]) -> ir.Table:
    """The first by key, among which examples are looked for."""
    return rows.order_by(list(slots)).limit(FIRST)


def _fetch(
    changed: Changed, rows: ir.Table, places: Collection[int], flags: Mapping[str, ir.Value]
) -> list[Row]:
    cells = {
        f"{side}{place}": short(rows[f"{side}{place}"])
        for place in places
        if not changed.hides(place)
        for side in "on"
    }
    gaps = {
        f"{side}{place}": rows[f"{side}{place}"].isnull().ifelse(ibis.null("string"), "")
        for place in places
        if changed.hides(place)
        for side in "on"
    }
    table = rows.select(*changed.slots, **cells, **gaps, **flags).order_by(changed.slots)
    found: list[Row] = changed.engine.fetch(table).to_pylist()
    return found


def short(value: ir.Value) -> ir.Value:
    """Text no longer than what can be shown, and a little more, so that it is seen to be cut."""
    return value.left(LONGEST + 1) if value.type().is_string() else value


def _cell(changed: Changed, place: int, row: Row) -> Cell:
    private = changed.hides(place)
    named = {name: row[slot] for name, slot in zip(changed.key, changed.slots, strict=True)}
    return Cell(
        key=show_key(named, changed.key, changed.private),
        old=show(row[f"o{place}"], private=private),
        new=show(row[f"n{place}"], private=private),
    )
