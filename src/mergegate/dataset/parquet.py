"""Parquet files as one table: columns by name over all files, and those that folders say."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.dataset.engine import Engine
from mergegate.dataset.kinds import is_nested, kind_of, settle, told_kind
from mergegate.dataset.naming import Naming, check_count, check_names
from mergegate.dataset.source import Source, SourceFile
from mergegate.errors import ContractError

MOST_ROWS = 2_000_000_000
MOST_BYTES = 200_000_000_000
"""What one side may hold by its files' own word: a small file may unpack to more than any disk has."""
_SHOWN = 5


class Piece(msgspec.Struct, frozen=True):
    """One Parquet file: what messages call it, its columns as stored, and those that its folders say.

    `rows` and unpacked `bytes` are what its footer says, zero for a file of our own.
    """

    called: str
    path: Path
    schema: pa.Schema
    partition: Mapping[str, str | None]
    rows: int = 0
    bytes: int = 0


class Side(msgspec.Struct, frozen=True):
    """One side's files, and the type of each column over all of them, in the order of the first file.

    No file allows a missing cell in a `required` column.
    """

    name: str
    pieces: tuple[Piece, ...]
    types: Mapping[str, dt.DataType]
    notes: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()


def inspect(source: Source, file: SourceFile) -> Piece:
    """Read a file's footer. ContractError for what is no whole Parquet file, or for columns' names."""
    called, path = source.called(file), file.path
    try:
        footer = pq.read_metadata(path)
        schema = footer.schema.to_arrow_schema()
        unpacked = sum(footer.row_group(place).total_byte_size for place in range(footer.num_row_groups))
    except (pa.ArrowException, OSError, ValueError) as error:
        if path.is_file() and not path.stat().st_size:
            raise ContractError("the file is empty", file=called, hint="write it again") from error
        hint = "it may be cut short: write it again, or fetch it again"
        raise ContractError("is no whole Parquet file", file=called, hint=hint) from error
    check_names(schema.names, file=called)
    return Piece(called, path, schema, file.partition, footer.num_rows, unpacked)


def gather(name: str, pieces: Sequence[Piece]) -> Side:
    """Put files together: a column has the type that fits all, and is missing where a file lacks it.

    Raises ContractError for more rows, bytes or columns than one side may hold.
    """
    _check_size(name, pieces)
    kinds: dict[str, list[dt.DataType]] = {}
    for piece in pieces:
        for column in piece.schema:
            kinds.setdefault(column.name, []).append(kind_of(column.type))
    check_count(len(kinds), file=name)
    types = {column: settle(*each) for column, each in kinds.items()}
    notes = [
        note
        for column, each in kinds.items()
        for note in _differences(column, each, types[column], len(pieces))
    ]
    said = {column: None for piece in pieces for column in piece.partition}
    for column in said:
        if column in types:
            notes.append(f"`{column}` is in the files and in their folders' names; the files' own is read")
        else:
            types[column] = _partition_type([piece.partition.get(column) for piece in pieces])
    required = frozenset(kinds).difference(
        *({column.name for column in piece.schema if column.nullable} for piece in pieces),
        (column for column, each in kinds.items() if len(each) < len(pieces)),
    )
    return Side(name, tuple(pieces), types, tuple(notes), required)


def open_side(engine: Engine, side: Side, types: Mapping[str, dt.DataType], naming: Naming) -> ir.Table:
    """The table of a side, its columns cast to `types` and named by `naming`."""
    groups: dict[tuple[object, ...], list[Piece]] = defaultdict(list)
    for piece in side.pieces:
        groups[(*((c.name, str(c.type)) for c in piece.schema), *sorted(piece.partition))].append(piece)
    tables = [_open_group(engine, side, group, types, naming) for group in groups.values()]
    return tables[0] if len(tables) == 1 else ibis.union(*tables, distinct=False)


def _open_group(
    engine: Engine, side: Side, group: Sequence[Piece], types: Mapping[str, dt.DataType], naming: Naming
) -> ir.Table:
    """Files of one schema; columns by place, for an engine may have renamed those alike but for case."""
    schema = group[0].schema
    stored = {field.name: (place, field.type) for place, field in enumerate(schema)}
    folders = [column for column in group[0].partition if column not in stored]
    opened, partitions = engine.open_parquet(
        [(piece.path, piece.called) for piece in group],
        [[piece.partition[column] for column in folders] for piece in group],
        taken=schema.names,
    )

    def column(name: str) -> ir.Value:
        if name in folders:
            return opened[partitions[folders.index(name)]].cast(types[name])
        place, type = stored.get(name, (0, pa.null()))
        if pa.types.is_null(type):
            return ibis.null("string" if types[name].is_null() else types[name])
        value = opened[opened.columns[place]]
        if is_nested(type):
            return engine.text(value)
        if pa.types.is_timestamp(type):
            value = engine.timestamp(value)
        return value if value.type() == types[name] else value.cast(types[name])

    return opened.select(**{naming.inside(name): column(name) for name in side.types})


def _check_size(name: str, pieces: Sequence[Piece]) -> None:
    rows, size = sum(piece.rows for piece in pieces), sum(piece.bytes for piece in pieces)
    largest = max(pieces, key=lambda piece: (piece.bytes, piece.rows)).called if pieces else name
    hint = f"the largest file is {largest}; split the dataset, or take what it repeats out"
    if rows > MOST_ROWS:
        message = f"the files that differ hold {rows:,} rows, more than {MOST_ROWS:,}"
        raise ContractError(message, file=name, hint=hint)
    if size > MOST_BYTES:
        message = (
            f"the files that differ unpack to {size / 1e9:,.0f} GB, more than {MOST_BYTES / 1e9:,.0f} GB"
        )
        raise ContractError(message, file=name, hint=hint)


def _partition_type(values: Sequence[str | None]) -> dt.DataType:
    numbers = all(value is None or (value.isascii() and _is_whole(value)) for value in values)
    return dt.int64 if numbers else dt.string


def _is_whole(text: str) -> bool:
    return text.isdigit() and len(text) < 19 and (text == "0" or not text.startswith("0"))


def _differences(column: str, kinds: Sequence[dt.DataType], settled: dt.DataType, files: int) -> list[str]:
    notes = []
    if len(kinds) < files:
        notes.append(
            f"`{column}` is missing from {files - len(kinds):,} of {files:,} files; it is empty there"
        )
    told = sorted({told_kind(kind) for kind in kinds if not kind.is_null()})
    if len(told) > 1:
        some = " and ".join(told[:_SHOWN])
        notes.append(f"`{column}` is {some} in different files; read as {told_kind(settled)}")
    return notes
