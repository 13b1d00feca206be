"""A dataset as a table, or both sides of one as tables of the same types."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import ibis.expr.types as ir
import msgspec
import pyarrow as pa

from mergegate.dataset.csv_files import open_csv
from mergegate.dataset.engine import Engine
from mergegate.dataset.footers import distrust
from mergegate.dataset.json_lines import open_json
from mergegate.dataset.kinds import is_nested, portable, settle
from mergegate.dataset.naming import Naming
from mergegate.dataset.parquet import Piece, Side, gather, inspect, open_side
from mergegate.dataset.privacy import HEADERLESS, count_columns, find_hidden, is_foreign
from mergegate.dataset.source import Source
from mergegate.dataset.text_files import TextSide, settle_side
from mergegate.dataset.text_group import TextGroup
from mergegate.errors import ContractError

MOST_HELD = 300_000_000
"""Bytes of a side, unpacked, up to which both are held in memory: less than the engine may take by far."""


class Pair(msgspec.Struct, frozen=True):
    """Both sides as tables; unpacks as `old, new`. A column of both has one type, so that values compare.

    Only whole numbers beside floats keep theirs: a float doesn't hold all of them.

    `old_schema`, `new_schema` are the types that each side has by itself, by the files' names. `naming` tells
    the tables' names from the files'; they differ only for names that are alike but for case. `notes` are
    sentences on what was found on the way. `reference` is a third table read alongside. `hidden` are the
    columns, by the files' names, of which no value may be shown.
    """

    old: ir.Table | None
    new: ir.Table | None
    reference: ir.Table | None = None
    old_schema: sch.Schema | None = None
    new_schema: sch.Schema | None = None
    reference_schema: sch.Schema | None = None
    naming: Naming = msgspec.field(default_factory=Naming)
    notes_old: tuple[str, ...] = ()
    notes_new: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[ir.Table | None]:
        return iter((self.old, self.new))


def read(engine: Engine, source: Source) -> ir.Table:
    """The table of a source, each column with the type that fits all its cells.

    Raises ContractError, naming the file, for one that can't be read whole.
    """
    table = read_pair(engine, None, source).new
    assert table is not None  # noqa: S101  the side was asked for
    return table


def read_pair(
    engine: Engine,
    old: Source | None,
    new: Source | None,
    *,
    reference: Source | None = None,
    private: Collection[str] = (),
    hold: bool = False,
    key: Sequence[str] = (),
) -> Pair:
    """Both sides with the same types: a wider number or a finer time where they differ, else text.

    Both are held in memory where they are small; `hold`: one alone too, for it will be read again. With a
    `key`, by the files' names, only it and a hash are held of each row: few rows will be read again.

    No note tells a cell of a `private` column, nor of one that it may have become.

    Raises ContractError, naming the file, for one that can't be read whole, or that has none of base's
    columns where some are private.
    """
    found = [_inspect(engine, source) for source in (old, new, reference)]
    base, head = [*_headers(found[0]), *_headers(found[2])], _headers(found[1])
    hidden = find_hidden(private, base, head)
    for called, header in _called(found[1]) if private else ():
        if is_foreign(private, base, header):
            told = count_columns("head", header, "base")
            raise ContractError(told, file=called, hint=HEADERLESS)
    before, after, third = (None if side is None else _settle(engine, side, hidden) for side in found)
    sides = [side for side in (before, after, third) if side]
    naming = Naming.of(name for side in sides for name in side.types)

    def open_with(side: Side | TextSide | None) -> ir.Table | None:
        return None if side is None else _open(engine, side, _types(side, sides), naming)

    old_table, new_table = open_with(before), open_with(after)
    there = [side for side in (before, after) if side]
    hashes = None
    if key and not any(map(_has_unmeasured, there)):
        hashes = _hold_hashes(engine, old_table, new_table, [naming.inside(name) for name in key])
    if hashes is None and (hold or len(there) > 1) and all(map(_is_small, there)):
        old_table, new_table = engine.hold(old_table, new_table, at_most=MOST_HELD)
    trusted = old_table, new_table
    old_table, new_table = _distrusted(engine, old_table), _distrusted(engine, new_table)
    if hashes is not None:
        for table, each, own in zip((old_table, new_table), hashes, trusted, strict=True):
            engine.remember(table, hashed=each, trusted=own)
    return Pair(
        old=old_table,
        new=new_table,
        reference=_distrusted(engine, open_with(third)),
        old_schema=_schema(before),
        new_schema=_schema(after),
        reference_schema=_schema(third),
        naming=naming,
        notes_old=before.notes if before else (),
        notes_new=after.notes if after else (),
        hidden=hidden,
    )


class _Found(msgspec.Struct, frozen=True):
    """A side's files, looked at: Parquet files, or groups of text files whose types are not known yet."""

    name: str
    pieces: tuple[Piece, ...] = ()
    groups: tuple[TextGroup, ...] = ()


