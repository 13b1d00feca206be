"""What a change does and for whom, of two models' answers on the rows that were compared."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from mergegate.arrays import to_arrow, to_texts
from mergegate.compare.columns import Levels
from mergegate.compare.comparison import Comparison
from mergegate.compare.curves import count_confusion, draw_curves, pick_class
from mergegate.compare.flips import Changed, find_flips, levels_of, mark_changed
from mergegate.compare.sample import Sample, joint_classes
from mergegate.compare.segments import search_segments
from mergegate.compare.sides import Paired
from mergegate.records.explain import Confusion, Curves, Flips, SegmentSearch
from mergegate.records.predictions import Predictions
from mergegate.stats import Design, UndefinedError

MOST_FURTHER = 200
"""Columns that nobody named and that are looked at, the first: each is read for itself."""


class Explained(msgspec.Struct, frozen=True, eq=False):
    """What stands beside the metrics; `marks` are the rows (n,) that changed."""

    flips: Flips | None = None
    segments: SegmentSearch | None = None
    curves: tuple[Curves, ...] = ()
    confusion: tuple[Confusion, ...] = ()
    marks: Changed | None = None


def explain(
    base: Predictions | None,
    head: Predictions | None,
    found: Comparison | None,
    *,
    slices: Sequence[str] = (),
    bands: Sequence[str] = (),
    segments: Sequence[str] = (),
    extra: Mapping[str, Any] | None = None,
    tolerance: float | None = None,
    min_rows: int = 50,
    confidence: float = 0.95,
) -> Explained:
    """Explain the change between two models; of head alone its curves, where nothing was compared.

    Flips are counted by `slices`; `segments` are the columns searched, none of which skips the search.
    `bands` are columns that `found.levels` cuts. `extra` are further columns to search, Arrow arrays aligned
    with the compared rows.
    """
    paired = found.paired if found is not None else None
    if base is None or head is None or found is None or paired is None:
        return Explained(curves=_draw_alone(head, confidence))
    banded = _cut(bands, found)
    levels = levels_of(base, head, paired, [name for name in slices if name not in banded])
    levels |= {name: banded[name] for name in slices if name in banded}
    marks = mark_changed(base, head, paired, tolerance=tolerance)
    searched = None
    if segments:
        further = {name: _texts(cut) for name, cut in banded.items() if name in segments}
        searched = search_segments(
            base,
            head,
            paired,
            columns=segments,
            extra={**further, **(extra or {})},
            min_rows=min_rows,
            confidence=confidence,
        )
        if len(segments) == MOST_FURTHER < len({*base.columns, *head.columns}):
            more = f"of many columns the first {MOST_FURTHER} are searched: name those that matter"
            searched = msgspec.structs.replace(searched, skipped=(more, *searched.skipped))
    return Explained(
        flips=find_flips(base, head, paired, slices=levels, marks=marks),
        segments=searched,
        curves=_draw(base, head, paired, confidence),
        confusion=count_confusion(base, head, paired),
        marks=marks,
    )


def further(base: Predictions, head: Predictions, apart: Sequence[str | None]) -> tuple[str, ...]:
    """The first further columns of two files but those that weigh, cluster or hold a loss; base's first."""
    every = dict.fromkeys((*base.columns, *head.columns))
    return tuple(name for name in every if name not in apart)[:MOST_FURTHER]


def _cut(bands: Sequence[str], found: Comparison) -> dict[str, Levels]:
    """Columns in bands, on the compared rows; those that can't be cut are left out."""
    levels: dict[str, Levels] = {}
    for name in bands:
        if found.levels is not None:
            with suppress(UndefinedError):
                levels[name] = found.levels(name)
    return levels


def _texts(levels: Levels) -> Any:
    """Levels as a column of their names."""
    return pa.DictionaryArray.from_arrays(to_arrow(levels.codes.astype(np.int32)), to_texts(levels.texts))


def _draw(base: Predictions, head: Predictions, paired: Paired, confidence: float) -> tuple[Curves, ...]:
    """The curves of both sides on the compared rows."""
    classes = joint_classes(base, head) or None
    old = Sample(base, paired.base, classes=classes)
    new = Sample(head, paired.head, classes=classes)
    design, positive = Design(new.rows, weight=paired.weight), pick_class(old, new)
    return (
        draw_curves(old, "base", positive=positive, design=design, confidence=confidence),
        draw_curves(new, "head", positive=positive, design=design, confidence=confidence),
    )


def _draw_alone(head: Predictions | None, confidence: float) -> tuple[Curves, ...]:
    """Head's curves where there is no base to draw beside."""
    if head is None or not head.rows:
        return ()
    with suppress(UndefinedError):
        sample = Sample(head)
        return (draw_curves(sample, "head", positive=pick_class(sample, sample), confidence=confidence),)
    return ()
