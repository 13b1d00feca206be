"""What is read, profiled and told of a schema is the same on Spark as on DuckDB."""

import datetime
import decimal
import math
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.profile import profile
from mergegate.dataset.renames import same_content
from support.spark import spark_engine
from support.tables import open_pair, open_table, rows_of, table_of, write_parquet, write_text

NOON = datetime.datetime(2013, 4, 1, 12)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Engine, Engine]]:
    with DuckDB(memory_gb=0.5) as duckdb, spark_engine() as spark:
        yield duckdb, spark


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Partitions of two schemas, with names and values that engines like to take differently."""
    path = tmp_path_factory.mktemp("data")
    first = pa.table(
        {
            "Id": pa.array([1, 2], pa.int32()),
            "id": [1.5, math.nan],
            'a.b`c"d': ["x", None],
            "nested": [{"x": 1, "y": [1, None]}, None],
            "unsigned": pa.array([2**64 - 1, 1], pa.uint64()),
            "zoned": pa.array([NOON, None], pa.timestamp("us", "Europe/Berlin")),
            "nano": pa.array([NOON, None], pa.timestamp("ns")),
            "money": pa.array([decimal.Decimal("1.10"), None], pa.decimal128(10, 2)),
            "truth": [True, None],
            "bytes": [b"\xff", b""],
            "nothing": pa.nulls(2),
        }
    )
    write_parquet(path / "part=a%2Fb/1.parquet", first)
    write_parquet(path / "part=__HIVE_DEFAULT_PARTITION__/2.parquet", {"Id": [3], "truth": [False]})
    return path


def test_a_folder_reads_alike(engines: tuple[Engine, Engine], folder: Path) -> None:
    duckdb, spark = (rows_of(engine, open_table(engine, folder)) for engine in engines)

    assert repr(duckdb) == repr(spark)
    assert [row["part"] for row in spark] == ["a/b", "a/b", None]


def test_a_folder_profiles_alike(engines: tuple[Engine, Engine], folder: Path) -> None:
    duckdb, spark = (profile(engine, open_table(engine, folder), None) for engine in engines)

    assert duckdb == spark


def test_text_files_read_alike(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    old = write_text(tmp_path / "old.csv", "id,x,day\n1,1.50,2013-04-01\n2,,\n")
    new = write_text(tmp_path / "new.jsonl", '{"id": 1, "x": "n/a", "day": "2013-04-01 10:00:00"}\n')
    pairs = [open_pair(engine, old, new) for engine in engines]
    rows = [
        [rows_of(engine, table) for table in pair if table is not None]
        for engine, pair in zip(engines, pairs, strict=True)
    ]

    assert rows[0] == rows[1]
    assert (pairs[0].old_schema, pairs[0].new_schema) == (pairs[1].old_schema, pairs[1].new_schema)


def test_spark_hashes_rows_as_strictly(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    spark = engines[1]
    columns = {"a": [1, 1, None, 1, 2], "b": [None, None, 1, 2, 1], "c": [-0.0, 0.0, 0.0, 0.0, 0.0]}
    table = table_of(spark, tmp_path, columns)
    kept = spark.keep(table.mutate(hash=spark.row_hash(table, list(columns))))
    found = [(row["a"], row["b"], row["hash"]) for row in spark.fetch(kept).to_pylist()]

    assert len({hash for *_, hash in found}) == 4
    assert len({hash for a, b, hash in found if (a, b) == (1, None)}) == 1
    assert max(abs(hash) for *_, hash in found) > 2**32


def test_spark_knows_a_renamed_column(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    old = write_parquet(tmp_path / "old.parquet", {"id": [1, 2, 3], "x": ["a", "b", None]})
    new = write_parquet(tmp_path / "new.parquet", {"id": [4, 2, 1], "y": ["c", "b", "a"]})
    same = [
        same_content(
            engine, *(table for table in open_pair(engine, old, new) if table is not None), key=["id"]
        )
        for engine in engines
    ]

    assert [(alike("x", "y"), alike("id", "y")) for alike in same] == [(True, False)] * 2
