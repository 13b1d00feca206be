"""Columns as the graph takes them: float32 or text, shape (n, 1)."""

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate.amounts import amount
from mergegate.bundle.folder import printable
from mergegate.errors import UsageError
from mergegate.records.manifest import InputColumn

MAX_EXAMPLES = 3

Feed = dict[str, NDArray[Any]]
"""Tensor → values (n, 1): what a graph is given."""


def tensors(table: Any, inputs: tuple[InputColumn, ...]) -> Feed:
    """The graph's feed from `table`, whose columns are found by name.

    `table` is a pyarrow Table, a pandas DataFrame or a dict of arrays or lists, n rows each. Raises
    UsageError for a missing column, one of another length, or values that the model was not fitted to take.
    """
    missing = [column.name for column in inputs if column.name not in names(table)]
    if missing:
        raise UsageError(
            f"the table lacks {', '.join(missing[:5])}",
            hint="`mergegate bundle show` lists what the model takes",
        )
    feed = {}
    for column in inputs:
        values = plain(table[column.name], column.name)
        feed[column.tensor] = number(values, column) if column.kind == "number" else text(values, column)
    lengths = {len(values) for values in feed.values()}
    if len(lengths) > 1:
        raise UsageError(f"the columns have different lengths: {sorted(lengths)}")
    return {name: values.reshape(-1, 1) for name, values in feed.items()}


def names(table: Any) -> list[str]:
    """Column names of a pyarrow Table, a DataFrame or a dict."""
    return list(table.column_names) if hasattr(table, "column_names") else list(table)


def number(values: NDArray[Any], column: InputColumn) -> NDArray[np.float32]:
    """Values as float32 (n,), NaN for missing; refuses what the model was not fitted to take."""
    result = to_float32(values, column.name)
    missing = int(np.isnan(result).sum())
    if missing and not column.missing:
        raise UsageError(
            f"`{column.name}` is missing in {amount(missing, 'row')}, "
            "and the model takes no missing values there",
            hint="fill the column, or train with an imputer",
        )
    return result


def text(values: NDArray[Any], column: InputColumn) -> NDArray[np.object_]:
    """Values as text (n,), "" for missing; refuses what the model was not fitted to take."""
    result = to_text(values)
    found = set(result.tolist())
    if "" in found and not column.missing:
        raise UsageError(
            f"`{column.name}` is missing in {amount(int((result == '').sum()), 'row')}, "
            "and the model takes no missing values there",
            hint="fill the column, or train with an encoder that ignores unknown values",
        )
    unseen = sorted(found - set(column.categories) - {""})
    if unseen and not column.unseen:
        shown = ", ".join(f"`{printable(value)}`" for value in unseen[:MAX_EXAMPLES])
        raise UsageError(
            f"`{column.name}` has values that training did not show, {shown}, and the model takes none",
            hint="train with an encoder that ignores unknown values",
        )
    return result


def to_float32(values: NDArray[Any], name: str) -> NDArray[np.float32]:
    """Numbers as float32 (n,), NaN for missing; UsageError for text, dates and what float32 can't hold."""
    if values.dtype.kind not in "biuf":
        bad = [value for value in values.tolist() if not _is_missing(value) and not _is_number(value)]
        if bad:
            shown = ", ".join(f"`{printable(str(value))}`" for value in bad[:MAX_EXAMPLES])
            raise UsageError(f"`{name}` must be numbers; found {shown}")
        values = np.array([np.nan if _is_missing(value) else float(value) for value in values.tolist()])
    with np.errstate(over="ignore"):
        result = values.astype(np.float32)
    beyond = values[np.isinf(result)]
    if len(beyond):
        raise UsageError(f"`{name}` has values that float32 can't hold: {float(beyond[0])!r}")
    return result


def to_text(values: NDArray[Any]) -> NDArray[np.object_]:
    """Values as text (n,): missing is "", a text stays, anything else as Python prints it.

    Whole numbers have no decimals, because a column of integers becomes floats as soon as one is missing.
    """
    result = np.empty(len(values), dtype=object)
    result[:] = [value if isinstance(value, str) else _text(value) for value in values.tolist()]
    return result


def _text(value: Any) -> str:
    if _is_missing(value):
        return ""
    return str(int(value)) if isinstance(value, float | np.floating) and value.is_integer() else str(value)


def plain(values: Any, name: str) -> NDArray[Any]:
    """A column of any kind as a one-dimensional array; UsageError for other shapes."""
    if isinstance(values, list | tuple):
        array = np.empty(len(values), dtype=object)
        array[:] = values
    else:
        if hasattr(getattr(values, "type", None), "index_type"):
            # pyarrow gives the missing values of a dictionary as one of its others.
            values = values.cast(values.type.value_type)
        array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    if array.ndim != 1:
        raise UsageError(f"`{name}` has the shape {array.shape}; a column has one dimension")
    return array


def _is_missing(value: Any) -> bool:
    # pandas' own missing values can't be compared, and pandas is not needed to serve.
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, float | np.floating) and value != value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | Decimal | np.integer | np.floating | np.bool_)
