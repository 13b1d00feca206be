"""Arrow tables as the arrays that a bundle takes, without pandas, which pyarrow's own conversions import."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.arrays import one_chunk, to_arrow, to_numpy


def as_arrays(table: Any) -> dict[str, NDArray[Any]]:
    """The columns of a table by name: numbers, NaN where one is missing; text, None where it is missing."""
    return {name: as_array(table[name]) for name in table.column_names}


def as_array(column: Any) -> NDArray[Any]:
    """One column (n,) as pyarrow's `to_numpy` gives it; missing values of dictionaries stay missing."""
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        if not array.null_count:
            return to_numpy(array)
        wide = array if kind in (pa.float32(), pa.float64()) else array.cast(pa.float64(), safe=False)
        missing = to_arrow(np.array([np.nan], np.float32 if wide.type == pa.float32() else np.float64))[0]
        filled = to_numpy(pc.fill_null(wide, missing))
        return filled.astype(np.float16) if kind == pa.float16() else filled
    if pa.types.is_boolean(kind) and not array.null_count:
        return mask(array)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind):
        values = np.empty(len(array), dtype=object)
        values[:] = array.to_pylist()
        return values
    return np.asarray(
        column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    )


def mask(array: Any) -> NDArray[np.bool_]:
    """An Arrow array of booleans (n,) without nulls as numpy."""
    found: NDArray[np.bool_] = to_numpy(array.cast(pa.uint8())).view(np.bool_)
    return found
