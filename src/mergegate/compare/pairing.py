"""The rows that base and head both judged, found by row_id."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.compare.sample import EVERY, Rows
from mergegate.records.predictions import Predictions

_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Pairing:
    """The shared rows: `base` and `head` pick them, row by row the same, in head's order.

    `new` rows are only in head, `gone` ones only in base. `labels_changed` (m,) bool marks shared rows whose
    y_true differs: labels compared as text, numbers as numbers. `problem` says why no row can be shared.
    """

    base: Rows
    head: Rows
    shared: int
    new: int
    gone: int
    labels_changed: NDArray[np.bool_]
    problem: str = ""


def pair(base: Predictions, head: Predictions) -> Pairing:
    """Find the shared rows of two sets of predictions of one task.

    Linear when both have the same ids in the same order, else two sorts of 64-bit keys, verified exactly.
    """
    if base.row_id.type != head.row_id.type:
        kinds = f"{_kind(base)} in base and {_kind(head)} in head"
        return _pairing(base, head, _NONE, _NONE, problem=f"row_id holds {kinds}: no row can be shared")
    if base.row_id.equals(head.row_id):
        return _pairing(base, head, EVERY, EVERY)
    place = _by_key(base, head)
    if place is None:
        place = _by_id(base, head)
    rows = np.flatnonzero(place >= 0)
    return _pairing(base, head, place[rows], rows)


def _pairing(base: Predictions, head: Predictions, left: Rows, right: Rows, *, problem: str = "") -> Pairing:
    changed = _labels_differ(base, head, left, right)
    shared = len(changed)
    return Pairing(
        base=left,
        head=right,
        shared=shared,
        new=head.rows - shared,
        gone=base.rows - shared,
        labels_changed=changed,
        problem=problem,
    )


def _by_key(base: Predictions, head: Predictions) -> NDArray[np.int64] | None:
    """Each head row's place in base, -1 where it has none; None when a key stands for more than one id."""
    base_order, head_order = np.argsort(base.row_key), np.argsort(head.row_key)
    base_keys, head_keys = base.row_key[base_order], head.row_key[head_order]
    if _repeats(base_keys) or _repeats(head_keys):
        return None
    found = np.searchsorted(base_keys, head_keys)
    np.minimum(found, len(base_keys) - 1, out=found)
    match = base_keys[found] == head_keys
    left, right = base_order[found[match]], head_order[match]
    place = np.full(head.rows, -1, np.int64)
    place[right] = left
    if not pa.types.is_integer(base.row_id.type):
        rows = np.flatnonzero(place >= 0)
        every = len(rows) == head.rows
        if not _take(base.row_id, place[rows]).equals(head.row_id if every else _take(head.row_id, rows)):
            return None
    return place


def _by_id(base: Predictions, head: Predictions) -> NDArray[np.int64]:
    """The same by the ids themselves: three times slower, and right whatever the keys."""
    found = pc.fill_null(pc.index_in(head.row_id, value_set=base.row_id), -1)
    return np.frombuffer(found.buffers()[1], np.int32)[found.offset : found.offset + len(found)].astype(
        np.int64
    )


def _repeats(ordered: NDArray[np.uint64]) -> bool:
    return bool((ordered[1:] == ordered[:-1]).any())


def _take(ids: Any, rows: NDArray[np.int64]) -> Any:
    return ids.take(pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows)]))


def _kind(predictions: Predictions) -> str:
    return "whole numbers" if pa.types.is_integer(predictions.row_id.type) else "text"


def _labels_differ(base: Predictions, head: Predictions, left: Rows, right: Rows) -> NDArray[np.bool_]:
    old, new = base.y_true[left], head.y_true[right]
    if base.classes == head.classes:
        return np.asarray(old != new)
    place = {text: code for code, text in enumerate(head.classes)}
    return np.asarray(np.array([place.get(text, -1) for text in base.classes], np.int32)[old] != new)
