"""Read a predictions file: hostile until checked, bounded before it is read, only the columns needed."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.errors import ContractError
from mergegate.predictions.assembly import assemble
from mergegate.predictions.columns import LazyColumns, Stream, narrow
from mergegate.predictions.contract import (
    PROBABILITY,
    READ_AGAIN,
    ROW_ID,
    Y_PRED,
    Y_TRUE,
    BreachError,
    Limits,
    check_schema,
    is_text,
    show,
)
from mergegate.predictions.ids import check_dictionaries, read_ids
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions

_MAGIC = b"PAR1"
_BATCH = 1 << 15
"""Numbers are read so many rows at a time, straight into the array that is kept."""


def read(
    source: Path | bytes,
    *,
    task: Task,
    positive: str | int | bool | None = None,
    name: str,
    limits: Limits | None = None,
) -> Predictions:
    """Read and check a predictions file; `name` is what people call it (`predictions.parquet at abc1234`).

    `source` is the file, or its bytes where they come from git. Further columns are read when asked for.
    `positive` is the positive class of a binary task; without it 1 of {0, 1} and True of {False, True} is.
    Raises ContractError with a sentence and what to do next when the file breaks the contract.
    """
    limits = limits or Limits()
    try:
        _check_magic(source)
        # ValueError: pyarrow's own errors, and names in the footer that are not UTF-8.
        try:
            return _read(source, task=task, positive=positive, name=name, limits=limits)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise BreachError(f"is damaged and can't be read: {_first_line(error)}", READ_AGAIN) from error
    except BreachError as breach:
        raise ContractError(
            breach.message, file=name, hint=breach.hint, code="predictions-invalid"
        ) from breach


def _check_magic(source: Path | bytes) -> None:
    """Tell a file that is no Parquet from one that is cut off."""
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
            head = file.read(len(_MAGIC))
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - len(_MAGIC)))
            tail = file.read()
    except FileNotFoundError:
        raise BreachError("is missing", "run `dvc repro`, or `dvc pull` to fetch it") from None
    except OSError as error:
        raise BreachError(f"can't be opened: {error.strerror or error}", READ_AGAIN) from error
    if size == 0:
        raise BreachError("is empty (0 bytes)", READ_AGAIN)
    if head != _MAGIC:
        hint = "write it with mergegate.predictions.write, or to_parquet of pandas or polars"
        raise BreachError("is not a Parquet file", hint)
    if tail != _MAGIC or size < 12:
        raise BreachError(f"is cut off after {size:,} bytes: a Parquet file ends with its footer", READ_AGAIN)


def _open(source: Path | bytes, **options: Any) -> Any:
    """The file, to be closed by the caller."""
    return pq.ParquetFile(pa.BufferReader(source) if isinstance(source, bytes) else source, **options)


def _read(
    source: Path | bytes, *, task: Task, positive: str | int | bool | None, name: str, limits: Limits
) -> Predictions:
    with _open(source) as probe:
        footer, schema = probe.metadata, probe.schema_arrow
    wanted, others = check_schema(schema, task=task, rows=footer.num_rows, limits=limits)
    texts = [column for column in (Y_TRUE, Y_PRED) if is_text(schema.field(column).type)]
    rows = footer.num_rows
    flat = {column for column in others if not pa.types.is_nested(schema.field(column).type)}
    lazy = LazyColumns(
        tuple(others),
        lambda column: _read_column(source, footer, column, name=name, flat=column in flat),
    )
    if is_text(schema.field(ROW_ID).type):
        with _open(source, metadata=footer, read_dictionary=[ROW_ID]) as file:
            check_dictionaries(file, limits)
    with _open(source, metadata=footer, read_dictionary=texts) as file:

        def load(column: str) -> Any:
            if column.startswith(PROBABILITY) or task == "regression":
                return Stream(schema.field(column).type, _pieces(file, column, rows))
            return _all(file.read([column]).column(0), column, rows)

        ids = _all(read_ids(file, schema.field(ROW_ID).type, rows=rows, limits=limits), ROW_ID, rows)
        found = assemble(ids, load, wanted, task=task, positive=positive, columns=lazy, limits=limits)
    # What was decoded and copied is a third of the memory, and the pool would keep it.
    pa.default_memory_pool().release_unused()
    return found


def _all(values: Any, column: str, rows: int) -> Any:
    """The values of a column, as many as the footer states."""
    _check_rows(len(values), column, rows)
    return values


def _pieces(file: Any, column: str, rows: int) -> Iterator[Any]:
    """The values of a column, as many as the footer states, in Arrow arrays of some rows."""
    seen = 0
    for batch in file.iter_batches(_BATCH, columns=[column], use_threads=False):
        seen += len(batch)
        if seen <= rows:
            yield batch.column(0)
    _check_rows(seen, column, rows)


def _check_rows(found: int, column: str, rows: int) -> None:
    if found != rows:
        message = f"holds {found:,} {show(column)} where its footer states {rows:,} rows"
        raise BreachError(message, READ_AGAIN)


def _read_column(source: Path | bytes, footer: Any, column: str, *, name: str, flat: bool) -> Any:
    """One further column; text comes dictionary-encoded where it is `flat`. Raises ContractError."""
    rows = footer.num_rows
    try:
        with _open(source, metadata=footer, read_dictionary=[column] if flat else []) as file:
            values = narrow(file.read(columns=[column]).column(0))
        if len(values) == rows:
            return values
        message = f"holds {len(values):,} rows of {show(column)} where {rows:,} were read before"
    except (pa.ArrowException, OSError, ValueError, IndexError) as error:
        message = f"has a column {show(column)} that can't be read: {_first_line(error)}"
    raise ContractError(message, file=name, hint=READ_AGAIN, code="predictions-invalid")


def _first_line(error: Exception) -> str:
    """The first line of a library's message, bounded and without quotation marks."""
    lines = str(error).splitlines()
    return show(lines[0])[1:-1] if lines else type(error).__name__
