"""Datasets as files, written as a team's tools write them, and read back through an engine."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.dataset.engine import Engine
from mergegate.dataset.reading import Pair, read, read_pair
from mergegate.dataset.source import find_source

Columns = Mapping[str, Any]


def write_parquet(path: Path, columns: Columns | pa.Table) -> Path:
    """A Parquet file of {column: values}; its folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(dict(columns)), path)
    return path


def write_text(path: Path, text: str | bytes) -> Path:
    """A file of exactly these bytes; its folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A file of JSON lines."""
    return write_text(path, "".join(f"{json.dumps(row)}\n" for row in rows))


def open_table(engine: Engine, path: Path) -> ir.Table:
    """The table of a file or folder."""
    return read(engine, find_source(path, name=path.name))


def open_pair(engine: Engine, old: Path, new: Path, *, key: Sequence[str] = ()) -> Pair:
    """Both sides; with a `key`, to be matched by it alone."""
    return read_pair(engine, find_source(old, name=old.name), find_source(new, name=new.name), key=key)


def table_of(engine: Engine, folder: Path, columns: Columns | pa.Table, *, name: str = "table") -> ir.Table:
    """{column: values} as the engine's table, by way of a Parquet file in `folder`."""
    return open_table(engine, write_parquet(folder / f"{name}.parquet", columns))


def rows_of(engine: Engine, table: ir.Table) -> list[dict[str, Any]]:
    """All rows, in the order of their text: a table has none of its own."""
    rows: list[dict[str, Any]] = engine.fetch(table).to_pylist()
    return sorted(rows, key=repr)
