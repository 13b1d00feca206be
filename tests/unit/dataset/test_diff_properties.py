"""What holds for any two tables: the row diff against plain Python, and its symmetries."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.rows import RowDiff, diff_rows
from mergegate.dataset.samples import show
from mergegate.records.data import ColumnChange
from support.rows import Plain, Row, expect, plain
from support.tables import open_pair

SCHEMA = pa.schema(
    {"a": pa.int64(), "b": pa.string(), "x": pa.float64(), "n": pa.int32(), "t": pa.string(), "l": pa.bool_()}
)
few = settings(max_examples=7, deadline=None, suppress_health_check=list(HealthCheck))
keys = st.sampled_from([(), ("a",), ("b",), ("a", "b")])


def tables(most: int = 8) -> st.SearchStrategy[list[Row]]:
    """Rows of few values, so that keys meet, repeat and are missing."""
    row = st.fixed_dictionaries(
        {
            "a": st.sampled_from([None, 1, 2, 3, 4, 5]),
            "b": st.sampled_from([None, "", "x", "X "]),
            "x": st.sampled_from([None, 0.0, -0.0, float("nan"), float("inf"), 1.5, -2.0]),
            "n": st.sampled_from([None, 0, 1, 2**31 - 1]),
            "t": st.sampled_from([None, "", "NaN", "é", "a"]),
            "l": st.sampled_from([None, True, False]),
        }
    )
    ordered = row.map(lambda cells: {name: cells[name] for name in SCHEMA.names})
    return st.lists(ordered, max_size=most)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB(threads=2) as engine:
        yield engine


def write(folder: Path, rows: Sequence[Row], parts: int = 1) -> Path:
    """A folder of Parquet files with the rows dealt out among them."""
    folder.mkdir()
    for part in range(parts):
        table = pa.Table.from_pylist(list(rows[part::parts]), schema=SCHEMA)
        pq.write_table(table, folder / f"{part}.parquet")
    return folder


def compare(
    engine: Engine,
    old: Sequence[Row],
    new: Sequence[Row],
    key: Sequence[str],
    *,
    parts: int = 1,
    hashes: bool = False,
) -> tuple[RowDiff, dict[str, list[Plain]]]:
    """The diff, and its tables as rows, which are gone with the files; `hashes`: by what is held of rows."""
    with TemporaryDirectory() as folder:
        sides = [write(Path(folder) / name, rows, parts) for name, rows in (("old", old), ("new", new))]
        before, after = open_pair(engine, *sides, key=key if hashes else ())
        found = diff_rows(engine, before, after, key)
        return found, {
            "added": fetch(engine, found.added),
            "removed": fetch(engine, found.removed),
            "shared": fetch(engine, found.shared),
            "changed_keys": fetch(engine, found.changed_keys),
        }


def fetch(engine: Engine, table: ir.Table | None) -> list[Plain]:
    """A table's rows, sorted."""
    if table is None:
        return []
    rows = [tuple(map(plain, row.values())) for row in engine.fetch(table).to_pylist()]
    return sorted(rows, key=repr)


@few
@given(old=tables(), new=tables(), key=keys, hashes=st.booleans())
def test_the_diff_is_what_plain_python_finds(
    engine: Engine, old: list[Row], new: list[Row], key: Sequence[str], hashes: bool
) -> None:
    found, rows = compare(engine, old, new, key, hashes=hashes)
    expected = expect(old, new, key)
    assert rows["added"] == sorted(expected.added, key=repr)
    assert rows["removed"] == sorted(expected.removed, key=repr)
    changes = found.changes
    assert (changes.old, changes.new) == (len(old), len(new))
    assert (changes.added, changes.removed) == (len(expected.added), len(expected.removed))
    assert (changes.changed, changes.same) == (len(expected.changed), expected.same)
    assert (changes.duplicates_old, changes.duplicates_new) == expected.duplicates
    assert (changes.keyless_old, changes.keyless_new) == (expected.keyless if key else (0, 0))
    assert moved(found.columns) == cells(expected.changed, key)
    if key:
        assert len(rows["shared"]) == changes.same + changes.changed


