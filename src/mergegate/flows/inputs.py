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
from mergegate.predictions.contract import BreachError, Limits, is_text
from mergegate.predictions.ids import check_dictionaries, read_ids
from mergegate.records.explain import FlipInput

ROW_ID = "row_id"
MOST_COLUMNS = 100
LONGEST = 100
"""Characters of a cell."""
MOST_ROWS = 50_000_000
"""Rows of one file."""
_BATCH = 4_096
"""Ids are read in batches this small: a page can name one huge text for every row."""

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
        with suppress(pa.ArrowException, OSError, ValueError, KeyError, BreachError):
            tables = [_pick(Path(file), names) for file in files]
            every = pa.concat_tables(tables, promote_options="permissive")
            ids = one_chunk(every[ROW_ID]).cast(row_id.type)
            place = pc.index_in(row_id, value_set=ids)
            return {name: one_chunk(every[name]).take(place) for name in every.column_names if name != ROW_ID}
    return {}


def _pick(file: Path, names: Collection[str]) -> Any:
    """The ids and columns of one file, text with each value held once."""
    with pq.ParquetFile(file) as parquet:
        schema, rows = parquet.schema_arrow, parquet.metadata.num_rows
        _check_rows(parquet)
    if is_text(schema.field(ROW_ID).type):
        with pq.ParquetFile(file, read_dictionary=[ROW_ID]) as parquet:
            check_dictionaries(parquet, Limits())
    with pq.ParquetFile(file) as parquet:
        ids = read_ids(parquet, schema.field(ROW_ID).type, rows=rows, limits=Limits())
    known = [name for name in dict.fromkeys(names) if name in schema.names]
    columns = [_read_whole(file, name, schema.field(name).type) for name in known]
    return pa.Table.from_arrays([ids, *columns], names=[ROW_ID, *known])


def _read_whole(file: Path, name: str, kind: Any) -> Any:
    with pq.ParquetFile(file, read_dictionary=[] if pa.types.is_nested(kind) else [name]) as parquet:
        column = parquet.read(columns=[name], use_threads=False)[name]
    text = is_text(kind.value_type if pa.types.is_dictionary(kind) else kind)
    return column.cast(pa.dictionary(pa.int32(), pa.large_string())) if text else column


def _read_file(
    file: Path, called: str, ids: Sequence[str], private: Collection[str], apart: Collection[str]
) -> Inputs:
    """The rows that one Parquet file has: only row groups that have one are read, a column at a time."""
    try:
        with pq.ParquetFile(file) as parquet:
            schema = parquet.schema_arrow
            if schema.names.count(ROW_ID) != 1:
                says = "has no column row_id" if ROW_ID not in schema.names else "has two columns row_id"
                raise ContractError(says, file=called, hint="write each row's id into one")
            _check_rows(parquet)
            wanted = pc.cast(to_texts(ids), pa.large_string())
            places = [_find(parquet, group, wanted) for group in range(parquet.num_row_groups)]
        names = [name for name in schema.names if name not in (ROW_ID, *apart)]
        names = [name for name in names if names.count(name) == 1][:MOST_COLUMNS]
        texts = [field.name for field in schema if is_text(field.type)]
        found: dict[str, tuple[FlipInput, ...]] = {}
        with pq.ParquetFile(file, read_dictionary=texts) as parquet:
            for group, (own, rows) in enumerate(places):
                if not own:
                    continue
                hidden = {name: _is_hidden(schema.field(name), private) for name in names}
                shown = [_read_cells(parquet, group, name, rows, hidden=hidden[name]) for name in names]
                found |= {row_id: tuple(cells[at] for cells in shown) for at, row_id in enumerate(own)}
        return found
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        hint = "write it again, or fetch it again"
        raise ContractError("is no whole Parquet file", file=called, hint=hint) from error


def _check_rows(parquet: Any) -> None:
    """A few bytes can state any number of rows. Raises ValueError."""
    if parquet.metadata.num_rows > MOST_ROWS:
        raise ValueError(f"it has more than {MOST_ROWS:,} rows")


def _find(parquet: Any, group: int, wanted: Any) -> tuple[list[str], list[int]]:
    """The ids of a row group that are wanted, and their places in it; read some at a time."""
    own: list[str] = []
    places: list[int] = []
    start = 0
    for batch in parquet.iter_batches(_BATCH, row_groups=[group], columns=[ROW_ID], use_threads=False):
        column = pc.cast(batch.column(0), pa.large_string())
        rows = pc.indices_nonzero(pc.is_in(column, value_set=wanted))
        if len(rows):
            own += column.take(rows).to_pylist()
            places += [start + place for place in rows.to_pylist()]
        start += len(column)
    return own, places


def _read_cells(parquet: Any, group: int, name: str, rows: Sequence[int], *, hidden: bool) -> list[FlipInput]:
    """Cells of a column of a row group as text; those of a hidden one are not read."""
    label = name[:LONGEST]
    if hidden:
        return [FlipInput(name=label, value=None, hidden=True) for _ in rows]
    column = parquet.read_row_group(group, columns=[name], use_threads=False)[name]
    return [FlipInput(name=label, value=_show(column[place])) for place in rows]


def _is_hidden(field: Any, private: Collection[str]) -> bool:
    """Whether a column, or a part of one that is nested, is private."""
    if field.name.casefold() in private:
        return True
    kind = field.type
    if not pa.types.is_nested(kind):
        return False
    return any(_is_hidden(kind.field(place), private) for place in range(kind.num_fields))


def _show(cell: Any) -> str | None:
    """An Arrow scalar as text; one that Python can't hold as Arrow writes it."""
    plain = cell.value if isinstance(cell, pa.DictionaryScalar) else cell
    try:
        value = None if plain is None else plain.as_py()
    except UnicodeDecodeError:
        value = bytes(plain.as_buffer()).decode(errors="replace")
    except (ValueError, OverflowError, KeyError):
        try:
            value = pc.cast(plain, pa.string()).as_py()
        except pa.ArrowException:
            value = f"(no {plain.type} that can be shown)"
    if value is None:
        return None
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
