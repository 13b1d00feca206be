"""The key: what is refused, and what is found when nobody names one."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis.expr.datatypes as kinds
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.keys import check_key, find_key
from mergegate.errors import ContractError
from support.tables import table_of

NUMBERS = list(range(20))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def found(engine: Engine, folder: Path, old: dict[str, Any], new: dict[str, Any] | None) -> tuple[str, ...]:
    """The key of two tables."""
    sides = [None if side is None else table_of(engine, folder, side, name=name)
             for name, side in (("old", old), ("new", new))]  # fmt: skip
    return find_key(engine, *sides)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (kinds.int32, kinds.int64),
        (kinds.int64, kinds.float64),
        (kinds.Timestamp(scale=9), kinds.Timestamp(scale=6)),
        (kinds.string, kinds.null),
    ],
)
def test_types_that_compare_make_a_key(old: kinds.DataType, new: kinds.DataType) -> None:
    check_key(["id"], {"id": old}, {"id": new}, name="data")
    check_key(["id"], {"id": new}, {"id": old}, name="data")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (kinds.int64, kinds.string, "int64 in base and string in head"),
        (kinds.boolean, kinds.int64, "boolean in base and int64 in head"),
        (kinds.timestamp, kinds.Timestamp(timezone="UTC"), "timestamp in base and timestamp('UTC') in head"),
    ],
)
def test_types_that_do_not_compare_are_refused(old: kinds.DataType, new: kinds.DataType, said: str) -> None:
    with pytest.raises(ContractError) as caught:
        check_key(["id"], {"id": old}, {"id": new}, name="data/flights")
    assert caught.value.message == f"data/flights: key column `id` is {said}"
    assert caught.value.hint == "write it with one type on both sides, or name another key"


@pytest.mark.parametrize(
    ("base", "hint"),
    [
        (["id", "x"], "name a key of columns that both sides have: `x`"),
        (["id"], "head has 2 columns, none of base's: see whether the header line is missing"),
    ],
)
def test_a_missing_key_column_says_what_there_is_on_both_sides(base: list[str], hint: str) -> None:
    with pytest.raises(ContractError) as caught:
        check_key(
            ["id"], dict.fromkeys(base, kinds.int64), {"Ada": kinds.int64, "x": kinds.int64}, name="data"
        )
    assert caught.value.message == "data: key column `id` is missing in head"
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ({"x": NUMBERS, "row_id": NUMBERS}, ["row_id"]),
        ({"x": [n % 7 for n in NUMBERS], "flight": [f"F{n}" for n in NUMBERS]}, ["flight"]),
        ({"score": [n / 3 for n in NUMBERS], "who": ["a", "b"] * 10}, []),
        ({"id": [*NUMBERS[:-1], None], "x": ["a"] * 20}, []),
        ({"day": [n // 5 for n in NUMBERS], "x": ["c"] * 20, "at": [n % 5 for n in NUMBERS]}, ["day", "at"]),
        (
            {
                "a": [n // 10 for n in NUMBERS],
                "when": [dt.date(2026, 1, 1 + n // 5 % 2) for n in NUMBERS],
                "b": [n % 5 for n in NUMBERS],
                "c": ["c"] * 20,
            },
            ["a", "when", "b"],
        ),
    ],
)  # fmt: skip
def test_the_fewest_columns_that_tell_rows_apart(
    engine: Engine, tmp_path: Path, columns: dict[str, Any], key: Sequence[str]
) -> None:
    assert found(engine, tmp_path, columns, columns) == tuple(key)


def test_a_key_must_hold_on_both_sides(engine: Engine, tmp_path: Path) -> None:
    old = {"id": NUMBERS, "other_id": NUMBERS}
    assert found(engine, tmp_path, old, {"id": [1] * 20, "other_id": NUMBERS}) == ("other_id",)
    assert found(engine, tmp_path, old, {"other_id": NUMBERS}) == ("other_id",)
    assert found(engine, tmp_path, old, None) == ("id",)


def test_a_key_may_be_called_anything(engine: Engine, tmp_path: Path) -> None:
    table = {"rows": [1, 1, 2], "Rows_": [1, 2, 1]}
    assert found(engine, tmp_path, table, table) == ("rows", "Rows_")


def test_a_number_drawn_on_every_run_is_no_key(engine: Engine, tmp_path: Path) -> None:
    old = {"uuid": [f"a{n}" for n in NUMBERS], "flight": NUMBERS}
    new = {"uuid": [f"b{n}" for n in NUMBERS], "flight": NUMBERS}
    assert found(engine, tmp_path, old, new) == ("flight",)


def test_no_rows_or_no_common_column_give_no_key(engine: Engine, tmp_path: Path) -> None:
    assert found(engine, tmp_path, {"a": NUMBERS}, {"b": NUMBERS}) == ()
    assert find_key(engine, None, None) == ()
