"""Tables on disk: folders of Parquet files, one per partition, whose bytes depend on their own rows only."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.stage import StageError


def partitions(folder: Path) -> list[Path]:
    """The Parquet files of a folder by name; StageError when there is none."""
    found = sorted(folder.glob("*.parquet"))
    if not found:
        raise StageError(f"{folder} holds no Parquet file", hint="run `dvc repro`, or `dvc pull` to fetch it")
    return found


def read(path: Path, columns: Iterable[str] | None = None) -> pa.Table:
    """One Parquet file; StageError when it can't be read or lacks a column."""
    try:
        # Not read_table, which would take `2013-01` in a path for a partition column.
        file = pq.ParquetFile(path)
        wanted = None if columns is None else list(columns)
        missing = sorted(set(wanted or []) - set(file.schema_arrow.names))
        if missing:
            raise StageError(
                f"{path} has no column {', '.join(missing)}; it has {', '.join(file.schema_arrow.names)}"
            )
        return file.read(wanted)
    except (pa.ArrowException, OSError) as error:
        raise StageError(
            f"{path} can't be read as Parquet: {error}", hint="fetch or make it again"
        ) from error


def read_folder(folder: Path, columns: Iterable[str] | None = None) -> pa.Table:
    """All partitions of a folder, one below the other in the order of their names."""
    return stack({str(path): read(path, columns) for path in partitions(folder)})


def stack(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Tables of one schema, one below the other; StageError names the first whose columns differ in type."""
    try:
        return pa.concat_tables(tables.values(), promote_options="default")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise StageError(
            f"{', '.join(tables)}: the columns have not the same types: {error}",
            hint="write the files with one schema",
        ) from error


def require(table: pa.Table, names: Iterable[str], where: str) -> None:
    """StageError unless the table has all columns; `where` is the key of params.yaml that names them."""
    absent = [name for name in names if name not in table.column_names]
    if absent:
        raise StageError(
            f"params.yaml, {where}: there is no column {', '.join(absent)}",
            hint=f"there are: {', '.join(table.column_names)}",
        )


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """A data frame; calendar days become datetime64, so that pandas can compare them."""
    for index, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            table = table.set_column(index, field.name, table.column(index).cast(pa.timestamp("s")))
    return table.to_pandas()


def read_frame(folder: Path, columns: Iterable[str] | None = None) -> pd.DataFrame:
    """All partitions of a folder as one data frame, index 0 … n-1."""
    return to_pandas(read_folder(folder, columns))


def write(table: pa.Table, path: Path) -> None:
    """Write one Parquet file atomically; the same rows give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        pq.write_table(
            table.replace_schema_metadata(None), temporary, compression="zstd", compression_level=9
        )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_folder(tables: Mapping[str, pa.Table], folder: Path) -> None:
    """Write `<name>.parquet` for each table; the folder appears complete or not at all."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        for name, table in tables.items():
            write(table, temporary / f"{name}.parquet")
        if folder.exists():
            shutil.rmtree(folder)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(text: str, path: Path) -> None:
    """Write a text file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def md5(path: Path) -> str:
    """A file's md5 in hex, as DVC names it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
