"""Two sides matched by a key: how many rows came, went and changed, and which."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import ibis.expr.types as ir
import msgspec

from mergegate.dataset.footers import distrust
from mergegate.dataset.loose import Loose
from mergegate.dataset.samples import MOST
from mergegate.dataset.tally import (
    ADDED,
    CHANGED,
    NEW,
    OLD,
    REMOVED,
    REPEATED,
    Pairing,
    Side,
    having,
    of_kind,
    pairs,
    tally,
)

Row = dict[str, object]

MOST_CELLS = 20_000_000
"""Rows × columns of a side up to which rows that moved are held rather than read again for each question."""

_KINDS = (ADDED, REMOVED, CHANGED, REPEATED)


class Counts(msgspec.Struct, frozen=True):
    """Rows by what happened to them; `keyless` lack a part of the key, `duplicates` follow their first."""

    old: int
    new: int
    added: int
    removed: int
    changed: int
    keyless_old: int
    keyless_new: int
    duplicates_old: int = 0
    duplicates_new: int = 0


@dataclass(frozen=True)
class Keyed:
    """A pairing by key; each part is worked out once, when it is first asked for."""

    pairing: Pairing

    @cached_property
    def moved(self) -> ir.Table:
        """Keys and what happened to each; those whose rows are once on both sides and equal are left out."""
        return self.pairing.engine.keep(tally(self.pairing))

    @cached_property
    def counts(self) -> Counts:
        """How many rows of each kind there are."""
        kinds = self._kinds
        loose, twice = {ADDED: 0, REMOVED: 0, CHANGED: 0}, {"old": 0, "new": 0}
        if self.loose is not None:
            row = self.pairing.engine.fetch(self.loose.unmatched.aggregate(**_by_kind(self.loose.unmatched)))
            loose |= _kinds_of(row.to_pylist()[0])
            twice = self._count_duplicates(self.loose)
        return Counts(
            old=self._totals[f"rows{OLD}"],
            new=self._totals[f"rows{NEW}"],
            added=kinds[ADDED] + loose[ADDED],
            removed=kinds[REMOVED] + loose[REMOVED],
            # A row that changed is left on both sides.
            changed=kinds[CHANGED] + loose[CHANGED] // 2,
            keyless_old=self._keyless(OLD),
            keyless_new=self._keyless(NEW),
            duplicates_old=twice["old"],
            duplicates_new=twice["new"],
        )

    @cached_property
    def loose(self) -> Loose | None:
        """Rows that no key tells apart; None where there is none."""
        keyless = any(self._keyless(side) for side in (OLD, NEW))
        if not keyless and not self._kinds[REPEATED]:
            return None
        return Loose(self.pairing, of_kind(self.pairing, self.moved, REPEATED))

    @cached_property
    def moving(self) -> Pairing:
        """Where changed rows are looked up: held sides whole, of others the rows that moved."""
        pairing = self.pairing
        if pairing.engine.holds(pairing.old) and pairing.engine.holds(pairing.new):
            return pairing
        old, new = self._moving
        return replace(pairing, old=old, new=new)

    @cached_property
    def _moving(self) -> tuple[ir.Table, ir.Table]:
        """Rows of each side that came, went or changed and have a key of their own, held where they are few.

        Else all rows of the side, to be looked through each time.
        """
        pairing = self.pairing
        if pairing.old.schema() == pairing.new.schema() and all(self._are_few(side) for side in (OLD, NEW)):
            keys = of_kind(pairing, self.moved, CHANGED, ADDED, REMOVED)
            engine = pairing.engine
            # Every row is read, and chosen by its key alone.
            return engine.keep_both(
                engine.trusted(pairing.old),
                engine.trusted(pairing.new),
                only=lambda both: having(pairing, OLD, keys, distrust(engine, both, pairing.key)),
            )
        return self._moving_on(OLD), self._moving_on(NEW)

    def _moving_on(self, side: Side) -> ir.Table:
        table = self.pairing.table(side)
        if not self._count_moving(side):
            return table.limit(0)
        if not self._are_few(side):
            return table
        keys = of_kind(self.pairing, self.moved, CHANGED, _alone(side))
        return self.pairing.engine.keep(having(self.pairing, side, keys))

    def _are_few(self, side: Side) -> bool:
        return 0 < self._count_moving(side) * len(self.pairing.table(side).columns) <= MOST_CELLS

    def _count_moving(self, side: Side) -> int:
        return self._kinds[CHANGED] + self._kinds[_alone(side)]

    def alone(self, side: Side) -> ir.Table:
        """Head's rows that base has not, or base's that head has not."""
        kind = _alone(side)
        moving = replace(self.pairing, **{"new" if side == NEW else "old": self._moving[side]})
        rows = having(moving, side, of_kind(self.pairing, self.moved, kind))
        return rows if self.loose is None else ibis.union(rows, self.loose.moved(side, kind), distinct=False)

    @cached_property
    def changed_keys(self) -> ir.Table:
        """Keys of rows that both sides have and that differ, in the slots."""
        keys = of_kind(self.pairing, self.moved, CHANGED)
        if self.loose is None:
            return keys
        return ibis.union(keys, of_kind(self.pairing, self.loose.unmatched, CHANGED), distinct=True)

    def changed(self, keys: ir.Table | None = None) -> ir.Table:
        """Rows that changed, side by side; with `keys`, only theirs."""
        moving, wanted = self.moving, of_kind(self.pairing, self.moved, CHANGED)
        if keys is not None:
            rows = pairs(moving, wanted.semi_join(keys, list(self.pairing.slots)))
        elif moving.old is self.pairing.old or moving.new is self.pairing.new:
            rows = pairs(moving, wanted)
        else:
            # Of the rows that moved, those that are on both sides changed.
            rows = pairs(moving, few=True)
        if self.loose is None:
            return rows
        loose = self.loose.changed()
        if keys is not None:
            loose = loose.semi_join(keys, list(self.pairing.slots))
        return ibis.union(rows, loose, distinct=False)

    @cached_property
    def shared(self) -> ir.Table:
        """Rows of both sides, side by side."""
        if self.loose is None:
            return pairs(self.pairing)
        rows = pairs(self.pairing, without=of_kind(self.pairing, self.moved, REPEATED))
        return ibis.union(rows, self.loose.changed(), self.loose.same(), distinct=False)

    @cached_property
    def examples(self) -> dict[int, list[Row]]:
        """The first keys that were added and removed, by slot."""
        counts, slots = self.counts, list(self.pairing.slots)
        kinds = [kind for kind, rows in ((ADDED, counts.added), (REMOVED, counts.removed)) if rows]
        found: dict[int, list[Row]] = {ADDED: [], REMOVED: []}
        if kinds:
            firsts = [self._keys(kind).order_by(slots).limit(MOST) for kind in kinds]
            every = ibis.union(*firsts, distinct=False) if len(firsts) > 1 else firsts[0]
            for row in self.pairing.engine.fetch(every.order_by(["kind", *slots])).to_pylist():
                found[row["kind"]].append(row)
        return found

    def _keys(self, kind: int) -> ir.Table:
        """Keys of a kind, and the kind."""
        sources = [self.moved, *([] if self.loose is None else [self.loose.unmatched])]
        keys = [table.filter(table.kind == kind).select(*self.pairing.slots, "kind") for table in sources]
        return ibis.union(*keys, distinct=False) if len(keys) > 1 else keys[0]

    def repeated_on(self, side: Side) -> list[Row]:
        """The first keys that a side has more than once, by slot."""
        if self.loose is None:
            return []
        counts = self.loose.counts()
        slots, twice = list(self.pairing.slots), counts["new" if side == NEW else "old"] > 1
        first = counts.filter(twice).select(*slots).order_by(slots).limit(MOST)
        found: list[Row] = self.pairing.engine.fetch(first).to_pylist()
        return found

    @cached_property
    def _totals(self) -> dict[str, int]:
        """How many keys of each kind there are, and rows of each side, all of them and those with a key."""
        counts = [self.moved.aggregate(**_by_kind(self.moved))]
        for side in (OLD, NEW):
            table = self.pairing.keyed(side)
            whole = table.count(where=self.pairing.whole(side))
            counts.append(table.aggregate(**{f"rows{side}": table.count(), f"whole{side}": whole}))
        # In one query both sides are read at the same time.
        found: dict[str, int] = self.pairing.engine.fetch(ibis.cross_join(*counts)).to_pylist()[0]
        return found

    @cached_property
    def _kinds(self) -> dict[int, int]:
        return _kinds_of(self._totals)

    def _keyless(self, side: Side) -> int:
        return self._totals[f"rows{side}"] - self._totals[f"whole{side}"]

    def _count_duplicates(self, loose: Loose) -> dict[str, int]:
        counts = loose.counts()
        beyond = {
            side: ibis.greatest(counts[side] - 1, 0).sum().fill_null(0).cast("int64")
            for side in ("old", "new")
        }
        found: dict[str, int] = self.pairing.engine.fetch(counts.aggregate(**beyond)).to_pylist()[0]
        return found


def _alone(side: Side) -> int:
    """The kind of keys that only this side has."""
    return ADDED if side == NEW else REMOVED


def _by_kind(moved: ir.Table) -> dict[str, ir.Scalar]:
    return {f"kind{kind}": moved.count(where=moved.kind == kind) for kind in _KINDS}


def _kinds_of(row: Mapping[str, int]) -> dict[int, int]:
    return {kind: row[f"kind{kind}"] for kind in _KINDS}
