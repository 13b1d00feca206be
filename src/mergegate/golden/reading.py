"""Golden files to rows: bounded, strict, and no two rows that contradict each other."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from mergegate.errors import ContractError
from mergegate.golden import csv_file, parquet_file, yaml_file
from mergegate.golden.row import Record, Row, canonical, shown, to_row
from mergegate.golden.text import decode

SUFFIXES = (".csv", ".parquet", ".yaml", ".yml")
"""What a golden file's name ends with; other files of a folder are not read."""

MOST_ROWS = 10_000
MOST_BYTES = 4_000_000
MOST_OF_ALL = 16_000_000
"""Bytes of all files of a golden set."""
MOST_FILES = 200


def read(data: bytes, *, path: str, file: str) -> tuple[Row, ...]:
    """The rows of the golden file `path`, by which they are known; `file` is what errors call it.

    Raises ContractError with the line or row of what can't be read, or is no golden row.
    """
    if len(data) > MOST_BYTES:
        raise ContractError(
            f"it has {len(data):,} bytes; at most {MOST_BYTES:,} are read",
            file=file,
            hint="keep the rows that matter most, or split the file",
        )
    try:
        return _read(data, path)
    except ContractError as error:
        raise ContractError(error.reason, file=file, hint=error.hint) from error


@lru_cache(maxsize=64)
def _read(data: bytes, path: str) -> tuple[Row, ...]:
    """The rows; a review reads those of base, head and target, mostly the same bytes: never to be altered."""
    rows: list[Row] = []
    for record in _records(data, path):
        if len(rows) == MOST_ROWS:
            raise _too_many(path)
        rows.append(to_row(record, file=path))
    if not rows:
        raise ContractError("it holds no row", file=path, hint="write a golden row, or remove the file")
    return tuple(rows)


def _records(data: bytes, path: str) -> Iterator[Record]:
    if path.endswith(".parquet"):
        if not data:
            raise ContractError("the file is empty", file=path, hint="write it again, or remove it")
        return parquet_file.records(data, file=path, most=MOST_ROWS)
    if path.endswith(".csv"):
        return csv_file.records(decode(data, file=path), file=path)
    if path.endswith((".yaml", ".yml")):
        return yaml_file.records(decode(data, file=path), file=path)
    raise ContractError("is no golden file", file=path, hint=f"its name must end with {', '.join(SUFFIXES)}")


def gather(parts: Iterable[tuple[Row, ...]]) -> tuple[Row, ...]:
    """The rows of all files of a golden set.

    Raises ContractError for a name that stands twice, the same inputs with two answers, too many rows.
    """
    rows = tuple(row for part in parts for row in part)
    if len(rows) > MOST_ROWS:
        raise _too_many(rows[MOST_ROWS].file)
    names: dict[str, Row] = {}
    asked: dict[frozenset[object], Row] = {}
    for row in rows:
        first = names.setdefault(row.name, row)
        if first is not row:
            raise ContractError(
                f"{row.place} has the name {shown(row.name)} of {_place(first, row)}",
                file=row.file,
                hint="give every golden row a name of its own, or remove one of the two",
            )
        if row.expected is None:
            continue
        inputs = frozenset((name, canonical(cell)) for name, cell in row.inputs.items())
        other = asked.setdefault(inputs, row)
        if canonical(other.expected) != canonical(row.expected):
            raise ContractError(
                f"{row.place} ({shown(row.name)}) expects {shown(row.expected)} of the inputs for which "
                f"{_place(other, row)} ({shown(other.name)}) expects {shown(other.expected)}",
                file=row.file,
                hint="keep the one that is right",
            )
    return rows


def _place(row: Row, beside: Row) -> str:
    return row.place if row.file == beside.file else f"{row.file}, {row.place}"


def _too_many(file: str) -> ContractError:
    return ContractError(
        f"the golden set has more than {MOST_ROWS:,} rows", file=file, hint="keep the rows that matter most"
    )
