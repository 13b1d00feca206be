"""Predictions of one model on one evaluation set, as arrays."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True, eq=False)
class Predictions:
    """n evaluated rows.

    `row_id` (n,) int64 or unicode, unique. `y_true`, `y_pred` (n,): float64 for regression, otherwise integer
    codes into `classes`. `probabilities` (n, k) float64 in the order of `classes`, or None when the model gives
    none. `classes` are the labels as text, sorted; for a binary task exactly two, the positive one last.
    `columns` holds every further column of the file by name, (n,) each, not read until a policy names it.
    """

    task: Task
    row_id: NDArray[Any]
    y_true: NDArray[Any]
    y_pred: NDArray[Any]
    classes: tuple[str, ...] = ()
    probabilities: NDArray[np.float64] | None = None
    columns: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of evaluated rows."""
        return len(self.row_id)
