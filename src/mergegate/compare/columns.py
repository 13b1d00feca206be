"""Further columns of a predictions file as the policy names them: weights, clusters, slices, losses."""

import math
from collections.abc import Collection
from itertools import compress
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.amounts import amount
from mergegate.arrays import filled, occurrences, one_chunk, recode, to_numpy
from mergegate.stats import UndefinedError

MOST_LEVELS = 200
"""Values of a slice column; one with more would make a family that no claim survives."""
MISSING, EMPTY = "(missing)", "(empty)"
"""What an absent and an empty value are called; a text of its own that reads so joins them."""
_LONGEST_LEVEL = 100


class Levels(msgspec.Struct, frozen=True, eq=False):
    """A column's values: `codes` (n,) uint8 into `texts`, which are sorted as people would."""

    codes: NDArray[np.uint8]
    texts: tuple[str, ...]

    def pick(self, rows: NDArray[Any] | slice) -> "Levels":
        """The levels that some of the rows have."""
        if isinstance(rows, slice):
            return Levels(self.codes[rows], self.texts)
        codes = self.codes.take(rows)
        occurs = occurrences(codes, len(self.texts)) > 0
        table = (np.cumsum(occurs) - 1).astype(np.uint8)
        return Levels(recode(codes, table), tuple(compress(self.texts, occurs)))


def numbers(column: Any, name: str) -> NDArray[np.float64]:
    """A column (n,) as finite numbers. Raises UndefinedError where it holds anything else."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        raise UndefinedError(f"the column {name} holds {kind}, not numbers")
    if column.null_count:
        raise UndefinedError(f"the column {name} is empty in {amount(column.null_count, 'row')}")
    values = to_numpy(one_chunk(pc.cast(column, pa.float64(), safe=False)))
    wrong = int(np.count_nonzero(~np.isfinite(values)))
    if wrong:
        raise UndefinedError(f"the column {name} is NaN or infinite in {amount(wrong, 'row')}")
    return np.asarray(values, np.float64)


def groups(column: Any, name: str) -> NDArray[np.int64]:
    """A column's values as codes (n,) from 0: which rows depend on each other.

    Raises UndefinedError for empty values, NaN among them: rows of no cluster can't be told apart from rows
    of one.
    """
    encoded = _encode(column, name)
    empty = encoded.indices.null_count
    if pa.types.is_floating(encoded.dictionary.type):
        unknown = np.flatnonzero(np.isnan(to_numpy(encoded.dictionary)))
        if len(unknown):
            codes = filled(pc.cast(encoded.indices, pa.int64()), -1)
            empty += int(np.count_nonzero(np.isin(codes, unknown)))
    if empty:
        raise UndefinedError(f"the column {name} is empty in {amount(empty, 'row')}")
    return to_numpy(encoded.indices).astype(np.int64)


def values(column: Any, name: str) -> Any:
    """What the codes of `groups` stand for, an Arrow array."""
    return _encode(column, name).dictionary


def levels(column: Any, name: str) -> Levels:
    """A column's values as slices; empty ones are a slice of their own.

    Raises UndefinedError for nested columns and for too many values.
    """
    encoded = _encode(column, name)
    size = len(encoded.dictionary)
    some = encoded.indices.null_count
    codes = filled(pc.cast(encoded.indices, pa.int32()), size) if some else to_numpy(encoded.indices)
    occurs = np.flatnonzero(occurrences(codes, size + 1))
    _check_number(len(occurs), name)
    texts = [
        MISSING if code == size else _text(_plain(encoded.dictionary[int(code)], name)) for code in occurs
    ]
    sorted_texts = ordered(texts, name)
    place = {text: number for number, text in enumerate(sorted_texts)}
    table = np.zeros(size + 1, np.uint8)
    table[occurs] = [place[text] for text in texts]
    return Levels(recode(codes, table), sorted_texts)


def ordered(texts: Collection[str], name: str) -> tuple[str, ...]:
    """The values of a slice column, each once, as people sort them. Raises UndefinedError for too many."""
    _check_number(len(texts), name)
    return tuple(sorted(set(texts), key=_order))


def _check_number(levels: int, name: str) -> None:
    if levels > MOST_LEVELS:
        message = f"the column {name} has {levels:,} values, more than {MOST_LEVELS}"
        raise UndefinedError(f"{message}: name one with fewer, such as bins")


def _encode(column: Any, name: str) -> Any:
    """The column as one dictionary array."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = pc.cast(array, array.type.value_type) if array.dictionary.null_count else array
    if pa.types.is_nested(array.type):
        raise UndefinedError(f"the column {name} holds {array.type}, not one value a row")
    return array if pa.types.is_dictionary(array.type) else pc.dictionary_encode(array)


def _plain(cell: Any, name: str) -> object:
    """An Arrow scalar's value. Raises UndefinedError for what Python can't hold, such as a far day."""
    try:
        return cell.as_py()
    except (pa.ArrowException, ValueError, OverflowError, KeyError) as error:
        why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UndefinedError(f"the column {name} holds a value that can't be read: {why}") from error


def _text(value: object) -> str:
    if value is None:
        return MISSING
    if isinstance(value, float):
        value += 0.0  # no −0
    text = (value.decode(errors="replace") if isinstance(value, bytes) else str(value)) or EMPTY
    return text if len(text) <= _LONGEST_LEVEL else text[: _LONGEST_LEVEL - 1] + "…"


def _order(text: str) -> tuple[bool, float, str]:
    """Numbers by value, then texts by letters."""
    try:
        number = float(text)
    except ValueError:
        return True, 0.0, text
    # "nan" stands before nothing and behind nothing.
    return (False, number, text) if math.isfinite(number) else (True, 0.0, text)
