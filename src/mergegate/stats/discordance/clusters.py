"""Standard errors of contrasts where rows depend on each other: influence, summed by cluster."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import ENOUGH_CLUSTERS, Codes, Floats, summed
from mergegate.stats.discordance.moments import Moments


class Clusters(msgspec.Struct, frozen=True, eq=False):
    """Rows (n,) in the order of their clusters: `cluster` rises from 0, `products` are w·d.

    `weight` is None where all count alike.
    """

    cluster: Codes
    count: int
    products: Floats
    weight: Floats | None

    def errors(
        self, codes: NDArray[Any], part: Moments, rest: Moments
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Standard errors (k,) and degrees of freedom (k,) of groups' excess, and which have enough clusters.

        `codes` (n,) below k are the rows' groups, in the order of the clusters. A row that a cluster has in a
        group counts there as if its cluster had been left out, which few clusters need (Bell & McCaffrey
        2002); the rest, as a rule the larger, by plain influence (Liang & Zeger 1986).
        """
        size = len(part.weight)
        cell = self._cells(codes)
        own, weight, group = cell.products, cell.weights, cell.group
        totals = _Totals.of(self)
        theirs, all_weight = totals.products[cell.cluster], totals.weights[cell.cluster]
        mean, other = part.means()[group], rest.means()[group]
        inside = part.weight[group]
        left = np.where(inside > weight, inside - weight, inside)
        rest_part = (theirs - own) - other * (all_weight - weight)
        outside = np.maximum(rest.weight, np.finfo(np.float64).tiny)
        influence = (own - mean * weight) / left - rest_part / outside[group]
        touched = np.bincount(group, np.square(theirs - other * all_weight), size)
        mean_of_rest = rest.means()
        every = totals.pp - 2 * mean_of_rest * totals.pw + np.square(mean_of_rest) * totals.ww
        untouched = np.maximum(every - touched, 0.0) / np.square(outside)
        variance = np.bincount(group, np.square(influence), size) + untouched
        variance *= self.count / max(self.count - 1, 1)
        clusters = np.bincount(group, minlength=size)
        whole = np.bincount(group[cell.rows == totals.rows[cell.cluster]], minlength=size)
        fewer = np.minimum(clusters, self.count - whole)
        return np.sqrt(variance), np.maximum(fewer - 1.0, 1.0), fewer >= ENOUGH_CLUSTERS

    def _cells(self, codes: NDArray[Any]) -> "_Cells":
        """What each cluster has in each group that it has rows in."""
        # Stable: within a group rows stay in the order of their clusters.
        order = np.argsort(codes, kind="stable")
        group, cluster = codes.take(order), self.cluster.take(order)
        first = np.empty(len(codes), np.bool_)
        first[0] = True
        np.not_equal(group[1:], group[:-1], out=first[1:])
        first[1:] |= cluster[1:] != cluster[:-1]
        starts = np.flatnonzero(first)
        ends = np.append(starts[1:], len(codes))
        rows = ends - starts
        return _Cells(
            group=group[starts].astype(np.intp),
            cluster=cluster[starts],
            products=np.add.reduceat(self.products.take(order), starts),
            weights=rows.astype(np.float64)
            if self.weight is None
            else np.add.reduceat(self.weight.take(order), starts),
            rows=rows,
        )


class _Cells(msgspec.Struct, frozen=True, eq=False):
    group: NDArray[np.intp]
    cluster: Codes
    products: Floats
    weights: Floats
    rows: NDArray[np.int64]


class _Totals(msgspec.Struct, frozen=True, eq=False):
    """Sums by cluster (G,), and of their squares and products over all clusters."""

    products: Floats
    weights: Floats
    rows: NDArray[np.int64]
    pp: float
    pw: float
    ww: float

    @classmethod
    def of(cls, given: Clusters) -> "_Totals":
        products = summed(given.cluster, given.products, given.count)
        weights = summed(given.cluster, given.weight, given.count)
        rows = np.bincount(given.cluster, minlength=given.count)
        pp, pw, ww = products @ products, products @ weights, weights @ weights
        return cls(products, weights, rows, float(pp), float(pw), float(ww))
