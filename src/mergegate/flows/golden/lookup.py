"""One row of the evaluation: its inputs as the model takes them, its true answer, or the nearest ids."""

import difflib
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mergegate import repo
from mergegate.arrays import to_numpy
from mergegate.bundle.scoring import Files
from mergegate.config.policy import Evaluation
from mergegate.errors import ContractError, ObjectError, UsageError
from mergegate.flows.evidence import Reading, find_object, read_predictions
from mergegate.golden.row import Cell, shown

ROW_ID = "row_id"
NEAREST = 5
_MOST_COMPARED = 2_000


class Found(msgspec.Struct, frozen=True):
    """A row's inputs, and the file that they stand in."""

    inputs: dict[str, Cell]
    source: str


def find_inputs(files: Files, row_id: str, columns: Sequence[str]) -> Found:
    """The row with that `row_id` in Parquet files, of these columns.

    Raises UsageError with the nearest ids where there is none, ContractError for a file that lacks a column
    or can't be read.
    """
    near: list[str] = []
    for name, path in files.parts.items():
        try:
            with pq.ParquetFile(path) as file:
                _check_columns(file.schema_arrow, columns, name)
                for group in range(file.num_row_groups):
                    ids = _ids(
                        file.read_row_group(group, columns=[ROW_ID], use_threads=False).column(0), name
                    )
                    place = (
                        pc.index(ids, _wanted(row_id, ids.type)).as_py() if _fits(row_id, ids.type) else -1
                    )
                    if place >= 0:
                        table = file.read_row_group(group, columns=list(columns), use_threads=False)
                        return Found(_cells(table.slice(place, 1), name), name)
                    near = _nearest(row_id, ids, near)
        except (pa.ArrowException, OSError, ValueError) as error:
            lines = str(error).splitlines() or [type(error).__name__]
            raise ContractError(
                f"it can't be read as Parquet: {shown(lines[0]).strip('`')}",
                file=name,
                hint="run `dvc repro` to write it again",
            ) from error
    listed = ", ".join(shown(each) for each in near)
    raise UsageError(
        f"no row of {files.name} has the row_id {shown(row_id)}",
        hint=f"the nearest are {listed}" if near else "it holds no row",
    )


def find_truth(reading: Reading, objects: repo.Objects, evaluation: Evaluation, row_id: str) -> str:
    """What `y_true` says of the row in the side's predictions. Raises UsageError where it says nothing."""
    say = "say what the model owes by --expected"
    with suppress(ObjectError):  # told again by reading the file
        wanted = find_object(reading, objects, evaluation.predictions)
        objects.fetch([wanted] if wanted is not None else [])
    evidence = read_predictions(reading, objects, evaluation)
    if evidence.problem is not None or evidence.predictions is None:
        why = evidence.problem.message if evidence.problem else "there are none"
        raise UsageError(f"{evaluation.predictions} can't be used: {why}", hint=say)
    found = evidence.predictions
    place = -1
    if _fits(row_id, found.row_id.type):
        place = pc.index(found.row_id, _wanted(row_id, found.row_id.type)).as_py()
    if place < 0:
        raise UsageError(f"{evaluation.predictions} does not have the row {shown(row_id)}", hint=say)
    truth = found.y_true[place]
    return found.classes[int(truth)] if found.classes else repr(float(truth))


def _check_columns(schema: Any, columns: Sequence[str], name: str) -> None:
    missing = [column for column in (ROW_ID, *columns) if column not in schema.names]
    if missing:
        raise ContractError(
            f"it lacks {', '.join(shown(column) for column in missing[:5])}, which the model takes"
            if ROW_ID not in missing
            else "it has no row_id",
            file=name,
            hint="write row_id and every column that the model takes (`mergegate bundle show` lists them)",
        )


def _ids(column: Any, name: str) -> Any:
    """The row_ids of a row group: whole numbers, or text in one type."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_integer(kind):
        return column.cast(pa.int64())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(kind).cast(pa.large_string())
    raise ContractError(
        f"its row_id is of type {shown(str(kind)).strip('`')}", file=name, hint="write whole numbers or text"
    )


def _fits(row_id: str, kind: Any) -> bool:
    return not pa.types.is_integer(kind) or _number(row_id) is not None


def _wanted(row_id: str, kind: Any) -> Any:
    return pa.scalar(_number(row_id) if pa.types.is_integer(kind) else row_id, kind)


def _number(row_id: str) -> int | None:
    """A row_id as a whole number of 64 bits, None where it is none."""
    try:
        number = int(row_id)
    except ValueError:
        return None
    return number if -(2**63) <= number < 2**63 else None


def _nearest(row_id: str, ids: Any, before: list[str]) -> list[str]:
    """The ids most like one that is not there, of those of a row group and the best ones `before` it."""
    ids = pc.drop_null(ids).combine_chunks()
    if pa.types.is_integer(ids.type):
        number = _number(row_id)
        known = to_numpy(ids)
        if number is None:
            return before or [str(each) for each in known[:NEAREST].tolist()]
        distance = np.abs(known.astype(np.float64) - float(number))
        best = known[np.argsort(distance, kind="stable")[:NEAREST]].tolist()
        both = sorted({*best, *(int(each) for each in before)}, key=lambda each: (abs(each - number), each))
        return [str(each) for each in both[:NEAREST]]
    pool = [*before, *_alike(row_id, ids)]
    return difflib.get_close_matches(row_id, dict.fromkeys(pool), n=NEAREST, cutoff=0.0)


def _alike(row_id: str, ids: Any) -> list[str]:
    """Ids that begin as the asked one does, for as many characters as a handful still do."""
    low, high = 0, min(len(row_id), 200)
    # The longest beginning that any id shares is found by halving.
    while low < high:
        middle = (low + high + 1) // 2
        if pc.any(pc.starts_with(ids, row_id[:middle])).as_py():
            low = middle
        else:
            high = middle - 1
    alike = ids
    for length in range(low, 0, -1):
        alike = ids.filter(pc.starts_with(ids, row_id[:length]))
        if len(alike) >= NEAREST:
            break
    return [str(each) for each in alike.slice(0, _MOST_COMPARED).to_pylist()]


def _cells(table: Any, name: str) -> dict[str, Cell]:
    """The only row of a table. Raises ContractError for types that no model takes."""
    found: dict[str, Cell] = {}
    for column, value in table.to_pylist()[0].items():
        if not isinstance(value, str | int | float | bool | None):
            raise ContractError(
                f"{shown(column)} holds {type(value).__name__}, which no model takes",
                file=name,
                hint="write numbers or text",
            )
        found[column] = None if isinstance(value, float) and math.isnan(value) else value
    return found
