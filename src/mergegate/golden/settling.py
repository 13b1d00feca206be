"""Which golden rows judge: the target's as it has them, and those that head adds."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from mergegate.golden.row import Row, canonical


class Settled(msgspec.Struct, frozen=True):
    """`rows` to judge by; names of those that head `altered` or `removed`, `added`, or gave new inputs."""

    rows: tuple[Row, ...]
    altered: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    extended: tuple[str, ...] = ()


def settle(target: Sequence[Row], base: Sequence[Row], head: Sequence[Row]) -> Settled:
    """Settle the rows of three revisions by their names; `base` is where head left the target.

    A row of the target that head alters or removes judges as the target has it. Head may only add rows, and
    to a row the inputs that it did not have. What the target did since base is no act of head's.
    """
    before, now = {row.name: row for row in base}, {row.name: row for row in head}
    there = {row.name for row in target}
    rows, altered, removed, extended = [], [], [], []
    for row in target:
        own, old = now.get(row.name), before.get(row.name)
        if own is None:
            if old is not None:
                removed.append(row.name)
            rows.append(row)
            continue
        more = {name: cell for name, cell in own.inputs.items() if name not in row.inputs}
        untouched = old is not None and _says_the_same(old, own) and old.inputs.keys() == own.inputs.keys()
        if not untouched:
            if not _says_the_same(row, own):
                altered.append(row.name)
            if more:
                extended.append(row.name)
        rows.append(replace(row, inputs={**more, **row.inputs}, typed=_typed(row, own)) if more else row)
    # What the target removed since is gone after the merge too.
    added = [row for row in head if row.name not in there and row.name not in before]
    return Settled(
        rows=(*rows, *added),
        altered=tuple(altered),
        removed=tuple(removed),
        added=tuple(row.name for row in added),
        extended=tuple(extended),
    )


def _says_the_same(one: Row, other: Row) -> bool:
    """Whether two rows owe the same for the inputs that both have, and for the same reason."""
    return (
        one.owed == other.owed
        and (one.reason, one.author) == (other.reason, other.author)
        and all(
            canonical(cell) == canonical(other.inputs[name])
            for name, cell in one.inputs.items()
            if name in other.inputs
        )
    )


def _typed(row: Row, other: Row) -> bool:
    """Cells of a CSV file among the inputs must be read as such; numbers are numbers anywhere."""
    return row.typed and other.typed
