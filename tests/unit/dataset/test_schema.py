from collections.abc import Iterator
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pytest

from mergegate.dataset.categories import find_categories
from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.profile import profile
from mergegate.dataset.question import Question, Sides
from mergegate.dataset.renames import same_content
from mergegate.dataset.room import Room
from mergegate.dataset.schema import diff_schema
from mergegate.dataset.source import find_source
from mergegate.records.data import ColumnProfile, SchemaChange
from support.tables import Columns, open_pair, write_parquet, write_text


@pytest.fixture
def engine() -> Iterator[Engine]:
    with DuckDB(memory_gb=0.5) as engine:
        yield engine


def test_equal_schemas_have_no_changes() -> None:
    schema = ibis.schema({"a": "int64", "b": "string"})

    assert diff_schema(schema, schema) == ()


def test_what_is_lost_comes_first_and_what_is_new_is_additive() -> None:
    old = ibis.schema({"a": "int64", "gone": "string", "b": "float64"})
    new = ibis.schema({"new": "date", "a": "int64", "b": "float64"})

    assert diff_schema(old, new) == (
        SchemaChange(kind="removed", column="gone", old="text", sentence="gone (text) is gone"),
        SchemaChange(kind="added", column="new", new="date", additive=True, sentence="new (date) is new"),
    )


@pytest.mark.parametrize(
    ("old", "new", "additive", "sentence"),
    [
        (dt.int32, dt.int64, True, "x was int32, and is int64 now"),
        (dt.int64, dt.int32, False, "x was int64, and is int32 now"),
        (dt.int64, dt.float64, False, "x was int64, and is float64 now"),
        (dt.float32, dt.float64, True, "x was float32, and is float64 now"),
        (dt.Decimal(8, 2), dt.Decimal(10, 2), True, "x was decimal(8, 2), and is decimal(10, 2) now"),
        (dt.Decimal(10, 2), dt.Decimal(10, 4), False, "x was decimal(10, 2), and is decimal(10, 4) now"),
        (dt.date, dt.Timestamp(scale=6), True, "x was date, and is timestamp now"),
        (
            dt.Timestamp(scale=6),
            dt.Timestamp("UTC", scale=6),
            False,
            "x was timestamp, and is timestamp (UTC) now",
        ),
        (dt.int64, dt.string, False, "x was int64, and is text now"),
        (dt.null, dt.int64, True, "x had no value, and is int64 now"),
        (dt.int64, dt.null, False, "x was int64, and has no value any more"),
    ],
)
def test_a_wider_type_is_additive_and_no_other(
    old: dt.DataType, new: dt.DataType, additive: bool, sentence: str
) -> None:
    (change,) = diff_schema(ibis.schema({"x": old}), ibis.schema({"x": new}))

    assert (change.kind, change.additive, change.sentence) == ("retyped", additive, sentence)


def test_missing_cells_are_told_where_there_were_none_or_where_none_may_be() -> None:
    old = ibis.schema({"a": "int64", "b": "!int64", "c": "int64", "d": "int64"})
    new = ibis.schema({"a": "int64", "b": "int64", "c": "!int64", "d": "int64"})
    profiles = (
        ColumnProfile(column="a", missing_old=0, missing_new=1),
        ColumnProfile(column="d", missing_old=3, missing_new=1_000),
    )

    assert [
        (change.column, change.old, change.new, change.additive)
        for change in diff_schema(old, new, profiles=profiles)
    ] == [
        ("a", "none missing", "1 missing cell", True),
        ("b", "never missing", "may be missing", False),
        ("c", "may be missing", "never missing", True),
    ]


def test_the_fewest_columns_that_explain_an_order_moved() -> None:
    old = ibis.schema(dict.fromkeys("abcdef", "int64"))
    new = ibis.schema(dict.fromkeys("abdefc", "int64"))

    assert [(change.kind, change.column, change.additive) for change in diff_schema(old, new)] == [
        ("moved", "c", True)
    ]


def test_more_than_fifty_changes_of_a_kind_end_in_a_count() -> None:
    old = ibis.schema({"id": "int64", **{f"c{number:03}": "int64" for number in range(120)}})
    changes = diff_schema(old, ibis.schema({"id": "int64"}))

    assert len(changes) == 50
    assert changes[-1] == SchemaChange(
        kind="removed", column="c049", sentence="c049 and 70 more columns are removed"
    )


def test_a_long_name_is_cut() -> None:
    (change,) = diff_schema(ibis.schema({"a": "int64"}), ibis.schema({"a": "int64", "x" * 500: "int64"}))

    assert change.column == "x" * 99 + "…"


def test_a_renamed_column_is_known_by_what_it_holds(engine: Engine, tmp_path: Path) -> None:
    amounts = [1.5, None, 3.0, -0.0]
    old = write_parquet(
        tmp_path / "old.parquet",
        {"id": [1, 2, 3, 4], "amount": amounts, "flag": [1, 1, 1, 1], "day": ["a", "b", "c", "d"]},
    )
    new = write_parquet(
        tmp_path / "new.parquet",
        {"id": [4, 3, 2, 1], "amount_usd": [0.0, 3.0, None, 1.5], "one": [1, 1, 1, 1], "on": list("dcbx")},
    )
    pair = open_pair(engine, old, new)
    assert pair.old_schema is not None
    assert pair.new_schema is not None

    changes = diff_schema(
        pair.old_schema, pair.new_schema, same_content=same_content(engine, pair.old, pair.new)
    )

    assert [(change.kind, change.column) for change in changes] == [
        ("removed", "flag"),
        ("removed", "day"),
        ("renamed", "amount_usd"),
        ("added", "one"),
        ("added", "on"),
    ]
    assert changes[2].sentence == "amount seems to be renamed to amount_usd: it holds the same"


