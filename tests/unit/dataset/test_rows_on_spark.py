"""The row diff says the same on Spark as on DuckDB."""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.keys import find_key
from mergegate.dataset.rows import RowDiff, diff_rows
from support.spark import spark_engine
from support.tables import open_pair, rows_of, write_parquet

ROWS = 12
NIGHT = dt.datetime(2026, 3, 28, 22, 30)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Engine, Engine]]:
    with DuckDB() as duckdb, spark_engine() as spark:
        yield duckdb, spark


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A table, and what an edit of most of its columns and some of its rows made of it."""
    folder = tmp_path_factory.mktemp("tables")
    old = {
        "id": pa.array(range(ROWS), pa.int64()),
        "twice": [1, 1, 2, 2, 3, 3, None, None, 4, 5, 6, 7],
        "temp": [12.5, 0.0, -3.0, 21.0, math.nan, None, 40.0, 8.0, -0.0, 1.0, 2.0, 3.0],
        "name": [" a", "B", "c ", "d", "e", "", None, "h", "i", "j", "k", "l"],
        "at": [NIGHT + dt.timedelta(hours=hour) for hour in range(ROWS)],
        "whole": pa.array([1, 2, 3, None, 5, 6, 7, 8, 9, 10, 11, 12], pa.int32()),
        "unsigned": pa.array([0, 2**53 + 1, 2**63 + 1, None, 2**63, 2**64 - 1, *range(6)], pa.uint64()),
        "wide": pa.array([Decimal(0)] * ROWS, pa.decimal128(38, 2)),
    }
    new = {
        "id": pa.array([*range(1, ROWS), 99], pa.int64()),
        "twice": [1, 2, 2, 3, 3, None, None, 4, 5, 6, 7, 1],
        "temp": [32.0, 26.6, 69.8, math.nan, 32.0, 104.0, 46.4, 0.0, 33.8, 35.6, 37.4, 5.0],
        "name": ["b", "C ", "D", "E", "", None, "H", "I", "J", "K", "L", "new"],
        "at": [NIGHT + dt.timedelta(hours=hour) for hour in range(2, ROWS + 1)] + [NIGHT],
        "whole": [2.0, 3.0, None, 5.5, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 0.0],
        "unsigned": [2.0**53, 2.0**63, math.nan, 2.0**63, 2.0**64, -0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "wide": pa.array([Decimal("-0.01"), *[Decimal(0)] * (ROWS - 1)], pa.decimal128(38, 2)),
    }
    return write_parquet(folder / "old.parquet", old), write_parquet(folder / "new.parquet", new)


def told(engine: Engine, sides: tuple[Path, Path], key: Sequence[str]) -> tuple[object, ...]:
    """Everything that the diff says."""
    old, new = open_pair(engine, *sides)
    found: RowDiff = diff_rows(engine, old, new, key)
    tables = (found.added, found.removed, found.changed_keys, found.shared)
    rows = tuple(None if table is None else [repr(row) for row in rows_of(engine, table)] for table in tables)
    return found.changes, found.columns, found.facts, rows


@pytest.mark.parametrize("key", [("id",), ("twice",), ("whole",), ()])
def test_both_engines_say_the_same(
    engines: tuple[Engine, Engine], sides: tuple[Path, Path], key: tuple[str, ...]
) -> None:
    duckdb, spark = (told(engine, sides, key) for engine in engines)
    assert spark == duckdb


def test_both_engines_guess_the_same_key(engines: tuple[Engine, Engine], sides: tuple[Path, Path]) -> None:
    assert [find_key(engine, *open_pair(engine, *sides)) for engine in engines] == [("id",)] * 2
