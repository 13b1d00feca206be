"""Categories of both sides with their rows: by name where they are few, else the common ones and the rest."""

from collections.abc import Iterable

import ibis
import msgspec
import numpy as np

from mergegate.dataset.shift_sides import IS_OLD, ShiftSides
from mergegate.stats.shift.tally import Floats

MOST_COMMON = 1_000
"""Categories told apart where there are more than can be counted; the rest are one."""
MOST_NEW = 20


class CategoryCounts(msgspec.Struct, frozen=True, eq=False):
    """Rows of each category, `old` and `new` (k,), in order of the names.

    `names` has k entries, or one less: then the last of the counts is all other categories together. `unseen`
    are the commonest categories that only the new side has, `unseen_rows` the new rows in any such.
    """

    names: tuple[str, ...]
    old: Floats
    new: Floats
    unseen: tuple[str, ...]
    unseen_rows: int


def count_categories(counted: Iterable[tuple[str, bool, int]]) -> CategoryCounts:
    """From every category, with whether its rows are base's, and how many they are."""
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    for value, is_old, rows in counted:
        (before if is_old else after)[value] = rows
    names = tuple(sorted(before.keys() | after.keys()))
    unseen = sorted(after.keys() - before.keys(), key=lambda name: (-after[name], name))
    return CategoryCounts(
        names,
        np.array([before.get(name, 0) for name in names], dtype=np.float64),
        np.array([after.get(name, 0) for name in names], dtype=np.float64),
        tuple(unseen[:MOST_NEW]),
        sum(after[name] for name in unseen),
    )


def count_common(sides: ShiftSides, column: str) -> CategoryCounts:
    """The 1,000 commonest categories of both sides together, the rest as one."""
    engine, table = sides.engine, sides.table
    named = table.select(value=table[column], is_old=table[IS_OLD]).filter(lambda t: t.value.notnull())
    both = engine.keep(
        named.group_by("value").aggregate(old=named.is_old.sum(), new=(1 - named.is_old).sum())
    )
    every = engine.fetch(both.aggregate(old=both.old.sum(), new=both.new.sum())).to_pylist()[0]
    ranked = both.order_by([ibis.desc(both.old + both.new), both.value]).limit(MOST_COMMON)
    common = sorted(engine.fetch(ranked).to_pylist(), key=lambda row: str(row["value"]))
    only_new = both.filter(both.old == 0)
    unseen = engine.fetch(only_new.order_by([ibis.desc("new"), "value"]).limit(MOST_NEW))
    rows = engine.fetch(only_new.aggregate(rows=only_new.new.sum()))["rows"][0].as_py()
    before_rows, after_rows = ([row[side] for row in common] for side in ("old", "new"))
    return CategoryCounts(
        tuple(row["value"] for row in common),
        np.array([*before_rows, every["old"] - sum(before_rows)], dtype=np.float64),
        np.array([*after_rows, every["new"] - sum(after_rows)], dtype=np.float64),
        tuple(unseen["value"].to_pylist()),
        int(rows or 0),
    )
