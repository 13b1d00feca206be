"""The probabilities of a classifier: one column per class, between 0 and 1, each row summing to 1."""

import difflib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.arrays import to_numpy
from mergegate.predictions.contract import PROBABILITY, BreachError, listing, show

_ROUNDING = 1e-6
"""How far outside 0 to 1 a value may lie, and per class how far from 1 a sum: what 32-bit floats cost."""

_BLOCK = 1 << 16
"""Rows summed at a time: bounds the working memory."""


def class_names(columns: Sequence[str]) -> list[str]:
    """The classes that the columns are of."""
    return [name.removeprefix(PROBABILITY) for name in columns if name.startswith(PROBABILITY)]


def check_cover(names: Sequence[str], occurring: Sequence[str]) -> None:
    """Raise BreachError when a class that occurs has no probability column."""
    missing = [text for text in occurring if text not in set(names)]
    if names and missing:
        column = PROBABILITY + missing[0]
        present = [PROBABILITY + name for name in names]
        near = difflib.get_close_matches(column, present, n=1, cutoff=0.0)
        hint = f"write the column {show(column)}"
        hint += f" ({show(near[0])} is the nearest present)" if near else ""
        raise BreachError(f"has no probability column for the class {listing(missing)}", hint)


def matrix(load: Callable[[str], Any], classes: Sequence[str], *, rows: int) -> NDArray[np.float64]:
    """Probabilities (n, k) in the order of `classes`, column by column in memory.

    Raises BreachError for nulls, NaN, values outside 0 to 1, rows that do not sum to 1.
    """
    result = np.empty((rows, len(classes)), order="F")
    for number, text in enumerate(classes):
        name = PROBABILITY + text
        values = numbers(load(name), name=name, rows=rows, out=result[:, number])
        low, high = float(values.min()), float(values.max())
        if low < -_ROUNDING or high > 1 + _ROUNDING:
            row = int(np.flatnonzero((values < -_ROUNDING) | (values > 1 + _ROUNDING))[0])
            message = f"has {show(name)} {float(values[row])!r} in row {row + 1:,}, outside 0 to 1"
            raise BreachError(message, "write probabilities (predict_proba), not scores or logits")
        if low < 0 or high > 1:
            np.clip(values, 0.0, 1.0, out=values)
    _check_sums(result)
    return result


def _check_sums(matrix: NDArray[np.float64]) -> None:
    rows, classes = matrix.shape
    count, first = 0, 0
    for start in range(0, rows, _BLOCK):
        sums = matrix[start : start + _BLOCK].sum(axis=1)
        wrong = np.flatnonzero(np.abs(sums - 1.0) > _ROUNDING * (10 + classes))
        if len(wrong) and not count:
            first = start + int(wrong[0])
        count += len(wrong)
    if count:
        message = f"has {count:,} rows whose probabilities do not sum to 1; "
        message += f"row {first + 1:,} sums to {matrix[first].sum():.6g}"
        raise BreachError(message, "write one column per class, unrounded, and no other column named proba_…")


def numbers(
    column: Any, *, name: str, rows: int, out: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """A column (chunked array or Stream, n rows) as float64, in `out` (n,) where that is given.

    Raises BreachError when it is not numeric, or holds nulls, NaN or infinity.
    """
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if not numeric:
        hint = (
            "write numbers"
            if name.startswith(PROBABILITY)
            else "write numbers, or name another task: in the policy, or by `--task`"
        )
        raise BreachError(f"has a {show(name)} of type {show(kind)}", hint)
    values = np.empty(rows) if out is None else out
    start = empty = 0
    for chunk in column.chunks:
        plain = pc.cast(chunk, kind) if pa.types.is_dictionary(chunk.type) else chunk
        empty += plain.null_count
        if not empty:
            values[start : start + len(plain)] = to_numpy(pc.cast(plain, pa.float64(), safe=False))
        start += len(plain)
    if empty:
        raise BreachError(f"has {empty:,} empty {show(name)}", _HINT)
    if not (np.isfinite(values.min()) and np.isfinite(values.max())):
        finite = np.isfinite(values)
        row = int(np.flatnonzero(~finite)[0])
        count = len(values) - int(np.count_nonzero(finite))
        message = f"has {count:,} {show(name)} that are NaN or infinite, the first in row {row + 1:,}"
        raise BreachError(message, _HINT)
    return values


_HINT = "leave out rows without a known truth, and see why the model gave no number for the others"
