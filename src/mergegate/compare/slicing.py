"""Slice columns of both sides as levels: as base has them where it has them, in the policy's bands.

A change must not choose how it is sliced.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from mergegate.compare import bands, columns, overlay
from mergegate.compare.columns import Levels
from mergegate.compare.pairing import Pairing
from mergegate.compare.sample import EVERY, Rows
from mergegate.compare.times import Part
from mergegate.records.predictions import Predictions
from mergegate.stats import UndefinedError

NO_BASE = "base has no predictions to compare with"
NO_HEAD = "head has no predictions"


class Slicing:
    """The columns of two sides, `left` and `right` the rows of each that both judged.

    `cut` says of a column into how many bins, or by what part of a time, it is cut. `moved` is what a reader
    must know of a column, by its name.
    """

    def __init__(
        self,
        base: Predictions | None,
        head: Predictions | None,
        pairing: Pairing | None,
        rows: tuple[Rows, Rows],
        cut: Mapping[str, int | Part],
    ) -> None:
        self.base, self.head, self.bands = base, head, cut
        self.left, self.right = rows
        self.moved: dict[str, str] = {}
        self._pairing = pairing
        self._known_levels: dict[tuple[str, str], Levels | None] = {}

    def levels(self, name: str) -> Levels:
        """A slice column on the shared rows, as base has it, else as head has it. Raises UndefinedError."""
        if self.base is None or name not in self.base.columns:
            return self._pick_levels("head", name, self.right)
        found = self._pick_levels("base", name, self.left)
        if self.head is not None and name in self.head.columns:
            self._compare_levels(name, found)
        return found

    def own_levels(self, name: str) -> Levels:
        """A slice column on all of head's rows, as `cluster`. Raises UndefinedError."""
        head, base = self._pick_levels("head", name, EVERY), self.whole("base", name)
        return (
            head if base is None or self._pairing is None else overlay.levels(head, base, self._pairing, name)
        )

    def _pick_levels(self, side: str, name: str, rows: Rows) -> Levels:
        """A slice column on some rows of a side. Raises UndefinedError."""
        whole = self.whole(side, name)
        if whole is not None:
            return whole.pick(rows)
        own = self.base if side == "base" else self.head
        if own is None:
            raise UndefinedError(NO_BASE if side == "base" else NO_HEAD)
        return self._cut(take(column_of(own, name), rows), name)

    def gone_levels(self, name: str, shared: Levels) -> tuple[str, ...]:
        """Values that a slice column has in base, and nowhere in head."""
        base = self.whole("base", name)
        if base is None or self.head is None:
            return ()
        # A value that head still evaluates, on rows of its own, is not gone: its window has moved.
        kept = self.own_levels(name).texts if name in self.head.columns else ()
        return tuple(text for text in base.texts if text not in shared.texts and text not in kept)

    def whole(self, side: str, name: str) -> Levels | None:
        """A slice column on all of a side's rows; None where it can't be used."""
        key, own = (side, name), self.base if side == "base" else self.head
        if key not in self._known_levels:
            self._known_levels[key] = None
            if own is not None and name in own.columns:
                with suppress(UndefinedError):
                    self._known_levels[key] = self._cut(own.columns[name], name)
        return self._known_levels[key]

    def _cut(self, column: Any, name: str) -> Levels:
        """A column's values as levels, or the policy's bands, by base's bins. Raises UndefinedError."""
        band = self.bands.get(name)
        if band is None:
            return columns.levels(column, name)
        like = self.base.columns.get(name) if self.base is not None else None
        if isinstance(band, int):
            found = bands.cut(column, name, kind="bins", bins=band, like=like)
        else:
            found = bands.cut(column, name, kind="time", part=band)
        if isinstance(found, bands.Skipped):
            raise UndefinedError(f"the column {found}")
        return found.levels

    def _compare_levels(self, name: str, base: Levels) -> None:
        """Note where head's column says something else of the same rows."""
        if self.head is None or name not in self.head.columns:
            return
        head = self._pick_levels("head", name, self.right)
        codes = head.codes
        if head.texts != base.texts:
            place = {text: number for number, text in enumerate(base.texts)}
            codes = np.array([place.get(text, len(place)) for text in head.texts], np.uint8).take(codes)
        moved = int(np.count_nonzero(codes != base.codes))
        if moved:
            self.moved[name] = (
                f"{name} differs in {moved:,} of the shared rows: they are sliced as base has it"
            )


def column_of(side: Predictions, name: str) -> Any:
    """A further column of a file. Raises UndefinedError where it has none."""
    if name not in side.columns:
        raise UndefinedError(f"the file has no column {name}")
    return side.columns[name]


def take(column: Any, rows: Rows) -> Any:
    """Some rows of a column."""
    return column if isinstance(rows, slice) else column.take(rows)
