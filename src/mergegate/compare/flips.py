"""Answers that changed between base and head: how many, for better or worse, and which rows tell most."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate.arrays import occurrences, recode
from mergegate.compare import flip_rows
from mergegate.compare.bands import Banded
from mergegate.compare.columns import Levels
from mergegate.compare.flip_rows import bounded
from mergegate.compare.paired_columns import cut_paired
from mergegate.compare.sample import Sample, joint_classes
from mergegate.compare.sides import Paired
from mergegate.records.explain import FlipCount, FlipInput, Flips, FlipSlice
from mergegate.records.predictions import Predictions
from mergegate.stats import UndefinedError, mcnemar

MOST_CLASSES = 20
MOST_SLICES = 200
DEFAULT_SHARE = 0.1
"""Of base's median absolute error: the move of a predicted number that counts where nobody says more."""

Marks = NDArray[np.bool_]


class Changed(msgspec.Struct, frozen=True, eq=False):
    """Which of the compared rows (n,) changed, and of these which `broke` and which were `mended`."""

    changed: Marks
    broke: Marks
    mended: Marks
    tolerance: float | None = None


def find_flips(
    base: Predictions,
    head: Predictions,
    paired: Paired,
    *,
    slices: Sequence[str] | Mapping[str, Levels] = (),
    tolerance: float | None = None,
    marks: Changed | None = None,
) -> Flips:
    """The answers that changed on the compared rows; y_pred is what each model decided.

    `slices` names columns of the files, whose numbers are cut into bins, or brings each column's levels on
    the compared rows. `tolerance`, in the target's unit, is the move of a predicted number that counts; by
    default a tenth of base's median absolute error on these rows. p-values take rows as independent.
    Raises UndefinedError where the files hold other classes, or the tolerance is none.
    """
    old, new = _samples(base, head, paired)
    classes = old.classes or None
    found = marks or _mark(old, new, tolerance)
    counts = [int(np.count_nonzero(each)) for each in (found.changed, found.broke, found.mended)]
    return Flips(
        rows=old.rows,
        changed=counts[0],
        broke=counts[1],
        mended=counts[2],
        p=mcnemar(counts[1], counts[2]),
        tolerance=found.tolerance,
        matrix=() if classes is None else _matrix(old, new),
        classes_total=0 if classes is None else len(classes),
        slices=_slices(found, levels_of(base, head, paired, slices)),
        telling=flip_rows.choose(base, head, paired, classes, found.changed, found.broke, found.mended),
    )


def mark_changed(
    base: Predictions, head: Predictions, paired: Paired, *, tolerance: float | None = None
) -> Changed:
    """Which of the compared rows changed, as `find_flips` counts them. Raises as it does."""
    return _mark(*_samples(base, head, paired), tolerance)


def with_inputs(flips: Flips, rows: Mapping[str, tuple[FlipInput, ...]], why: str = "") -> Flips:
    """The same flips with the inputs of the telling rows, by row_id; `why` says why some have none."""
    telling = tuple(replace(row, inputs=rows.get(row.row_id, row.inputs)) for row in flips.telling)
    return replace(flips, telling=telling, without_inputs=why)


def levels_of(
    base: Predictions, head: Predictions, paired: Paired, slices: Sequence[str] | Mapping[str, Levels]
) -> dict[str, Levels]:
    """Columns on the compared rows as levels, as base has them, else head; what can't be cut is left out."""
    if isinstance(slices, Mapping):
        return dict(slices)
    cut = (cut_paired(base, head, paired, name) for name in dict.fromkeys(slices))
    return {each.band.column: each.levels for each in cut if isinstance(each, Banded)}


def _samples(base: Predictions, head: Predictions, paired: Paired) -> tuple[Sample, Sample]:
    """The compared rows of both sides, with the same classes."""
    classes = joint_classes(base, head) or None
    return Sample(base, paired.base, classes=classes), Sample(head, paired.head, classes=classes)


def _mark(old: Sample, new: Sample, tolerance: float | None) -> Changed:
    return _numbers_moved(old, new, tolerance) if old.task == "regression" else _classes_changed(old, new)


def _classes_changed(old: Sample, new: Sample) -> Changed:
    changed = old.y_pred != new.y_pred
    return Changed(changed, changed & (old.y_pred == old.y_true), changed & (new.y_pred == old.y_true))


def _numbers_moved(old: Sample, new: Sample, tolerance: float | None) -> Changed:
    with np.errstate(all="ignore"):
        before = np.abs(old.y_pred - old.y_true)
        if tolerance is None:
            tolerance = DEFAULT_SHARE * float(np.median(before)) if len(before) else 0.0
        if not 0 <= tolerance < np.inf:
            raise UndefinedError(f"a tolerance is a number of at least 0, not {tolerance}")
        changed: Marks = np.abs(new.y_pred - old.y_pred) > tolerance
        worse = np.abs(new.y_pred - old.y_true) - before
    return Changed(changed, changed & (worse > tolerance), changed & (worse < -tolerance), tolerance)


def _matrix(old: Sample, new: Sample) -> tuple[FlipCount, ...]:
    """Counts of truth × base × head that occur, in the classes' order; of the classes with the most rows."""
    size = len(old.classes)
    answers = (old.y_true, old.y_pred, new.y_pred)
    seen = sum(occurrences(codes, size) for codes in answers)
    kept = np.sort(np.argsort(-np.asarray(seen), kind="stable")[:MOST_CLASSES])
    # One place more holds the classes left out.
    width = len(kept) + 1
    table = np.full(size, len(kept), np.uint16)
    table[kept] = np.arange(len(kept))
    cells = recode(old.y_true, table)
    for codes in answers[1:]:
        cells *= np.uint16(width)
        cells += recode(codes, table)
    counts = occurrences(cells, width**3).reshape(width, width, width)[:-1, :-1, :-1]
    names = [bounded(old.classes[code]) for code in kept]
    return tuple(
        FlipCount(truth=names[t], base=names[b], head=names[h], rows=int(counts[t, b, h]))
        for t, b, h in np.argwhere(counts).tolist()
    )


def _slices(found: Changed, columns: Mapping[str, Levels]) -> tuple[FlipSlice, ...]:
    """Every level of every column, those with the most rows lost on balance first, then the most changed."""
    slices = [each for name, levels in columns.items() for each in _levels(found, name, levels)]
    slices.sort(key=lambda each: (each.mended - each.broke, -each.changed))
    return tuple(slices[:MOST_SLICES])


def _levels(found: Changed, name: str, levels: Levels) -> list[FlipSlice]:
    size = len(levels.texts)
    rows = occurrences(levels.codes, size).tolist()
    changed, broke, mended = (
        occurrences(levels.codes[marks], size).tolist() if marks.any() else [0] * size
        for marks in (found.changed, found.broke, found.mended)
    )
    return [
        FlipSlice(column=name, level=text, rows=rows[place], changed=changed[place],
                  broke=broke[place], mended=mended[place])
        for place, text in enumerate(levels.texts)
    ]  # fmt: skip
