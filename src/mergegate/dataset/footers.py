"""What a file's footer says of its cells, and how not to take its word.

A Parquet footer tells each column's missing cells, lowest and highest. Whoever writes the file writes these,
too, and an engine that has them counts nothing.
"""

from collections.abc import Collection

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine, unlike


def distrust(engine: Engine, table: ir.Table, columns: Collection[str] | None = None) -> ir.Table:
    """The same rows, such that the engine can't answer for cells of a file without reading them.

    Of some `columns` only where no other is asked for anything but its cells.
    """
    if not engine.believes_footers or engine.holds(table) or table.op().find(ops.RandomScalar):
        return table
    read = unlike(table.columns, "read")
    # Always so, which no engine knows beforehand.
    marked = table.mutate(**{read: ibis.random() != 2})
    return marked.select(
        **{
            name: ibis.ifelse(marked[read], marked[name], ibis.null(marked[name].type()))
            if columns is None or name in columns
            else marked[name]
            for name in table.columns
        }
    )
