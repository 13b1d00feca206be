"""Between Arrow and numpy without pandas: pyarrow's own conversions import it wherever it is installed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_NUMPY = {
    pa.int8(): np.int8,
    pa.int16(): np.int16,
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.uint8(): np.uint8,
    pa.uint16(): np.uint16,
    pa.uint32(): np.uint32,
    pa.uint64(): np.uint64,
    pa.float16(): np.float16,
    pa.float32(): np.float32,
    pa.float64(): np.float64,
}
_ARROW = {np.dtype(numpy): arrow for arrow, numpy in _NUMPY.items()}

_BLOCK = 1 << 14
"""Codes looked at together: numpy would copy narrow ones all at once."""


def to_numpy(array: Any) -> NDArray[Any]:
    """View an Arrow array of numbers (n,) without nulls as numpy, without a copy."""
    dtype = np.dtype(_NUMPY[array.type])
    start = array.offset * dtype.itemsize
    return np.frombuffer(array.buffers()[1], dtype, count=len(array), offset=start)


def to_arrow(values: NDArray[Any]) -> Any:
    """View numbers (n,) as an Arrow array; booleans are copied."""
    if values.dtype == np.bool_:
        bits = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits)])
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(_ARROW[values.dtype], len(values), [None, pa.py_buffer(values)])


def to_texts(values: Sequence[str]) -> Any:
    """Texts as an Arrow array of strings."""
    # Not pa.array, which imports pandas wherever it is installed.
    builder = pa.lib.StringBuilder()
    builder.append_values(list(values))
    return builder.finish()


def is_number(dtype: np.dtype[Any]) -> bool:
    """Whether `to_arrow` takes a numpy array of this type."""
    return dtype == np.bool_ or dtype in _ARROW


def one_chunk(column: Any) -> Any:
    """A chunked array as one array; dictionaries are unified first. An array is what it is."""
    if isinstance(column, pa.Array):
        return column
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    if column.num_chunks == 1:
        return column.chunk(0)
    if column.num_chunks == 0:
        return pa.nulls(0, column.type)
    return pa.concat_arrays(column.chunks)


def filled(array: Any, missing: int) -> NDArray[Any]:
    """An Arrow array of whole numbers (n,) as numpy, nulls replaced."""
    value = to_arrow(np.array([missing], _NUMPY[array.type]))[0]
    return to_numpy(pc.fill_null(array, value))


def occurrences(codes: NDArray[Any], size: int) -> NDArray[np.int64]:
    """How many (size,) of some codes (n,) are each number below `size`. Raises IndexError for any other."""
    counts = np.zeros(size, np.int64)
    step = max(_BLOCK, size)
    for start in range(0, len(codes), step):
        block = codes[start : start + step]
        if not 0 <= int(block.min()) <= int(block.max()) < size:
            raise IndexError(f"a code is not among {size:,} values")
        counts += np.bincount(block, minlength=size)
    return counts


def recode(codes: NDArray[Any], table: NDArray[Any], *, into: NDArray[Any] | None = None) -> NDArray[Any]:
    """What a table (k,) has for each of some codes (n,), all below k; in `into` (n,) where that is given."""
    result = np.empty(len(codes), table.dtype) if into is None else into
    for start in range(0, len(codes), _BLOCK):
        block = slice(start, start + _BLOCK)
        # Any other mode would copy what it writes.
        np.take(table, codes[block], out=result[block], mode="clip")
    return result
