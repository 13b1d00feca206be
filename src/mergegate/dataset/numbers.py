"""What an engine hands out, as numpy: pyarrow's own conversion imports pandas wherever it is installed."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def numbers(table: pa.Table, name: str) -> NDArray[Any]:
    """A column of numbers without missing ones, (n,)."""
    column = table[name]
    if column.num_chunks == 0:
        return np.empty(0)
    return np.from_dlpack(column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks))


def split(which: NDArray[np.integer[Any]]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Each of the numbers (n,), ascending, with its places."""
    order = np.argsort(which, kind="stable")
    found, starts = np.unique(which[order], return_index=True)
    yield from zip(found.tolist(), np.split(order, starts[1:]), strict=True)
