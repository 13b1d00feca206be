"""A predictions file in whatever format people have: Parquet, CSV, JSON lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.errors import ContractError
from mergegate.predictions import tasks
from mergegate.predictions.contract import (
    PROBABILITY,
    Y_TRUE,
    is_text,
)
from mergegate.predictions.reader import read
from mergegate.predictions.tables import take
from mergegate.predictions.tasks import Clue
from mergegate.predictions.text import is_named_as_text, read_table
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions

_BATCH = 1 << 18
"""Rows looked at a time."""


_PATHS = "name two files that are there; to compare revisions there is `mergegate review`"


class Source(Protocol):
    """A file, opened but not yet checked: its number of rows, and what people call the type of y_true."""

    rows: int
    labels: str

    def look(self) -> Clue:
        """What it says of its task; nothing at all where it can't be read, which `read` then tells."""

    def read(self, *, task: Task, positive: str | None) -> Predictions:
        """Read and check it. Raises ContractError."""


def open_source(path: Path, *, name: str) -> Source:
    """Open a file by the format that its name says, Parquet where it says none; `name` for errors.

    Raises ContractError for a path that is no file, and for text that can't be read.
    """
    if not path.exists():
        raise ContractError("there is no such file", file=name, hint=_PATHS, code="predictions-invalid")
    if path.is_dir():
        raise ContractError(
            "is a folder", file=name, hint="name one predictions file in it", code="predictions-invalid"
        )
    if not path.is_file():
        hint = "write the predictions into a file first"
        raise ContractError("is no regular file", file=name, hint=hint, code="predictions-invalid")
    return _Text(read_table(path, name=name), name) if is_named_as_text(path) else _Parquet(path, name)


class _Parquet:
    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._names: Sequence[str] = ()
        self.rows, self.labels = 0, ""
        try:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow
                self._names, self.rows, self.labels = schema.names, file.metadata.num_rows, _labels(schema)
        except (pa.ArrowException, OSError, ValueError):
            return  # Told with the rest of the contract by `read`.

    def look(self) -> Clue:
        try:
            return tasks.look(self._names, self._chunks)
        except (pa.ArrowException, OSError, ValueError):
            return Clue("unknown")

    def _chunks(self, column: str) -> Iterator[Any]:
        with pq.ParquetFile(self._path) as probe:
            texts = [column] if is_text(probe.schema_arrow.field(column).type) else []
        with pq.ParquetFile(self._path, read_dictionary=texts) as file:
            for batch in file.iter_batches(_BATCH, columns=[column]):
                yield batch.column(0)

    def read(self, *, task: Task, positive: str | None) -> Predictions:
        return read(self._path, task=task, positive=positive, name=self._name)


class _Text:
    def __init__(self, table: Any, name: str) -> None:
        self._table, self._name = table, name
        self.rows: int = table.num_rows
        self.labels = _labels(table.schema)

    def look(self) -> Clue:
        names = self._table.column_names
        unique = [name for name in names if names.count(name) == 1 or name.startswith(PROBABILITY)]
        return tasks.look(unique, lambda column: iter(self._table.column(column).chunks))

    def read(self, *, task: Task, positive: str | None) -> Predictions:
        return take(self._table, task=task, positive=positive, name=self._name)


def _labels(schema: Any) -> str:
    return tasks.name_kind(schema.field(Y_TRUE).type) if schema.names.count(Y_TRUE) == 1 else ""
