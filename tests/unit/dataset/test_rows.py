"""Rows by key: what is counted, what is shown, and what stops the comparison."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.rows import RowDiff, diff_rows
from mergegate.errors import ContractError
from mergegate.records.data import Cell, ColumnChange, Fact, RowChanges
from support.tables import open_pair, rows_of, table_of, write_parquet


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def diff(
    engine: Engine, folder: Path, old: Mapping[str, Any], new: Mapping[str, Any], **options: Any
) -> RowDiff:
    """Two tables of {column: values}, as two files are read."""
    pair = open_pair(
        engine, write_parquet(folder / "old.parquet", old), write_parquet(folder / "new.parquet", new)
    )
    options.setdefault("key", ["id"])
    schemas = (pair.old_schema, pair.new_schema)
    return diff_rows(engine, pair.old, pair.new, schemas=schemas, name="flights", **options)


def test_rows_come_go_and_change(engine: Engine, tmp_path: Path) -> None:
    old = {"id": [1, 2, 3, 4], "size": [1.0, 2.0, None, 4.0], "name": ["a", "b", "c", "d"]}
    new = {"id": [5, 4, 3, 2], "size": [5.0, None, 3.0, 2.5], "name": ["e", "d", "c", "B"]}
    found = diff(engine, tmp_path, old, new)
    assert found.changes == RowChanges(
        key=("id",),
        old=4,
        new=4,
        added=1,
        removed=1,
        changed=3,
        same=0,
        added_keys=(("5",),),
        removed_keys=(("1",),),
    )
    assert found.columns == (
        ColumnChange(
            column="size",
            changed=3,
            emptied=1,
            filled=1,
            mean=0.5,
            largest=0.5,
            examples=(
                Cell(key=("2",), old="2", new="2.5"),
                Cell(key=("3",), old=None, new="3"),
                Cell(key=("4",), old="4", new=None),
            ),
        ),
        ColumnChange(column="name", changed=1, examples=(Cell(key=("2",), old="b", new="B"),)),
    )
    assert found.facts == ()
    assert rows_of(engine, found.added) == [{"id": 5, "size": 5.0, "name": "e"}]
    assert rows_of(engine, found.removed) == [{"id": 1, "size": 1.0, "name": "a"}]
    assert found.changed_keys is not None
    assert rows_of(engine, found.changed_keys) == [{"id": 2}, {"id": 3}, {"id": 4}]
    assert found.shared is not None
    assert rows_of(engine, found.shared)[0] == {
        "id": 2,
        "size__old": 2.0,
        "size__new": 2.5,
        "name__old": "b",
        "name__new": "B",
    }


def test_only_the_values_decide(engine: Engine, tmp_path: Path) -> None:
    """Types that moved, zero's sign, and NaN are no change; NaN against missing is one."""
    nan = float("nan")
    old = {"id": pa.array([1, 2, 3], pa.int32()), "x": [0.0, nan, nan], "n": [1, 2, None]}
    new = {"id": pa.array([1, 2, 3], pa.int64()), "x": [-0.0, nan, None], "n": [1.0, 2.0, None]}
    found = diff(engine, tmp_path, old, new)
    assert [(each.column, each.changed, each.emptied) for each in found.columns] == [("x", 1, 1)]
    assert found.columns[0].examples == (Cell(key=("3",), old="NaN", new=None),)


def test_a_column_that_became_text_is_compared_as_text(engine: Engine, tmp_path: Path) -> None:
    found = diff(engine, tmp_path, {"id": [1, 2], "n": [1, 20]}, {"id": [1, 2], "n": ["1", "20.0"]})
    assert [(each.column, each.changed) for each in found.columns] == [("n", 1)]


def test_values_that_moved_to_another_column_are_a_change(engine: Engine, tmp_path: Path) -> None:
    old, new = {"id": [1], "x": ["a"], "y": ["b"]}, {"id": [1], "x": ["b"], "y": ["a"]}
    assert diff(engine, tmp_path, old, new).changes.changed == 1


def test_cells_made_to_hash_alike_are_seen(engine: Engine, tmp_path: Path) -> None:
    """DuckDB's hash of a row takes these for equal, whatever stands before them."""
    old = {"id": [1], "x": [12345], "y": [678]}
    new = {"id": [1], "x": [-5020621115105272949], "y": [6786746477874753538]}
    assert diff(engine, tmp_path, old, new).changes.changed == 1
    assert diff(engine, tmp_path, old, new, key=[]).changes.same == 0


