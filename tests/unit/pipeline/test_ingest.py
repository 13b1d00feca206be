"""Stage ingest."""

import json
import logging
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest import Ingest, Join, add_columns, add_row_id, ingest
from pipeline.sources import FilesSource
from pipeline.stage import StageError, load_params
from pipeline.tables import md5
from support import flights

LOG = logging.getLogger("test")
OUT = Path("data/interim/rows")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flights.write_raw(tmp_path)
    monkeypatch.chdir(tmp_path)


def params(**changes: Any) -> Ingest:
    return msgspec.structs.replace(load_params("ingest", Ingest), **changes)


def rewrite(rows: list[dict[str, Any]]) -> None:
    flights.write(rows, flights.FLIGHTS, Path("data/raw/flights/2013-01.parquet"))


def test_a_flight_gets_its_weather_its_plane_its_day_and_its_key() -> None:
    summary = ingest(params(), LOG)

    rows = {row["row_id"]: row for row in pq.read_table(OUT / "2013-01.parquet").to_pylist()}
    assert summary == "180 rows, 32 columns, 3 files in data/interim/rows"
    assert rows["2013-1-1-B6-101-JFK-700"] == {
        **flights.flight(date(2013, 1, 1), 1),
        "row_id": "2013-1-1-B6-101-JFK-700",
        "temp": 40.0,
        "dewp": 30.0,
        "humid": 60.0,
        "wind_speed": 10.0,
        "wind_gust": None,
        "precip": 0.0,
        "pressure": 1015.0,
        "visib": 10.0,
        "built": 2004,
        "seats": 180,
        "date": date(2013, 1, 1),
        "weekday": 2,
    }


def test_a_flight_without_plane_or_weather_keeps_its_row() -> None:
    day = date(2013, 1, 1)
    nowhere = flights.flight(day, 3, origin="TEB")
    rewrite([flights.flight(day, 1, tailnum=None), flights.flight(day, 2, tailnum="N999ZZ"), nowhere])

    ingest(params(), LOG)

    rows = pq.read_table(OUT / "2013-01.parquet", columns=["flight", "built", "seats", "temp"]).to_pylist()
    assert rows == [
        {"flight": 103, "built": 2004, "seats": 180, "temp": None},
        {"flight": 101, "built": None, "seats": None, "temp": 40.0},
        {"flight": 102, "built": None, "seats": None, "temp": 40.0},
    ]


def test_a_new_month_adds_only_its_own_file() -> None:
    ingest(params(), LOG)
    before = {path.name: md5(path) for path in OUT.iterdir()}
    flights.write(flights.month("2013-04"), flights.FLIGHTS, Path("data/raw/flights/2013-04.parquet"))

    ingest(params(), LOG)

    after = {path.name: md5(path) for path in OUT.iterdir()}
    assert after.keys() - before.keys() == {"2013-04.parquet"}
    assert before == {name: after[name] for name in before}


def test_the_order_of_the_rows_in_the_source_changes_no_byte() -> None:
    ingest(params(), LOG)
    before = md5(OUT / "2013-01.parquet")
    rewrite(flights.month("2013-01")[::-1])

    ingest(params(), LOG)

    assert md5(OUT / "2013-01.parquet") == before


def test_what_came_from_where_is_written_down() -> None:
    ingest(params(), LOG)

    planes = Path("data/raw/planes.parquet")
    part = {
        "origin": "data/raw/planes.parquet",
        "rows": 2,
        "bytes": planes.stat().st_size,
        "md5": md5(planes),
    }
    written = json.loads(Path("data/interim/sources.json").read_bytes())
    assert written["schema"] == 1
    assert list(written["sources"]) == ["flights", "weather", "planes"]
    assert written["sources"]["planes"] == {
        "kind": "files",
        "origins": ["data/raw/planes.parquet"],
        "rows": 2,
        "bytes": part["bytes"],
        "parts": [part],
    }
    assert written["sources"]["flights"]["rows"] == 180
    assert [part["rows"] for part in written["sources"]["flights"]["parts"]] == [60, 60, 60]


