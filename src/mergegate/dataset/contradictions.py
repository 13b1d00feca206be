"""Rows that contradict each other: equal inputs, different labels."""

from collections.abc import Sequence

import ibis.expr.types as ir

from mergegate.dataset.engine import Engine
from mergegate.dataset.matching import HASH, hashed, present


def count_contradictions(engine: Engine, table: ir.Table, *, inputs: Sequence[str], label: str) -> int | None:
    """How many labelled rows have inputs equal to another row's with another label; None without inputs.

    Missing inputs equal missing ones. A row without a label contradicts none.
    """
    if not inputs:
        return None
    labelled = table.filter(present(table[label]))
    named, _ = hashed(engine, labelled, labelled, inputs, missing=True)
    named = named.select(inputs=named[HASH], label=engine.row_hash(named, [label]))
    groups = named.group_by("inputs").aggregate(
        rows=named.count(), low=named.label.min(), high=named.label.max()
    )
    split = groups.filter(groups.low != groups.high)
    return int(engine.fetch(split.aggregate(rows=split.rows.sum()))["rows"][0].as_py() or 0)
