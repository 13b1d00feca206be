"""Two tables' columns as counts: exact where values are few, within the told error where they are not."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import stats

from mergegate.dataset.distributions import Distribution, distributions
from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.shift_columns import comparable
from mergegate.dataset.shift_sides import bring_together
from mergegate.stats.shift import kolmogorov_smirnov, mean, wasserstein
from support.footers import empty, overwrite, write_plain
from support.tables import open_table, table_of, write_parquet


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def count(
    engine: Engine, folder: Path, old: dict[str, Any], new: dict[str, Any], *, held: bool = True
) -> dict[str, Distribution]:
    sides = (
        table_of(engine, folder, old, name="old"),
        table_of(engine, folder, new, name="new"),
    )
    columns = comparable(*sides, sides[0].columns)
    together = bring_together(engine, *sides, columns, held=held)
    return {found.column.name: found for found in distributions(together, columns)}


def test_numbers_are_counted_one_by_one_and_what_is_no_number_is_missing(
    engine: Engine, tmp_path: Path
) -> None:
    found = count(
        engine,
        tmp_path,
        {"x": [1.0, 1.0, 2.5, None, float("nan"), -0.0]},
        {"x": [0.0, 1.0, float("inf"), float("-inf")]},
    )["x"]
    assert found.tally is not None
    assert found.tally.values.tolist() == [0.0, 1.0, 2.5]
    assert (found.tally.old.tolist(), found.tally.new.tolist()) == ([1, 2, 1], [1, 1, 0])
    assert (found.rows_old, found.missing_old, found.rows_new, found.missing_new) == (6, 2, 4, 2)
    assert (found.ks_error, found.wasserstein_error) == (0.0, 0.0)


def test_every_number_type_is_a_number_and_a_time_is_seconds(engine: Engine, tmp_path: Path) -> None:
    day = dt.date(1970, 1, 3)
    old = {
        "small": pa.array([1, 2], pa.int8()),
        "unsigned": pa.array([1, 2**63], pa.uint64()),
        "single": pa.array([0.5, 1.5], pa.float32()),
        "decimal": pa.array([Decimal(1), Decimal(2)], pa.decimal128(12, 2)),
        "date": [day, None],
        "instant": pa.array([1_000, 2_500], pa.timestamp("ms", "Europe/Berlin")),
    }
    found = count(engine, tmp_path, old, old)
    values = {name: each.tally.values.tolist() for name, each in found.items() if each.tally is not None}
    assert values == {
        "small": [1, 2],
        "unsigned": [1, 2**63],
        "single": [0.5, 1.5],
        "decimal": [1, 2],
        "date": [2 * 86_400],
        "instant": [1, 2],
    }
    assert [found[name].column.kind for name in ("small", "date", "instant")] == ["number", "time", "time"]


def test_categories_are_counted_by_name_and_the_new_ones_are_told(engine: Engine, tmp_path: Path) -> None:
    found = count(
        engine,
        tmp_path,
        {"c": ["a", "b", "b", None, ""], "t": [True, False, None, True, True]},
        {"c": ["z", "b", "y", "y", None], "t": [False, False, None, None, None]},
    )
    text, truth = found["c"].categories, found["t"].categories
    assert text is not None
    assert truth is not None
    assert text.names == ("", "a", "b", "y", "z")
    assert (text.old.tolist(), text.new.tolist()) == ([1, 1, 2, 0, 0], [0, 0, 1, 2, 1])
    assert (text.unseen, text.unseen_rows, found["c"].missing_new) == (("y", "z"), 3, 1)
    assert (truth.names, truth.old.tolist(), truth.new.tolist()) == (("false", "true"), [1, 3], [2, 0])


def test_very_long_texts_are_told_apart_by_their_beginning(engine: Engine, tmp_path: Path) -> None:
    found = count(engine, tmp_path, {"c": ["x" * 5_000, "y"]}, {"c": ["x" * 4_000, "y"]})["c"].categories
    assert found is not None
    assert [len(name) for name in found.names] == [256, 1]
    assert found.unseen == ()


def test_a_column_that_one_side_lacks_or_has_as_another_kind_is_left_out(
    engine: Engine, tmp_path: Path
) -> None:
    old = {"both": [1], "kind": [1], "gone": [1], "list": [[1]], "bytes": [b"1"]}
    new = {"both": [1.5], "kind": ["1"], "list": [[1]], "bytes": [b"1"]}
    sides = [
        engine.backend.read_parquet(write_parquet(tmp_path / f"{name}.parquet", rows))
        for name, rows in (("old", old), ("new", new))
    ]
    assert [column.name for column in comparable(sides[0], sides[1], [*old, "unknown"])] == ["both"]


def test_a_side_without_any_value_has_no_distribution(engine: Engine, tmp_path: Path) -> None:
    nothing = pa.array([None, None], pa.float64())
    found = count(engine, tmp_path, {"x": [1.0, 2.0]}, {"x": nothing})["x"]
    assert (found.tally, found.missing_new, found.rows_new) == (None, 2, 2)


def test_a_text_that_names_each_row_is_no_category(engine: Engine, tmp_path: Path) -> None:
    names = [f"row {place}" for place in range(200)]
    found = count(engine, tmp_path, {"id": names}, {"id": names})["id"]
    assert (found.categories, found.rows_old) == (None, 200)


SHAPES: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {
    "normal": lambda random, size: random.normal(10, 3, size),
    "heavy": lambda random, size: random.standard_cauchy(size) * 1e6,
    "mostly zero": lambda random, size: np.where(
        random.random(size) < 0.8, 0.0, random.lognormal(0, 1, size)
    ),
    "with a mark": lambda random, size: np.where(
        random.random(size) < 0.1, -999.0, random.normal(20, 2, size)
    ),
    "far from zero": lambda random, size: 1e9 + random.random(size),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_beyond_ten_thousand_values_the_grid_is_within_its_told_error(
    engine: Engine, tmp_path: Path, shape: str
) -> None:
    random = np.random.default_rng(3)
    old, new = SHAPES[shape](random, 60_000), SHAPES[shape](random, 30_000) + 0.4
    found = count(engine, tmp_path, {"x": old}, {"x": new})["x"]
    assert found.tally is not None
    assert found.ks_error < 0.001
    exact = stats.ks_2samp(old, new, method="asymp").statistic
    assert kolmogorov_smirnov(found.tally) <= exact + 1e-12
    assert kolmogorov_smirnov(found.tally) == pytest.approx(exact, abs=found.ks_error)
    moved = stats.wasserstein_distance(old, new)
    assert wasserstein(found.tally) == pytest.approx(moved, abs=found.wasserstein_error)
    assert mean(found.tally.values, found.tally.old) == pytest.approx(old.mean(), abs=found.wasserstein_error)
    assert (found.tally.rows_old, found.tally.rows_new) == (60_000, 30_000)


def test_the_grid_is_the_same_for_any_order_of_rows(engine: Engine, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    old, new = random.normal(size=30_000), random.normal(0.1, size=20_000)
    tallies = [
        count(engine, tmp_path / name, {"x": rows}, {"x": other})["x"].tally
        for name, rows, other in (("as", old, new), ("sorted", np.sort(old), new[::-1]))
    ]
    assert tallies[0] is not None
    assert tallies[1] is not None
    assert np.array_equal(tallies[0].values, tallies[1].values)
    assert np.array_equal(tallies[0].old, tallies[1].old)
    assert np.array_equal(tallies[0].new, tallies[1].new)


def test_of_very_many_categories_the_commonest_are_told_apart(engine: Engine, tmp_path: Path) -> None:
    old = [f"o{place}" for place in range(13_000)] * 3 + ["common"] * 500
    new = [f"o{place}" for place in range(900)] + ["common"] * 70 + ["fresh"] * 30 + ["rare", "odd"]
    found = count(engine, tmp_path, {"c": old}, {"c": new})["c"].categories
    assert found is not None
    assert len(found.names) == 1_000
    assert len(found.old) == 1_001
    place = found.names.index("common")
    assert (found.old[place], found.new[place]) == (500, 70)
    assert (found.old.sum(), found.new.sum()) == (len(old), len(new))
    assert (found.unseen, found.unseen_rows) == (("fresh", "odd", "rare"), 32)


def test_many_columns_come_in_their_order(engine: Engine, tmp_path: Path) -> None:
    rows = {f"n{place}": [place, place + 1] for place in range(40)}
    found = count(engine, tmp_path, rows, rows)
    assert list(found) == list(rows)
    assert [each.tally.values.tolist() for each in found.values() if each.tally is not None] == [
        [place, place + 1] for place in range(40)
    ]


def test_names_may_be_anything(engine: Engine, tmp_path: Path) -> None:
    names = ['a"b', "c0", "value", "rows", "side", "select", "é; DROP TABLE x", " "]
    rows = {name: [1, 2, 2] for name in names}
    assert list(count(engine, tmp_path, rows, rows)) == names


def test_an_expression_is_as_good_as_a_table(engine: Engine, tmp_path: Path) -> None:
    table = table_of(engine, tmp_path, {"x": [1, 2, 3, 4]})
    some = table.filter(ibis._.x > 2)
    columns = comparable(table, some, ["x"])
    (found,) = distributions(bring_together(engine, table, some, columns, held=False), columns)
    assert found.tally is not None
    assert found.tally.new.tolist() == [0, 0, 1, 1]


def told(found: dict[str, Distribution]) -> dict[str, object]:
    return {
        name: (
            [each.rows_old, each.rows_new, each.missing_old, each.missing_new, each.ks_error],
            each.tally and [each.tally.values.tolist(), each.tally.old.tolist(), each.tally.new.tolist()],
            each.categories and [each.categories.names, each.categories.old.tolist(), each.categories.unseen],
        )
        for name, each in found.items()
    }


def test_sides_too_large_to_hold_are_counted_alike(engine: Engine, tmp_path: Path) -> None:
    random = np.random.default_rng(7)

    def draw(rows: int) -> dict[str, Any]:
        return {
            "many": random.normal(size=rows),
            "other": random.lognormal(size=rows),
            "few": random.integers(0, 9, rows),
            "small": random.integers(0, 2, rows),
            "name": random.choice(["a", "b", "c"], rows),
            "other name": random.choice(["d", "é"], rows),
            "names": [f"n{place % 14_000}" for place in range(rows)],
        }

    old, new = draw(30_000), draw(2_000)
    held = told(count(engine, tmp_path, old, new))
    assert told(count(engine, tmp_path, old, new, held=False)) == held


def test_a_footer_is_not_believed(engine: Engine, tmp_path: Path) -> None:
    columns = {"x": range(2_000), "n": [7] * 2_000, "c": ["a"] * 2_000}
    path = write_plain(tmp_path / "lying.parquet", columns)
    empty(path, "x")
    empty(path, "c")
    overwrite(path, "n", 7, 10**15)
    table = open_table(engine, path)
    wanted = comparable(table, table, table.columns)
    for held in (True, False):
        x, n, c = distributions(bring_together(engine, table, table, wanted, held=held), wanted)
        assert [each.missing_old for each in (x, n, c)] == [1_000, 0, 1_000]
        assert x.tally is not None
        assert x.tally.values.tolist() == list(range(1_000))
        assert n.tally is not None
        assert n.tally.values.tolist() == [7, 10**15]
        assert c.categories is not None
        assert c.categories.old.tolist() == [1_000]