def _inspect(engine: Engine, source: Source | None) -> _Found | None:
    if source is None:
        return None
    if source.format == "parquet":
        return _Found(source.name, tuple(inspect(source, file) for file in source.files))
    local = engine.local
    groups = open_csv(local, source) if source.format == "csv" else open_json(local, source)
    return _Found(source.name, groups=groups)


def _settle(engine: Engine, found: _Found, hidden: Collection[str]) -> Side | TextSide:
    if found.pieces:
        return gather(found.name, found.pieces)
    return settle_side(engine.local, found.name, found.groups, hidden)


def _called(found: _Found | None) -> Iterator[tuple[str, frozenset[str]]]:
    """What messages call each file, and its columns."""
    if found is not None:
        for piece in found.pieces:
            yield piece.called, frozenset((*piece.schema.names, *piece.partition))
        for group in found.groups:
            yield group.files[0][1], frozenset((*group.names, *group.partition))


def _headers(found: _Found | None) -> list[frozenset[str]]:
    return [header for _, header in _called(found)]


def _open(
    engine: Engine, side: Side | TextSide, types: Mapping[str, dt.DataType], naming: Naming
) -> ir.Table:
    if isinstance(side, TextSide):
        side = side.staged(engine.local, engine.new_folder(), types)
    return open_side(engine, side, types, naming)


def _types(side: Side | TextSide, sides: Sequence[Side | TextSide]) -> dict[str, dt.DataType]:
    """The type to read each column of a side as."""
    found = {}
    for name, own in side.types.items():
        kind = settle(*(each.types[name] for each in sides if name in each.types))
        if own.is_integer() and kind.is_floating():
            kind = own
        found[name] = portable(kind)
    return found


def _hold_hashes(
    engine: Engine, old: ir.Table | None, new: ir.Table | None, key: Sequence[str]
) -> tuple[ir.Table, ir.Table] | None:
    """Key and hash of each row, where there are two sides that both have the key."""
    if old is None or new is None or not {*key} <= {*old.columns} & {*new.columns}:
        return None
    return engine.hold_hashes(old, new, key)


def _distrusted(engine: Engine, table: ir.Table | None) -> ir.Table | None:
    """A table whose rows no footer can hide: whoever writes a file writes what its footer says of it."""
    return None if table is None else distrust(engine, table)


def _is_small(side: Side | TextSide | None) -> bool:
    """Whether Parquet files unpack to so little that they are read once for all, by their footers' word.

    Nested and binary cells may be longer than any footer says, and are not measured.
    """
    if not isinstance(side, Side) or _has_unmeasured(side):
        return False
    return sum(piece.bytes for piece in side.pieces) <= MOST_HELD


def _has_unmeasured(side: Side | TextSide) -> bool:
    """Whether there are nested or binary cells; of text files, which are staged first, nothing is known."""
    if not isinstance(side, Side):
        return True
    types = (column.type for piece in side.pieces for column in piece.schema)
    return any(is_nested(kind) or _is_binary(kind) for kind in types)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _schema(side: Side | TextSide | None) -> sch.Schema | None:
    if side is None:
        return None
    required = side.required
    return ibis.schema({name: kind.copy(nullable=name not in required) for name, kind in side.types.items()})