def test_a_renamed_column_is_compared_under_its_new_name(engine: Engine, tmp_path: Path) -> None:
    old, new = {"id": [1, 2], "temp": [50, 60]}, {"id": [1, 2], "temperature": [50, 61]}
    assert diff(engine, tmp_path, old, new).columns == ()
    found = diff(engine, tmp_path, old, new, rename={"temp": "temperature"})
    assert [(each.column, each.changed) for each in found.columns] == [("temperature", 1)]
    assert found.shared is not None
    assert found.shared.columns == ("id", "temperature__old", "temperature__new")


def test_a_key_of_columns_matches_by_all_of_them(engine: Engine, tmp_path: Path) -> None:
    old = {"day": [1, 1, 2], "flight": ["A", "B", "A"], "late": [0, 0, 0]}
    new = {"day": [1, 1, 2], "flight": ["A", "B", "B"], "late": [0, 1, 0]}
    changes = diff(engine, tmp_path, old, new, key=["day", "flight"]).changes
    assert (changes.added_keys, changes.removed_keys) == ((("2", "B"),), (("2", "A"),))
    assert (changes.changed, changes.same) == (1, 1)


def test_rows_of_a_repeated_key_are_never_counted_twice(engine: Engine, tmp_path: Path) -> None:
    """Equal rows are the same; one left on each side changed; of more nobody knows which is which."""
    old = {"id": [1, 1, 1, 2, 2, 3], "x": ["a", "a", "b", "c", "d", "e"]}
    new = {"id": [1, 1, 1, 2, 2, 3], "x": ["b", "a", "z", "p", "q", "e"]}
    found = diff(engine, tmp_path, old, new)
    assert found.changes == RowChanges(
        key=("id",),
        old=6,
        new=6,
        added=2,
        removed=2,
        changed=1,
        same=3,
        duplicates_old=3,
        duplicates_new=3,
        added_keys=(("2",), ("2",)),
        removed_keys=(("2",), ("2",)),
    )
    assert [each.examples for each in found.columns] == [(Cell(key=("1",), old="a", new="z"),)]
    assert found.facts == (
        Fact(
            kind="duplicates",
            sentence="`id` is not unique in base: 3 rows are beyond the first of their key (1, 2).",
        ),
        Fact(
            kind="duplicates",
            sentence="`id` is not unique in head: 3 rows are beyond the first of their key (1, 2).",
        ),
    )


def test_at_most_five_repeated_keys_are_named(engine: Engine, tmp_path: Path) -> None:
    old, new = {"id": list(range(9)), "x": [0] * 9}, {"id": [*range(9)] * 2, "x": [0] * 18}
    [fact] = diff(engine, tmp_path, old, new).facts
    assert fact.sentence == (
        "`id` is not unique in head: 9 rows are beyond the first of their key (0, 1, 2, 3, 4)."
    )


def test_rows_without_a_key_are_compared_whole(engine: Engine, tmp_path: Path) -> None:
    old = {"id": [1, None, None], "x": ["a", "b", "c"]}
    new = {"id": [1, None, None], "x": ["a", "b", "d"]}
    found = diff(engine, tmp_path, old, new)
    assert found.changes == RowChanges(
        key=("id",),
        old=3,
        new=3,
        added=1,
        removed=1,
        changed=0,
        same=2,
        keyless_old=2,
        keyless_new=2,
        added_keys=(("",),),
        removed_keys=(("",),),
    )
    assert [fact.sentence for fact in found.facts] == [
        "2 rows have no value in the key `id` in base; they are compared as whole rows.",
        "2 rows have no value in the key `id` in head; they are compared as whole rows.",
    ]
    assert rows_of(engine, found.added) == [{"id": None, "x": "d"}]


