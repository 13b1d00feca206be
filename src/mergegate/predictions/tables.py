"""Predictions from a file of text, by the rules that hold for Parquet."""

from pathlib import Path, PurePosixPath
from typing import Any

from mergegate.errors import ContractError
from mergegate.predictions import reader
from mergegate.predictions.contract import (
    PROBABILITY,
    REQUIRED,
    ROW_ID,
    Y_PRED,
    Y_TRUE,
    BreachError,
    Limits,
    check_schema,
)
from mergegate.predictions.text import is_named_as_text, read_table
from mergegate.predictions.writer import build
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions

LARGEST = 300_000_000
"""Bytes of a file of text that a review reads, whole; Parquet is read column by column."""


def read_named(
    source: Path | bytes, *, path: str, task: Task, positive: str | int | bool | None, name: str
) -> Predictions:
    """Read predictions as the end of their `path` says: CSV, tab-separated, JSON lines, else Parquet.

    `source` is the file or its bytes, `name` what people call it. Raises ContractError.
    """
    called = PurePosixPath(path)
    if not is_named_as_text(called):
        return reader.read(source, task=task, positive=positive, name=name)
    table = read_table(source, name=name, called=called, largest=LARGEST)
    return take(table, task=task, positive=positive, name=name)


def take(table: Any, *, task: Task, positive: str | int | bool | None, name: str) -> Predictions:
    """An Arrow table as predictions. Raises ContractError."""
    try:
        _, others = check_schema(table.schema, task=task, rows=table.num_rows, limits=Limits())
    except BreachError as breach:
        raise ContractError(
            breach.message, file=name, hint=breach.hint, code="predictions-invalid"
        ) from breach
    given = [column for column in table.column_names if column.startswith(PROBABILITY)]
    return build(
        row_id=table.column(ROW_ID),
        y_true=table.column(Y_TRUE),
        y_pred=table.column(Y_PRED),
        task=task,
        positive=positive,
        probabilities={column.removeprefix(PROBABILITY): table.column(column) for column in given},
        columns={column: table.column(column) for column in others if column not in (*REQUIRED, *given)},
        name=name,
    )