def moved(columns: Sequence[ColumnChange]) -> dict[str, tuple[int, int, int]]:
    """Changed, emptied and filled cells by column."""
    return {each.column: (each.changed, each.emptied, each.filled) for each in columns}


def cells(pairs: Sequence[tuple[Plain, Plain]], key: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """The same from pairs of rows."""
    found: dict[str, tuple[int, int, int]] = {}
    for place, name in enumerate(SCHEMA.names):
        differ = [(old[place], new[place]) for old, new in pairs if old[place] != new[place]]
        if differ and name not in key:
            emptied, filled = (sum(pair[side] is None for pair in differ) for side in (1, 0))
            found[name] = (len(differ), emptied, filled)
    return found


@few
@given(rows=tables(), key=keys)
def test_a_table_does_not_differ_from_itself(engine: Engine, rows: list[Row], key: Sequence[str]) -> None:
    found, tables = compare(engine, rows, rows, key)
    changes = found.changes
    assert (changes.added, changes.removed, changes.changed) == (0, 0, 0)
    assert changes.same == changes.old == changes.new == len(rows)
    assert found.columns == ()
    assert (tables["added"], tables["removed"], tables["changed_keys"]) == ([], [], [])


@few
@given(old=tables(), new=tables(), key=keys, seed=st.integers(0, 9), parts=st.integers(2, 4))
def test_row_order_and_files_do_not_matter(
    engine: Engine, old: list[Row], new: list[Row], key: Sequence[str], seed: int, parts: int
) -> None:
    before, after = (random.Random(seed).sample(rows, len(rows)) for rows in (old, new))
    found, rows = compare(engine, old, new, key)
    again, others = compare(engine, before, after, key, parts=parts)
    assert again.changes == found.changes
    assert others == rows
    assert [counted(each) for each in again.columns] == [counted(each) for each in found.columns]


def counted(change: ColumnChange) -> tuple[Any, ...]:
    """A column's change but for its examples: of rows with one key those shown are any."""
    return change.column, change.changed, change.emptied, change.filled, change.largest, change.pattern


@few
@given(old=tables(), new=tables(), key=keys)
def test_the_other_way_round_is_the_mirror_image(
    engine: Engine, old: list[Row], new: list[Row], key: Sequence[str]
) -> None:
    found, rows = compare(engine, old, new, key)
    back, others = compare(engine, new, old, key)
    there, here = found.changes, back.changes
    assert (there.old, there.added, there.duplicates_old, there.keyless_old, there.added_keys) == (
        here.new,
        here.removed,
        here.duplicates_new,
        here.keyless_new,
        here.removed_keys,
    )
    assert (there.changed, there.same) == (here.changed, here.same)
    assert (rows["added"], rows["removed"]) == (others["removed"], others["added"])
    assert rows["changed_keys"] == others["changed_keys"]
    assert moved(found.columns) == {
        name: (changed, emptied, filled) for name, (changed, filled, emptied) in moved(back.columns).items()
    }
    means = {each.column: each.mean for each in back.columns}
    for each in found.columns:
        mean = means[each.column]
        assert each.mean == (None if mean is None else pytest.approx(-mean))


@few
@given(old=tables(), new=tables())
def test_examples_are_cells_that_changed(engine: Engine, old: list[Row], new: list[Row]) -> None:
    found, _ = compare(engine, old, new, ("a", "b"))
    pairs = expect(old, new, ("a", "b")).changed
    for each in found.columns:
        place = SCHEMA.names.index(each.column)
        there = Counter(
            ((str(before[0]), before[1]), show(before[place]), show(after[place])) for before, after in pairs
        )
        shown = Counter((cell.key, cell.old, cell.new) for cell in each.examples)
        assert len(each.examples) == min(5, each.changed)
        assert shown <= there
