"""A dataset as a table, or both sides of one as tables of the same types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.kinds import settle
from mergegate.dataset.naming import Naming
from mergegate.dataset.parquet import Side, gather, inspect, open_side
from mergegate.dataset.source import Source


@dataclass(frozen=True)
class Pair:
    """Both sides as tables; unpacks as `old, new`. A column of both has one type, so that values compare.

    `old_schema`, `new_schema` are the types that each side has by itself, by the files' names. `naming` tells
    the tables' names from the files'; they differ only for names that are alike but for case. `notes` are
    sentences on what was found on the way.
    """

    old: ir.Table | None
    new: ir.Table | None
    old_schema: sch.Schema | None = None
    new_schema: sch.Schema | None = None
    naming: Naming = field(default_factory=Naming)
    notes_old: tuple[str, ...] = ()
    notes_new: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[ir.Table | None]:
        return iter((self.old, self.new))


def read(engine: Engine, source: Source) -> ir.Table:
    """The table of a source, each column with the type that fits all its cells.

    Raises ContractError, naming the file, for one that can't be read whole.
    """
    table = read_pair(engine, None, source).new
    assert table is not None  # noqa: S101  the side was asked for
    return table


def read_pair(engine: Engine, old: Source | None, new: Source | None) -> Pair:
    """Both sides with the same types: a wider number or a finer time where they differ, else text.

    Raises ContractError, naming the file, for one that can't be read whole.
    """
    before, after = _inspect(old), _inspect(new)
    types = _types(before, after)
    naming = Naming.of(types)
    return Pair(
        old=open_side(engine, before, types, naming) if before else None,
        new=open_side(engine, after, types, naming) if after else None,
        old_schema=_schema(before),
        new_schema=_schema(after),
        naming=naming,
        notes_old=before.notes if before else (),
        notes_new=after.notes if after else (),
    )


def _inspect(source: Source | None) -> Side | None:
    if source is None:
        return None
    pieces = [inspect(source.name, file.name, file.path, file.partition) for file in source.files]
    return gather(source.name, pieces)


def _types(*sides: Side | None) -> Mapping[str, dt.DataType]:
    """The type of each column of either side; one without any value is text."""
    names = {name: None for side in sides if side for name in side.types}
    found = {
        name: settle(*(side.types[name] for side in sides if side and name in side.types)) for name in names
    }
    return {name: dt.string if kind.is_null() else kind for name, kind in found.items()}


def _schema(side: Side | None) -> sch.Schema | None:
    return ibis.schema(dict(side.types)) if side else None
