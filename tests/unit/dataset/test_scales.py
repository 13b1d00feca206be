"""Medians found in windows: those of numpy, to the last digit, whatever the sample was."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mergegate.dataset import scales
from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.order import Counted
from mergegate.dataset.scales import Found, Scale, Window, find_scale, find_scales, find_window
from mergegate.dataset.shift_columns import comparable
from mergegate.dataset.shift_sides import bring_together
from support.spark import spark_engine
from support.tables import table_of

Floats = NDArray[np.float64]
Random = np.random.Generator

SHAPES: dict[str, Callable[[Random, int], Floats]] = {
    "normal": lambda random, size: random.normal(10, 3, size),
    "heavy": lambda random, size: random.standard_cauchy(size) * 1e6,
    "one-sided": lambda random, size: random.exponential(size=size),
    "mostly zero": lambda random, size: np.where(
        random.random(size) < 0.8, 0.0, random.lognormal(0, 1, size)
    ),
    "two heaps": lambda random, size: random.normal(size=size) + 1e6 * random.integers(0, 2, size),
    "few values": lambda random, size: random.integers(0, 5, size).astype(float),
    "one value": lambda random, size: np.full(size, -0.0),
    "nearly all missing": lambda random, size: np.where(
        random.random(size) < 0.99, np.nan, random.normal(size=size)
    ),
    "from end to end": lambda random, size: random.uniform(-1.7, 1.7, size) * 1e308,
}
SIZE = 12_001


@pytest.fixture(scope="module")
def columns() -> dict[str, Floats]:
    random = np.random.default_rng(8)
    return {name: draw(random, SIZE) for name, draw in SHAPES.items()}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few rows are sampled as otherwise of millions."""
    monkeypatch.setattr(scales, "MOST_FETCHED", 10_000)
    monkeypatch.setattr(scales, "SAMPLED", 4_000)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def exact(values: Floats) -> Scale:
    values = np.sort(values[~np.isnan(values)])

    def middle(ordered: Floats) -> float:
        return float(ordered[(len(ordered) - 1) // 2] / 2 + ordered[len(ordered) // 2] / 2)

    centre = middle(values)
    with np.errstate(over="ignore"):
        away = np.sort(np.abs(values - centre))
    away = away[away > 0]
    unit = middle(away) if len(away) else 1.0
    return Scale(centre, unit if np.isfinite(unit) else 1.0)


def find(engine: Engine, folder: Path, columns: dict[str, Floats], *, held: bool) -> dict[str, Scale]:
    table = table_of(engine, folder, columns)
    wanted = comparable(table, table, table.columns)
    sides = bring_together(engine, table, table.limit(0), wanted, held=held)
    present = {each.plain: int((~np.isnan(columns[each.name])).sum()) for each in wanted}
    found = find_scales(sides, present, len(next(iter(columns.values()))))
    return {each.name: found[each.plain] for each in wanted}


@pytest.mark.parametrize("held", [True, False])
def test_the_scale_of_every_shape_is_exact(
    engine: Engine, tmp_path: Path, columns: dict[str, Floats], held: bool
) -> None:
    expected = {name: exact(values) for name, values in columns.items()}
    assert find(engine, tmp_path, columns, held=held) == expected
    # An even number of rows has two in the middle.
    even = {name: values[1:] for name, values in columns.items()}
    assert find(engine, tmp_path / "even", even, held=held) == {
        name: exact(values) for name, values in even.items()
    }


def test_of_few_rows_the_values_themselves_are_taken(
    engine: Engine, tmp_path: Path, columns: dict[str, Floats]
) -> None:
    few = {name: values[:9_001] for name, values in columns.items()}
    assert find(engine, tmp_path, few, held=True) == {name: exact(values) for name, values in few.items()}


def test_windows_of_very_many_values_are_looked_through_in_turn(
    engine: Engine, tmp_path: Path, columns: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scales, "MOST_COLLECTED", 1)
    assert find(engine, tmp_path, columns, held=True) == {
        name: exact(values) for name, values in columns.items()
    }


def test_spark_finds_the_same(tmp_path: Path, columns: dict[str, Floats]) -> None:
    with spark_engine() as spark:
        found = find(spark, tmp_path, columns, held=True)
    assert found == {name: exact(values) for name, values in columns.items()}


def test_a_sample_that_lies_changes_nothing(
    engine: Engine, tmp_path: Path, columns: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    lies = {
        "far off": lambda sample: Window(50.0, 60.0, -90.0, -80.0, 80.0, 90.0),
        "a median only": lambda sample: Window(9.0, 11.0, 0.0, 0.1, 19.0, 19.1),
        "nothing": lambda sample: Window(0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    }
    normal = {"x": columns["normal"]}
    for name, lie in lies.items():
        monkeypatch.setattr(
            scales,
            "find_window",
            lambda sample, width, lie=lie: Window() if np.isinf(width) else lie(sample),
        )
        assert find(engine, tmp_path / name, normal, held=True) == {"x": exact(columns["normal"])}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_window_holds_both_medians_or_says_that_it_does_not(shape: str) -> None:
    random = np.random.default_rng(9)
    values = SHAPES[shape](random, 5_000)
    values = values[~np.isnan(values)]
    narrow = 0
    with np.errstate(over="ignore"):
        for width in (0.05, 0.5, 4.0):
            for _ in range(40):
                window = find_window(random.choice(values, 2_000), width)
                within = np.zeros(len(values), bool)
                for low, high in window.ranges:
                    within |= (values >= low) & (values <= high)
                below = int((values < window.low).sum())
                between = int(((values > window.left) & (values < window.right)).sum())
                found = find_scale(Found(window, Counted(values[within]), below, between), len(values))
                assert found in (None, exact(values))
                narrow += found is None
                unique, rows = np.unique(values[within], return_counts=True)
                assert find_scale(Found(window, Counted(unique, rows), below, between), len(values)) == found
    if shape == "normal":
        assert 40 < narrow < 90


def test_a_window_of_a_sample_is_narrow() -> None:
    random = np.random.default_rng(10)
    values = random.normal(size=200_000)
    window = find_window(random.choice(values, 40_000, replace=False), 4.0)
    within = sum(np.mean((values >= low) & (values <= high)) for low, high in window.ranges)
    assert 0.02 < within < 0.1
    assert find_window(values[:900], 4.0) == Window()
    assert find_window(np.zeros(5_000), 4.0) == Window()


def test_the_middle_of_counted_values() -> None:
    counted = Counted(np.array([3.0, 1.0, 2.0]), np.array([1, 2, 1]))
    assert counted.total == 4
    assert counted.middle(before=0, of=4) == (1.0, 2.0)
    assert counted.middle(before=1, of=6) == (1.0, 2.0)
    assert counted.middle(before=0, of=8) is None
    assert counted.middle(before=5, of=6) is None
    assert Counted(np.array([3.0, 1.0, 2.0])).middle(before=0, of=3) == (2.0, 2.0)
    assert counted.where(counted.values > 1).middle(before=0, of=2) == (2.0, 3.0)
