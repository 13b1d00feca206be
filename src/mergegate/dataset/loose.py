"""Rows that no key tells apart: its key repeats on a side, or a part of it is missing.

Within a repeated key, and among all rows whose key has the same gaps, equal rows are the same row as often as
both sides have them. Where then one row of a key is left on each side, it changed; all others came or went.
"""

from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir

from mergegate.dataset.tally import ADDED, CHANGED, NEW, OLD, REMOVED, Pairing, Side


@dataclass(frozen=True)
class Loose:
    """The loose rows of both sides; `repeated` are the keys that are twice on a side."""

    pairing: Pairing
    repeated: ir.Table

    def rows(self, side: Side) -> ir.Table:
        """Key, `h`, `nth` (of equal rows of a key) and all columns as `p0`, `p1`, …"""
        pairing = self.pairing
        table = pairing.table(side)
        payload = {f"p{place}": table[name] for place, name in enumerate(table.columns)}
        hashed = pairing.hashed(side, payload=payload)
        slots = list(pairing.slots)
        keyless = hashed.filter(ibis.or_(*(hashed[slot].isnull() for slot in slots)))
        rows = ibis.union(hashed.semi_join(self.repeated, slots), keyless, distinct=False)
        nth = ibis.row_number().over(ibis.window(group_by=[*slots, "h"], order_by="h"))
        return rows.mutate(nth=nth.cast("int64"))

    @cached_property
    def unmatched(self) -> ir.Table:
        """Rows without an equal one on the other side: key, `h`, `nth`, `side` (−1 base, 1 head), `kind`."""
        slots, marks = list(self.pairing.slots), [*self.pairing.slots, "h", "nth"]
        old = self.rows(OLD).select(*marks, side=ibis.literal(-1, type="int64"))
        new = self.rows(NEW).select(*marks, side=ibis.literal(1, type="int64"))
        both = ibis.union(old, new, distinct=False)
        groups = both.group_by(marks).aggregate(side=both.side.sum().cast("int64"))
        alone = groups.filter(groups.side != 0)
        among = ibis.window(group_by=slots)
        paired = (alone.count().over(among) == 2) & (alone.side.sum().over(among) == 0)
        whole = ibis.and_(*(alone[slot].notnull() for slot in slots))
        kind = (paired & whole).ifelse(CHANGED, (alone.side == 1).ifelse(ADDED, REMOVED))
        return self.pairing.engine.keep(alone.mutate(kind=kind.cast("int8")))

    def counts(self) -> ir.Table:
        """For each key, how many loose rows base (`old`) and head (`new`) have."""
        slots = list(self.pairing.slots)
        sides = (
            self.rows(side).select(
                *slots, old=ibis.literal(1 - side, type="int64"), new=ibis.literal(int(side), type="int64")
            )
            for side in (OLD, NEW)
        )
        both = ibis.union(*sides, distinct=False)
        return both.group_by(slots).aggregate(
            old=both.old.sum().cast("int64"), new=both.new.sum().cast("int64")
        )

    def moved(self, side: Side, kind: int) -> ir.Table:
        """A side's loose rows of a kind, as the side's table has them."""
        table = self.pairing.table(side)
        rows = self._marked(side, self.unmatched.filter(self.unmatched.kind == kind))
        return rows.select(**{name: rows[f"p{place}"] for place, name in enumerate(table.columns)})

    def changed(self) -> ir.Table:
        """Rows that changed: key, `o0`… and `n0`…"""
        changed = self.unmatched.filter(self.unmatched.kind == CHANGED)
        return self._beside(self._marked(OLD, changed), self._marked(NEW, changed), alike=False)

    def same(self) -> ir.Table:
        """Rows that both sides have alike: key, `o0`… and `n0`…"""
        return self._beside(self.rows(OLD), self.rows(NEW), alike=True)

    def _marked(self, side: Side, marks: ir.Table) -> ir.Table:
        rows = self.rows(side)
        wanted = marks.filter(marks.side == (-1 if side == OLD else 1))
        return rows.semi_join(wanted, self._equal(rows, wanted))

    def _equal(self, left: ir.Table, right: ir.Table) -> list[ir.BooleanValue]:
        keys = [left[slot].identical_to(right[slot]) for slot in self.pairing.slots]
        return [left.h == right.h, left.nth == right.nth, *keys]

    def _beside(self, old: ir.Table, new: ir.Table, *, alike: bool) -> ir.Table:
        """Rows of both sides joined: equal ones, or the only ones left of their key."""
        pairing = self.pairing
        slots = list(pairing.slots)
        before, after = list(pairing.old.columns), list(pairing.new.columns)
        values = {f"o{at}": old[f"p{before.index(own)}"] for at, own in enumerate(pairing.columns.values())}
        others = {f"n{at}": new[f"p{after.index(name)}"] for at, name in enumerate(pairing.columns)}
        left = old.select(*slots, "h", "nth", **values)
        right = new.select(*slots, "h", "nth", **others).view()
        joined = left.join(right, self._equal(left, right) if alike else slots)
        return joined.select(*slots, *values, *others)
