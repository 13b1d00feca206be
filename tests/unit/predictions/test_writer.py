"""Writing predictions from any pipeline."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import predictions
from mergegate.errors import ContractError

ROWS: dict[str, Any] = {
    "row_id": ["a", "b", "c"],
    "y_true": ["late", "ontime", "late"],
    "y_pred": ["late", "late", "ontime"],
}
PROBABILITIES = {"late": [0.9, 0.6, 0.2], "ontime": [0.1, 0.4, 0.8]}
COLUMNS = {"origin": ["JFK", None, "LGA"], "hour": [5, 6, 7], "weekend": [True, False, True]}
EXPECTED = {
    **ROWS,
    "proba_late": [0.9, 0.6, 0.2],
    "proba_ontime": [0.1, 0.4, 0.8],
    **COLUMNS,
}

CONVERSIONS: dict[str, Any] = {
    "lists": list,
    "numpy objects": lambda values: np.array(values, dtype=object),
    "pandas": pd.Series,
    "pandas objects": lambda values: pd.Series(values, dtype=object),
    "arrow": pa.array,
}


@pytest.mark.parametrize("convert", CONVERSIONS.values(), ids=CONVERSIONS)
def test_lists_numpy_pandas_and_arrow_give_the_same_file(tmp_path: Path, convert: Any) -> None:
    path = tmp_path / "reports" / "predictions.parquet"
    predictions.write(
        path,
        **{name: convert(values) for name, values in ROWS.items()},
        probabilities={label: convert(values) for label, values in PROBABILITIES.items()},
        columns={name: convert(values) for name, values in COLUMNS.items()},
    )
    table = pq.read_table(path)
    assert table.to_pydict() == EXPECTED
    assert table.schema.metadata is None
    assert [str(field.type) for field in table.schema] == [
        "string", "string", "string", "double", "double", "string", "int64", "bool"
    ]  # fmt: skip


def test_numpy_arrays_of_numbers_booleans_and_text_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    predictions.write(
        path,
        row_id=np.arange(3),
        y_true=np.array([True, False, True]),
        y_pred=np.array([True, True, True]),
        probabilities={
            np.bool_(True): np.array([1, 0.5, 0], np.float32),
            np.bool_(False): np.array([0, 0.5, 1], np.float32),
        },
        columns={"origin": np.array(["JFK", "LGA", "JFK"]), "day": np.array(["2013-04-01"] * 3, "M8[D]")},
    )
    read = predictions.read(path, task="binary", name="p.parquet")
    assert read.classes == ("False", "True")
    assert read.columns["origin"].to_pylist() == ["JFK", "LGA", "JFK"]
    assert str(read.columns["day"].to_pylist()[0]) == "2013-04-01"


def test_the_same_values_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        predictions.write(tmp_path / name, **ROWS, probabilities=PROBABILITIES, columns=COLUMNS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_pandas_is_not_imported(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
import numpy as np
from mergegate import predictions
path = Path({str(tmp_path / "p.parquet")!r})
predictions.write(path, row_id=["a", "b"], y_true=np.array([0, 1]), y_pred=[0, 1],
                  probabilities={{0: [0.5, 0.5], 1: np.array([0.5, 0.5])}}, columns={{"x": ["u", "v"]}})
predictions.read(path, task="binary", name="p").columns["x"]
print("pandas" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"row_id": ["a", "a", "c"]}, "has 1 row_id that stands in more than one row, first “a”"),
    ({"y_pred": ["late", None, "late"]}, "has 1 empty y_pred"),
    ({"y_pred": [1, 0, 1]}, "holds text in y_true and whole numbers in y_pred"),
    ({"y_pred": ["late"]}, "is given columns of different lengths: “row_id” 3, “y_true” 3, “y_pred” 1"),
    ({"y_pred": ["late", 1, "late"]}, "is given “y_pred” that mixes int and str"),
    ({"y_true": [[1, 2], [3, 4], [5, 6]]}, "is given “y_true” of shape (3, 2)"),
    ({"columns": {"y_true": [1, 2, 3]}}, "is given “y_true” as a further column"),
    ({"columns": {"proba_x": [1, 2, 3]}}, "is given “proba_x” as a further column"),
    (
        {"probabilities": {"late": [0.9, 0.6, 0.2]}},
        "has no probability column for the class “ontime”",
    ),
    (
        {"y_true": [1.0, 2.0, float("nan")], "y_pred": [1.0, 2.0, 3.0]},
        "has 1 “y_true” that are NaN or infinite, the first in row 3",
    ),
    ({"row_id": [], "y_true": [], "y_pred": []}, "has no rows"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED, ids=[case[1][:40] for case in REFUSED])
def test_what_the_reader_would_refuse_is_not_written(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(b"what stood there before")
    with pytest.raises(ContractError) as caught:
        predictions.write(path, **{**ROWS, **changes})
    assert caught.value.reason == reason
    assert caught.value.hint
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [
        ("p.parquet", b"what stood there before")
    ]
