"""Write a predictions file from any pipeline: numpy, pandas, polars, Arrow or plain lists."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mergegate import atomic
from mergegate.arrays import is_number, to_arrow
from mergegate.errors import ContractError
from mergegate.predictions.assembly import assemble
from mergegate.predictions.contract import (
    PROBABILITY,
    REQUIRED,
    ROW_ID,
    Y_PRED,
    Y_TRUE,
    BreachError,
    Limits,
    check_schema,
    is_text,
    listing,
    show,
)
from mergegate.predictions.ids import to_ids
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions


def write(
    path: str | Path,
    *,
    row_id: Any,
    y_true: Any,
    y_pred: Any,
    probabilities: Mapping[Any, Any] | None = None,
    columns: Mapping[str, Any] | None = None,
) -> None:
    """Write the predictions of n evaluated rows as zstd Parquet; the same values give the same bytes.

    `row_id` (n,) text or whole numbers, unique and stable across revisions; `y_true`, `y_pred` (n,) labels or
    numbers; `probabilities` maps each class to its (n,) column; `columns` maps further names to (n,) columns
    (slices, clusters, weights, losses). The file appears whole or not at all.
    Raises ContractError when the contract is broken; nothing is written then.
    """
    path = Path(path)
    try:
        table = _table(row_id, y_true, y_pred, probabilities, columns)
        _check(table, task=_task(table), positive=None)
    except BreachError as breach:
        raise ContractError(
            breach.message, file=path, hint=breach.hint, code="predictions-invalid"
        ) from breach
    with atomic.replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def build(
    *,
    row_id: Any,
    y_true: Any,
    y_pred: Any,
    task: Task,
    positive: str | int | bool | None = None,
    probabilities: Mapping[Any, Any] | None = None,
    columns: Mapping[str, Any] | None = None,
    name: str = "predictions",
) -> Predictions:
    """Check predictions in memory by the file's rules; arguments as in `write` and `read`.

    Raises ContractError when the contract is broken.
    """
    try:
        table = _table(row_id, y_true, y_pred, probabilities, columns)
        return _check(table, task=task, positive=positive)
    except BreachError as breach:
        raise ContractError(
            breach.message, file=name, hint=breach.hint, code="predictions-invalid"
        ) from breach


def _check(table: Any, *, task: Task, positive: str | int | bool | None) -> Predictions:
    limits = Limits()
    wanted, others = check_schema(table.schema, task=task, rows=table.num_rows, limits=limits)
    further = {name: table.column(name) for name in others}
    ids = to_ids(table.column(ROW_ID), limits)
    return assemble(ids, table.column, wanted, task=task, positive=positive, columns=further, limits=limits)


def _task(table: Any) -> Task:
    """The task whose rules a file must meet that does not say for which it is."""
    labelled = any(not _is_numeric(table.schema.field(name).type) for name in (Y_TRUE, Y_PRED))
    classes = any(name.startswith(PROBABILITY) for name in table.column_names)
    return "multiclass" if labelled or classes else "regression"


def _is_numeric(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _table(
    row_id: Any,
    y_true: Any,
    y_pred: Any,
    probabilities: Mapping[Any, Any] | None,
    columns: Mapping[str, Any] | None,
) -> Any:
    """The columns as an Arrow table, without metadata."""
    given = {ROW_ID: row_id, Y_TRUE: y_true, Y_PRED: y_pred}
    for label, values in (probabilities or {}).items():
        given[f"{PROBABILITY}{label}"] = values
    taken = [name for name in columns or {} if name in REQUIRED or str(name).startswith(PROBABILITY)]
    if taken:
        raise BreachError(
            f"is given {listing(taken)} as a further column", "pass it as the argument of its own"
        )
    given.update(columns or {})
    arrays = {str(name): _column(values, str(name)) for name, values in given.items()}
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        stated = ", ".join(f"{show(name)} {length:,}" for name, length in list(lengths.items())[:8])
        raise BreachError(
            f"is given columns of different lengths: {stated}", "give every column the same rows"
        )
    return pa.table(arrays)


def _column(values: Any, name: str) -> Any:
    """Values (n,) of any library as an Arrow column."""
    try:
        if isinstance(values, pa.Array | pa.ChunkedArray):
            return values
        if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_array__"):
            return _plain_text(
                pa.chunked_array(values) if hasattr(values, "__arrow_c_stream__") else pa.array(values)
            )
        array = np.asarray(values)
        if array.ndim != 1:
            raise BreachError(f"is given {show(name)} of shape {array.shape}", "give one value per row")
        if is_number(array.dtype) and not _mixes_booleans(values, array):
            return to_arrow(array)
        return _texts(values, array, name)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        message = f"is given {show(name)} that is no column of one type: {show(str(error))}"
        raise BreachError(message, "give text, numbers, booleans or dates, one type per column") from error


def _plain_text(values: Any) -> Any:
    """Text in the layout that every reader of Parquet knows."""
    return values.cast(pa.string()) if is_text(values.type) else values


def _mixes_booleans(values: Any, array: Any) -> bool:
    """Whether a list mixes booleans into numbers, which numpy would turn into 0 and 1 without a word."""
    if isinstance(values, np.ndarray) or array.dtype == np.bool_:
        return False
    return any(isinstance(value, bool) for value in values)


def _texts(values: Any, array: Any, name: str) -> Any:
    """A column of text, null where it is None; anything else goes through Arrow's own inference."""
    items = array.tolist() if isinstance(values, np.ndarray) else list(values)
    if all(isinstance(item, str) or item is None for item in items):
        builder = pa.lib.StringBuilder()
        builder.append_values(items)
        return builder.finish()
    if array.dtype.kind == "U":
        kinds = sorted({type(item).__name__ for item in items})
        raise BreachError(
            f"is given {show(name)} that mixes {' and '.join(kinds)}", "give one type per column"
        )
    return pa.array(items)
