"""The rows that base and head both judged, found by row_id."""

from functools import partial
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate import threads
from mergegate.arrays import filled
from mergegate.compare.sample import EVERY, Rows
from mergegate.records.predictions import Predictions
from mergegate.stats.order import MOST_ROWS, ROW_BITS, differ, rows_of, same_keys

_NONE = np.empty(0, np.int64)
_BLOCK = 1 << 18
"""Rows whose ids are compared at a time: bounds the working memory."""
_BITS = np.uint64(ROW_BITS)

Words = NDArray[np.uint64]
Places = NDArray[np.int64]


class Pairing(msgspec.Struct, frozen=True, eq=False):
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

    Linear: ids in the same order are compared as they stand, others by the sorted indexes, verified exactly.
    """
    if base.row_id.type != head.row_id.type:
        kinds = f"{_kind(base)} in base and {_kind(head)} in head"
        return _pairing(base, head, _NONE, _NONE, problem=f"row_id holds {kinds}: no row can be shared")
    if base.row_id is head.row_id or base.row_id.equals(head.row_id):
        return _pairing(base, head, EVERY, EVERY)
    place = _places(base.row_index, head.row_index)
    _verify(place, base.row_id, head.row_id)
    _settle_collisions(place, base, head)
    if place.min() >= 0:
        return _pairing(base, head, place, EVERY)
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


def _places(base: Words, head: Words) -> Places:
    """Each head row's (n,) likely place in base by the indexes (n,), (m,); -1 where it has none."""
    if same_keys(base, head):
        place = np.empty(len(head), np.int64)
        starts = range(0, len(head), _BLOCK)
        threads.each(partial(_place_block, place, base, head), starts, rows=len(head))
        return place
    keys, wanted = base >> _BITS, head >> _BITS
    found = np.searchsorted(keys, wanted)
    np.minimum(found, len(keys) - 1, out=found)
    match = keys.take(found) == wanted
    place = np.full(len(head), -1, np.int64)
    place[rows_of(head[match])] = rows_of(base.take(found[match]))
    return place


def _place_block(place: Places, base: Words, head: Words, start: int) -> None:
    """Fill in, in `place` (n,), the places of some rows by two indexes of the same keys."""
    block = slice(start, start + _BLOCK)
    place[rows_of(head[block].copy())] = rows_of(base[block].copy())


def _verify(place: Places, base: Any, head: Any) -> None:
    """Take back, in `place` (n,), the rows whose ids are not the same."""
    starts = range(0, len(place), _BLOCK)
    threads.each(partial(_verify_block, place, base, head), starts, rows=len(place))


def _verify_block(place: Places, base: Any, head: Any, start: int) -> None:
    block = place[start : start + _BLOCK]
    rows = np.flatnonzero(block >= 0)
    ids = head.slice(start, len(block))
    found, wanted = _take(base, block[rows]), ids if len(rows) == len(block) else _take(ids, rows)
    if not found.equals(wanted):
        block[rows[filled(pc.cast(pc.equal(found, wanted), pa.int8()), 0) == 0]] = -1


def _settle_collisions(place: Places, base: Predictions, head: Predictions) -> None:
    """Place by the ids themselves the rows whose keys stand for more than one id."""
    left, right = base.row_index, head.row_index
    again = np.unique(np.concatenate([_repeated(left), _repeated(right)]))
    if not len(again):
        return
    olds, news = _rows_with(left, again), _rows_with(right, again)
    found = pc.index_in(_take(head.row_id, news), value_set=_take(base.row_id, olds))
    spots = filled(found, -1).astype(np.int64)
    place[news] = np.where(spots >= 0, np.append(olds, -1)[spots], -1)


def _repeated(index: Words) -> Words:
    """Keys, as leading bits of words, that more than one row of an index (n,) has."""
    return index[1:][~differ(index[1:], index[:-1])] >> _BITS


def _rows_with(index: Words, keys: Words) -> Places:
    """The rows of an index (n,) that have one of some keys, sorted and each once."""
    low = keys << _BITS
    starts = np.searchsorted(index, low)
    counts = np.searchsorted(index, low | np.uint64(MOST_ROWS - 1), side="right") - starts
    skipped = np.repeat(starts - (np.cumsum(counts) - counts), counts)
    return rows_of(index.take(skipped + np.arange(len(skipped))))


def _take(ids: Any, rows: Places) -> Any:
    return ids.take(
        pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])
    )


def _kind(predictions: Predictions) -> str:
    return "whole numbers" if pa.types.is_integer(predictions.row_id.type) else "text"


def _labels_differ(base: Predictions, head: Predictions, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Which of the shared rows (m,), as `left` and `right` pick them, have another label."""
    rows = len(base.y_true if isinstance(left, slice) else left)
    differ, table = np.empty(rows, np.bool_), None
    if base.classes != head.classes:
        place = {text: code for code, text in enumerate(head.classes)}
        table = np.array([place.get(text, -1) for text in base.classes], np.int32)

    def compare_block(start: int) -> None:
        block = slice(start, start + _BLOCK)
        old, new = _pick(base.y_true, left, block), _pick(head.y_true, right, block)
        np.not_equal(old if table is None else table[old], new, out=differ[block])

    threads.each(compare_block, range(0, rows, _BLOCK), rows=rows)
    return differ


def _pick(values: NDArray[Any], rows: Rows, block: slice) -> NDArray[Any]:
    """What some of the rows that `rows` picks have."""
    return values[block] if isinstance(rows, slice) else values.take(rows[block])
