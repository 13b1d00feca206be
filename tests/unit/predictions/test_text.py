"""CSV and JSON lines as the table that Parquet would have been."""

from pathlib import Path
from typing import Any

import pytest

from mergegate.errors import ContractError
from mergegate.predictions import text


def table(path: Path, content: str) -> dict[str, tuple[str, list[Any]]]:
    """Each column's type and values."""
    path.write_text(content, encoding="utf-8")
    found = text.read_table(path, name=path.name)
    return {
        name: (str(column.type), column.to_pylist())
        for name, column in zip(found.column_names, found.columns, strict=True)
    }


def test_types_are_what_the_values_say_and_dates_stay_text(tmp_path: Path) -> None:
    found = table(
        tmp_path / "f.csv",
        'row_id,y_true,y_pred,ok,day,note\n1,0,0.5,True,2013-01-01,"a, b"\n2,1,nan,False,,"x\ny"\n',
    )
    assert repr(found.pop("y_pred")) == "('double', [0.5, nan])"
    assert found == {
        "row_id": ("int64", [1, 2]),
        "y_true": ("int64", [0, 1]),
        "ok": ("bool", [True, False]),
        "day": ("string", ["2013-01-01", None]),
        "note": ("string", ["a, b", "x\ny"]),
    }
    lines = '{"row_id": "2013-01-01", "y_true": 1}\n{"row_id": "2013-01-02", "y_true": 2}\n'
    assert table(tmp_path / "f.jsonl", lines) == {
        "row_id": ("string", ["2013-01-01", "2013-01-02"]),
        "y_true": ("int64", [1, 2]),
    }


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (["0", "-7", "12"], "int64"),
        (["07", "8"], "string"),
        (["1.0", "2.0"], "string"),
        (["1e3", "2"], "string"),
        (["9" * 30, "1"], "string"),
        (["-0", "1"], "string"),
        (["a", "1"], "string"),
        (["", "1"], "string"),
    ],
)
def test_ids_are_whole_numbers_only_where_each_is_plainly_written_as_one(
    tmp_path: Path, ids: list[str], kind: str
) -> None:
    content = "row_id,y\n" + "".join(f"{each},1\n" for each in ids)
    found, values = table(tmp_path / "f.csv", content)["row_id"]
    assert found == kind
    assert [str(value or "") if value != 0 else "0" for value in values] == ids


def test_a_file_too_large_to_be_read_whole_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    with path.open("wb") as file:
        file.truncate(text.LARGEST + 1)
    with pytest.raises(ContractError) as refused:
        text.read_table(path, name="f.csv")
    assert refused.value.message == (
        "f.csv: has 2,000,000,001 bytes, and 2,000,000,000 of .csv are read at most"
    )
    assert refused.value.hint == "write it as Parquet: `to_parquet` of pandas or polars"


def test_a_name_says_what_a_file_holds() -> None:
    names = {
        name: text.is_named_as_text(Path(name)) for name in ("a.CSV", "a.tsv", "a.ndjson", "a.parquet", "csv")
    }
    assert names == {"a.CSV": True, "a.tsv": True, "a.ndjson": True, "a.parquet": False, "csv": False}
