"""Base and head held as one set of rows, where they are one."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate import compare
from mergegate.arrays import one_chunk, to_arrow
from mergegate.predictions.columns import LazyColumns
from mergegate.records.predictions import Predictions
from mergegate.stats.order import same_keys


def align(base: Predictions, head: Predictions) -> Predictions:
    """Base in head's order, its ids held once for both, where they have the same rows; else base as it is.

    No number depends on the order of rows; memory does.
    """
    if base.row_id.type != head.row_id.type or not same_keys(base.row_index, head.row_index):
        return base
    pairing = compare.pair(base, head)
    if pairing.shared < head.rows:
        return base
    aligned = replace(base, row_id=head.row_id, row_index=head.row_index)
    if isinstance(pairing.base, slice):
        return aligned
    place = pairing.base
    rows = place.astype(np.int32)  # for as long as columns are asked for
    return replace(
        aligned,
        y_true=base.y_true.take(place),
        y_pred=base.y_pred.take(place),
        probabilities=None if base.probabilities is None else _move(base.probabilities, place),
        columns=LazyColumns(tuple(base.columns), partial(_move_column, base.columns.__getitem__, rows)),
    )


def _move(matrix: NDArray[np.float64], place: NDArray[np.int64]) -> NDArray[np.float64]:
    """The rows (n, k) in another order, column by column in memory as before."""
    moved = np.empty(matrix.shape, order="F")
    for column in range(matrix.shape[1]):
        moved[:, column] = matrix[:, column].take(place)
    return moved


def _move_column(load: Callable[[str], Any], place: NDArray[np.int32], name: str) -> Any:
    """A further column, its rows in another order."""
    return one_chunk(load(name)).take(to_arrow(place))
