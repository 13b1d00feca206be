"""Files as a source: Parquet and CSV, by path and glob."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.ingest import Ingest
from pipeline.sources import FilesSource
from pipeline.stage import StageError, parse


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_glob_reads_every_file_once_in_the_order_of_their_names() -> None:
    for name, value in (("b", 2), ("a", 1), ("c", 3)):
        pq.write_table(pa.table({"x": [value]}), f"{name}.parquet")

    extract = FilesSource(path=("[a-b].parquet", "*.parquet")).read()

    assert extract.table.to_pydict() == {"x": [1, 2, 3]}
    assert [part.origin for part in extract.parts] == ["a.parquet", "b.parquet", "c.parquet"]


def test_a_part_tells_rows_bytes_and_md5() -> None:
    Path("a.csv").write_bytes(b"x\n1\n")

    (part,) = FilesSource(path="a.csv").read().parts

    assert (part.rows, part.bytes, part.md5) == (1, 4, "dc3ba59be5d893be2c69ea202014fe78")


def test_an_absolute_path_is_read_too(folder: Path) -> None:
    (folder / "a.csv").write_text("x\n1\n")

    assert FilesSource(path=str(folder / "a.csv")).read().table.to_pydict() == {"x": [1]}


def test_csv_text_dates_and_gaps_get_their_types() -> None:
    Path("a.csv").write_text("word,day,n\nyes,2013-01-02,\n,2013-01-03,NA\n")

    table = FilesSource(path="a.csv", types={"n": "int32"}).read().table

    assert table.to_pylist() == [
        {"word": "yes", "day": date(2013, 1, 2), "n": None},
        {"word": None, "day": date(2013, 1, 3), "n": None},
    ]
    assert table.schema.field("n").type == pa.int32()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.parquet", b"PAR1 not really", "a.parquet can't be read as Parquet: "),
        ("a.csv", b"x,y\n1\n", "a.csv can't be read as CSV: "),
        ("a.txt", b"x\n1\n", "a.txt is neither .parquet nor .csv"),
    ],
)
def test_what_is_no_table_is_refused_by_name(name: str, content: bytes, message: str) -> None:
    Path(name).write_bytes(content)

    with pytest.raises(StageError) as caught:
        FilesSource(path="a.*").read()

    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_files_of_different_types_are_refused() -> None:
    pq.write_table(pa.table({"x": [1]}), "a.parquet")
    pq.write_table(pa.table({"x": ["1"]}), "b.parquet")

    with pytest.raises(StageError, match=r"^a\.parquet, b\.parquet: the columns have not the same types: "):
        FilesSource(path="*.parquet").read()


def test_a_glob_that_names_no_file_is_refused() -> None:
    with pytest.raises(StageError) as caught:
        FilesSource(path="data/raw/*.parquet").read()

    assert caught.value.message == "source data/raw/*.parquet names no file"
    assert caught.value.hint == "run `dvc pull`, or mend the path in params.yaml"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"kind": "table", "path": "a.csv"}, "sources[...].kind: Invalid value 'table'"),
        ({"kind": "files"}, "sources[...]: Object missing required field `path`"),
        ({"kind": "files", "path": "a", "sep": ";"}, "sources[...]: Object contains unknown field `sep`"),
    ],
)
def test_a_source_of_unknown_kind_or_key_is_refused(source: dict[str, Any], message: str) -> None:
    with pytest.raises(StageError) as caught:
        parse({"sources": {"table": source}, "main": "table", "key": ["id"]}, Ingest, where="ingest")

    assert caught.value.message == f"params.yaml, ingest.{message}"
