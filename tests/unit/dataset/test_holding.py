"""Small Parquet files are read once and held; what may unpack to much more than it says is not."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.reading import Pair, read_pair
from mergegate.dataset.rows import diff_rows
from mergegate.dataset.source import find_source
from support.footers import overwrite, write_plain
from support.tables import open_pair, write_parquet


def pair(engine: Engine, old: pa.Table, new: pa.Table, folder: Path) -> Pair:
    for name, table in (("old", old), ("new", new)):
        pq.write_table(table, folder / f"{name}.parquet")
    return read_pair(engine, find_source(folder / "old.parquet"), find_source(folder / "new.parquet"))


def held(engine: Engine, found: Pair) -> list[bool]:
    return [side is not None and engine.holds(side) for side in found]


def rows(engine: Engine, found: Pair) -> list[list[tuple[Any, ...]]]:
    """The cells of each side by id."""
    sides = [engine.fetch(side.order_by("id")).to_pylist() for side in found if side is not None]
    return [[tuple(row.values()) for row in side] for side in sides]


def test_small_files_are_held_whatever_their_columns_are_called(tmp_path: Path) -> None:
    same = pa.table({"id": [1, 2], "is_new": ["x", None], "IS_NEW_": ["y", "z"]})
    with DuckDB() as engine:
        found = pair(engine, same, same.slice(1), tmp_path)
        assert held(engine, found) == [True, True]
        assert rows(engine, found) == [[(1, "x", "y"), (2, None, "z")], [(2, None, "z")]]


def test_rows_of_sides_held_together_are_hashed_by_all_their_cells(tmp_path: Path) -> None:
    """By a salt of the engine's own: nobody can look for rows that hash alike beforehand."""
    nan = float("nan")
    old = pa.table({"id": [1, 2, 3], "row_hash": ["x", None, "z"], "x": [0.0, nan, 1.0]})
    new = pa.table({"id": [1, 2, 3], "row_hash": ["x", None, "z"], "x": [-0.0, nan, 2.0]})
    found = []
    for _ in range(2):
        with DuckDB() as engine:
            sides = [engine.hashed(side) for side in pair(engine, old, new, tmp_path) if side is not None]
            tables = [engine.fetch(side.order_by("id")) for side in sides if side is not None]
            found.append([table[table.schema.names[-1]].to_pylist() for table in tables])
    (before, after), others = found
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False]
    assert len({*before, *after, *others[0], *others[1]}) == 8


def test_sides_of_other_columns_are_held_each_by_itself(tmp_path: Path) -> None:
    with DuckDB() as engine:
        found = pair(engine, pa.table({"id": [1]}), pa.table({"id": [2], "name": ["b"]}), tmp_path)
        assert held(engine, found) == [True, True]
        assert rows(engine, found) == [[(1,)], [(2, "b")]]


def test_a_side_alone_is_held_only_for_who_reads_it_again(tmp_path: Path) -> None:
    source = find_source(write_plain(tmp_path / "new.parquet", {"id": [1, 2]}))
    with DuckDB() as engine:
        assert [held(engine, read_pair(engine, None, source, hold=hold)) for hold in (False, True)] == [
            [False, False],
            [False, True],
        ]
        assert rows(engine, read_pair(engine, source, None, hold=True)) == [[(1,), (2,)]]


def test_a_text_that_repeats_is_not_held_by_what_the_file_says_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mergegate.dataset.reading.MOST_HELD", 100_000)
    table = pa.table({"id": list(range(2_000)), "text": ["x" * 1_000] * 2_000})
    with DuckDB() as engine:
        found = pair(engine, table, table, tmp_path)
        assert pq.read_metadata(tmp_path / "old.parquet").row_group(0).total_byte_size < 100_000
        assert held(engine, found) == [False, False]
        assert rows(engine, found)[1][1_999] == (1_999, "x" * 1_000)


@pytest.mark.parametrize("column", [[b"x"], [[1, 2]], [{"a": 1}]])
def test_bytes_and_nested_cells_are_not_held(tmp_path: Path, column: list[object]) -> None:
    table = pa.table({"id": [1], "cell": column})
    with DuckDB() as engine:
        assert held(engine, pair(engine, table, table, tmp_path)) == [False, False]


def test_a_footer_hides_no_row_of_a_file_that_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mergegate.dataset.reading.MOST_HELD", 0)
    path = write_plain(tmp_path / "lying.parquet", {"id": range(2_000), "number": [7] * 2_000})
    overwrite(path, "number", 7, 10**15)
    with DuckDB() as engine:
        found = read_pair(engine, find_source(path), find_source(path))
        assert held(engine, found) == [False, False]
        assert found.old is not None
        assert engine.fetch(found.old.filter(found.old.number > 10**9)).num_rows == 1


def test_of_rows_that_are_only_matched_no_more_than_key_and_hash_is_held(tmp_path: Path) -> None:
    """A footer hides none of them, nor of the few that are read again."""
    old, new = (
        write_plain(tmp_path / name, {"id": range(2_000), "number": [7] * 2_000, "row_hash": ["x"] * 2_000})
        for name in ("old.parquet", "new.parquet")
    )
    overwrite(new, "id", 1_999, 10**15)
    overwrite(new, "number", 7, 8)
    with DuckDB() as engine:
        found = open_pair(engine, old, new, key=["id"])
        assert held(engine, found) == [False, False]
        hashes = [engine.hashed(side) for side in found if side is not None]
        assert [side.columns for side in hashes if side is not None] == [("id", "row_hash")] * 2
        changes = diff_rows(engine, found.old, found.new, ["id"])
        assert changes.changes.added_keys == (("1000000000000000",),)
        assert changes.changes.removed_keys == (("1999",),)
        assert engine.fetch(changes.added)["number"].to_pylist() == [8]


def test_a_column_called_as_the_hash_is_beside_the_key_keeps_its_cells(tmp_path: Path) -> None:
    old = write_plain(tmp_path / "old.parquet", {"id": [1, 2, 2, 3], "row_hash": [5, 6, 7, 8]})
    new = write_plain(tmp_path / "new.parquet", {"id": [1, 2, 2, 3], "row_hash": [5, 6, 9, 8]})
    with DuckDB() as engine:
        sides = read_pair(engine, find_source(old), find_source(new), hold=True, key=["id"])
        (column,) = diff_rows(engine, sides.old, sides.new, ["id"]).columns
        assert [(cell.key, cell.old, cell.new) for cell in column.examples] == [(("2",), "7", "9")]


def test_nested_cells_are_compared_by_what_they_say(tmp_path: Path) -> None:
    old, new = (
        write_parquet(tmp_path / f"{name}.parquet", {"id": [1, 2], "cell": cells})
        for name, cells in (("old", [[0.5], [1.0]]), ("new", [[0.5], [2.0]]))
    )
    with DuckDB() as engine:
        found = open_pair(engine, old, new, key=["id"])
        assert [engine.hashed(side) for side in found if side is not None] == [None, None]
        assert diff_rows(engine, found.old, found.new, ["id"]).changes.changed == 1
