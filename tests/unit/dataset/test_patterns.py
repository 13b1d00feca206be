"""What all changed cells of a column have in common."""

import datetime as dt
import math
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.rows import diff_rows
from mergegate.records.data import ColumnChange
from support.tables import table_of

CELSIUS = [-12.5, 0.0, 3.3, 18.25, 21.0, 37.7]
TIMES = [dt.datetime(2026, 3, 29, hour, 30, 5, 250_000) for hour in range(6)]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def change(
    engine: Engine, folder: Path, old: pa.Array, new: pa.Array, *, private: bool = False
) -> ColumnChange:
    """The one changed column of two tables of a key and a column."""
    tables = []
    for side, values in (("old", old), ("new", new)):
        columns = {"id": range(len(values)), "x": values}
        tables.append(table_of(engine, folder, columns, name=side))
    [found] = diff_rows(engine, tables[0], tables[1], ["id"], private=["x"] if private else []).columns
    return found


@pytest.mark.parametrize(
    ("new", "pattern"),
    [
        ([1.8 * value + 32 for value in CELSIUS], "× 1.8 + 32"),
        ([round(1.8 * value + 32) for value in CELSIUS], "× 1.8 + 32, rounded to whole numbers"),
        ([value + 273.15 for value in CELSIUS], "+ 273.15"),
        ([value - 0.5 for value in CELSIUS], "− 0.5"),
        ([value * 1000 for value in CELSIUS], "× 1,000"),
        ([value / 1000 for value in CELSIUS], "÷ 1,000"),
        ([-value for value in CELSIUS], "× -1"),
        ([float(math.floor(value + 0.5)) for value in CELSIUS], "rounding to whole numbers"),
        ([value * (1 + 1e-15) + 1e-15 for value in CELSIUS], "noise in the last digits"),
        ([0.0] * 6, "setting to 0"),
        ([None if value == 0 else 1.8 * value + 32 for value in CELSIUS],
         "× 1.8 + 32, where both sides have a value"),
        ([3.0, 1.0, 4.0, 1.0, 5.0, 9.0], ""),
        ([1.8 * value + 32 for value in CELSIUS[:-1]] + [100.0], ""),
    ],
)  # fmt: skip
def test_numbers_that_changed_by_one_rule_say_the_rule(
    engine: Engine, tmp_path: Path, new: list[float], pattern: str
) -> None:
    assert change(engine, tmp_path, pa.array(CELSIUS), pa.array(new, pa.float64())).pattern == pattern


def test_floats_of_fewer_bits_are_told_as_rounding(engine: Engine, tmp_path: Path) -> None:
    old = pa.array([0.1, 0.2, 0.3, 1 / 3])
    assert change(engine, tmp_path, old, old.cast(pa.float32())).pattern == "rounding to 32 bits"


@pytest.mark.parametrize(
    ("new", "pattern"),
    [
        ([time + dt.timedelta(hours=1) for time in TIMES], "+3,600 s"),
        ([time - dt.timedelta(days=2) for time in TIMES], "−2 days"),
        ([dt.datetime(2026, 3, 29)] * 6, "losing the time of day"),
        ([time + dt.timedelta(hours=1, microseconds=n) for n, time in enumerate(TIMES)], ""),
        ([time + dt.timedelta(hours=n + 1) for n, time in enumerate(TIMES)], ""),
    ],
)  # fmt: skip
def test_times_that_moved_by_as_much_say_by_how_much(
    engine: Engine, tmp_path: Path, new: list[dt.datetime], pattern: str
) -> None:
    unit = pa.timestamp("us")
    assert change(engine, tmp_path, pa.array(TIMES, unit), pa.array(new, unit)).pattern == pattern


def test_days_move_by_days(engine: Engine, tmp_path: Path) -> None:
    old = [dt.date(2026, 2, day) for day in (1, 14, 28)]
    new = [day + dt.timedelta(days=1) for day in old]
    assert change(engine, tmp_path, pa.array(old), pa.array(new)).pattern == "+1 day"


