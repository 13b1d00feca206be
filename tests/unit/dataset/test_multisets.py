"""Rows without a key: how often each side has them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.rows import RowDiff, diff_rows
from mergegate.records.data import RowChanges
from support.tables import open_pair, rows_of, write_parquet


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def diff(engine: Engine, folder: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> RowDiff:
    """Two tables of {column: values}, without a key."""
    before, after = (
        write_parquet(folder / f"{name}.parquet", side) for name, side in (("old", old), ("new", new))
    )
    pair = open_pair(engine, before, after)
    return diff_rows(engine, pair.old, pair.new, ())


def test_an_edited_row_is_one_gone_and_one_new(engine: Engine, tmp_path: Path) -> None:
    found = diff(engine, tmp_path, {"x": [1, 2], "y": ["a", "b"]}, {"x": [1, 2], "y": ["a", "B"]})
    assert found.changes == RowChanges(key=(), old=2, new=2, added=1, removed=1, changed=0, same=1)
    assert rows_of(engine, found.added) == [{"x": 2, "y": "B"}]
    assert rows_of(engine, found.removed) == [{"x": 2, "y": "b"}]
    assert (found.columns, found.shared, found.changed_keys) == ((), None, None)


def test_how_often_a_row_is_there_counts(engine: Engine, tmp_path: Path) -> None:
    found = diff(engine, tmp_path, {"x": [1, 1, 1, 2, None]}, {"x": [1, 2, 2, None, None]})
    changes = found.changes
    assert (changes.added, changes.removed, changes.same) == (2, 2, 3)
    assert (changes.duplicates_old, changes.duplicates_new) == (2, 2)
    assert rows_of(engine, found.added) == [{"x": 2}, {"x": None}]
    assert rows_of(engine, found.removed) == [{"x": 1}, {"x": 1}]


def test_only_common_columns_are_compared_and_all_are_shown(engine: Engine, tmp_path: Path) -> None:
    found = diff(engine, tmp_path, {"x": [1, 2], "gone": [5, 6]}, {"come": [7, 8], "x": [1, 3]})
    assert (found.changes.same, found.changes.added) == (1, 1)
    assert rows_of(engine, found.added) == [{"come": 8, "x": 3}]
    assert rows_of(engine, found.removed) == [{"x": 2, "gone": 6}]


def test_the_place_of_a_value_counts(engine: Engine, tmp_path: Path) -> None:
    found = diff(engine, tmp_path, {"x": ["a"], "y": ["b"]}, {"x": ["b"], "y": ["a"]})
    assert (found.changes.same, found.changes.added, found.changes.removed) == (0, 1, 1)
