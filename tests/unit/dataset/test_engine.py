import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.errors import ContractError
from support.tables import open_table, table_of, write_parquet, write_text


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB(memory_gb=0.5) as engine:
        yield engine


def hashes(engine: DuckDB, folder: Path, columns: dict[str, object]) -> list[int]:
    table = table_of(engine, folder, columns)
    found = engine.fetch(table.select(hash=engine.row_hash(table, list(columns))))
    return [row["hash"] for row in found.to_pylist()]


def test_equal_rows_hash_alike_and_a_missing_value_has_a_place(engine: DuckDB, tmp_path: Path) -> None:
    found = hashes(
        engine,
        tmp_path,
        {
            "a": [1, 1, None, 1, None],
            "b": ["x", "x", "x", None, None],
            "c": [-0.0, 0.0, 0.0, 0.0, float("nan")],
        },
    )

    assert found[0] == found[1]
    assert len(set(found)) == 4
    assert all(-(2**63) <= hash < 2**63 for hash in found)


def test_no_value_hashes_as_a_missing_one(engine: DuckDB, tmp_path: Path) -> None:
    """DuckDB's own hash of this number is that of NULL."""
    as_missing = -2930909409056394622
    assert engine.backend.con.execute("SELECT hash(?::BIGINT) = hash(NULL)", [as_missing]).fetchone() == (
        True,
    )
    number, missing = hashes(engine, tmp_path, {"a": [as_missing, None], "b": [1, 1]})
    assert number != missing


def test_swapped_columns_hash_otherwise(engine: DuckDB, tmp_path: Path) -> None:
    first, second = hashes(engine, tmp_path, {"a": [1, 2], "b": [2, 1]})

    assert first != second


def test_rows_that_are_kept_stay_when_their_file_is_gone(engine: DuckDB, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", {"x": [1, 2, 3]})
    kept = engine.keep(open_table(engine, path))
    path.unlink()

    assert engine.fetch(kept.x.sum()).as_py() == 6


def test_no_extension_is_loaded_and_no_network_reached(engine: DuckDB) -> None:
    loaded = engine.backend.raw_sql(
        "SELECT extension_name FROM duckdb_extensions() WHERE loaded AND install_mode <> 'STATICALLY_LINKED'"
    ).fetchall()
    settings = [
        engine.backend.settings[name]
        for name in ("autoinstall_known_extensions", "autoload_known_extensions")
    ]

    assert loaded == []
    assert settings == ["false", "false"]
    with pytest.raises(duckdb.Error, match=r"httpfs|extension"):
        engine.backend.raw_sql("SELECT * FROM read_csv('https://127.0.0.1:1/a.csv')")


def test_an_engine_told_what_it_may_read_reads_nothing_else(tmp_path: Path) -> None:
    inside = write_text(tmp_path / "in/a.csv", "x\n1\n")
    outside = write_text(tmp_path / "out/b.csv", "x\n1\n")
    single = write_parquet(tmp_path / "single.parquet", {"x": [1]})

    with DuckDB(memory_gb=0.5, readable=(inside.parent, single)) as engine:
        assert engine.fetch(open_table(engine, inside).count()).as_py() == 1
        assert engine.fetch(open_table(engine, single).count()).as_py() == 1
        assert engine.fetch(engine.keep(open_table(engine, inside)).count()).as_py() == 1
        with pytest.raises(ContractError, match=r"^b\.csv: is outside of what the engine may read$"):
            open_table(engine, outside)
        with pytest.raises(duckdb.Error, match="the configuration has been locked"):
            engine.backend.raw_sql("SET enable_external_access = true")


def test_times_have_no_zone_but_utc(engine: DuckDB, tmp_path: Path) -> None:
    table = table_of(engine, tmp_path, {"at": pa.array([0], pa.timestamp("us", "Asia/Tokyo"))})

    assert engine.fetch(table.select(day=table["at"].cast("string"))).to_pylist() == [
        {"day": "1970-01-01 00:00:00+00"}
    ]


def test_nothing_is_left_when_an_engine_is_closed(tmp_path: Path) -> None:
    with DuckDB(memory_gb=0.5, threads=1) as engine:
        open_table(engine, write_text(tmp_path / "a.csv", "x\n1\n"))
        folder = engine.folder
        assert folder.is_dir()

    assert not folder.exists()


def test_more_than_memory_holds_is_sorted_on_disk(tmp_path: Path) -> None:
    rows = 400_000
    path = write_parquet(
        tmp_path / "a.parquet", {"x": [f"{number * 7919 % rows:060}" for number in range(rows)]}
    )
    with DuckDB(memory_gb=0.06, threads=1) as engine:
        table = open_table(engine, path)
        kept = engine.keep(table.mutate(place=ibis.row_number().over(order_by=table.x)))

        assert engine.fetch(kept.place.nunique()).as_py() == rows


CHILD = """
import sys
from pathlib import Path
from mergegate.dataset.duck import DuckDB
from mergegate.dataset.reading import read
from mergegate.dataset.source import find_source

with DuckDB(memory_gb=0.5) as engine:
    table = read(engine, find_source(Path(sys.argv[1])))
    many = table.cross_join(table.view().select(y="x")).cross_join(table.view().select(z="x"))
    print(engine.folder, flush=True)
    engine.fetch(many.aggregate(most=(many.x * many.y * many.z).max()))
"""


def interrupt(child: "subprocess.Popen[str]") -> tuple[str, str]:
    """Press Ctrl-C, and again where it came just as Python was clearing something away, which swallows it."""
    for _ in range(10):
        child.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=20)
    return child.communicate(timeout=1)


def test_ctrl_c_ends_a_query_and_leaves_nothing(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", {"x": [float(number) for number in range(20_000)]})
    with subprocess.Popen(
        [sys.executable, "-W", "error::ResourceWarning", "-c", CHILD, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        folder = Path(child.stdout.readline().strip())
        try:
            _, told = interrupt(child)
        finally:
            child.kill()

    assert child.returncode == -signal.SIGINT, told
    assert "KeyboardInterrupt" in told
    assert "ResourceWarning" not in told
    assert not folder.exists()


def test_ctrl_c_just_as_a_query_is_handed_over_ends_it(
    engine: DuckDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parquet(tmp_path / "a.parquet", {"x": [float(number) for number in range(20_000)]})
    table = open_table(engine, path)
    many = table.cross_join(table.view().select(y="x")).cross_join(table.view().select(z="x"))
    real, handed = ThreadPoolExecutor.submit, []

    def submit(*arguments: Any) -> Any:
        handed.append(real(*arguments))
        if len(handed) == 1:
            raise KeyboardInterrupt
        return handed[-1]

    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit)
    with pytest.raises(KeyboardInterrupt):
        engine.fetch(many.aggregate(most=(many.x * many.y * many.z).max()))
    assert isinstance(handed[0].exception(timeout=0), duckdb.InterruptException)


def test_the_progress_of_a_long_query_is_not_printed_among_answers(engine: DuckDB) -> None:
    found = engine.backend.raw_sql("SELECT current_setting('enable_progress_bar')").fetchall()
    assert found == [(False,)]
