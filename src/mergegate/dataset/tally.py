"""Both sides of a dataset reduced to key and hash, and counted in one pass: what happened to each key."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.keys import form_key
from mergegate.dataset.normalise import Forms, align

ADDED, REMOVED, CHANGED, REPEATED = 1, 2, 3, 4
"""Kinds of keys: only in head, only in base, once on both sides with unequal rows, twice on a side."""

OLD: Literal[0] = 0
NEW: Literal[1] = 1
Side = Literal[0, 1]


@ibis.udf.agg.builtin(signature=((dt.int64,), dt.int64))  # type: ignore[untyped-decorator]
def bit_xor(number: int) -> int:  # type: ignore[empty-body]
    """Exclusive or of all rows: by this name in every engine, while Ibis knows it for some only."""


@dataclass(frozen=True)
class Pairing:
    """Two tables, their key, and their common columns by head's name, each beside base's name for it.

    Inside queries key columns are `k0`, `k1`, …: no name in a file can clash with one of ours.
    """

    engine: Engine
    old: ir.Table
    new: ir.Table
    key: tuple[str, ...]
    columns: Mapping[str, str]

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """What the key's columns are called in queries."""
        return tuple(f"k{place}" for place in range(len(self.key)))

    @cached_property
    def forms(self) -> tuple[tuple[Forms, Forms], ...]:
        """Each common column of both sides as values that compare."""
        return tuple(align(self.old[own], self.new[name]) for name, own in self.columns.items())

    def table(self, side: Side) -> ir.Table:
        """A side's table."""
        return self.old if side == OLD else self.new

    def keys(self, side: Side, rows: ir.Table | None = None) -> dict[str, ir.Value]:
        """A side's key columns, by slot; with `rows`, of a table that has these columns too."""
        own, other = rows if rows is not None else self.table(side), self.table(NEW if side == OLD else OLD)
        return {
            slot: form_key(own[name], other[name]) for slot, name in zip(self.slots, self.key, strict=True)
        }

    def values(self, side: Side) -> dict[str, ir.Value]:
        """A side's common columns, in order: `o0`, `o1`, … for base, `n0`, `n1`, … for head."""
        if side == OLD:
            return {f"o{place}": self.old[own] for place, own in enumerate(self.columns.values())}
        return {f"n{place}": self.new[name] for place, name in enumerate(self.columns)}

    def keyed(self, side: Side) -> ir.Table:
        """All rows of a side with their key columns at least: what the engine holds of them, or the table."""
        return self.table(side) if self._held is None else self._held[side]

    def whole(self, side: Side) -> ir.BooleanValue:
        """Whether a row, as `keyed` has it, has all of its key."""
        table = self.keyed(side)
        return ibis.and_(ibis.literal(True), *(table[name].notnull() for name in self.key))

    def hashed(
        self, side: Side, *, twice: bool = False, payload: Mapping[str, str] | None = None
    ) -> ir.Table:
        """Key, `payload` (columns by other names) and `h`, 64 bits of the common columns, of each row.

        Where the engine holds hashes of whole rows, `h` is of the key too, which tells no other rows apart.
        `twice`: another 64 bits in `h1`.
        """
        table, salt = self.table(side), self.engine.salt
        cells = [value for forms in self.forms for value in forms[side]]
        held = None if twice or self._held is None else self._held[side]
        if held is not None and {*(payload or {}).values()} <= {*held.columns[:-1]}:
            table, hashes = held, {"h": held[held.columns[-1]]}
        else:
            hashes = {"h": self.engine.hash_of(cells, salt=salt)}
        if twice:
            hashes["h1"] = self.engine.hash_of(cells[::-1], salt=salt + 1)
        columns = {name: table[own] for name, own in (payload or {}).items()}
        return table.select(**self.keys(side, table), **columns, **hashes)

    @cached_property
    def _held(self) -> tuple[ir.Table, ir.Table] | None:
        """Both sides with hashes of whole rows, where the engine has them and all columns are compared."""
        old, new = (self.engine.hashed(table) for table in (self.old, self.new))
        alike = self.old.schema() == self.new.schema() and all(
            own == name for name, own in self.columns.items()
        )
        whole = {*self.key, *self.columns} == set(self.new.columns)
        return (old, new) if old is not None and new is not None and alike and whole else None


def tally(pairing: Pairing) -> ir.Table:
    """Keys that are not once on both sides with equal rows: `k0`… and `kind`. Rows without a whole key aside.

    One aggregation over both sides: the lowest bit of a row's hash is given up to tell base (1) from head
    (0), so that a count and one exclusive or per key say all.
    """
    old, new = (pairing.hashed(side).drop_null(list(pairing.slots), how="any") for side in (OLD, NEW))
    both = ibis.union(old.mutate(h=old.h | 1), new.mutate(h=new.h & -2), distinct=False)
    keys = both.group_by(list(pairing.slots)).aggregate(rows=both.count(), x=bit_xor(both.h))
    moved = keys.filter((keys.rows != 2) | (keys.x != 1))
    from_old = (moved.x & 1) == 1
    kind = ibis.cases(
        ((moved.rows == 1) & from_old, REMOVED),
        (moved.rows == 1, ADDED),
        ((moved.rows == 2) & from_old, CHANGED),
        else_=REPEATED,
    )
    return moved.select(*pairing.slots, kind=kind.cast("int8"))


def of_kind(pairing: Pairing, moved: ir.Table, *kinds: int) -> ir.Table:
    """The keys of some kinds."""
    return moved.filter(moved.kind.isin(kinds)).select(*pairing.slots)


def having(pairing: Pairing, side: Side, keys: ir.Table, rows: ir.Table | None = None) -> ir.Table:
    """A side's rows that have one of the keys, as its table has them; or those of `rows`, of its columns."""
    table = pairing.table(side) if rows is None else rows
    own = pairing.keys(side, table)
    return table.semi_join(keys, [own[slot] == keys[slot] for slot in pairing.slots])


def pairs(
    pairing: Pairing, keys: ir.Table | None = None, *, without: ir.Table | None = None, few: bool = False
) -> ir.Table:
    """Rows of both sides side by side: key, `o0`… and `n0`…; of some keys only, or of all but some.

    `few`: the sides have few rows, however far apart their keys are.
    """
    old = pairing.old.select(**pairing.keys(OLD), **pairing.values(OLD))
    new = pairing.new.select(**pairing.keys(NEW), **pairing.values(NEW)).view()
    slots = list(pairing.slots)
    if keys is not None:
        old = old.semi_join(keys, slots)
    if without is not None:
        old = old.anti_join(without, slots)
    # For one whole number to join by, DuckDB has a place ready for each that lies between the lowest and the
    # highest: up to a million rows of all columns, and of these most stay empty here.
    also = [old[slots[0]].hash() == new[slots[0]].hash()] if few else []
    return old.join(new, [*slots, *also]).select(*slots, *pairing.values(OLD), *pairing.values(NEW))
