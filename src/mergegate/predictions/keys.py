"""An index of row ids by hash: ten million texts are compared as numbers, then verified exactly."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.arrays import to_arrow, to_numpy
from mergegate.predictions.contract import ROW_ID, BreachError, listing
from mergegate.stats.order import ROW_BITS, differ, rows_of

_BLOCK = 1 << 13
"""Ids hashed at a time: small enough that malloc keeps the working memory instead of giving it back."""
_WORD = 8
_FIRST = np.array([(1 << 8 * kept) - 1 for kept in range(_WORD + 1)], np.uint64)
"""What keeps so many (0 to 8) of a word's bytes."""
_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio, made odd: Knuth's multiplicative constant."""
_SHIFT = np.uint64(29)
_HALF = np.uint64(32)
_LISTED = 3


def index_rows(ids: Any) -> NDArray[np.uint64]:
    """The index (n,) of int64 or large_string ids: sorted words, each an id's key above its row's number.

    The key's leading bits only (stats.order): equal ids agree in them, and unequal ids hardly ever do.
    """
    words = row_keys(ids)
    words &= np.uint64(-1 << ROW_BITS & (1 << 64) - 1)
    for start in range(0, len(words), _BLOCK):
        block = words[start : start + _BLOCK]
        block |= np.arange(start, start + len(block), dtype=np.uint64)
    words.sort()
    return words


def row_keys(ids: Any) -> NDArray[np.uint64]:
    """Keys (n,) of int64 or large_string ids: equal ids have equal keys on every machine."""
    keys = np.empty(len(ids), np.uint64)
    if pa.types.is_integer(ids.type):
        numbers = to_numpy(ids).view(np.uint64)
        for start in range(0, len(ids), _BLOCK):
            keys[start : start + _BLOCK] = _mix(numbers[start : start + _BLOCK].copy())
        return keys
    offsets = np.frombuffer(ids.buffers()[1], np.int64)[ids.offset : ids.offset + len(ids) + 1]
    # Arrow leaves out the buffer when every text is empty.
    text = np.frombuffer(ids.buffers()[2] or b"", np.uint8)
    for start in range(0, len(ids), _BLOCK):
        block = offsets[start : start + _BLOCK + 1]
        keys[start : start + _BLOCK] = _mix(_hash(text[block[0] : block[-1]], block - block[0]))
    return keys


def _hash(text: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash texts, given end to end as UTF-8 with offsets (m + 1,), word by word of eight bytes."""
    lengths = np.diff(offsets)
    keys = (lengths.astype(np.uint64) + np.uint64(1)) * _ODD
    padded = np.concatenate([text, np.zeros(_WORD, np.uint8)])
    words = np.ndarray((len(text) + 1,), "<u8", padded, strides=(1,))
    shortest, longest = int(lengths.min()), int(lengths.max())
    for done in range(0, longest, _WORD):
        alive = slice(None) if done < shortest else np.flatnonzero(lengths > done)
        mixed = words[offsets[:-1][alive] + done]
        if done + _WORD > shortest:
            mixed &= _FIRST[np.minimum(lengths[alive] - done, _WORD)]
        mixed ^= keys[alive]
        mixed *= _ODD
        mixed ^= mixed >> _SHIFT
        keys[alive] = mixed
    return keys


def _mix(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Let every bit of the keys (m,) move the leading ones; different keys stay different."""
    for _ in range(2):
        keys ^= keys >> _HALF
        keys *= _ODD
    return keys


def check_unique(ids: Any, index: NDArray[np.uint64]) -> None:
    """Raise BreachError when an id stands in more than one row: how many do, and the first three."""
    same = np.flatnonzero(~differ(index[1:], index[:-1]))
    if not len(same):
        return
    # Unequal ids may agree in their keys' leading bits: only the ids decide, and only of these rows.
    rows = np.unique(rows_of(index.take(np.append(same, same + 1))))
    encoded = pc.dictionary_encode(ids.take(to_arrow(rows)))
    counts = np.bincount(to_numpy(encoded.indices), minlength=len(encoded.dictionary))
    twice = np.flatnonzero(counts > 1)
    if not len(twice):
        return
    first = [_plain(encoded.dictionary[int(i)]) for i in twice[:_LISTED]]
    stands = f"{ROW_ID} that stands" if len(twice) == 1 else f"{ROW_ID} that stand"
    hint = "row_id must name one evaluated example: build it from every column of the example's key"
    raise BreachError(f"has {len(twice):,} {stands} in more than one row, first {listing(first)}", hint)


def _plain(scalar: Any) -> object:
    """An id for a message; text that is no UTF-8 is shown with replacement signs."""
    if pa.types.is_integer(scalar.type):
        return scalar.as_py()
    return bytes(scalar.as_buffer()).decode(errors="replace")
