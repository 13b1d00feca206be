"""Base and head held as one set of rows, where they are one."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate import compare, threads
from mergegate.arrays import one_chunk, to_arrow
from mergegate.predictions.columns import LazyColumns
from mergegate.records.predictions import Predictions
from mergegate.stats.order import same_keys

_BLOCK = 1 << 13
"""Rows moved at a time: small enough that malloc keeps the working memory."""


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
    same_truth = base.classes == head.classes and not pairing.labels_changed.any()
    if same_truth:
        aligned = replace(aligned, y_true=head.y_true)
    return (
        aligned
        if isinstance(pairing.base, slice)
        else _move(aligned, pairing.base, with_truth=not same_truth)
    )


def _move(base: Predictions, place: NDArray[np.int64], *, with_truth: bool) -> Predictions:
    """The rows in another order; the truth only `with_truth`, else it stands in it already."""
    rows = place.astype(np.int32)  # for as long as columns are asked for
    y_true = np.empty_like(base.y_true) if with_truth else base.y_true
    y_pred = np.empty_like(base.y_pred)
    arrays = [(base.y_true, y_true), (base.y_pred, y_pred)] if with_truth else [(base.y_pred, y_pred)]
    matrix = None
    if base.probabilities is not None:
        matrix = np.empty(base.probabilities.shape, order="F")
        arrays += zip(base.probabilities.T, matrix.T, strict=True)
    threads.each(partial(_move_array, rows), arrays, rows=len(rows))
    return replace(
        base,
        y_true=y_true,
        y_pred=y_pred,
        probabilities=matrix,
        columns=LazyColumns(tuple(base.columns), partial(_move_column, base.columns.__getitem__, rows)),
    )


def _move_array(place: NDArray[np.int32], arrays: tuple[NDArray[Any], NDArray[Any]]) -> None:
    """Fill the second array (n,) with the values of the first in another order."""
    values, into = arrays
    for start in range(0, len(place), _BLOCK):
        block = slice(start, start + _BLOCK)
        # Places are of rows that are there; to check each would take a copy.
        np.take(values, place[block], out=into[block], mode="clip")


def _move_column(load: Callable[[str], Any], place: NDArray[np.int32], name: str) -> Any:
    """A further column, its rows in another order."""
    return one_chunk(load(name)).take(to_arrow(place))
