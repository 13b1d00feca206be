"""Two sides matched by a key: how many rows came, went and changed, and which."""

from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import ibis.expr.types as ir
import msgspec

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
        sizes = [self._size(side) for side in (OLD, NEW)]
        loose, twice = {ADDED: 0, REMOVED: 0, CHANGED: 0}, {"old": 0, "new": 0}
        if self.loose is not None:
            loose |= self._count_kinds(self.loose.unmatched)
            twice = self._count_duplicates(self.loose)
        return Counts(
            old=sizes[OLD]["rows"],
            new=sizes[NEW]["rows"],
            added=kinds.get(ADDED, 0) + loose[ADDED],
            removed=kinds.get(REMOVED, 0) + loose[REMOVED],
            # A row that changed is left on both sides.
            changed=kinds.get(CHANGED, 0) + loose[CHANGED] // 2,
            keyless_old=sizes[OLD]["keyless"],
            keyless_new=sizes[NEW]["keyless"],
            duplicates_old=twice["old"],
            duplicates_new=twice["new"],
        )

    @cached_property
    def loose(self) -> Loose | None:
        """Rows that no key tells apart; None where there is none."""
        keyless = any(self._size(side)["keyless"] for side in (OLD, NEW))
        if not keyless and REPEATED not in self._kinds:
            return None
        return Loose(self.pairing, of_kind(self.pairing, self.moved, REPEATED))

    @cached_property
    def moving(self) -> Pairing:
        """The pairing of the rows that came, went or changed and have a key of their own."""
        return replace(self.pairing, old=self._moving(OLD), new=self._moving(NEW))

    def _moving(self, side: Side) -> ir.Table:
        """Of a side, held in the engine where they are few; else all rows, to be looked through each time."""
        table, alone = self.pairing.table(side), ADDED if side == NEW else REMOVED
        rows = self._kinds.get(CHANGED, 0) + self._kinds.get(alone, 0)
        if not rows:
            return table.limit(0)
        if rows * len(table.columns) > MOST_CELLS:
            return table
        keys = of_kind(self.pairing, self.moved, CHANGED, alone)
        return self.pairing.engine.keep(having(self.pairing, side, keys))

    def rows(self, side: Side) -> ir.Table:
        """Head's rows that base has not, or base's that head has not."""
        kind = ADDED if side == NEW else REMOVED
        rows = having(self.moving, side, of_kind(self.pairing, self.moved, kind))
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
        wanted = of_kind(self.pairing, self.moved, CHANGED)
        if keys is not None:
            wanted = wanted.semi_join(keys, list(self.pairing.slots))
        rows = pairs(self.moving, wanted)
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

    def examples(self, kind: int) -> list[Row]:
        """The first keys of a kind, by slot."""
        keys = of_kind(self.pairing, self.moved, kind)
        if self.loose is not None and kind != REPEATED:
            keys = ibis.union(keys, of_kind(self.pairing, self.loose.unmatched, kind), distinct=False)
        return self._first(keys)

    def repeated_on(self, side: Side) -> list[Row]:
        """The first keys that a side has more than once, by slot."""
        if self.loose is None:
            return []
        counts = self.loose.counts()
        return self._first(counts.filter(counts["new" if side == NEW else "old"] > 1))

    def _first(self, keys: ir.Table) -> list[Row]:
        slots = list(self.pairing.slots)
        found: list[Row] = self.pairing.engine.fetch(
            keys.select(*slots).order_by(slots).limit(MOST)
        ).to_pylist()
        return found

    @cached_property
    def _kinds(self) -> dict[int, int]:
        return self._count_kinds(self.moved)

    def _count_kinds(self, table: ir.Table) -> dict[int, int]:
        kinds = table.group_by("kind").aggregate(rows=table.count())
        return {row["kind"]: row["rows"] for row in self.pairing.engine.fetch(kinds).to_pylist()}

    @cached_property
    def _sizes(self) -> tuple[dict[str, int], dict[str, int]]:
        counts = []
        for side in (OLD, NEW):
            table = self.pairing.table(side)
            whole = table.count(where=self.pairing.whole(side))
            counts.append(table.aggregate(**{f"rows{side}": table.count(), f"whole{side}": whole}))
        # In one query both sides are read at the same time.
        (row,) = self.pairing.engine.fetch(counts[OLD].cross_join(counts[NEW])).to_pylist()
        old, new = (
            {"rows": row[f"rows{side}"], "keyless": row[f"rows{side}"] - row[f"whole{side}"]}
            for side in (OLD, NEW)
        )
        return old, new

    def _size(self, side: Side) -> dict[str, int]:
        return self._sizes[side]

    def _count_duplicates(self, loose: Loose) -> dict[str, int]:
        counts = loose.counts()
        beyond = {
            side: ibis.greatest(counts[side] - 1, 0).sum().fill_null(0).cast("int64")
            for side in ("old", "new")
        }
        found: dict[str, int] = self.pairing.engine.fetch(counts.aggregate(**beyond)).to_pylist()[0]
        return found
