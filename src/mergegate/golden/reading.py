"""Golden files to rows: bounded, strict, and no two rows that contradict each other."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from mergegate.errors import ContractError
from mergegate.golden import csv_file, parquet_file, yaml_file
from mergegate.golden.row import Record, Row, canonical, shown, to_row
from mergegate.golden.text import decode

SUFFIXES = (".csv", ".parquet", ".yaml", ".yml")
"""What a golden file's name ends with; other files of a folder are not read."""

MOST_ROWS = 10_000
MOST_BYTES = 4_000_000
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
    rows: list[Row] = []
    for record in _records(data, path, file):
        if len(rows) == MOST_ROWS:
            raise _too_many(file)
        rows.append(replace(to_row(record, file=file), file=path))
    if not rows:
        raise ContractError("it holds no row", file=file, hint="write a golden row, or remove the file")
    return tuple(rows)


def _records(data: bytes, path: str, file: str) -> Iterator[Record]:
    if path.endswith(".parquet"):
        if not data:
            raise ContractError("the file is empty", file=file, hint="write it again, or remove it")
        return parquet_file.records(data, file=file, most=MOST_ROWS)
    if path.endswith(".csv"):
        return csv_file.records(decode(data, file=file), file=file)
    if path.endswith((".yaml", ".yml")):
        return yaml_file.records(decode(data, file=file), file=file)
    raise ContractError("is no golden file", file=file, hint=f"its name must end with {', '.join(SUFFIXES)}")


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
