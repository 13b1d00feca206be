"""The evaluation inputs of a few rows of head, as text: what a model was given where its answer changed."""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mergegate import repo
from mergegate.arrays import one_chunk, to_texts
from mergegate.errors import BrokenError, ContractError, ObjectError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import NothingThereError, parquet_files
from mergegate.records.explain import FlipInput

ROW_ID = "row_id"
MOST_COLUMNS = 100
LONGEST = 100
"""Characters of a cell."""

Inputs = Mapping[str, tuple[FlipInput, ...]]


def read_inputs(
    head: Reading,
    objects: repo.Objects,
    path: str | None,
    ids: Sequence[str],
    *,
    private: Collection[str] = (),
    apart: Collection[str] = (),
) -> tuple[Inputs, str]:
    """The inputs of the rows `ids`, by id, and why some have none.

    Private columns are named, never told; columns `apart` are no inputs.
    """
    if not ids:
        return {}, ""
    if path is None:
        return {}, "the policy names no `evaluation.inputs`"
    try:
        with tempfile.TemporaryDirectory(prefix="mergegate-") as folder:
            files = parquet_files(head, objects, path, Path(folder))
            found: dict[str, tuple[FlipInput, ...]] = {}
            for called, file in files.parts.items():
                found |= _read_file(Path(file), called, ids, {name.casefold() for name in private}, apart)
    except NothingThereError:
        return {}, f"head has no {path}"
    except (ContractError, ObjectError) as error:
        return {}, f"{path} can't be read: {error.message.rstrip('.')}"
    except OSError as error:
        raise BrokenError(
            f"a temporary file can't be written: {error.strerror}", hint="free some space"
        ) from error
    missing = sum(each not in found for each in ids)
    return found, f"{path} lacks {missing:,} of these rows" if missing else ""


def read_columns(
    head: Reading, objects: repo.Objects, path: str | None, row_id: Any, names: Collection[str]
) -> dict[str, Any]:
    """Columns of the evaluation inputs in the order of `row_id` (n,), missing where a row has none.

    A column that the inputs lack is left out; so are all where the inputs can't be read.
    """
    if path is None or not names:
        return {}
    with suppress(ContractError, ObjectError), tempfile.TemporaryDirectory(prefix="mergegate-") as folder:
        files = parquet_files(head, objects, path, Path(folder)).parts.values()
        with suppress(pa.ArrowException, OSError):
            tables = [_pick(Path(file), names) for file in files]
            every = pa.concat_tables(tables, promote_options="permissive")
            ids = one_chunk(every[ROW_ID]).cast(row_id.type)
            place = pc.index_in(row_id, value_set=ids)
            return {name: one_chunk(every[name]).take(place) for name in every.column_names if name != ROW_ID}
    return {}


def _pick(file: Path, names: Collection[str]) -> Any:
    with pq.ParquetFile(file) as parquet:
        known = [name for name in names if name in parquet.schema_arrow.names]
        return parquet.read(columns=[ROW_ID, *known])


def _read_file(
    file: Path, called: str, ids: Sequence[str], private: Collection[str], apart: Collection[str]
) -> Inputs:
    """The rows that one Parquet file has, row group by row group: only those that have one are read whole."""
    try:
        found: dict[str, tuple[FlipInput, ...]] = {}
        with pq.ParquetFile(file) as parquet:
            names = [name for name in parquet.schema_arrow.names if name not in (ROW_ID, *apart)]
            names = names[:MOST_COLUMNS]
            if ROW_ID not in parquet.schema_arrow.names:
                raise ContractError("has no column row_id", file=called, hint="write each row's id into it")
            for group in range(parquet.num_row_groups):
                own = _texts(parquet.read_row_group(group, columns=[ROW_ID])[ROW_ID])
                places = pc.indices_nonzero(pc.is_in(own, value_set=to_texts(ids).cast(own.type)))
                if len(places):
                    rows = parquet.read_row_group(group, columns=names).take(places)
                    shown = [_show(rows[name], name, private) for name in names]
                    for place, row_id in enumerate(own.take(places).to_pylist()):
                        found[row_id] = tuple(column[place] for column in shown)
        return found
    except (pa.ArrowException, OSError) as error:
        hint = "write it again, or fetch it again"
        raise ContractError("is no whole Parquet file", file=called, hint=hint) from error


def _texts(column: Any) -> Any:
    """A column of ids as one array of text."""
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return array.cast(pa.large_string())


def _show(column: Any, name: str, private: Collection[str]) -> list[FlipInput]:
    """A column's cells as text."""
    hidden = name.casefold() in private
    label = name[:LONGEST]
    return [
        FlipInput(name=label, value=None if hidden or cell is None else _cut(cell), hidden=hidden)
        for cell in column.to_pylist()
    ]


def _cut(cell: object) -> str:
    text = f"{cell:.6g}" if isinstance(cell, float) else str(cell)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
