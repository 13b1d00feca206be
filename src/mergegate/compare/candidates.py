"""Every level and every pair of levels against the rest of the rows: which of them may have lost more."""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate.compare.columns import Levels
from mergegate.stats.design import Design, Floats
from mergegate.stats.discordance import Contrast, Moments, Values, lost_beyond
from mergegate.stats.estimate import Interval

MOST_CROSSED = 24
"""Columns that are searched in pairs: those that come after them are searched alone."""
_WHOLE = 1 - 1e-9

Places = tuple[tuple[int, int], ...]
Marks = NDArray[np.bool_]


class Candidate(msgspec.Struct, frozen=True, eq=False):
    """A segment that lost more than the rest, maybe by chance: `places` are of its columns and levels.

    `loss` and `rest` are means of the change, `contrast` is of this one segment in parts of `unit`; `decided`
    are the rows that only base got right, and only head, where these are what is tested.
    """

    places: Places
    loss: float
    rest: float
    contrast: Contrast
    unit: float
    decided: tuple[int, int, int] | None = None

    @property
    def single(self) -> bool:
        """Whether it is a level of one column."""
        return len(self.places) == 1

    @property
    def excess(self) -> float:
        """The mean of the segment less that of all other rows."""
        return self.loss - self.rest

    @property
    def strength(self) -> float:
        """The excess in standard errors."""
        error = max(float(self.contrast.apart[0]), float(self.contrast.pooled[0]))
        return float(self.contrast.excess[0]) / error if error else math.inf

    def p_value(self) -> float:
        """One-sided, of the claim that the segment lost more; not corrected."""
        p = self.contrast.p_value(0)
        if self.decided is None:
            return p
        return max(p, lost_beyond(*self.decided, self.rest))

    def interval(self, confidence: float) -> Interval:
        """Two-sided limits of the excess."""
        limits = self.contrast.interval(0, confidence)
        return Interval(limits.low * self.unit, limits.high * self.unit, confidence)


Tried = tuple[int, list[Candidate]]
"""How many segments there are to try, and those that may have lost more than their rest."""


class Search:
    """The change of each row's loss (n,) by what segments can be made of; `columns` are rows' levels.

    `decisions`: the values are -1, 0 and 1, and where rows stand alone they are tested exactly too. A segment
    and its rest have at least `min_rows` (effective) rows each; `level` is the largest p-value of interest.
    """

    def __init__(
        self,
        change: Floats,
        design: Design,
        columns: Sequence[Levels],
        *,
        decisions: bool,
        min_rows: int,
        level: float,
    ) -> None:
        self.min_rows, self.level = max(min_rows, 2), level
        self._exact = decisions and design.weight is None and design.cluster is None
        # Sums of squares far from the mean would round away what they are asked for.
        self._centre = 0.0 if decisions else design.mean(change)
        self._unit = 1.0 if decisions else float(np.abs(change).max()) or 1.0
        values = change if decisions else (change - self._centre) / self._unit
        self.rows = Values.of(values, design)
        self._columns = [self.rows.ordered(levels.codes) for levels in columns]
        self._sizes = [len(levels.texts) for levels in columns]
        self._alone = [self.rows.moments(*each) for each in zip(self._columns, self._sizes, strict=True)]

    @property
    def levels(self) -> int:
        """Levels of all columns."""
        return sum(self._sizes)

    def look(self) -> tuple[Tried, Tried]:
        """Single levels, and pairs of levels of two columns."""
        return _joined(self._look_alone()), _joined(self._look_crossed())

    def marks(self, places: Places) -> Marks:
        """Which rows (n,), as they are ordered here, a segment holds; all of them without a condition."""
        marks = np.ones(self.rows.count, np.bool_)
        for column, code in places:
            marks &= self._columns[column] == code
        return marks

    def among(self, marks: Marks) -> "Among":
        """Some rows (n,) of which parts can be held against the others."""
        return Among(self, marks)

    def _look_alone(self) -> Iterator[Tried]:
        for column, (codes, part) in enumerate(zip(self._columns, self._alone, strict=True)):
            tried, found = self._try(self.rows, codes, part, part.total().without(part), part.weight > 0)
            yield tried, [replace(each, places=((column, code),)) for code, each in found.items()]

    def _look_crossed(self) -> Iterator[Tried]:
        for one, other in combinations(range(min(len(self._columns), MOST_CROSSED)), 2):
            width = self._sizes[other]
            codes = self._columns[one].astype(np.uint16)
            codes *= np.uint16(width)
            codes += self._columns[other]
            part = self.rows.moments(codes, self._sizes[one] * width)
            # A pair that holds all rows of one of its levels is that level.
            single = np.minimum.outer(self._alone[one].weight, self._alone[other].weight).ravel()
            own = part.weight < _WHOLE * single
            tried, found = self._try(self.rows, codes, part, part.total().without(part), own)
            yield (
                tried,
                [
                    replace(each, places=((one, code // width), (other, code % width)))
                    for code, each in found.items()
                ],
            )

    def _try(
        self, rows: Values, codes: NDArray[Any], part: Moments, rest: Moments, own: Marks
    ) -> tuple[int, dict[int, Candidate]]:
        """Groups by code against their rest: how many have rows enough, and which may have lost more."""
        enough = own & (part.rows >= self.min_rows) & (rest.rows >= self.min_rows)
        which, apart = rows.above(codes, part, rest, enough, self.level)
        # Where head is no worse, nothing was lost, however much better it is elsewhere.
        lost = np.flatnonzero(self.mean(apart.means) > 0)
        found = {
            int(which[place]): self.candidate(apart[place : place + 1], part[[which[place]]])
            for place in lost
        }
        return int(np.count_nonzero(enough)), found

    def candidate(self, apart: Contrast, part: Moments | None = None) -> Candidate:
        """A segment by its contrast (1,) and, where it is one of all rows, its moments (1,)."""
        decided = None
        if self._exact and part is not None:
            net, either = int(part.first[0]), int(part.second[0])
            decided = (either + net) // 2, (either - net) // 2, int(part.weight[0])
        return Candidate(
            places=(),
            loss=float(self.mean(apart.means[0])),
            rest=float(self.mean(apart.rest[0])),
            contrast=apart,
            unit=self._unit,
            decided=decided,
        )

    def mean(self, means: Any) -> Any:
        """A mean of what is summed as a mean of the change."""
        return self._centre + self._unit * means


def _joined(every: Iterable[Tried]) -> Tried:
    tried, found = 0, []
    for count, some in every:
        tried += count
        found += some
    return tried, found


class Among:
    """Some of a search's rows (n,), of which parts are held against the others."""

    def __init__(self, search: Search, marks: Marks) -> None:
        self._search, self._marks = search, marks

    @cached_property
    def _rows(self) -> Values | None:
        return self._search.rows.pick(self._marks) if self._marks.any() else None

    @cached_property
    def _total(self) -> Moments:
        rows = self._rows or self._search.rows
        return rows.moments(np.zeros(rows.count, np.uint8), 1)

    def test(self, part: Marks) -> float:
        """p-value of the claim that those of the rows (n,) here lost more than the others; 1 where untold."""
        search = self._search
        if self._rows is None:
            return 1.0
        rows = np.flatnonzero(part[self._marks])
        found = self._rows.rows_above(rows, self._total, search.min_rows, search.level)
        if found is None or search.mean(found.means[0]) <= 0:
            return 1.0
        return found.p_value(0)
