"""The changed rows that tell most, whole."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate.arrays import to_arrow
from mergegate.compare.sample import Rows, Sample
from mergegate.compare.sides import Paired
from mergegate.records.explain import FlipRow
from mergegate.records.predictions import Predictions
from mergegate.stats.design import Floats

MOST = 20
_SHARES = 12, 6, 2
"""Of the rows shown as many broke, were mended, changed otherwise; what one kind leaves goes to the next."""
_LONGEST, _LONGEST_ID = 100, 1_000
"""Characters of a class; of an id as many as a file may hold, for inputs are looked up by it."""

Marks = NDArray[np.bool_]
Places = NDArray[np.int64]


def choose(
    base: Predictions,
    head: Predictions,
    paired: Paired,
    classes: tuple[str, ...] | None,
    changed: Marks,
    broke: Marks,
    mended: Marks,
) -> tuple[FlipRow, ...]:
    """At most 20 of the changed rows: first those that broke, by the largest loss, then the largest gains.

    A loss is of the probability of the row's own truth; without probabilities, and between equals, rows come
    as they stand in head's file. For regression it is what the absolute error grew by. Rows changed from one
    wrong class to another come last, as do numbers that moved without coming closer to the truth or further.
    """
    rows = np.flatnonzero(changed)
    if not len(rows):
        return ()
    sides = tuple(
        Sample(side, _pick(picked, rows), classes=classes)
        for side, picked in ((base, paired.base), (head, paired.head))
    )
    scores = _scores(*sides)
    moves = np.zeros(len(rows)) if scores is None else _moves(sides[0].task, *scores)
    order = _order(moves, broke[rows], mended[rows])
    ids = head.row_id.take(to_arrow(_pick(paired.head, rows)[order]))
    return tuple(
        FlipRow(
            row_id=bounded(str(row_id), _LONGEST_ID),
            truth=_shown(sides[0], sides[0].y_true[place]),
            base=_shown(sides[0], sides[0].y_pred[place]),
            head=_shown(sides[1], sides[1].y_pred[place]),
            base_score=None if scores is None else _finite(scores[0][place]),
            head_score=None if scores is None else _finite(scores[1][place]),
            move=_finite(moves[place]),
        )
        for place, row_id in zip(order.tolist(), ids.to_pylist(), strict=True)
    )


def bounded(text: str, longest: int = _LONGEST) -> str:
    """A text from a file, cut where it is longer than anyone reads."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _pick(picked: Rows, rows: Places) -> Places:
    return rows if isinstance(picked, slice) else picked[rows]


def _scores(old: Sample, new: Sample) -> tuple[Floats, Floats] | None:
    """Each side's probability of the truth, or its absolute error; None where one gave no probabilities."""
    if old.task == "regression":
        with np.errstate(all="ignore"):
            return np.abs(old.y_pred - old.y_true), np.abs(new.y_pred - old.y_true)
    if not (old.has_probabilities and new.has_probabilities):
        return None
    return old.probability_of_truth(), new.probability_of_truth()


def _moves(task: str, before: Floats, after: Floats) -> Floats:
    with np.errstate(all="ignore"):
        return after - before if task == "regression" else before - after


def _order(moves: Floats, broke: Marks, mended: Marks) -> Places:
    """Places of the rows to show, in their order."""
    kinds = (
        _most(moves, np.flatnonzero(broke)),
        _most(-moves, np.flatnonzero(mended)),
        _most(np.abs(moves), np.flatnonzero(~(broke | mended))),
    )
    shares = [min(len(kind), share) for kind, share in zip(kinds, _SHARES, strict=True)]
    for place, kind in enumerate(kinds):
        shares[place] = min(len(kind), shares[place] + MOST - sum(shares))
    return np.concatenate([kind[:share] for kind, share in zip(kinds, shares, strict=True)])


def _most(values: Floats, places: Places) -> Places:
    """The places, at most 20 of them, with the largest values; of equals the first."""
    own = values[places]
    if len(own) > MOST:
        least = np.partition(own, len(own) - MOST)[len(own) - MOST]
        above, equal = np.flatnonzero(own > least), np.flatnonzero(own == least)
        few = np.concatenate([above, equal[: MOST - len(above)]])
        own, places = own[few], places[few]
    found: Places = places[np.lexsort((places, -own))]
    return found


def _shown(sample: Sample, value: Any) -> str:
    return bounded(sample.classes[int(value)]) if sample.task != "regression" else f"{value:.6g}"


def _finite(value: Any) -> float:
    """A float that JSON can hold: the distance of two of the largest numbers is none."""
    return float(np.nan_to_num(value))
