"""Further columns on the compared rows, as levels."""

from collections.abc import Mapping
from typing import Any

from mergegate.arrays import one_chunk, to_arrow
from mergegate.compare.bands import Banded, Skipped, cut
from mergegate.compare.sides import Paired
from mergegate.records.predictions import Predictions


def cut_paired(
    base: Predictions,
    head: Predictions,
    paired: Paired,
    name: str,
    extra: Mapping[str, Any] | None = None,
) -> Banded | Skipped:
    """Cut a column of the compared rows: of `extra`, aligned with them, else as base has it, else head.

    A change must not choose how it is sliced.
    """
    if extra and name in extra:
        return cut(extra[name], name)
    side, rows = (base, paired.base) if name in base.columns else (head, paired.head)
    if name not in side.columns:
        return Skipped(name, "is in neither file")
    column = side.columns[name]
    return cut(column if isinstance(rows, slice) else one_chunk(column).take(to_arrow(rows)), name)