def test_a_dataset_that_is_new_or_gone_is_all_added_or_removed(engine: Engine, tmp_path: Path) -> None:
    table = table_of(engine, tmp_path, {"id": [1, 1, 2], "x": [1, 2, 3]})
    born, gone = diff_rows(engine, None, table, ["id"]), diff_rows(engine, table, None, ["id"])
    assert (born.changes.old, born.changes.new, born.changes.added) == (0, 3, 3)
    assert (born.changes.duplicates_new, gone.changes.duplicates_old) == (1, 1)
    assert (gone.changes.old, gone.changes.new, gone.changes.removed) == (3, 0, 3)
    assert len(rows_of(engine, born.added)) == 3


def test_nothing_but_a_key_can_be_compared(engine: Engine, tmp_path: Path) -> None:
    changes = diff(engine, tmp_path, {"id": [1, 2]}, {"id": [2, 3]}).changes
    assert (changes.added, changes.removed, changes.changed, changes.same) == (1, 1, 0, 1)


def test_private_values_stay_at_home(engine: Engine, tmp_path: Path) -> None:
    old = {"ssn": ["111", "222", "333", "444"], "pay": [1, 2, 3, 4]}
    new = {"ssn": ["111", "222", "333", "555"], "pay": [2, 3, 4, 4]}
    found = diff(engine, tmp_path, old, new, key=["ssn"], private=["ssn", "pay"])
    shown = repr((found.changes, found.columns, found.facts))
    assert not [value for value in ("111", "222", "333", "444", "555") if f"'{value}'" in shown]
    [change] = found.columns
    assert (change.private, change.pattern, change.mean, change.largest) == (True, "", None, None)
    assert {(cell.old, cell.new) for cell in change.examples} == {("hidden", "hidden")}
    assert all(len(cell.key[0]) == 8 for cell in change.examples)


def test_names_that_are_ours_may_be_theirs(engine: Engine, tmp_path: Path) -> None:
    """A file's columns may be called what a query calls its own."""
    names = [
        "k0",
        "k1",
        "h",
        "h1",
        "nth",
        "kind",
        "rows",
        "x",
        "o0",
        "n0",
        "p0",
        "c0",
        "s0",
        "old",
        "new",
    ]
    old = {name: [1, 1, None] for name in names}
    new = {name: [1, 2, None] for name in names}
    changes = diff(engine, tmp_path, old, new, key=["k0", "h"]).changes
    assert (changes.added, changes.removed, changes.same) == (1, 1, 2)
    assert len(diff(engine, tmp_path, old, new, key=["kind"]).changes.added_keys) == 1


def test_the_tables_names_can_clash_only_with_words(engine: Engine, tmp_path: Path) -> None:
    table = {"a__old": [1], "a": [2]}
    with pytest.raises(ContractError) as caught:
        diff(engine, tmp_path, table, table, key=["a__old"])
    assert caught.value.message == "flights: the columns `a__old` and `a` can't be told apart side by side"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"id": [1]}, {"id": ["1"]}, "key column `id` is int64 in base and string in head"),
        ({"id": [1]}, {"ID_": [1]}, "key column `id` is missing in head"),
        ({"x": [1]}, {"id": [1]}, "key column `id` is missing in base"),
    ],
)
def test_a_key_that_can_not_be_used_is_refused(
    engine: Engine, tmp_path: Path, old: dict[str, Any], new: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractError) as caught:
        diff(engine, tmp_path, old, new)
    assert caught.value.message == f"flights: {said}"
    assert caught.value.hint


def test_a_key_of_whole_floats_finds_whole_numbers(engine: Engine, tmp_path: Path) -> None:
    changes = diff(engine, tmp_path, {"id": [1, 2]}, {"id": [1.0, 2.5]}).changes
    assert (changes.same, changes.added_keys, changes.removed_keys) == (1, (("2.5",),), (("2",),))


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64()], ids=str)
def test_a_whole_key_beside_floats_is_not_rounded(engine: Engine, tmp_path: Path, kind: pa.DataType) -> None:
    """pandas makes floats of whole numbers where one is missing."""
    big = 2**53 if kind == pa.int64() else 2**63
    old = {"id": pa.array([0, 1, big, big + 1], kind), "x": [1, 2, 3, 4]}
    new = {"id": [-0.0, 1.0, float(big), math.nan, None], "x": [1, 9, 3, 5, 6]}
    there, back = (diff(engine, tmp_path, *sides) for sides in ((old, new), (new, old)))
    assert (there.changes.duplicates_old, there.changes.same, there.changes.changed) == (0, 2, 1)
    assert there.changes.removed_keys == ((str(big + 1),),)
    assert (there.changes.added_keys[0], there.changes.keyless_new) == (("NaN",), 1)
    assert (back.changes.added_keys, back.changes.duplicates_new) == (there.changes.removed_keys, 0)


