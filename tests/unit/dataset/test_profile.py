import datetime
import math
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from mergegate.dataset import profile as profiling
from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.profile import profile
from mergegate.records.data import ColumnProfile
from support.footers import empty, overwrite, write_plain
from support.spark import spark_engine
from support.tables import open_pair, open_table, table_of, write_text


@pytest.fixture
def engine() -> Iterator[Engine]:
    with DuckDB(memory_gb=0.5) as engine:
        yield engine


def test_missing_nan_distinct_lowest_and_highest(engine: Engine, tmp_path: Path) -> None:
    columns = pa.table(
        {
            "x": [1.0, math.nan, None, -math.inf, 0.1],
            "n": [3, 1, 2, 2, None],
            "s": ["b", "a", "a", "", None],
            "day": [datetime.date(2013, 4, day) for day in (1, 2, 3, 4, 4)],
            "at": pa.array([1, 2, 3, 4, 5], pa.timestamp("ns")),
            "ok": [True, False, None, True, True],
        }
    )
    new = profile(engine, None, table_of(engine, tmp_path, columns))

    def of(column: str, kind: str, missing: int, distinct: int, **more: object) -> ColumnProfile:
        numbers = {"missing_new": missing, "distinct_new": distinct, "nan_new": 0, **more}
        return ColumnProfile(column=column, type_new=kind, **numbers)  # type: ignore[arg-type]

    assert new == (
        of("x", "float64", 1, 4, nan_new=1, low_new="-inf", high_new="1"),
        of("n", "int64", 1, 3, low_new="1", high_new="3"),
        of("s", "text", 1, 3),
        of("day", "date", 0, 4, low_new="2013-04-01", high_new="2013-04-04"),
        of("at", "timestamp (ns)", 0, 5, low_new="1970-01-01 00:00:00", high_new="1970-01-01 00:00:00"),
        of("ok", "boolean", 1, 2),
    )


def test_both_sides_stand_beside_each_other_by_their_own_types(engine: Engine, tmp_path: Path) -> None:
    old = write_text(tmp_path / "old.csv", "id,x,gone\n1,1.5,a\n2,2,a\n")
    new = write_text(tmp_path / "new.csv", "new,id,x\n7,1,n/a\n8,,3\n")
    pair = open_pair(engine, old, new)
    found = profile(
        engine, pair.old, pair.new, old_schema=pair.old_schema, new_schema=pair.new_schema, private=("id",)
    )

    assert [
        (each.column, each.type_old, each.type_new, each.missing_old, each.missing_new) for each in found
    ] == [
        ("new", None, "int64", None, 0),
        ("id", "int64", "int64", 0, 1),
        ("x", "float64", "text", 0, 0),
        ("gone", "text", None, 0, None),
    ]
    assert [(each.private, each.low_old, each.high_new, each.distinct_old) for each in found] == [
        (False, None, "8", None),
        (True, None, None, 2),
        (False, None, None, 2),
        (False, None, None, 1),
    ]


def test_of_many_rows_few_values_are_counted_and_many_are_estimated(engine: Engine, tmp_path: Path) -> None:
    rows = profiling.EXACT_ROWS + 1
    table = table_of(engine, tmp_path, {"few": [number % 4_999 for number in range(rows)], "id": range(rows)})
    few, many = profile(engine, None, table)

    assert (few.distinct_new, few.distinct_about) == (4_999, False)
    assert many.distinct_about
    assert many.distinct_new == pytest.approx(rows, rel=0.1)


def test_hundreds_of_columns_are_profiled(engine: Engine, tmp_path: Path) -> None:
    table = table_of(engine, tmp_path, {f"c{number}": [number, None] for number in range(220)})
    found = profile(engine, table, None)

    assert [(each.column, each.low_old, each.missing_old) for each in found] == [
        (f"c{number}", str(number), 1) for number in range(220)
    ]


def test_a_table_without_rows_has_a_profile(engine: Engine, tmp_path: Path) -> None:
    table = table_of(engine, tmp_path, {"x": pa.array([], pa.float64())})

    assert profile(engine, table, table) == (
        ColumnProfile(
            column="x",
            type_old="float64",
            type_new="float64",
            missing_old=0,
            missing_new=0,
            nan_old=0,
            nan_new=0,
            distinct_old=0,
            distinct_new=0,
        ),
    )


def test_nan_is_no_highest_and_a_column_of_nothing_else_has_no_lowest(engine: Engine, tmp_path: Path) -> None:
    table = table_of(engine, tmp_path, {"some": [2.5, math.nan, -1.0, math.nan], "all": [math.nan] * 4})
    some, nothing = profile(engine, table, table)

    assert (some.low_old, some.high_old, some.nan_old, some.distinct_old) == ("-1", "2.5", 2, 3)
    assert (nothing.low_new, nothing.high_new, nothing.nan_new, nothing.distinct_new) == (None, None, 4, 1)


def test_a_footer_is_not_believed(engine: Engine, tmp_path: Path) -> None:
    rows = 3_000
    start = datetime.datetime(2013, 4, 1)
    columns = {
        "x": [0.5] * rows,
        "n": [7] * rows,
        "ratio": [number / 8 for number in range(rows)],
        "id": range(rows),
        "s": ["a"] * rows,
        "at": [start + datetime.timedelta(minutes=number) for number in range(rows)],
        "day": [start.date()] * rows,
    }
    path = write_plain(tmp_path / "lying.parquet", columns)
    overwrite(path, "x", 0.5, -1e9)
    overwrite(path, "n", 7, 10**15)
    for column in ("ratio", "id", "s", "at", "day"):
        empty(path, column)

    found = profile(engine, open_table(engine, path), None)
    with spark_engine() as spark:
        assert profile(spark, None, open_table(spark, path)) == tuple(
            ColumnProfile(
                column=each.column,
                type_new=each.type_old,
                missing_new=each.missing_old,
                nan_new=each.nan_old,
                distinct_new=each.distinct_old,
                low_new=each.low_old,
                high_new=each.high_old,
            )
            for each in found
        )
    assert [
        (each.column, each.missing_old, each.distinct_old, each.low_old, each.high_old) for each in found
    ] == [
        ("x", 0, 2, "-1000000000", "0.5"),
        ("n", 0, 2, "7", str(10**15)),
        ("ratio", 1_000, 2_000, "0", "249.875"),
        ("id", 1_000, 2_000, "0", "1999"),
        ("s", 1_000, 1, None, None),
        ("at", 1_000, 2_000, "2013-04-01 00:00:00", "2013-04-02 09:19:00"),
        ("day", 1_000, 1, "2013-04-01", "2013-04-01"),
    ]
