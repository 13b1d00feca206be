"""CSV and JSON lines, read whole as an Arrow table; the contract's own rules then hold for it."""

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, json

from mergegate.errors import ContractError
from mergegate.predictions.contract import PROBABILITY, ROW_ID, Y_TRUE, is_text, show

DELIMITERS = {".csv": ",", ".tsv": "\t"}
LINES = frozenset({".jsonl", ".ndjson"})
LARGEST = 2_000_000_000
"""Bytes of such a file: it is read whole, unlike Parquet."""

_WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"
"""A whole number that is written in no other way."""
_TRUTHS = {f"{PROBABILITY}{value}".lower(): f"{PROBABILITY}{value}" for value in (True, False)}
_PARQUET = "write it as Parquet: `to_parquet` of pandas or polars"


def is_named_as_text(path: PurePath) -> bool:
    """Whether a file's name says that it holds CSV, tab-separated values or JSON lines."""
    return path.suffix.lower() in DELIMITERS or path.suffix.lower() in LINES


def read_table(
    source: Path | bytes, *, name: str, called: PurePath | None = None, largest: int = LARGEST
) -> Any:
    """The file as an Arrow table; types as its values say, but dates stay text, and ids are never floats.

    `called` has the file's own name, where `source` is an object of a cache, or bytes; `largest` bounds its
    bytes. Raises ContractError for a file that is too large, or is not what its name says.
    """
    suffix = (called or Path(source if isinstance(source, Path) else "")).suffix.lower()
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > largest:
            message = f"has {size:,} bytes, and {largest:,} of {suffix} are read at most"
            raise ContractError(message, file=name, hint=_PARQUET, code="predictions-invalid")
        table = _read_lines(source) if suffix in LINES else _read_csv(source, DELIMITERS[suffix])
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = show((str(error).splitlines() or [type(error).__name__])[0])[1:-1]
        what = "JSON lines, one object a line" if suffix in LINES else suffix.removeprefix(".").upper()
        raise ContractError(
            f"can't be read as {what}: {reason}", file=name, hint=_PARQUET, code="predictions-invalid"
        ) from error
    if table.num_columns == 1 and ";" in table.column_names[0]:
        hint = "separate by commas, as `to_csv` of pandas and `write.csv` of R do"
        raise ContractError("is separated by semicolons", file=name, hint=hint, code="predictions-invalid")
    return _with_whole_ids(_with_named_truths(table))


def _open(source: Path | bytes) -> Any:
    return pa.BufferReader(source) if isinstance(source, bytes) else source


def _read_csv(source: Path | bytes, delimiter: str) -> Any:
    def read(texts: Sequence[str]) -> Any:
        options = csv.ConvertOptions(
            column_types=dict.fromkeys([ROW_ID, *texts], pa.string()),
            null_values=[""],
            # As pandas writes them; a 0 or 1 stays a number.
            true_values=["True", "true", "TRUE"],
            false_values=["False", "false", "FALSE"],
            strings_can_be_null=True,
        )
        parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        return csv.read_csv(_open(source), parse_options=parse, convert_options=options)

    return _without_dates(read)


def _read_lines(source: Path | bytes) -> Any:
    def read(texts: Sequence[str]) -> Any:
        schema = pa.schema([(name, pa.string()) for name in texts]) if texts else None
        return json.read_json(_open(source), parse_options=json.ParseOptions(explicit_schema=schema))

    return _without_dates(read)


def _without_dates(read: Callable[[Sequence[str]], Any]) -> Any:
    """The table; `read` takes the columns to be read as text, which all are that look like dates.

    A date written in two formats would be two values, and an id or a label is none.
    """
    table = read(())
    dates = [field.name for field in table.schema if pa.types.is_temporal(field.type)]
    return read(dates) if dates else table


def _with_named_truths(table: Any) -> Any:
    """The table with `proba_TRUE`, as R writes it, named as the class that a TRUE in `y_true` is read as."""
    truths = [field for field in table.schema if field.name == Y_TRUE]
    if len(truths) != 1 or not pa.types.is_boolean(truths[0].type):
        return table
    return table.rename_columns([_TRUTHS.get(name.lower(), name) for name in table.column_names])


def _with_whole_ids(table: Any) -> Any:
    """The table with ids as whole numbers where every one is plainly written as such, as Parquet has them."""
    places = table.schema.get_all_field_indices(ROW_ID)
    if len(places) != 1 or not is_text(table.schema.field(places[0]).type):
        return table
    ids = table.column(places[0])
    if not len(ids) or ids.null_count or not pc.all(pc.match_substring_regex(ids, _WHOLE)).as_py():
        return table
    return table.set_column(places[0], ROW_ID, pc.cast(ids, pa.int64()))