def test_added_rows_hide_no_rename_where_a_key_tells_the_others(engine: Engine, tmp_path: Path) -> None:
    old = write_parquet(tmp_path / "old.parquet", {"id": [1, 2, 3], "x": [5, 6, 7]})
    new = write_parquet(tmp_path / "new.parquet", {"id": [2, 3, 4], "y": [6, 7, 8]})
    pair = open_pair(engine, old, new)

    assert not same_content(engine, pair.old, pair.new)("x", "y")
    assert same_content(engine, pair.old, pair.new, key=("id",))("x", "y")


def test_categories_lost_and_gained_are_told_by_name(engine: Engine, tmp_path: Path) -> None:
    old = write_parquet(
        tmp_path / "old.parquet",
        {"carrier": ["AA", "UA", None], "who": ["Ada", "Bob", "Bob"], "id": ["1", "2", "3"], "n": [1, 2, 3]},
    )
    new = write_parquet(
        tmp_path / "new.parquet",
        {"carrier": ["DL", "AA", "B6"], "who": ["Eve", "Bob", "Bob"], "id": ["1", "2", "3"], "n": [7, 8, 9]},
    )
    pair = open_pair(engine, old, new)
    profiles = profile(engine, pair.old, pair.new)
    found = find_categories(engine, pair.old, pair.new, profiles, private=("who",))

    assert found == {"carrier": (("UA",), ("B6", "DL")), "who": (("1 hidden",), ("1 hidden",))}
    assert pair.old_schema is not None
    assert pair.new_schema is not None
    carrier, who = diff_schema(pair.old_schema, pair.new_schema, categories=found)
    assert carrier == SchemaChange(
        kind="categories",
        column="carrier",
        old="UA",
        new="B6, DL",
        sentence="carrier lost UA and gained B6, DL",
    )
    assert who.sentence == "who lost 1 hidden and gained 1 hidden"


def test_numbers_that_became_text_are_no_categories(engine: Engine, tmp_path: Path) -> None:
    old, new = write_text(tmp_path / "old.csv", "x\n1.50\n"), write_text(tmp_path / "new.csv", "x\nn/a\n")
    pair = open_pair(engine, old, new)
    profiles = profile(engine, pair.old, pair.new, old_schema=pair.old_schema, new_schema=pair.new_schema)

    assert pair.old is not None
    assert pair.new is not None
    assert find_categories(engine, pair.old, pair.new, profiles) == {}


DAYS = pa.array([0, 1, 2], pa.timestamp("us"))
FLOAT = "seats was int64, and is written as float since 1 cell is missing: Int64 keeps whole numbers"
LACKS = "temp (float64) is missing from the files that differ; those alike have it"


@pytest.mark.parametrize(
    ("column", "cells", "told"),
    [
        ("seats", pa.array([4, 5, 6], pa.int32()), []),
        ("seats", pa.array([4, None, 6]), []),
        ("day", pa.array([0, 1, 2], pa.date32()), []),
        ("temp", pa.nulls(3), []),
        ("seats", pa.array([4.0, None, 6.0]), [(True, FLOAT)]),
        ("seats", pa.array([4.0, 5.0, 6.0]), [(False, "seats was int64, and is float64 now")]),
        ("seats", pa.array([4.5, None, 6.0]), [(False, "seats was int64, and is float64 now")]),
        ("seats", pa.array([1e300, None, 6.0]), [(False, "seats was int64, and is float64 now")]),
        ("seats", pa.array(["4", "5", "6"]), [(False, "seats was int64, and is text now")]),
        ("temp", None, [(False, LACKS)]),
    ],
)
def test_a_new_file_is_judged_with_those_that_are_alike_on_both_sides(
    tmp_path: Path, column: str, cells: pa.Array | None, told: list[tuple[bool, str]]
) -> None:
    alike = {"id": [1, 2, 3], "seats": [7, 8, 9], "temp": [0.5, 1.5, 2.5], "day": DAYS}
    new = {**alike, "id": [4, 5, 6]}
    new = {name: cells if name == column else own for name, own in new.items()}
    new = {name: own for name, own in new.items() if own is not None}

    assert changes_of(tmp_path, alike=alike, new=new) == told


def test_a_changed_file_hides_no_loss_behind_those_that_are_alike(tmp_path: Path) -> None:
    alike = {"id": [1, 2, 3], "seats": [7, 8, 9], "temp": [0.5, 1.5, 2.5]}
    old = {**alike, "id": [4, 5, 6]}

    assert changes_of(tmp_path, alike=alike, old=old, new={**old, "temp": pa.nulls(3)}) == [
        (False, "temp was float64, and has no value any more")
    ]
    assert changes_of(tmp_path, alike=alike, old=old, new={"id": [4, 5, 6], "seats": [7, 8, 9]}) == [
        (False, LACKS)
    ]
    changed = {**old, "seats": pa.array([7.0, 5.0, None])}
    assert changes_of(tmp_path, alike=alike, old=old, new=changed) == [
        (False, "seats was int64, and is float64 now"),
        (True, "seats had no missing cell, and has 1 missing cell now"),
    ]


def changes_of(folder: Path, **sides: Columns) -> list[tuple[bool, str]]:
    """Whether additive, and the sentence, of each change in a review of `old`, `new` and `alike`."""
    source = {
        name: find_source(write_parquet(folder / f"{name}.parquet", columns), name=name)
        for name, columns in sides.items()
    }
    with Room() as room:
        asked = Sides(old=source.get("old"), new=source["new"], reference=source["alike"])
        found = room.compare("data", asked, Question(key=("id",)))
    return [(change.additive, change.sentence) for change in found.schema]
