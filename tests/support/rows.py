"""Rows compared in plain Python, slowly and plainly: what the row diff is held against."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Plain = tuple[Any, ...]


@dataclass
class Expected:
    """Rows by what happened to them; changed ones as pairs of base's and head's."""

    added: list[Plain] = field(default_factory=list)
    removed: list[Plain] = field(default_factory=list)
    changed: list[tuple[Plain, Plain]] = field(default_factory=list)
    same: int = 0
    duplicates: tuple[int, int] = (0, 0)
    keyless: tuple[int, int] = (0, 0)


def plain(value: Any) -> Any:
    """A cell that equals another exactly where the two are the same value: NaN is one, −0.0 is 0.0."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    return value


def expect(old: Sequence[Row], new: Sequence[Row], key: Sequence[str]) -> Expected:
    """What happened to rows of the same columns."""
    found = Expected()
    sides = [_by_key(rows, key) for rows in (old, new)]
    for at in {*sides[0], *sides[1]}:
        before, after = (Counter(side[at]) for side in sides)
        found.same += (before & after).total()
        gone, come = list((before - after).elements()), list((after - before).elements())
        if key and None not in at and len(gone) == len(come) == 1:
            found.changed.append((gone[0], come[0]))
        else:
            found.removed += gone
            found.added += come
    found.duplicates = tuple(_count_duplicates(side, by_row=not key) for side in sides)  # type: ignore[assignment]
    found.keyless = tuple(sum(len(side[at]) for at in side if None in at) for side in sides)  # type: ignore[assignment]
    return found


def _by_key(rows: Sequence[Row], key: Sequence[str]) -> dict[Plain, list[Plain]]:
    groups: dict[Plain, list[Plain]] = defaultdict(list)
    for row in rows:
        groups[tuple(plain(row[name]) for name in key)].append(tuple(plain(cell) for cell in row.values()))
    return groups


def _count_duplicates(groups: Mapping[Plain, list[Plain]], *, by_row: bool) -> int:
    if by_row:
        rows = Counter(row for group in groups.values() for row in group)
        return rows.total() - len(rows)
    return sum(len(rows) - 1 for at, rows in groups.items() if rows and None not in at)
