"""Added rows against base's: what moved is told in words and numbers, what is noise is not notable."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.shift import find_shift
from mergegate.dataset.units import find_unit
from mergegate.records.data import Shift
from mergegate.stats.shift import tally_counts
from support.spark import spark_engine
from support.tables import table_of


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def find(
    engine: Engine, folder: Path, old: dict[str, Any], new: dict[str, Any], **options: Any
) -> tuple[Shift, ...]:
    sides = [table_of(engine, folder, rows, name=name) for name, rows in (("old", old), ("new", new))]
    return find_shift(engine, *sides, **{"columns": list(old), **options})


def only(shifts: tuple[Shift, ...]) -> Shift:
    (shift,) = shifts
    return shift


def grid(mean: float, spread: float, rows: int) -> list[float]:
    """The quantiles of a normal, shuffled: a sample without chance."""
    from_zero = np.random.default_rng(1).permutation(np.linspace(-1, 1, rows + 2)[1:-1])
    return [float(value) for value in np.round(mean + spread * 1.5 * from_zero, 6)]


def test_a_number_that_rose(engine: Engine, tmp_path: Path) -> None:
    shift = only(find(engine, tmp_path, {"temp": grid(39, 8, 600)}, {"temp": grid(53, 8, 300)}))
    assert shift.sentence == "temp rose by 14, from 39 to 53 (PSI 5.9)"
    assert (shift.kind, shift.rows_old, shift.rows_new, shift.notable) == ("number", 600, 300, True)
    assert [shift.mean_old, shift.mean_new] == pytest.approx([39, 53])
    assert shift.wasserstein == pytest.approx(14 / (12 / 3**0.5), rel=0.01)
    assert shift.ks == pytest.approx(14 / 24, abs=0.01)
    assert shift.correction == "Holm"
    assert shift.p_adjusted == pytest.approx(2 * (shift.p or 0.0))


def test_a_number_that_only_spreads(engine: Engine, tmp_path: Path) -> None:
    shift = only(find(engine, tmp_path, {"x": grid(0, 1, 900)}, {"x": grid(0, 3, 900)}))
    assert shift.sentence.startswith("x spreads wider, its standard deviation from 0.9 to 2.6 (PSI ")
    assert shift.notable


def test_what_stayed_is_told_too_and_not_notable(engine: Engine, tmp_path: Path) -> None:
    shifts = find(
        engine,
        tmp_path,
        {"x": grid(0, 1, 900), "c": ["a", "b"] * 450},
        {"x": grid(0, 1, 300), "c": ["a", "b"] * 150},
    )
    assert [(shift.sentence, shift.notable) for shift in shifts] == [
        ("c stayed (PSI 0.00)", False),
        ("x stayed (PSI 0.00)", False),
    ]


def test_categories_that_base_has_not(engine: Engine, tmp_path: Path) -> None:
    old = {"carrier": ["UA"] * 600 + ["AA"] * 400}
    new = {"carrier": ["UA"] * 39 + ["AA"] * 27 + ["HA"] * 34}
    shift = only(find(engine, tmp_path, old, new))
    assert shift.sentence == "carrier has values that base has not in 34 % of the added rows: HA (PSI 2.3)"
    assert (shift.new_categories, shift.new_share, shift.kind) == (("HA",), 0.34, "category")
    assert shift.notable
    assert (shift.wasserstein, shift.ks, shift.mean_old) == (None, None, None)


def test_categories_in_other_shares(engine: Engine, tmp_path: Path) -> None:
    old, new = ["EWR"] * 500 + ["JFK"] * 500, ["EWR"] * 200 + ["JFK"] * 800
    shift = only(find(engine, tmp_path, {"origin": old}, {"origin": new}))
    assert shift.sentence == "origin is EWR in 50 % → 20 % of the rows that have one (PSI 0.41)"
    assert shift.chi2 == pytest.approx(2 * (150**2 / 350 + 150**2 / 650))
    assert shift.notable


def test_missing_cells(engine: Engine, tmp_path: Path) -> None:
    old, new = [None] * 20 + grid(5, 1, 980), [None] * 400 + grid(5, 1, 600)
    shift = only(find(engine, tmp_path, {"wind": old}, {"wind": new}))
    assert shift.sentence == "wind missing 2 % → 40 %".replace("2 %", "2.0 %")
    assert (shift.missing_old, shift.missing_new, shift.notable) == (0.02, 0.4, True)
    assert shift.p_adjusted is not None
    assert shift.p_adjusted < 1e-50


def test_a_column_that_lost_all_its_values(engine: Engine, tmp_path: Path) -> None:
    nothing = pa.array([None] * 100, pa.float64())
    shift = only(find(engine, tmp_path, {"x": grid(5, 1, 300)}, {"x": nothing}))
    assert shift.sentence == "x missing 0 % → 100 %"
    assert (shift.psi, shift.notable) == (None, True)
    assert shift.p == pytest.approx(0.0, abs=1e-60)


def test_both_moved_and_missing(engine: Engine, tmp_path: Path) -> None:
    old, new = grid(5, 1, 500), [None] * 250 + grid(9, 1, 250)
    told = only(find(engine, tmp_path, {"x": old}, {"x": new})).sentence
    assert told.startswith("x rose by 4, from 5 to 9 (PSI ")
    assert told.endswith("; missing 0 % → 50 %")


def test_a_constant_that_changed(engine: Engine, tmp_path: Path) -> None:
    shift = only(find(engine, tmp_path, {"x": [5] * 500}, {"x": [7] * 100}))
    assert shift.sentence.startswith("x rose by 2, from 5 to 7 (PSI ")
    assert (shift.notable, shift.wasserstein, shift.ks) == (True, None, 1.0)


def test_three_rows_never_scream(engine: Engine, tmp_path: Path) -> None:
    old = {"x": grid(0, 1, 500), "c": ["a", "b"] * 250}
    shifts = find(engine, tmp_path, old, {"x": [1.4, 1.3, 0.9], "c": ["b", "b", "z"]})
    assert [shift.notable for shift in shifts] == [False, False]


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_numbers_that_no_unit_can_enlarge_are_in_none() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 1e308, 1.7e308])
    base, added = np.array([60.0, 60.0, 60.0, 60.0, 0.0, 60.0]), np.array([0.0, 0.0, 0.0, 90.0, 90.0, 90.0])
    assert find_unit(tally_counts(values, base, added)) is None


def test_another_unit_is_recognised(engine: Engine, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    old, miles = random.lognormal(6, 0.7, 20_000), random.lognormal(6, 0.7, 12_000)
    told = {}
    for name, new in (("km", miles * 1.609344), ("same", miles), ("half", miles / 2)):
        told[name] = only(find(engine, tmp_path / name, {"distance": old}, {"distance": new})).sentence
    hint = "; base's values × 1.60934, as from miles to kilometres, would look the same"
    assert told["km"].endswith(hint)
    assert "would look" not in told["same"] + told["half"]
    celsius = {"temp": grid(10, 5, 600)}
    fahrenheit = only(find(engine, tmp_path / "f", celsius, {"temp": grid(50, 9, 400)}))
    assert fahrenheit.sentence.endswith("; base's values × 1.8 + 32, as from °C to °F, would look the same")


DAY = dt.datetime(2013, 1, 1)


def days(first: int, last: int, rows: int) -> list[dt.datetime]:
    return [DAY + dt.timedelta(days=float(day)) for day in np.linspace(first, last, rows)]


def test_a_time_that_goes_on_is_no_shift_and_one_that_goes_back_is(engine: Engine, tmp_path: Path) -> None:
    old = {"when": days(0, 89, 500)}
    assert find(engine, tmp_path / "on", old, {"when": days(85, 119, 200)}) == ()
    back = only(find(engine, tmp_path / "back", old, {"when": days(-30, 10, 200)}))
    told = "when goes back: 75 % of the added rows are before 2013-01-01, base's first (PSI "
    assert back.sentence.startswith(told)
    assert (back.kind, back.notable, back.mean_old) == ("time", True, None)
    within = only(find(engine, tmp_path / "in", old, {"when": days(60, 89, 200)}))
    assert within.sentence.startswith("when is 30 days later on average (PSI ")


def weather(months: list[int], year: int = 2013) -> dict[str, list[Any]]:
    """A temperature that follows the months, and a pressure that does not."""
    rows: dict[str, list[Any]] = {"when": [], "temp": [], "pressure": []}
    for month in months:
        rows["when"] += [dt.datetime(year, month, 1 + day % 28, day % 24) for day in range(200)]
        rows["temp"] += grid(30 + 6 * month, 5, 200)
        rows["pressure"] += grid(1_016, 3, 200)
    return rows


def told_of_temp(shifts: tuple[Shift, ...]) -> str:
    return next(shift.sentence for shift in shifts if shift.column == "temp")


def test_base_itself_shows_that_a_column_moves_with_the_months(engine: Engine, tmp_path: Path) -> None:
    told = told_of_temp(find(engine, tmp_path, weather([1, 2, 3]), weather([6])))
    assert told.startswith("temp rose by 24, from 42 to 66 (PSI ")
    assert told.endswith(
        "; base's own months differ, from 36 in 2013-01 to 48 in 2013-03, and it has no June"
    )


def test_a_season_is_called_so_where_base_has_had_it(engine: Engine, tmp_path: Path) -> None:
    year = weather(list(range(1, 13)), 2012)
    shifts = find(engine, tmp_path, year, weather([12]), columns=["temp", "pressure"])
    assert told_of_temp(shifts).endswith("; base has 102 in December, too, and 66 in its other months")


def test_no_season_is_guessed(engine: Engine, tmp_path: Path) -> None:
    months, later = weather([1, 2, 3]), weather([6])
    flat = {**months, "temp": grid(40, 5, 600)}
    untimed = {name: values for name, values in months.items() if name != "when"}
    for place, (old, new, private) in enumerate(
        [(flat, later, ()), (untimed, later, ()), (months, later, ("when",))]
    ):
        told = told_of_temp(find(engine, tmp_path / f"{place}", old, new, private=private))
        assert told.startswith("temp rose by ")
        assert "base" not in told.replace("base's standard deviations", "")


def test_of_a_private_column_no_value_is_told(engine: Engine, tmp_path: Path) -> None:
    old = {"pay": grid(41_234, 900, 400), "name": ["Ada", "Bob"] * 200, "born": days(0, 50, 400)}
    new = {"pay": grid(57_777, 900, 200), "name": ["Zoe", "Bob"] * 100, "born": days(-90, -1, 200)}
    shifts = find(engine, tmp_path, old, new, private=["pay", "name", "born"])
    assert [shift.notable for shift in shifts] == [True, True, True]
    for shift in shifts:
        assert shift.sentence.startswith(f"{shift.column} is distributed otherwise (PSI ")
        assert (shift.mean_old, shift.mean_new, shift.new_categories) == (None, None, ())
    said = repr(shifts)
    assert not [word for word in ("Ada", "Zoe", "Bob", "41", "57 ", "2012", "2013") if f"'{word}" in said]


def test_a_slice_tells_what_the_whole_hides(engine: Engine, tmp_path: Path) -> None:
    old = {"site": ["a", "b"] * 500, "x": grid(0, 1, 1_000)}
    sites = ["a"] * 900 + ["b"] * 100
    new = {"site": sites, "x": grid(0, 1, 900) + grid(1, 1, 100)}
    shifts = find(engine, tmp_path, old, new, columns=["x"], slices=["site", "unknown"])
    whole = [(shift.column, shift.slice_column, shift.slice_level, shift.notable) for shift in shifts]
    assert whole == [("x", "site", "b", True), ("x", "", "", False)]
    assert (shifts[0].rows_old, shifts[0].rows_new) == (500, 100)
    hidden = find(engine, tmp_path / "p", old, new, columns=["x"], slices=["site"], private=["site"])
    assert [shift.slice_level for shift in hidden] == [""]


def test_nothing_to_hold_against_each_other_is_no_shift(engine: Engine, tmp_path: Path) -> None:
    some, none = {"x": [1.0, 2.0]}, {"x": pa.array([], pa.float64())}
    assert find(engine, tmp_path / "a", some, none) == ()
    assert find(engine, tmp_path / "b", none, some) == ()
    assert find(engine, tmp_path / "c", some, some, columns=["y"]) == ()
    assert find(engine, tmp_path / "d", some, {"x": ["1", "2"]}) == ()


def test_fifty_are_told_the_notable_first(engine: Engine, tmp_path: Path) -> None:
    old = {f"c{place:02}": grid(0, 1, 200) for place in range(53)}
    new = {name: grid(0.5 * place * (place >= 50), 1, 200) for place, name in enumerate(old)}
    shifts = find(engine, tmp_path, old, new)
    assert len(shifts) == 50
    assert {shift.column for shift in shifts[:3]} == {"c50", "c51", "c52"}
    assert [shift.notable for shift in shifts] == [True] * 3 + [False] * 47


def test_hostile_names_and_categories_are_text_of_a_bounded_length(engine: Engine, tmp_path: Path) -> None:
    name, value = "x" * 300 + '"; DROP', "<b>" * 90
    old, new = {name: ["a"] * 200}, {name: [value] * 200}
    shift = only(find(engine, tmp_path, old, new))
    assert [len(each) for each in shift.new_categories] == [100]
    assert len(shift.sentence) < 320
    assert shift.column == name


def test_order_of_rows_never_matters(engine: Engine, tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    old = {"x": random.normal(size=2_000), "c": random.choice(list("abcde"), 2_000)}
    new = {"x": random.normal(0.5, size=500), "c": random.choice(list("abcdz"), 500)}
    turned = [{name: values[::-1] for name, values in side.items()} for side in (old, new)]
    assert find(engine, tmp_path / "as", old, new) == find(engine, tmp_path / "turned", *turned)


def test_spark_finds_what_duckdb_finds(engine: Engine, tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    old = {"x": random.normal(size=11_500) * 1e3, "c": random.choice(list("ab"), 11_500)}
    new = {"x": random.normal(0.5, size=800) * 1e3, "c": random.choice(list("abz"), 800)}
    old["x"][::11] = np.nan
    ours = find(engine, tmp_path, old, new)
    with spark_engine() as spark:
        theirs = find(spark, tmp_path, old, new)
    assert [shift.column for shift in ours if shift.notable] == ["c", "x"]
    assert [replace(shift, sentence="") for shift in theirs] == [
        replace(shift, sentence="") for shift in ours
    ]
    assert [shift.sentence for shift in theirs] == [shift.sentence for shift in ours]
