"""Text files with the same columns as one table of text."""

from collections.abc import Mapping
from pathlib import Path

import ibis.expr.types as ir
import msgspec

from mergegate.dataset.literals import Cells


class TextGroup(msgspec.Struct, frozen=True):
    """Files of the same columns and folders: `table` has the cells of `names` by place.

    Column `c0` is the text of the first; `q0`, where the format tells, whether it was written as text.
    Each of `files` is a path and what messages call it.
    """

    names: tuple[str, ...]
    files: tuple[tuple[Path, str], ...]
    table: ir.Table
    partition: Mapping[str, str | None]

    def cells(self, column: str) -> Cells:
        """The cells of a column."""
        place = self.names.index(column)
        quoted = self.table[f"q{place}"] if f"q{place}" in self.table.columns else None
        return Cells(self.table[f"c{place}"], quoted)

    def first(self, rows: int) -> "TextGroup":
        """Only the first rows."""
        return msgspec.structs.replace(self, table=self.table.limit(rows))
