"""How the rows of an evaluation were drawn: their weights, and which of them depend on each other."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

ENOUGH_CLUSTERS = 30
"""Below this no interval that allows for clusters holds."""

JACKKNIFE_BELOW = 200
"""Below this many clusters each is left out in turn; from here on their summed influence is as good."""


def summed(codes: NDArray[Any], values: NDArray[Any] | None, size: int) -> Floats:
    """Sums (size,) of values (n,) by code; counts where there are no values."""
    # numpy's stubs give the type of counts to sums too.
    return np.bincount(codes, values, size).astype(np.float64, copy=False)


class UndefinedError(ValueError):
    """A metric has no value on these rows; the message says why."""


class Design:
    """n rows with a weight each, or none, and a cluster each, or none.

    `weight` (n,) finite and at least 0, some above 0; `cluster` (n,) integer codes of at least 0.
    Raises UndefinedError where the rows or weights give no metric a value.
    """

    def __init__(
        self, rows: int, *, weight: ArrayLike | None = None, cluster: ArrayLike | None = None
    ) -> None:
        if rows < 1:
            raise UndefinedError("there are no rows")
        self.rows = rows
        self.weight = None if weight is None else _weights(np.asarray(weight, np.float64), rows)
        self.cluster: Codes | None = None
        self.clusters = 0
        if cluster is not None:
            self.cluster, self.clusters = _clusters(np.asarray(cluster), rows)

    @cached_property
    def total(self) -> float:
        """Summed weight; the number of rows without weights."""
        return float(self.rows if self.weight is None else self.weight.sum())

    def effective(self, among: NDArray[np.bool_] | None = None) -> float:
        """Rows that an equally weighted sample would need for the same precision: (Σw)² / Σw² (Kish 1965)."""
        if self.weight is None:
            return float(self.rows if among is None else np.count_nonzero(among))
        weight = self.weight if among is None else self.weight[among]
        square = float(weight @ weight)
        return float(weight.sum()) ** 2 / square if square else 0.0

    def mean(self, values: Floats) -> float:
        """Weighted mean of values (n,)."""
        return float(np.mean(values) if self.weight is None else (values @ self.weight) / self.total)

    def by_cluster(self, values: Floats) -> Floats:
        """Sums (G,) of values (n,) over each cluster."""
        return summed(self._codes, values, self.clusters)

    def effective_clusters(self) -> float:
        """Clusters of equal size that would tell as much: (ΣW)² / ΣW² over the clusters' weights."""
        sizes = summed(self._codes, self.weight, self.clusters)
        return float(sizes.sum() ** 2 / (sizes @ sizes))

    def subset(self, rows: NDArray[Any]) -> "Design":
        """The design of some rows: an index array or a mask (n,)."""
        picked = self._nothing[rows]
        return Design(
            len(picked),
            weight=None if self.weight is None else self.weight[rows],
            cluster=None if self.cluster is None else self.cluster[rows],
        )

    @cached_property
    def _nothing(self) -> NDArray[np.bool_]:
        return np.zeros(self.rows, np.bool_)

    @property
    def _codes(self) -> Codes:
        if self.cluster is None:
            raise ValueError("the rows have no clusters")
        return self.cluster


def _weights(weight: Floats, rows: int) -> Floats:
    if weight.shape != (rows,):
        raise ValueError(f"{rows} rows need as many weights, not {weight.shape}")
    if not np.isfinite(weight).all() or weight.min() < 0:
        raise UndefinedError("a weight is negative, NaN or infinite")
    largest = float(weight.max())
    if not largest:
        raise UndefinedError("every weight is 0")
    # Every result is the same for c·w; squares of weights like 1e200 must not overflow.
    return weight / largest


def _clusters(cluster: NDArray[Any], rows: int) -> tuple[Codes, int]:
    """Codes without gaps, and how many there are."""
    if cluster.shape != (rows,):
        raise ValueError(f"{rows} rows need as many clusters, not {cluster.shape}")
    if cluster.min() < 0:
        raise ValueError("cluster codes start at 0")
    if cluster.max() < 4 * rows:
        occupied = np.bincount(cluster) > 0
        places = np.cumsum(occupied) - 1
        return places[cluster], int(places[-1]) + 1
    labels, codes = np.unique(cluster, return_inverse=True)
    return codes.astype(np.int64), len(labels)