def test_duplicate_keys_are_refused_by_name_and_nothing_is_written() -> None:
    rows = flights.month("2013-01")
    rewrite([*rows, rows[0], rows[0], rows[5]])

    with pytest.raises(StageError) as caught:
        ingest(params(), LOG)

    assert caught.value.message == (
        "2 duplicate keys (row_id) in the main source, "
        "first: 2013-1-1-AA-106-EWR-1200 (2 times); 2013-1-1-B6-101-JFK-700 (3 times)"
    )
    assert "remove the rows that stand twice" in caught.value.hint
    assert not OUT.exists()


def test_a_joined_source_with_duplicate_keys_is_refused() -> None:
    planes = [
        {"tailnum": "N101AA", "year": 1999, "seats": 150},
        {"tailnum": "N101AA", "year": 2001, "seats": 150},
    ]
    flights.write(planes, flights.PLANES, Path("data/raw/planes.parquet"))

    with pytest.raises(
        StageError, match=r"^1 duplicate key \(tailnum\) in planes, first: N101AA \(2 times\)$"
    ):
        ingest(params(), LOG)


def test_a_row_without_its_key_is_refused() -> None:
    rewrite([*flights.month("2013-01"), flights.flight(date(2013, 1, 9), 1, origin=None)])

    with pytest.raises(StageError, match=r"^key column origin is missing in 1 row$"):
        ingest(params(), LOG)


def test_a_day_that_no_calendar_has_is_refused() -> None:
    rewrite([flights.flight(date(2013, 1, 1), 1, month=2, day=30)])

    with pytest.raises(StageError, match=r"^not a day: .*2013-02-30"):
        ingest(params(), LOG)


def test_a_join_that_would_bring_a_second_column_of_a_name_is_refused() -> None:
    table = pa.table({"tailnum": ["N1"], "year": [2013]})
    planes = pa.table({"tailnum": ["N1"], "year": [1999]})

    with pytest.raises(StageError, match=r"^the join with planes would bring a second column year$"):
        add_columns(table, planes, Join(source="planes", on=("tailnum",), columns=("year",)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"main": "boats"}, "params.yaml, ingest: no source is called boats"),
        ({"key": ("carrier", "gate")}, "params.yaml, ingest.key: there is no column gate"),
        ({"key": ()}, "params.yaml, ingest.key is empty"),
        ({"partition_by": "when"}, "params.yaml, ingest.partition_by: there is no column when"),
    ],
)
def test_params_that_name_what_is_not_there_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(StageError) as caught:
        ingest(params(**changes), LOG)

    assert caught.value.message == message
    assert caught.value.hint


def test_a_table_without_a_calendar_becomes_one_file() -> None:
    Path("t.csv").write_text("id,x\nb,1.5\na,\n")
    sources = {"table": FilesSource(path="t.csv")}

    summary = ingest(Ingest(sources=sources, main="table", key=("id",)), LOG)

    assert summary == "2 rows, 3 columns, 1 file in data/interim/rows"
    assert pq.read_table(OUT / "all.parquet").to_pylist() == [
        {"id": "a", "x": None, "row_id": "a"},
        {"id": "b", "x": 1.5, "row_id": "b"},
    ]


@given(
    st.lists(
        st.tuples(st.text(alphabet="a-\\", max_size=4), st.text(alphabet="a-\\", max_size=4)), unique=True
    )
)
def test_different_keys_never_give_the_same_row_id(keys: list[tuple[str, str]]) -> None:
    table = pa.table(
        {"a": pa.array([a for a, _ in keys], pa.string()), "b": pa.array([b for _, b in keys], pa.string())}
    )

    assert len(set(add_row_id(table, ("a", "b"))["row_id"].to_pylist())) == len(keys)
