"""Arrow columns become the arrays that pyarrow itself would make, and pandas stays out of it."""

import datetime
import decimal
import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mergegate.bundle.tables import as_array, as_arrays, mask

COLUMNS: list[tuple[Any, list[Any]]] = [
    (pa.int8(), [1, -2, 3]),
    (pa.int64(), [2**60, None, 3]),
    (pa.uint64(), [2**63, 1]),
    (pa.uint8(), []),
    (pa.float16(), [np.float16(0.5), None]),
    (pa.float32(), [0.5, float("nan"), None, float("inf")]),
    (pa.float64(), [0.1, 0.2]),
    (pa.bool_(), [True, False, True] * 5),
    (pa.bool_(), [True, None]),
    (pa.string(), ["a", None, "ü", ""]),
    (pa.large_string(), ["a" * 100, "b"]),
    (pa.dictionary(pa.int32(), pa.string()), ["a", "b", None, "a"]),
    (pa.dictionary(pa.int8(), pa.int64()), [5, 6, 5]),
    (pa.decimal128(5, 2), [decimal.Decimal("1.25"), None]),
    (pa.date32(), [datetime.date(2013, 1, 1), None]),
    (pa.null(), [None, None]),
]


@pytest.mark.parametrize(("kind", "values"), COLUMNS)
@pytest.mark.parametrize("chunks", [1, 2])
def test_a_column_is_what_pyarrow_makes_of_it(kind: Any, values: list[Any], chunks: int) -> None:
    part = pa.array([None, *values] if None in values else values, kind).slice(1 if None in values else 0)
    column = pa.chunked_array([part] * chunks, kind)
    plain = column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
    expected, found = plain.to_numpy(), as_array(column)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    if chunks == 1:
        np.testing.assert_array_equal(as_array(part), expected)


def test_a_table_is_taken_column_by_column() -> None:
    found = as_arrays(pa.table({"a": [1.5, None], "b": ["x", None]}))
    assert list(found) == ["a", "b"]
    np.testing.assert_array_equal(found["a"], [1.5, np.nan])
    assert found["b"].tolist() == ["x", None]
    assert mask(pa.array([True, False])).tolist() == [True, False]


def test_pandas_is_not_imported() -> None:
    code = """\
import sys
import pyarrow as pa
from mergegate.arrays import to_arrow, to_texts
from mergegate.bundle import tables
import numpy as np
truth = np.array([True, False, True])
holes = pa.Array.from_buffers(pa.int64(), 3, [pa.py_buffer(b"\\x05"), to_arrow(np.arange(3)).buffers()[1]])
columns = {"a": holes, "b": to_texts(["x", "y", "z"]), "c": to_arrow(truth)}
table = pa.Table.from_arrays(list(columns.values()), names=list(columns))
found = {name: values.tolist() for name, values in tables.as_arrays(table).items()}
assert str(found) == "{'a': [0.0, nan, 2.0], 'b': ['x', 'y', 'z'], 'c': [True, False, True]}", found
print("pandas" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
