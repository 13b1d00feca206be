"""Predictions of one model on one evaluation set, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from mergegate.records.metrics import Task

# The policy reads `Task` from here and must not pay for numpy and pyarrow.
if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["Predictions", "Task"]


class Predictions(msgspec.Struct, frozen=True, eq=False):
    """n evaluated rows.

    `row_id` (n,) an Arrow array of int64 or large_string, unique and without nulls: ten million text ids stay
    one buffer. `row_index` (n,) uint64: sorted words, the leading 39 bits of each id's hash above its row's
    number in 25; equal ids have equal hashes, and unequal ids hardly ever do.
    `y_true`, `y_pred` (n,): float64 for regression, otherwise int32 codes into `classes`.
    `probabilities` (n, k) float64 in the order of `classes`, or None when the model gives none.
    `classes` are the labels as text, sorted (whole numbers by value); for a binary task at most two, the
    positive one last; empty for regression.
    `columns` maps the name of every further column of the file to an Arrow array, read when first asked for.
    """

    task: Task
    row_id: pa.Array
    row_index: NDArray[np.uint64]
    y_true: NDArray[Any]
    y_pred: NDArray[Any]
    classes: tuple[str, ...] = ()
    probabilities: NDArray[np.float64] | None = None
    columns: Mapping[str, pa.ChunkedArray] = msgspec.field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of evaluated rows."""
        return len(self.y_true)