def test_a_wide_decimal_that_turned_is_seen(engine: Engine, tmp_path: Path) -> None:
    def amounts(*units: int) -> pa.Array:
        return pa.array([Decimal(each).scaleb(-2) for each in units], pa.decimal128(38, 2))

    old = {"id": [1, 2, 3], "amount": amounts(0, 2**64 + 3, 5)}
    new = {"id": [1, 2, 3], "amount": amounts(-1, 3 * 2**64 + 1, 5)}
    assert [each.changed for each in diff(engine, tmp_path, old, new).columns] == [2]
    whole = diff(engine, tmp_path, old, new, key=()).changes
    assert (whole.added, whole.removed, whole.same) == (2, 2, 1)


def test_large_unsigned_numbers_are_compared_with_floats_to_the_last_digit(
    engine: Engine, tmp_path: Path
) -> None:
    whole = [0, 2**53 + 1, 2**53, 2**63 + 1, 2**63, 2**64 - 1, None, 7, None, 7]
    real = [-0.0, 2.0**53, 2.0**53, 2.0**63, 2.0**63, 2.0**64, None, None, 7.0, float("nan")]
    old = {"id": list(range(len(whole))), "x": pa.array(whole, pa.uint64())}
    new = {"id": list(range(len(real))), "x": pa.array(real, pa.float64())}
    for one, other in ((old, new), (new, old)):
        (column,) = diff(engine, tmp_path, one, other).columns
        assert [each.key for each in column.examples] == [("1",), ("3",), ("5",), ("7",), ("8",)]
        assert column.changed == 6


def test_examples_of_a_rare_column_are_found_far_down(engine: Engine, tmp_path: Path) -> None:
    rows = 1000
    old = {"id": list(range(rows)), "x": [0] * rows, "y": [0] * rows}
    new = {"id": list(range(rows)), "x": list(range(1, rows + 1)), "y": [0] * (rows - 1) + [1]}
    found = diff(engine, tmp_path, old, new)
    assert [(each.column, each.changed) for each in found.columns] == [("x", 1000), ("y", 1)]
    assert found.columns[1].examples == (Cell(key=("999",), old="0", new="1"),)


def test_many_changed_rows_are_read_again_rather_than_held(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {"id": [1, 1, 2, 3, 4], "x": [1, 2, 3, 4, 5]}
    new = {"id": [1, 1, 2, 3, 4], "x": [1, 3, 4, 5, 6]}
    held = diff(engine, tmp_path, old, new)
    monkeypatch.setattr("mergegate.dataset.rows.MOST_CELLS", 0)
    again = diff(engine, tmp_path, old, new)
    assert (again.changes, again.columns) == (held.changes, held.columns)
    assert [(each.changed, each.pattern) for each in held.columns] == [(4, "+ 1")]


def test_of_many_changed_columns_the_most_changed_are_told(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mergegate.dataset.rows.MOST_COLUMNS", 2)
    old = {"id": [1, 2, 3], "a": [1, 1, 1], "b": [1, 1, 1], "c": [1, 1, 1]}
    new = {"id": [1, 2, 3], "a": [2, 1, 1], "b": [2, 2, 2], "c": [2, 2, 1]}
    found = diff(engine, tmp_path, old, new)
    assert [(each.column, each.changed) for each in found.columns] == [("b", 3), ("c", 2)]
    assert found.facts == (
        Fact(
            kind="columns",
            sentence="3 columns changed; only the 2 with the most changed cells are told.",
        ),
    )


def test_a_table_of_many_columns_is_asked_in_parts(engine: Engine, tmp_path: Path) -> None:
    names = [f"c{place}" for place in range(450)]
    old = {"id": [1, 2], **{name: [1, 2] for name in names}}
    new = {"id": [1, 2], **{name: [1, 3] for name in names}}
    found = diff(engine, tmp_path, old, new)
    assert len(found.columns) == 50
    assert {each.changed for each in found.columns} == {1}
    assert found.facts[0].sentence.startswith("450 columns changed;")
