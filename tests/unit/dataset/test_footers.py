"""Cells are read, whatever a footer says of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.footers import distrust
from support.footers import empty, overwrite, write_plain
from support.spark import spark_engine
from support.tables import open_table

ROWS = 2_000


@pytest.fixture
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


@pytest.fixture
def lying(tmp_path: Path) -> Path:
    """Half of `text` and of `whole` are missing, one `real` is −1e9 and one `number` 10¹⁵."""
    columns = {"text": ["same"] * ROWS, "whole": range(ROWS), "real": [0.5] * ROWS, "number": [7] * ROWS}
    path = write_plain(tmp_path / "lying.parquet", columns)
    for column in ("text", "whole"):
        empty(path, column)
    overwrite(path, "real", 0.5, -1e9)
    overwrite(path, "number", 7, 10**15)
    return path


def tell(engine: Engine, path: Path) -> dict[str, object]:
    table = distrust(engine, open_table(engine, path))
    (row,) = engine.fetch(
        table.aggregate(
            text=table.text.count(),
            whole=table.whole.count(),
            low=table.real.min(),
            high=table.number.max(),
            distinct=table.number.nunique(),
            found=(table.number > 10**9).sum(),
        )
    ).to_pylist()
    filtered = table.filter(table.number > 10**9, table.text.isnull()).count()
    return {**row, "filtered": engine.fetch(filtered.as_table()).to_pylist()[0].popitem()[1]}


def test_what_a_footer_denies_is_seen(engine: Engine, lying: Path) -> None:
    told = {"text": 1_000, "whole": 1_000, "low": -1e9, "high": 10**15, "distinct": 2}
    assert tell(engine, lying) == {**told, "found": 1, "filtered": 1}
    with spark_engine() as spark:
        assert tell(spark, lying) == {**told, "found": 1, "filtered": 1}


def test_what_the_engine_holds_is_left_as_it_is(engine: Engine, lying: Path) -> None:
    table = open_table(engine, lying)
    held = engine.keep(table)
    assert distrust(engine, held) is held
    assert engine.holds(held.filter(held.number > 7).select("text"))
    assert not engine.holds(table)
    assert not engine.holds(held.union(table))
    assert engine.fetch(held.aggregate(text=held.text.count(), high=held.number.max())).to_pylist() == [
        {"text": 1_000, "high": 10**15}
    ]


def test_names_may_be_anything(engine: Engine, tmp_path: Path) -> None:
    path = write_plain(tmp_path / "names.parquet", {"read": [1, None], "Read_": ["a", "b"]})
    table = distrust(engine, open_table(engine, path))
    assert engine.fetch(table).to_pylist() == [{"read": 1, "Read_": "a"}, {"read": None, "Read_": "b"}]
