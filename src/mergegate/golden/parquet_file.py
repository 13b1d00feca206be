"""Golden rows in a Parquet file: one column per input and key; NaN and null are missing."""

import math
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.errors import ContractError
from mergegate.golden.csv_file import check_header
from mergegate.golden.row import KEYS, Cell, Record, shown

MOST_STATED = 64_000_000
"""Bytes that the columns may have once they are decompressed, as the footer states them."""

MOST_CELLS = 5_000_000
"""Rows times columns; columns that say nothing take hardly a byte."""

_BATCH = 256
_AGAIN = "write it again, as Parquet, CSV or YAML"


def records(data: bytes, *, file: str, most: int) -> Iterator[Record]:
    """The rows of a Parquet file, at most `most`. Raises ContractError for any other file or type."""
    # ValueError: pyarrow's own errors, and names in the footer that are not UTF-8.
    try:
        with pq.ParquetFile(pa.BufferReader(data)) as source:
            yield from _read(source, file, most)
    except (pa.ArrowException, OSError, ValueError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise ContractError(
            f"it can't be read as Parquet: {shown(lines[0]).strip('`')}", file=file, hint=_AGAIN
        ) from error


def _read(source: Any, file: str, most: int) -> Iterator[Record]:
    footer, schema = source.metadata, source.schema_arrow
    stated = sum(footer.row_group(number).total_byte_size for number in range(footer.num_row_groups))
    if footer.num_rows > most or stated > MOST_STATED:
        raise ContractError(
            f"it states {footer.num_rows:,} rows and {stated:,} bytes, more than the {most:,} rows and "
            f"{MOST_STATED:,} bytes that are read",
            file=file,
            hint="keep the rows that matter most",
        )
    if footer.num_rows * len(schema.names) > MOST_CELLS:
        raise ContractError(
            f"it states {footer.num_rows:,} rows of {len(schema.names):,} columns, more than the "
            f"{MOST_CELLS:,} cells that are read",
            file=file,
            hint="keep the rows that matter most, and the columns that the model takes",
        )
    check_header(list(schema.names), file=file)
    for field in schema:
        if not _is_plain(field.type):
            raise ContractError(
                f"the column {shown(field.name)} is of type {shown(str(field.type)).strip('`')}",
                file=file,
                hint="write numbers, booleans or text",
            )
    number = 0
    for batch in source.iter_batches(_BATCH, use_threads=False):
        for cells in batch.to_pylist():
            number += 1
            found = {name: _cell(value) for name, value in cells.items()}
            keys = {name: cell for name, cell in found.items() if name in KEYS}
            inputs = {name: cell for name, cell in found.items() if name not in KEYS}
            yield Record(f"row {number:,}", keys, inputs, typed=True)


def _is_plain(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_null(kind)
    )


def _cell(value: Cell) -> Cell:
    return None if isinstance(value, float) and math.isnan(value) else value
