"""Standard errors of contrasts where rows depend on each other: influence, summed by cluster."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import ENOUGH_CLUSTERS, Floats, summed
from mergegate.stats.discordance.moments import Moments

Places = NDArray[np.int64]


class Clusters(msgspec.Struct, frozen=True, eq=False):
    """Rows (n,) in the order of their clusters, whose numbers `cluster` rise from 0: w·d and w of each row.

    `totals` and `weights` (G,) are their sums by cluster, `rows` (G,) the clusters' sizes.
    """

    cluster: Places
    products: Floats
    weight: Floats | None
    totals: Floats
    weights: Floats
    rows: Places

    @classmethod
    def of(cls, cluster: NDArray[Any], values: Floats, weight: Floats | None) -> "Clusters":
        """Rows (n,), n > 0, sorted by cluster, whose numbers may have gaps."""
        numbers = np.zeros(len(cluster), np.int64)
        np.cumsum(cluster[1:] != cluster[:-1], out=numbers[1:])
        products = values if weight is None else values * weight
        count = int(numbers[-1]) + 1
        totals, weights = (summed(numbers, each, count) for each in (products, weight))
        return cls(numbers, products, weight, totals, weights, np.bincount(numbers))

    def errors(
        self, rows: Places, codes: NDArray[Any], part: Moments, rest: Moments
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Standard errors (k,) and degrees of freedom (k,) of k groups' excess, and which can be told.

        `rows` (m,) are all rows of the groups, rising, `codes` (m,) their groups. The influence of a cluster
        on a group is what leaving it out would change, which few clusters need; on the rest, as a rule the
        larger, it is linear (Liang & Zeger 1986). Both sides need 30 clusters.
        """
        size, count = len(part.weight), len(self.totals)
        cells = self._cells(rows, codes)
        group, cluster, own, weight = cells.group, cells.cluster, cells.products, cells.weights
        mean, other = part.means(), rest.means()
        inside, outside = part.weight[group], np.maximum(rest.weight, np.finfo(np.float64).tiny)
        left = np.where(inside > weight, inside - weight, inside)
        of_group = (own - mean[group] * weight) / left
        of_rest = (self.totals[cluster] - own) - other[group] * (self.weights[cluster] - weight)
        influence = summed(group, np.square(of_group - of_rest / outside[group]), size)
        # Clusters without a row in the group: all of them, less those that have one.
        whole = np.square(self.totals[cluster] - other[group] * self.weights[cluster])
        squares, product = self.totals @ self.totals, self.totals @ self.weights
        every = squares - 2 * other * product + np.square(other) * (self.weights @ self.weights)
        influence += np.maximum(every - np.bincount(group, whole, size), 0.0) / np.square(outside)
        inner = np.bincount(group, minlength=size)
        fully = np.bincount(group[cells.rows == self.rows[cluster]], minlength=size)
        fewer = np.minimum(inner, count - fully)
        error = np.sqrt(influence * (count / max(count - 1, 1)))
        return error, np.maximum(fewer - 1.0, 1.0), fewer >= ENOUGH_CLUSTERS

    def _cells(self, rows: Places, codes: NDArray[Any]) -> "_Cells":
        """What each cluster has in each group that it has rows in."""
        # Stable: within a group rows stay in the order of their clusters.
        order = np.argsort(codes, kind="stable")
        group, rows = codes.take(order), rows.take(order)
        cluster = self.cluster.take(rows)
        first = np.ones(len(rows), np.bool_)
        np.not_equal(group[1:], group[:-1], out=first[1:])
        first[1:] |= cluster[1:] != cluster[:-1]
        starts = np.flatnonzero(first)
        sizes = np.diff(starts, append=len(rows))
        return _Cells(
            group=group[starts].astype(np.intp),
            cluster=cluster[starts],
            products=np.add.reduceat(self.products.take(rows), starts),
            weights=sizes.astype(np.float64)
            if self.weight is None
            else np.add.reduceat(self.weight.take(rows), starts),
            rows=sizes,
        )


class _Cells(msgspec.Struct, frozen=True, eq=False):
    group: NDArray[np.intp]
    cluster: Places
    products: Floats
    weights: Floats
    rows: Places
