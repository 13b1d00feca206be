"""Columns as levels that people can read, whatever a file holds."""

import datetime as dt
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate.compare import Banded, Skipped, cut
from mergegate.compare.quantiles import roundest, shown
from mergegate.records.explain import Band

IDS = pa.array([f"id {row}" for row in range(10_000)])


def counted(column: Any, **options: Any) -> dict[str, int]:
    """How many rows each level has, in the levels' order."""
    found = cut(column, "c", **options)
    assert isinstance(found, Banded), found
    numbers = np.bincount(found.levels.codes, minlength=len(found.levels.texts)).tolist()
    return dict(zip(found.levels.texts, numbers, strict=True))


def why(column: Any, **options: Any) -> str:
    found = cut(column, "c", **options)
    assert isinstance(found, Skipped), found
    return found.reason


def test_few_values_stand_for_themselves_and_missing_ones_come_last() -> None:
    column = pa.chunked_array([pa.array(["EV", None, "AA"]), pa.array(["EV", "", "zz"])])
    assert counted(column) == {"(empty)": 1, "AA": 1, "EV": 2, "zz": 1, "(missing)": 1}
    assert counted(pa.array([12, 1, None, 2, 1])) == {"1": 2, "2": 1, "12": 1, "(missing)": 1}
    assert counted(pa.array([True, False, True])) == {"False": 1, "True": 2}
    assert counted(pa.array([1.5, math.nan, None, 2.0])) == {"1.5": 1, "2.0": 1, "(missing)": 2}


def test_a_text_that_reads_missing_is_no_other_level() -> None:
    assert counted(pa.array(["(missing)", None, "a"])) == {"a": 1, "(missing)": 2}


def test_whole_numbers_fall_into_bins_named_by_both_ends() -> None:
    found = cut(pa.array([hour for hour in range(24) for _ in range(10)]), "hour")
    assert isinstance(found, Banded)
    assert found.band == Band(column="hour", kind="bins", edges=("6", "12", "18"))
    assert found.levels.texts == ("0 to 5", "6 to 11", "12 to 17", "18 to 23")
    assert np.bincount(found.levels.codes).tolist() == [60, 60, 60, 60]


def test_other_numbers_fall_into_half_open_bins_with_round_edges() -> None:
    numbers = np.random.default_rng(0).random(10_000)
    found = cut(pa.array(numbers), "share", bins=5)
    assert isinstance(found, Banded)
    assert found.band.edges == ("0.2", "0.4", "0.6", "0.8")
    assert found.levels.texts == ("below 0.2", "0.2 to 0.4", "0.4 to 0.6", "0.6 to 0.8", "0.8 or more")
    assert found.levels.codes.tolist() == np.searchsorted([0.2, 0.4, 0.6, 0.8], numbers, "right").tolist()


def test_a_value_that_most_rows_have_is_a_bin_of_its_own() -> None:
    delays = [0] * 600 + list(range(1, 401))
    assert counted(pa.array(delays)) == {"0": 600, "1 to 149": 149, "150 to 400": 251}


def test_large_skewed_and_tiny_numbers_have_short_edges() -> None:
    random = np.random.default_rng(0)
    distance = np.round(np.exp(random.normal(6.7, 0.6, 5_000)))
    assert list(counted(pa.array(distance)))[1] == "550 to 799"
    tiny = random.normal(0, 1e-7, 5_000)
    assert next(iter(counted(pa.array(tiny)))) == "below -6e-08"
    assert next(iter(counted(pa.array(random.integers(0, 2**62, 5_000))))) == "below 1.2e+18"


def test_infinities_fall_into_the_outer_bins() -> None:
    numbers = [-math.inf, *np.arange(20.0), math.inf]
    texts = list(counted(pa.array(numbers), bins=2))
    assert texts == ["below 10", "10 or more"]
    assert counted(pa.array([-math.inf, math.inf] * 5), kind="bins") == {"below 0": 5, "0 or more": 5}


@given(
    st.lists(st.one_of(st.integers(-50, 50), st.none()), min_size=14, max_size=80),
    st.randoms(use_true_random=False),
)
def test_a_row_has_the_same_level_in_any_order(values: list[int | None], random: Any) -> None:
    order = list(range(len(values)))
    random.shuffle(order)
    one, other = cut(pa.array(values), "c"), cut(pa.array([values[place] for place in order]), "c")
    if isinstance(one, Skipped):
        assert one == other
        return
    assert isinstance(other, Banded)
    assert (one.band, one.levels.texts) == (other.band, other.levels.texts)
    assert one.levels.codes[order].tolist() == other.levels.codes.tolist()