@pytest.mark.parametrize(
    ("old", "new", "pattern"),
    [
        (["Ann", "BOB", "cy"], ["ANN", "bob", "Cy"], "a change of case"),
        ([" a", "b ", "\tc"], ["a", "b", "c"], "trimming spaces"),
        (["a", "b", "c"], ["a ", " b", " c "], "adding spaces"),
        ([" A", "b ", " c"], ["a", "B", "C "], "a change of case and spaces"),
        (["00501", "02134", "010"], ["501", "2134", "10"], "losing leading zeros"),
        (["1", "20", "3"], ["1.0", "20.0", "3.0"], "writing numbers differently"),
        (["x", "x", "x"], ["y", "y", "y"], "“x” → “y”"),
        (["x", "y", "z"], ["?", "?", "?"], "setting to “?”"),
        (["x", "y", "z"], ["y", "z", "x"], ""),
    ],
)
def test_texts_that_changed_alike_say_how(
    engine: Engine, tmp_path: Path, old: list[str], new: list[str], pattern: str
) -> None:
    assert change(engine, tmp_path, pa.array(old), pa.array(new)).pattern == pattern


def test_a_sentinel_that_became_missing_is_named(engine: Engine, tmp_path: Path) -> None:
    old, new = [-999, -999, -999, 7], [None, None, None, 7]
    assert change(engine, tmp_path, pa.array(old), pa.array(new, pa.int64())).pattern == "-999 → missing"
    assert change(engine, tmp_path, pa.array(new, pa.int64()), pa.array(old)).pattern == "missing → -999"


def test_two_changed_cells_make_no_pattern(engine: Engine, tmp_path: Path) -> None:
    assert change(engine, tmp_path, pa.array([1, 2, 3]), pa.array([2, 3, 3])).pattern == ""


def test_a_private_column_tells_no_value(engine: Engine, tmp_path: Path) -> None:
    old, new = pa.array(["x", "x", "x"]), pa.array(["y", "y", "y"])
    found = change(engine, tmp_path, old, new, private=True)
    assert found.pattern == ""
    assert {(cell.old, cell.new) for cell in found.examples} == {("hidden", "hidden")}
    numbers = change(engine, tmp_path, pa.array(CELSIUS), pa.array([0.5] * 6), private=True)
    assert (numbers.mean, numbers.largest, numbers.pattern) == (None, None, "")
    spaces = change(engine, tmp_path, pa.array([" a", " b", " c"]), pa.array(["a", "b", "c"]), private=True)
    assert spaces.pattern == "trimming spaces"


def test_a_long_text_is_told_short(engine: Engine, tmp_path: Path) -> None:
    old, new = ["a" * 5000] * 3, ["b" * 5000] * 3
    found = change(engine, tmp_path, pa.array(old), pa.array(new))
    assert found.pattern == f"“{'a' * 39}…” → “{'b' * 39}…”"
    assert found.examples[0].new == "b" * 99 + "…"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([1.7e308, -1.7e308, 1e200], [-1.7e308, 1.7e308, -1e200]),
        ([math.inf, 1.0, 2.0, 5e-324], [1.0, -math.inf, math.nan, 0.0]),
        ([2**63 - 1, -(2**63), 0], [-(2**63), 2**63 - 1, 1]),
        (
            [dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(1, 1, 2)],
            [dt.date(9999, 12, 31), dt.date(1, 1, 1), None],
        ),
        ([b"\xff\x00", b"a", b"b"], [b"\xff", b"A", b"\x00"]),
    ],
)
def test_values_at_the_edge_of_their_type_are_compared(
    engine: Engine, tmp_path: Path, old: list[object], new: list[object]
) -> None:
    found = change(engine, tmp_path, pa.array(old), pa.array(new))
    assert (found.changed, found.pattern) == (len(old), "")
    assert all(value is None or math.isfinite(value) for value in (found.mean, found.largest))
