"""One value a row, with the rows' weights and clusters, ready to be contrasted group by group."""

from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate.stats.design import Design, Floats
from mergegate.stats.discordance.clusters import Clusters
from mergegate.stats.discordance.contrasts import Contrast, contrast
from mergegate.stats.discordance.moments import Moments, summed_over

Marks = NDArray[np.bool_]
Groups = NDArray[np.intp]
Places = NDArray[np.int64]


class Values(msgspec.Struct, frozen=True, eq=False):
    """n rows; where they have clusters, in the clusters' order, which `order` (n,) gives.

    `scale` is the largest value's size, beside which rounding is told from a difference.
    """

    values: Floats
    weight: Floats | None
    clusters: Clusters | None
    order: NDArray[np.int64] | None
    scale: float

    @classmethod
    def of(cls, values: Floats, design: Design) -> "Values":
        """The values (n,) of a design's rows."""
        scale = float(np.abs(values).max())
        if design.cluster is None:
            return cls(values, design.weight, None, None, scale)
        order = np.argsort(design.cluster, kind="stable")
        values = values.take(order)
        weight = None if design.weight is None else design.weight.take(order)
        clusters = Clusters.of(design.cluster.take(order), values, weight)
        return cls(values, weight, clusters, order, scale)

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.values)

    def pick(self, marks: Marks) -> "Values":
        """Some of the rows, at least one, as they are ordered here."""
        values, weight = self.values[marks], None if self.weight is None else self.weight[marks]
        if self.clusters is None:
            return Values(values, weight, None, None, self.scale)
        clusters = Clusters.of(self.clusters.cluster[marks], values, weight)
        return Values(values, weight, clusters, None, self.scale)

    def ordered(self, codes: NDArray[Any]) -> NDArray[Any]:
        """Codes (n,) in the order that the values are in."""
        return codes if self.order is None else codes.take(self.order)

    def moments(self, codes: NDArray[Any], size: int) -> Moments:
        """Sums by group of the ordered codes (n,), all below `size`."""
        return summed_over(codes, size, self.values, self.weight)

    def above(
        self, codes: NDArray[Any], part: Moments, rest: Moments, asked: Marks, level: float
    ) -> tuple[NDArray[np.intp], Contrast]:
        """Of the groups (k,) `asked` for, those that may be above their rest with a p-value of `level`.

        Groups are by their ordered codes (n,); one of fewer than 30 clusters is never above.
        """
        which = np.flatnonzero(asked)
        which, found = self._likely(which, part, rest, level)
        if self.clusters is None or not len(which):
            return which, found
        table = np.full(len(part.weight), len(which), np.uint16)
        table[which] = np.arange(len(which))
        own = table.take(codes)
        rows = np.flatnonzero(own < len(which))
        return self._settle(which, found, rows, own[rows], part, rest, level)

    def rows_above(self, rows: Places, total: Moments, least: float, level: float) -> Contrast | None:
        """Some rows (m,), rising, against all others, as `above`; None where either has fewer than `least`.

        `total` are the moments (1,) of all rows.
        """
        codes = np.zeros(len(rows), np.uint8)
        part = summed_over(codes, 1, self.values[rows], None if self.weight is None else self.weight[rows])
        rest = total.without(part)
        if min(part.rows[0], rest.rows[0]) < least:
            return None
        which, found = self._likely(np.array([0]), part, rest, level)
        if self.clusters is not None and len(which):
            which, found = self._settle(which, found, rows, codes, part, rest, level)
        return found if len(which) else None

    def _likely(self, which: Groups, part: Moments, rest: Moments, level: float) -> tuple[Groups, Contrast]:
        found = contrast(part[which], rest[which], scale=self.scale, clustered=self.clusters is not None)
        likely = found.likely(level)
        return which[likely], found[likely]

    def _settle(
        self, which: Groups, found: Contrast, rows: Places, codes: NDArray[Any],
        part: Moments, rest: Moments, level: float,
    ) -> tuple[Groups, Contrast]:  # fmt: skip
        """What is left of the groups once clusters are allowed for; `rows` (m,) are theirs."""
        if self.clusters is None:
            return which, found
        error, df, told = self.clusters.errors(rows, codes, part[which], rest[which])
        found = replace(found, apart=error, apart_df=df)
        likely = told & found.likely(level)
        return which[likely], found[likely]