@given(
    st.lists(st.floats(allow_nan=False, width=32), min_size=2, max_size=200),
    st.integers(2, 12),
)
def test_every_number_lies_between_the_edges_of_its_bin(values: list[float], bins: int) -> None:
    found = cut(pa.array(values, pa.float64()), "c", kind="bins", bins=bins)
    if isinstance(found, Skipped):
        assert len(set(values)) == 1
        return
    edges = [-math.inf, *map(float, found.band.edges), math.inf]
    assert edges == sorted(set(edges))
    for value, code in zip(values, found.levels.codes.tolist(), strict=True):
        assert edges[code] <= value
        assert value < edges[code + 1] or value == math.inf
    assert len(found.levels.texts) <= bins


@given(st.integers(1_000, 5_000), st.integers(2, 8))
def test_bins_of_numbers_without_ties_hold_about_as_many_rows(rows: int, bins: int) -> None:
    values = np.random.default_rng(rows).lognormal(3, 1, rows)
    sizes = list(counted(pa.array(values), bins=bins).values())
    assert len(sizes) == bins
    assert max(abs(size - rows / bins) for size in sizes) <= 0.17 * rows / bins + 2


@pytest.mark.parametrize(
    ("low", "high", "near", "expected"),
    [
        (0.48, 0.52, 0.5, 0.5), (0.2993, 0.3007, 0.3, 0.3), (1234.0, 1266.0, 1250.0, 1250.0),
        (-0.01, 0.01, 0.004, 0.0), (7.0, 8.0, 8.0, 8.0), (1.1e-7, 1.3e-7, 1.2e-7, 1.2e-7),
        (99.0, 101.0, 100.5, 100.0),
    ],
)  # fmt: skip
def test_an_edge_is_the_roundest_number_near(low: float, high: float, near: float, expected: float) -> None:
    assert roundest(low, high, near) == expected


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_an_edge_always_parts_its_two_neighbours(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    if low < high:
        assert low < roundest(low, high, high) <= high


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0, "0"), (-0.0, "0"), (12.0, "12"), (0.3, "0.3"), (1e6, "1000000"), (1234.5, "1234.5"),
     (1e-7, "1e-07"), (2.5e20, "2.5e+20"), (-0.00012, "-0.00012"), (math.inf, "inf")],
)  # fmt: skip
def test_numbers_are_shown_by_their_digits(number: float, text: str) -> None:
    assert shown(number) == text


def days(first: str, count: int, *, hours: int = 1) -> Any:
    start = np.datetime64(first, "s")
    steps = np.arange(count * 24, step=24 // hours) * 3_600
    return pa.array([(start + np.timedelta64(int(step), "s")).item() for step in steps], pa.timestamp("us"))


def test_times_fall_into_the_part_that_suits_their_span() -> None:
    assert list(counted(days("2013-04-01", 120))) == ["2013-04", "2013-05", "2013-06", "2013-07"]
    assert list(counted(days("2013-04-01", 30)))[::5] == ["Monday", "Saturday"]
    assert list(counted(days("2013-04-01", 3))) == ["2013-04-01", "2013-04-02", "2013-04-03"]
    assert list(counted(days("2013-04-01", 1, hours=4))) == ["00:00", "06:00", "12:00", "18:00"]
    assert list(counted(days("2009-01-01", 1_800))) == ["2009", "2010", "2011", "2012", "2013"]


def test_a_part_of_time_may_be_asked_for() -> None:
    april = days("2013-04-01", 30, hours=2)
    assert counted(april, part="hour") == {"00:00": 30, "12:00": 30}
    assert len(counted(april, part="day")) == 30
    assert why(april, part="month") == "has one value, 2013-04"
    assert next(iter(counted(april.cast(pa.date32()), kind="time"))) == "Monday"


@given(
    st.lists(
        st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)), min_size=2, max_size=40, unique=True
    )
)
def test_parts_of_time_are_the_calendars(moments: list[dt.datetime]) -> None:
    weekdays = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    texts: dict[Any, Any] = {
        "weekday": lambda moment: weekdays[moment.weekday()],
        "hour": lambda moment: f"{moment.hour:02d}:00",
        "day": lambda moment: f"{moment:%Y-%m-%d}",
        "month": lambda moment: f"{moment:%Y-%m}",
    }
    for unit in ("s", "us"):
        if unit == "s":
            moments = [moment.replace(microsecond=0) for moment in moments]
        column = pa.array(moments, pa.timestamp("us")).cast(pa.timestamp(unit))
        for part, text in texts.items():
            found = cut(column, "c", part=part)
            expected = [text(moment) for moment in moments]
            if isinstance(found, Skipped):
                assert len(set(expected)) == 1
            else:
                assert [found.levels.texts[code] for code in found.levels.codes] == expected


