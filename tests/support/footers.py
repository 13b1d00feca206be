"""Parquet files whose footers lie: the cells are changed after the footer was written."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

GROUP = 1_000
"""Rows of a row group."""


def write_plain(path: Path, columns: Mapping[str, Any]) -> Path:
    """A file whose cells are found again: thousands of rows, in row groups of one thousand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table(dict(columns)), path, row_group_size=GROUP, compression="none", use_dictionary=False
    )
    return path


def empty(path: Path, column: str) -> None:
    """Make a column's cells in the last row group missing, of which the footer says that none is."""
    chunk = _last_chunk(path, column)
    assert chunk.statistics.null_count == 0
    present = struct.pack("<IBBB", 3, GROUP << 1 & 0x7F | 0x80, GROUP << 1 >> 7, 1)
    content = path.read_bytes()
    start = content.index(present, chunk.data_page_offset)
    path.write_bytes(content[:start] + present[:-1] + b"\0" + content[start + len(present) :])


def overwrite(path: Path, column: str, old: float, new: float) -> None:
    """Make another number of the last one that is `old` in the last row group."""
    chunk = _last_chunk(path, column)
    kind = {"INT64": "<q", "DOUBLE": "<d"}[chunk.physical_type]
    before, after = struct.pack(kind, old), struct.pack(kind, new)
    content = path.read_bytes()
    start = content.rindex(
        before, chunk.data_page_offset, chunk.data_page_offset + chunk.total_compressed_size
    )
    path.write_bytes(content[:start] + after + content[start + len(before) :])


def _last_chunk(path: Path, column: str) -> Any:
    footer = pq.read_metadata(path)
    group = footer.row_group(footer.num_row_groups - 1)
    return group.column(footer.schema.names.index(column))
