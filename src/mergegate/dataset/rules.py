"""Columns that moved by one rule in every row, such as another unit."""

from mergegate.dataset.rows import RowDiff
from mergegate.dataset.samples import cut
from mergegate.records.data import Fact

_ARITHMETIC = ("×", "+", "−")
_NEARLY_ALL = 0.99
_FEWEST = 20


def tell_rules(rows: RowDiff) -> tuple[Fact, ...]:
    """Numbers that moved by one rule in every row: a unit changed, and no bar of a gate says so."""
    shared = rows.changes.same + rows.changes.changed
    return tuple(
        Fact(
            kind="one_rule",
            sentence=f"{cut(each.column)} moved in {each.changed:,} of {shared:,} shared rows by one rule, "
            f"{each.pattern}: another unit, or a mistake.",
            loud=True,
        )
        for each in rows.columns
        if each.pattern.startswith(_ARITHMETIC) and each.changed >= max(_NEARLY_ALL * shared, _FEWEST)
    )
