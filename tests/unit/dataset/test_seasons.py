"""What base's own months say of a shift: nothing where they can't tell a season."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.shift import find_shift
from support.tables import table_of


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def days(month: int, temp: float) -> dict[str, list[Any]]:
    """400 rows of a month, about so warm."""
    return {
        "day": [dt.date(2013, month, 1 + number % 28) for number in range(400)],
        "temp": [temp + number % 7 for number in range(400)],
        "month": [month] * 400,
    }


@pytest.mark.parametrize("month", [3, 4])
def test_one_month_tells_no_season(engine: Engine, tmp_path: Path, month: int) -> None:
    base, added = (
        table_of(engine, tmp_path, rows, name=name)
        for name, rows in (("old", days(3, 40)), ("new", days(month, 60)))
    )
    shifts = find_shift(engine, base, added, columns=["temp", "month"])
    told = {shift.column: shift.sentence for shift in shifts if shift.notable}
    assert told["temp"].startswith("temp rose by 20, from 43 to 63")
    assert not any("months" in sentence or "too" in sentence for sentence in told.values())


def test_numbers_whose_squares_no_float_holds_tell_none(engine: Engine, tmp_path: Path) -> None:
    march, may, june = days(3, 1e300), days(5, -1e300), days(6, 1.7e308)
    base = table_of(engine, tmp_path, {name: march[name] + may[name] for name in march}, name="old")
    shifts = find_shift(
        engine, base, table_of(engine, tmp_path, june, name="new"), columns=["temp", "day", "month"]
    )
    assert [shift.sentence for shift in shifts if shift.column == "temp" and "base" in shift.sentence] == []
    assert {shift.column for shift in shifts} >= {"temp"}
