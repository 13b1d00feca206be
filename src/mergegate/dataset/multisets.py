"""Rows without a key: how often each side has a row is compared, by two hashes of 64 bits.

One hash would take two of ten million unequal rows for equal in one of 400,000 comparisons (1e14 / 2**65).
"""

from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir

from mergegate.dataset.tally import NEW, OLD, Pairing, Side

_HASHES = ["h", "h1"]


@dataclass(frozen=True)
class Multisets:
    """Both sides as multisets of rows, by their common columns. `pairing` has no key."""

    pairing: Pairing

    @cached_property
    def counted(self) -> ir.Table:
        """Rows that are not exactly once on both sides: `h`, `h1`, and how often base and head have each."""
        sides = (
            self.pairing.hashed(side, twice=True).mutate(
                old=ibis.literal(1 - side, type="int64"), new=ibis.literal(int(side), type="int64")
            )
            for side in (OLD, NEW)
        )
        both = ibis.union(*sides, distinct=False)
        groups = both.group_by(_HASHES).aggregate(
            old=both.old.sum().cast("int64"), new=both.new.sum().cast("int64")
        )
        return self.pairing.engine.keep(groups.filter((groups.old != 1) | (groups.new != 1)))

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows of each side, those added and removed, and `twice_old`, `twice_new`: beyond a row's first."""
        counted, engine = self.counted, self.pairing.engine
        more = counted.new - counted.old
        beyond = {
            "added": ibis.greatest(more, 0),
            "removed": ibis.greatest(-more, 0),
            "twice_old": ibis.greatest(counted.old - 1, 0),
            "twice_new": ibis.greatest(counted.new - 1, 0),
        }
        sums = {name: value.sum().fill_null(0).cast("int64") for name, value in beyond.items()}
        found: dict[str, int] = engine.fetch(counted.aggregate(**sums)).to_pylist()[0]
        for side, name in ((OLD, "old"), (NEW, "new")):
            table = self.pairing.table(side)
            found[name] = engine.fetch(table.aggregate(rows=table.count()))["rows"][0].as_py()
        return found

    def alone(self, side: Side) -> ir.Table:
        """A side's rows beyond as many equal ones as the other side has, as the side's table has them."""
        table = self.pairing.table(side)
        payload = {f"p{place}": name for place, name in enumerate(table.columns)}
        counted = self.counted
        more = counted.new - counted.old
        wanted = counted.filter(more > 0 if side == NEW else more < 0)
        rows = self.pairing.hashed(side, twice=True, payload=payload).join(wanted, _HASHES)
        nth = ibis.row_number().over(ibis.window(group_by=_HASHES, order_by="h"))
        rows = rows.mutate(nth=nth.cast("int64"))
        beyond = rows.filter(rows.nth >= (rows.old if side == NEW else rows.new))
        return beyond.select(**{name: beyond[f"p{place}"] for place, name in enumerate(table.columns)})
