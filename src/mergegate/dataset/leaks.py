"""What a search for leaks knows: the tables of both sides, and the columns that play a part."""

from collections.abc import Sequence

import ibis.expr.types as ir
import msgspec

from mergegate.dataset import samples
from mergegate.dataset.engine import Engine
from mergegate.records.data import Leak, LeakKind


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Head's tables and base's, None for one that is not there; `known_later` are columns' names.

    `inputs` are the columns that a model sees; none named: every column but key and label. `strong` is the
    AUC or eta² from which on a column alone is a suspect, by default STRONG of leaks_columns.
    """

    engine: Engine
    evaluation: ir.Table
    train: ir.Table | None = None
    base_evaluation: ir.Table | None = None
    base_train: ir.Table | None = None
    key: tuple[str, ...] = ()
    label: str | None = None
    group: str | None = None
    time: str | None = None
    known_later: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    strong: float | None = None

    @property
    def based(self) -> bool:
        """Whether base has an exam of its own to hold head's against."""
        return self.base_evaluation is not None and self.base_train is not None

    def inputs_of(self, *tables: ir.Table) -> tuple[str, ...]:
        """The inputs that all of `tables` have, in the order of the first."""
        named = set(self.inputs) if self.inputs else set(tables[0].columns) - {*self.key, self.label}
        return tuple(
            name
            for name in tables[0].columns
            if name in named and all(name in each.columns for each in tables)
        )

    def keys(self, rows: ir.Table) -> tuple[str, ...]:
        """Some keys of `rows`, the first in order, as text."""
        some = rows.select(*self.key).order_by(list(self.key)).limit(samples.MOST)
        found = self.engine.fetch(some).to_pylist()
        return tuple(" / ".join(samples.show_key(row, self.key, self.private)) for row in found)


def lacking(columns: Sequence[str], **tables: ir.Table | None) -> str:
    """Why `columns` can't be looked at: a table is not there, or lacks one of them; empty if it can."""
    for name, table in tables.items():
        if table is None:
            return f"there are no {name.replace('_', ' ')} rows"
        gone = [column for column in columns if column not in table.columns]
        if gone:
            return f"the {name.replace('_', ' ')} rows have no column {samples.cut(gone[0])}"
    return ""


def unjudged(kind: LeakKind, question: str, why: str, *, column: str = "") -> Leak:
    """A leak that could not be looked for."""
    return Leak(kind=kind, sentence=f"{question} can't be told: {why}.", column=column, judged=False)


def beside(old: int | None) -> str:
    """Base's number behind head's; nothing where there is no base."""
    return "" if old is None else f" (base: {old:,})"
