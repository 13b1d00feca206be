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
        payload = {f"p{place}": name for place, name in enumerate(table.columns)}
        hashed = pairing.hashed(side, payload=payload)
        slots = list(pairing.slots)
        keyless = hashed.filter(ibis.or_(*(hashed[slot].isnull() for slot in slots)))
        rows = ibis.union(hashed.semi_join(self.repeated, slots), keyless, distinct=False)
        nth = ibis.row_number().over(ibis.window(group_by=[*slots, "h"], order_by="h"))
        return rows.mutate(nth=nth.cast("int64"))

    @cached_property
    def marks(self) -> ir.Table:
        """Every loose row once: key, `h`, `nth`, and how many base (`old`) and head (`new`) have, 0 or 1."""
        names = [*self.pairing.slots, "h", "nth"]
        sides = (
            self.rows(side).select(
                *names, old=ibis.literal(1 - side, type="int64"), new=ibis.literal(int(side), type="int64")
            )
            for side in (OLD, NEW)
        )
        both = ibis.union(*sides, distinct=False)
        sums = {side: both[side].sum().cast("int64") for side in ("old", "new")}
        return self.pairing.engine.keep(both.group_by(names).aggregate(**sums))

    @cached_property
    def unmatched(self) -> ir.Table:
        """Marks of rows without an equal one on the other side, and their `kind`."""
        slots = list(self.pairing.slots)
        alone = self.marks.filter(self.marks.old != self.marks.new)
        among = ibis.window(group_by=slots)
        one_each = (alone.old.sum().over(among) == 1) & (alone.new.sum().over(among) == 1)
        whole = ibis.and_(*(alone[slot].notnull() for slot in slots))
        kind = (one_each & whole).ifelse(CHANGED, (alone.new == 1).ifelse(ADDED, REMOVED))
        return alone.mutate(kind=kind.cast("int8"))

    def counts(self) -> ir.Table:
        """For each repeated key, how many rows base (`old`) and head (`new`) have."""
        slots = list(self.pairing.slots)
        marks = self.marks.drop_null(slots, how="any")
        return marks.group_by(slots).aggregate(
            old=marks.old.sum().cast("int64"), new=marks.new.sum().cast("int64")
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
        wanted = marks.filter(marks.old == 1 if side == OLD else marks.new == 1)
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
