"""Text files as one side of a dataset: types are settled by all cells, then they become Parquet."""

from collections.abc import Collection, Mapping
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import msgspec
import pyarrow as pa

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.literals import value_of
from mergegate.dataset.parquet import Piece, Side, gather
from mergegate.dataset.settling import settle_columns
from mergegate.dataset.text_group import TextGroup


class TextSide(msgspec.Struct, frozen=True):
    """One side's text files, and the type of each column; they become readable when staged as Parquet."""

    name: str
    types: Mapping[str, dt.DataType]
    notes: tuple[str, ...]
    groups: tuple[TextGroup, ...]
    required: frozenset[str] = frozenset()

    def staged(self, engine: DuckDB, folder: Path, types: Mapping[str, dt.DataType]) -> Side:
        """The side as Parquet files in `folder`, each column as `types` has it, text as it was written."""
        folder.mkdir(parents=True)
        pieces = []
        for number, group in enumerate(self.groups):
            path = folder / f"{number:06}.parquet"
            columns = {
                f"c{place}": value_of(group.table[f"c{place}"], types[name])
                for place, name in enumerate(group.names)
            }
            engine.write_parquet(group.table.select(**columns), path)
            pieces.append(Piece(self.name, path, _stored(group, types), group.partition))
        return Side(self.name, tuple(pieces), self.types)


def settle_side(
    engine: DuckDB, name: str, groups: tuple[TextGroup, ...], private: Collection[str] = ()
) -> TextSide:
    """Settle each column's type over all groups. Raises ContractError, with the line, for a broken file."""
    types, notes = settle_columns(engine, groups, private)
    pieces = [
        Piece(called, path, _stored(group, types), group.partition)
        for group in groups
        for path, called in group.files
    ]
    side = gather(name, pieces)
    return TextSide(name, side.types, (*notes, *side.notes), groups)


def _stored(group: TextGroup, types: Mapping[str, dt.DataType]) -> pa.Schema:
    return ibis.schema({name: types[name] for name in group.names}).to_pyarrow()
