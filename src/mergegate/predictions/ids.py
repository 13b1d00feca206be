"""The row_id column as one Arrow array: whole numbers as int64, text of any layout as large_string."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.arrays import one_chunk
from mergegate.predictions.contract import READ_AGAIN, ROW_ID, BreachError, Limits

_BATCH = 16_384
"""Text ids are read in batches this small: a dictionary page can name one huge text for every row."""
_LENGTH = 4
"""Bytes by which Parquet tells the length of each text."""
_ROOM = 1.1
"""How much longer later ids are expected to be than the first ones."""


def read_ids(file: Any, kind: Any, *, rows: int, limits: Limits) -> Any:
    """Read the column of the Arrow type `kind` from an open Parquet file whose footer states `rows`.

    Text comes batch by batch, so that one huge id can't fill the memory. Raises BreachError for empty ids,
    and for more bytes than the limits allow.
    """
    if pa.types.is_integer(kind):
        return to_ids(file.read(columns=[ROW_ID], use_threads=False).column(0), limits)
    texts = _Texts(rows, limits, expected=_stated_bytes(file) - _LENGTH * rows)
    empty = 0
    for batch in file.iter_batches(_BATCH, columns=[ROW_ID], use_threads=False):
        chunk = batch.column(0)
        empty += chunk.null_count
        if pa.types.is_dictionary(chunk.type):
            check_length(chunk.dictionary, limits)
            chunk = pc.cast(chunk, chunk.type.value_type)
        texts.add(chunk if pa.types.is_string(chunk.type) else pc.cast(chunk, pa.large_string()))
    _refuse_empty(empty)
    return texts.array()


def check_dictionaries(file: Any, limits: Limits) -> None:
    """Refuse long text ids before any is unpacked: a small file can name one of many megabytes for each row.

    `file` is open with the column as a dictionary. Looks at the dictionary of each row group, and one row.
    """
    for group in range(file.metadata.num_row_groups):
        batch = next(file.iter_batches(1, row_groups=[group], columns=[ROW_ID], use_threads=False), None)
        if batch is not None and pa.types.is_dictionary(batch.column(0).type):
            check_length(batch.column(0).dictionary, limits)


def _stated_bytes(file: Any) -> int:
    """Bytes of the column, decompressed, as the footer states them: a hint only."""
    footer = file.metadata
    place = file.schema.names.index(ROW_ID)
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    return sum(int(group.column(place).total_uncompressed_size) for group in groups)


def to_ids(column: Any, limits: Limits) -> Any:
    """The ids (chunked array, n rows) as one array without nulls. Raises BreachError as `read_ids`."""
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    _refuse_empty(column.null_count)
    whole = pa.types.is_integer(column.type)
    ids = one_chunk(pc.cast(column, pa.int64() if whole else pa.large_string()))
    check_length(ids, limits)
    return ids


def check_length(ids: Any, limits: Limits) -> None:
    """Raise BreachError when a text id (Arrow array) is longer than the limit; numbers pass."""
    if not pa.types.is_integer(ids.type):
        _refuse_long(pc.max(pc.binary_length(ids)).as_py() or 0, limits)


class _Texts:
    """Texts collected into one buffer, of which only what is filled takes memory."""

    def __init__(self, rows: int, limits: Limits, *, expected: int) -> None:
        self._limits = limits
        self._offsets = np.empty(rows + 1, np.int64)
        self._offsets[0] = 0
        self._bytes = np.empty(min(max(expected, 0), limits.row_ids), np.uint8)
        self._rows = self._size = 0

    def add(self, chunk: Any) -> None:
        """Append a string or large_string array (m rows). Raises BreachError beyond the limits."""
        if not len(chunk):
            return
        rows, kind = len(chunk), np.int32 if pa.types.is_string(chunk.type) else np.int64
        _, offsets, text = chunk.buffers()
        ends = np.frombuffer(offsets, kind)[chunk.offset : chunk.offset + rows + 1]
        _refuse_long(int(np.diff(ends).max(initial=0)), self._limits)
        first, size = self._rows + 1, int(ends[-1] - ends[0])
        if self._rows + rows >= len(self._offsets):
            stated = len(self._offsets) - 1
            raise BreachError(f"holds more {ROW_ID} than the {stated:,} rows its footer states", READ_AGAIN)
        if self._size + size > self._limits.row_ids:
            message = f"has row_ids of more than {self._limits.row_ids:,} bytes in all"
            raise BreachError(message, "write short ids, such as whole numbers")
        self._make_room(size, rows)
        if size:
            source = np.frombuffer(text, np.uint8)[ends[0] : ends[-1]]
            self._bytes[self._size : self._size + size] = source
        self._offsets[first : first + rows] = ends[1:] + (self._size - int(ends[0]))
        self._rows, self._size = self._rows + rows, self._size + size

    def _make_room(self, size: int, rows: int) -> None:
        needed = self._size + size
        if needed <= len(self._bytes):
            return
        total = len(self._offsets) - 1
        expected = int(needed / (self._rows + rows) * total * _ROOM)
        larger = np.empty(max(needed, min(expected, self._limits.row_ids)), np.uint8)
        larger[: self._size] = self._bytes[: self._size]
        self._bytes = larger

    def array(self) -> Any:
        """All texts so far (n,) as large_string."""
        offsets: NDArray[np.int64] = self._offsets[: self._rows + 1]
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self._bytes[: self._size])]
        return pa.Array.from_buffers(pa.large_string(), self._rows, buffers)


def _refuse_empty(count: int) -> None:
    if count:
        hint = "row_id must name one evaluated example: build it from every column of the example's key"
        raise BreachError(f"has {count:,} empty row_id", hint)


def _refuse_long(longest: int, limits: Limits) -> None:
    if longest > limits.row_id:
        message = f"has a row_id of {longest:,} bytes, more than {limits.row_id:,}"
        raise BreachError(message, "write a short id, such as the columns of the key joined by a dash")
