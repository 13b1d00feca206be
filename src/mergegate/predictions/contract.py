"""What a predictions file must have before any of its rows is read: columns, their types, bounds."""

import difflib
from collections.abc import Iterable
from typing import Any

import msgspec
import pyarrow as pa

from mergegate.amounts import list_some
from mergegate.records.metrics import Task
from mergegate.stats.order import MOST_ROWS

ROW_ID, Y_TRUE, Y_PRED = "row_id", "y_true", "y_pred"
REQUIRED = (ROW_ID, Y_TRUE, Y_PRED)
PROBABILITY = "proba_"
READ_AGAIN = "write it again; one from a DVC remote by `dvc repro` and `dvc push`"
"""What to do about a file that is not what was written."""

_SHOWN = 80
"""Characters of a name or value that a message repeats."""
_FEWER = "evaluate on a sample of the rows, or write fewer classes"
_LISTED = 8
"""Names that a message lists."""


class Limits(msgspec.Struct, frozen=True):
    """How large a file may be before it is refused: a small one can ask for any amount of memory.

    `cells` bounds rows × columns read, `classes` the labels, `label` a label's characters, `row_id` the bytes
    of one id, `row_ids` of all. Together they keep the memory of one file below 4 GB.
    """

    columns: int = 10_000
    rows: int = 20_000_000
    cells: int = 150_000_000
    classes: int = 2_000
    label: int = 200
    row_id: int = 1_000
    row_ids: int = 600_000_000


class BreachError(Exception):
    """The contract is broken: a sentence that the file's name goes before, and what to do next."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def check_schema(schema: Any, *, task: Task | None, rows: int, limits: Limits) -> tuple[list[str], list[str]]:
    """The columns that must be read, and all others.

    Raises BreachError when the file is empty, too large, or lacks a column.
    """
    names: list[str] = schema.names
    if len(names) > limits.columns:
        hint = "keep row_id, y_true, y_pred, proba_<class> and the columns that are asked for"
        raise BreachError(f"has {len(names):,} columns, more than {limits.columns:,}", hint)
    _check_names(names)
    if rows == 0:
        raise BreachError("has no rows", "evaluate on at least one row, and write it again")
    most = min(limits.rows, MOST_ROWS)
    if rows > most:
        raise BreachError(f"states {rows:,} rows, more than {most:,}", _FEWER)
    wanted = list(REQUIRED)
    if task != "regression":
        wanted += [name for name in names if name.startswith(PROBABILITY)]
    if rows * len(wanted) > limits.cells:
        message = f"states {rows:,} rows × {len(wanted):,} columns, more than {limits.cells:,} values"
        raise BreachError(message, _FEWER)
    _check_row_id(schema.field(ROW_ID).type)
    kept = set(wanted)
    return wanted, [name for name in names if name not in kept]


def _check_names(names: list[str]) -> None:
    """Each required column is there, and no name stands twice."""
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        others = [name for name in names if name not in REQUIRED]
        near = {name: difflib.get_close_matches(name, others, n=1, cutoff=0.7) for name in missing}
        found = [f"{show(match[0])} is near {name}" for name, match in near.items() if match]
        hint = "; ".join(found) if found else f"it has {listing(names)}"
        column = "columns" if len(missing) > 1 else "column"
        raise BreachError(
            f"lacks the {column} {', '.join(missing)}",
            f"write it with mergegate.predictions.write, or rename: {hint}",
        )
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise BreachError(
            f"has more than one column named {listing(twice)}", "give each column a name of its own"
        )


def _check_row_id(kind: Any) -> None:
    """A row_id is text or a whole number: a float or a date rarely survives two tools unchanged."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (is_text(value) or pa.types.is_integer(value)):
        hint = (
            "write row_id as text or whole numbers (a column of integers with gaps becomes float in pandas)"
        )
        raise BreachError(f"has a row_id of type {show(kind)}", hint)


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is text of any layout."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def show(value: object) -> str:
    """A value as a message may repeat it: text in quotes, bounded, control characters escaped."""
    text = value if isinstance(value, str) else str(value)
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"“{escaped}”" if isinstance(value, str) else escaped


def listing(values: Iterable[object]) -> str:
    """The first few values for a message, and how many more there are."""
    return list_some(map(show, values), _LISTED)