def test_zoned_times_are_told_by_their_own_clock_and_unknown_zones_by_utcs() -> None:
    noon = [dt.datetime(2013, 7, 1, 12, tzinfo=dt.UTC), dt.datetime(2013, 7, 1, 13, tzinfo=dt.UTC)]
    assert list(counted(pa.array(noon, pa.timestamp("us", "America/New_York")))) == ["08:00", "09:00"]
    assert list(counted(pa.array(noon, pa.timestamp("us", "Nowhere/City")))) == ["12:00", "13:00"]


def test_text_is_time_where_it_has_many_values_and_all_are_iso_8601() -> None:
    texts = [f"2013-{month:02d}-{day:02d}T06:00:00" for month in range(1, 13) for day in range(1, 29)]
    assert list(counted(pa.array([*texts, None])))[::6] == ["2013-01", "2013-07", "(missing)"]
    assert why(pa.array([*texts, "soon"])) == "has more than 200 values"
    assert list(counted(pa.array(texts[:3]), kind="time")) == ["2013-01-01", "2013-01-02", "2013-01-03"]


@pytest.mark.parametrize(
    ("column", "options", "reason"),
    [
        (pa.array([None, None], pa.string()), {}, "is empty in every row"),
        (pa.array([math.nan, None]), {}, "is empty in every row"),
        (pa.nulls(3), {}, "is empty in every row"),
        (pa.array([], pa.int64()), {}, "has no rows"),
        (pa.array(["JFK", "JFK"]), {}, "has one value, JFK"),
        (pa.array([7.5] * 20), {"kind": "bins"}, "has one value, 7.5"),
        (IDS, {}, "has more than 200 values"),
        (IDS.dictionary_encode(), {}, "has more than 200 values"),
        (pa.array(range(300)), {"kind": "values"}, "has more than 200 values"),
        (pa.array(["a", "b", "c"]), {"most_values": 2}, "has more than 2 values"),
        (pa.array([[1], [2]]), {}, "holds list<item: int64>, not one value a row"),
        (pa.array(["a", "b"]), {"kind": "bins"}, "holds text, of which there are no bins"),
        (pa.array(["a", "b"]), {"kind": "time"}, "holds text, not times"),
        (pa.array([1, 2]), {"part": "day"}, "holds int64, not times"),
        (pa.array([dt.time(1), dt.time(2)]), {"part": "month"},
         "holds times of day, of which there is no month"),
        (pa.array([1, 2]), {"kind": "bins", "bins": 1}, "can't be cut into 1 bins: 2 to 50 can be had"),
        (pa.array([dt.date(1, 1, 1), dt.date(9999, 1, 1), *(dt.date(n, 1, 1) for n in range(2, 900))]), {},
         "has more than 200 values"),
    ],
)  # fmt: skip
def test_a_column_without_levels_is_skipped_with_the_reason(
    column: Any, options: dict[str, Any], reason: str
) -> None:
    assert why(column, **options) == reason
    assert str(cut(column, "c", **options)) == f"c {reason}"


@pytest.mark.parametrize(
    "column",
    [
        pa.array([b"a", b"\xff"]),
        pa.array([dt.timedelta(1), dt.timedelta(2)]),
        pa.array(["Zürich", "אילת", "\u202eevil", "x" * 10_000]),
        pa.array(list(range(13)), pa.decimal128(10, 2)),
        pa.array(list(range(13)), pa.uint64()).dictionary_encode(),
        pa.array([2**64 - 1, 0], pa.uint64()),
        pa.array(range(13), pa.float16()),
        pa.array([-(2**63) + 1, 2**63 - 1], pa.timestamp("ns")),
        pa.array([-(2**62), 2**62], pa.timestamp("s")),
        pa.array([2**31 - 1, -(2**31)], pa.date32()),
        pa.array([1.7e308, -1.7e308] * 20),
        pa.array(np.array([5e-324, 0.0] * 20)),
    ],
    ids=lambda column: str(column.type),
)
def test_whatever_a_column_holds_it_is_cut_or_skipped(column: Any) -> None:
    for kind in (None, "values", "bins", "time"):
        found = cut(column, "c", kind=kind)
        if isinstance(found, Banded):
            assert len(found.levels.codes) == len(column)
            assert len(set(found.levels.texts)) == len(found.levels.texts) > 1
            assert max(map(len, found.levels.texts)) <= 100
        else:
            assert found.reason
