"""Columns as they are held: ids in one buffer, slices in a byte a row."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate.predictions.columns import LazyColumns, narrow
from mergegate.predictions.contract import ROW_ID, BreachError, Limits
from mergegate.predictions.ids import read_ids, to_ids

TEXTS = [
    "",
    "a",
    "é",
    "flight-1",
    "x" * 300,
    *(f"row {number}" * (number % 9) for number in range(1, 20_000)),
]
LAYOUTS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


def written(folder: Path, column: Any) -> pq.ParquetFile:
    pq.write_table(pa.table({ROW_ID: column}), folder / "ids.parquet", row_group_size=7_000)
    return pq.ParquetFile(folder / "ids.parquet")


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_text_ids_of_any_layout_become_one_buffer(layout: Any, tmp_path: Path) -> None:
    texts = pa.array(TEXTS)
    column = texts.dictionary_encode() if pa.types.is_dictionary(layout) else texts.cast(layout)
    with written(tmp_path, column) as file:
        ids = read_ids(file, file.schema_arrow.field(ROW_ID).type, rows=len(TEXTS), limits=Limits())
    assert ids.type == pa.large_string()
    assert ids.to_pylist() == TEXTS
    assert ids.equals(to_ids(pa.chunked_array([column]), Limits()))


def test_ids_that_grow_are_read_whole(tmp_path: Path) -> None:
    texts = [f"{number}" for number in range(5_000)] + [f"{number}" * 40 for number in range(5_000)]
    with written(tmp_path, texts) as file:
        ids = read_ids(file, pa.string(), rows=len(texts), limits=Limits())
    assert ids.to_pylist() == texts


@pytest.mark.parametrize(
    ("limits", "rows", "said"),
    [
        (Limits(row_id=299), len(TEXTS), "has a row_id of 300 bytes, more than 299"),
        (Limits(row_ids=5_000), len(TEXTS), "has row_ids of more than 5,000 bytes in all"),
        (Limits(), 10_000, "holds more row_id than the 10,000 rows its footer states"),
    ],
)
def test_ids_beyond_what_is_allowed_or_stated_are_refused(
    limits: Limits, rows: int, said: str, tmp_path: Path
) -> None:
    with written(tmp_path, TEXTS) as file, pytest.raises(BreachError) as caught:
        read_ids(file, pa.string(), rows=rows, limits=limits)
    assert caught.value.message == said


@pytest.mark.parametrize(
    ("values", "kind"), [(3, pa.int8()), (128, pa.int8()), (129, pa.int16()), (40_000, pa.int32())]
)
def test_a_column_has_as_many_bytes_a_row_as_its_values_need(values: int, kind: Any) -> None:
    texts = pa.array([f"v{number}" for number in range(values)])
    codes = [np.arange(values, dtype=np.int32), np.zeros(5, np.int32)]
    column = pa.chunked_array([pa.DictionaryArray.from_arrays(pa.array(own), texts) for own in codes])
    found = narrow(column)
    assert found.type == pa.dictionary(kind, pa.string())
    assert found.to_pylist() == column.to_pylist()


def test_chunks_with_dictionaries_of_their_own_and_empty_values_stay_what_they_say() -> None:
    chunks = [pa.array(["a", None, "b"]).dictionary_encode(), pa.array(["c", "a"]).dictionary_encode()]
    assert narrow(pa.chunked_array(chunks)).to_pylist() == ["a", None, "b", "c", "a"]
    plain = pa.chunked_array([[1, 2]])
    assert narrow(plain) is plain


def test_a_column_is_known_by_name_without_being_read() -> None:
    read: list[str] = []

    def load(name: str) -> str:
        read.append(name)
        return f"values of {name}"

    columns = LazyColumns(("origin",), load)
    assert "origin" in columns
    assert "carrier" not in columns
    assert columns.get("carrier") is None
    assert read == []
    assert [columns["origin"], columns["origin"]] == ["values of origin"] * 2
    assert read == ["origin"]
