"""How well one column alone tells the label; scikit-learn and a count of every pair as oracles."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from mergegate.dataset import strength
from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.strength import aim, strengths
from support.tables import table_of

ROWS = 4_000


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


def measure(engine: Engine, folder: Path, columns: Mapping[str, Any]) -> dict[str, float]:
    """The strength of every column but the label `y`, all of which can be read."""
    table = table_of(engine, folder, columns)
    found = strengths(engine, aim(engine, table, "y"), [name for name in columns if name != "y"])
    return {name: value for name, value in found.items() if value is not None}


def every_pair(values: Sequence[str], positive: Sequence[bool]) -> float:
    """AUC by value of each pair, the share of positives counted without the pair."""
    rows = list(zip(values, positive, strict=True))
    prior, won = (sum(positive) - 1) / (len(rows) - 2), 0.0
    pairs = [(i, j) for i, (_, p) in enumerate(rows) if p for j, (_, q) in enumerate(rows) if not q]
    for pair in pairs:
        others = [row for place, row in enumerate(rows) if place not in pair]
        scores = []
        for place in pair:
            same = [p for value, p in others if value == rows[place][0]]
            scores.append((sum(same) + prior) / (len(same) + 1))
        won += (scores[0] > scores[1]) + (scores[0] == scores[1]) / 2
    return won / len(pairs)


def test_a_number_ranks_two_classes_as_scikit_learn_says(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    late = rng.random(ROWS) < 0.2
    columns = {
        "continuous": late + rng.normal(size=ROWS),
        "tied": np.round(late + rng.normal(size=ROWS), 1),
        "falling": np.round(rng.normal(size=ROWS) - late).astype(int),
    }

    found = measure(engine, tmp_path, {"y": np.where(late, "late", "on time"), **columns})

    expected = {name: roc_auc_score(late, values) for name, values in columns.items()}
    expected["falling"] = 1 - expected["falling"]
    # A coarse number is read by value too, which may tell a little more.
    assert found["continuous"] == pytest.approx(expected["continuous"], abs=1e-12)
    assert found["tied"] == pytest.approx(expected["tied"], abs=1e-12)
    assert found["falling"] == pytest.approx(expected["falling"], abs=1e-3)


def test_missing_numbers_stand_at_the_end_that_ranks_better(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    late = rng.random(ROWS) < 0.3
    delay = late + rng.normal(size=ROWS)
    gone = rng.random(ROWS) < np.where(late, 0.5, 0.1)
    nan, null = np.where(gone, np.nan, delay), pa.array(delay, mask=gone)

    found = measure(engine, tmp_path, {"y": late, "nan": nan, "null": null})

    expected = roc_auc_score(late, np.where(gone, 100, delay))
    assert found == {"nan": pytest.approx(expected, abs=1e-12), "null": pytest.approx(expected, abs=1e-12)}


def test_dates_and_times_have_an_order(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    late = rng.random(ROWS) < 0.5
    day = np.datetime64("2013-01-01") + np.round(late * 100 + rng.normal(size=ROWS) * 99).astype(int)

    found = measure(engine, tmp_path, {"y": late, "day": day, "moment": day.astype("datetime64[us]")})

    expected = pytest.approx(roc_auc_score(late, day.astype(int)), abs=1e-12)
    assert found == {"day": expected, "moment": expected}


def test_categories_are_scored_without_the_pair_they_rank(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    kinds = rng.integers(0, 15, 90)
    late = rng.random(90) < kinds / 20
    texts = [chr(ord("a") + kind) for kind in kinds]

    found = measure(engine, tmp_path, {"y": late, "kind": texts})

    assert found == {"kind": pytest.approx(every_pair(texts, late.tolist()), abs=1e-12)}


def test_nothing_that_has_no_signal_looks_strong(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    columns = {
        "identifier": [f"row {place}" for place in range(ROWS)],
        "constant": ["same"] * ROWS,
        "empty": pa.nulls(ROWS, pa.float64()),
        "pairs": [f"pair {place // 2}" for place in rng.permutation(ROWS)],
        "fives": [f"five {place // 5}" for place in rng.permutation(ROWS)],
        "noise": rng.normal(size=ROWS),
    }

    classes = measure(engine, tmp_path, {"y": rng.random(ROWS) < 0.3, **columns})
    several = measure(engine, tmp_path, {"y": rng.choice(["a", "b", "c"], ROWS), **columns})
    number = measure(engine, tmp_path, {"y": rng.lognormal(size=ROWS), **columns})

    # An identifier is read by its order and its number too, which tell nothing either.
    assert {classes["constant"], classes["empty"]} == {0.5}
    assert max(classes.values()) < 0.53
    assert max(several.values()) < 0.01
    assert max(number.values()) < 0.01


def test_a_copy_of_the_label_is_as_strong_as_can_be(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    kinds, heavy = rng.integers(0, 4, ROWS), rng.lognormal(sigma=2, size=ROWS)

    two = measure(engine, tmp_path, {"y": kinds > 1, "text": [f"k{kind > 1}" for kind in kinds]})
    four = measure(engine, tmp_path, {"y": [f"k{kind}" for kind in kinds], "code": kinds})
    number = measure(engine, tmp_path, {"y": heavy, "half": heavy / 2})

    assert two == {"text": 1.0}
    assert four["code"] > 0.999
    assert number == {"half": pytest.approx(1.0, abs=1e-9)}


def test_a_number_that_tells_the_label_by_value_but_not_by_rank_is_caught(
    engine: Engine, tmp_path: Path
) -> None:
    codes = np.arange(ROWS) % 7

    found = measure(engine, tmp_path, {"y": np.isin(codes, (1, 3, 5)), "code": codes})

    assert found["code"] == 1.0


def test_eta_squared_is_the_share_of_variance_between_groups(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    groups = rng.integers(0, 5, ROWS)
    minutes = groups * 3.0 + rng.normal(size=ROWS) * 4

    found = measure(engine, tmp_path, {"y": minutes, "group": [f"g{group}" for group in groups]})

    means = np.array([minutes[groups == group].mean() for group in range(5)])[groups]
    assert found["group"] == pytest.approx(means.var() / minutes.var(), abs=3e-3)


def test_cells_that_are_no_number_leave_the_line_of_the_others_as_it_is(
    engine: Engine, tmp_path: Path
) -> None:
    rng = np.random.default_rng(10)
    minutes = rng.lognormal(size=ROWS)
    gone = rng.random(ROWS) < 0.1

    found = measure(engine, tmp_path, {"y": minutes, "seconds": np.where(gone, np.nan, minutes * 60)})

    within = minutes[gone].var() * gone.sum()
    assert found["seconds"] == pytest.approx(1 - within / (minutes.var() * ROWS), abs=1e-9)


def test_a_bent_curve_is_told_by_bins(engine: Engine, tmp_path: Path) -> None:
    hour = np.random.default_rng(7).uniform(-1, 1, ROWS)

    found = measure(engine, tmp_path, {"y": hour**2, "hour": hour})

    assert found["hour"] > 0.99


def test_order_and_partition_of_rows_do_not_matter(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    late, other = rng.random(ROWS) < 0.3, rng.permutation(ROWS)
    value, kind = late + rng.normal(size=ROWS), rng.integers(0, 30, ROWS).astype(str)

    one = measure(engine, tmp_path, {"y": late, "value": value, "kind": kind})
    two = measure(engine, tmp_path, {"y": late[other], "value": value[other], "kind": kind[other]})

    assert one == {name: pytest.approx(number, abs=1e-12) for name, number in two.items()}


def test_large_tables_are_sampled_and_say_so(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(9)
    late = rng.random(ROWS) < 0.3
    table = table_of(engine, tmp_path, {"y": late, "id": range(ROWS), "x": late + rng.normal(size=ROWS)})
    whole = strengths(engine, aim(engine, table, "y"), ["x"])
    monkeypatch.setattr(strength, "MOST_ROWS", 1_500)

    target = aim(engine, table, "y", key=["id"])

    assert target.sampled
    assert 800 < target.rows < 1_200
    assert strengths(engine, target, ["x"]) == {"x": pytest.approx(whole["x"], abs=0.05)}


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        (["a", "b"] * 20, "40 labelled rows are too few to tell"),
        (["a"] * 60, "all rows have the same y"),
        (["a"] * 60 + ["b"] * 9, "9 rows of the rarer class are too few to tell"),
        ([None] * 30 + ["a", "b"] * 20, "40 labelled rows are too few to tell"),
        ([float("nan")] * 60, "0 labelled rows are too few to tell"),
        ([*range(99), float("inf")], "y holds no finite spread"),
    ],
)
def test_where_there_is_nothing_to_tell_it_says_why(
    engine: Engine, tmp_path: Path, label: list[Any], reason: str
) -> None:
    table = table_of(engine, tmp_path, {"y": pa.array(label), "x": range(len(label))})

    target = aim(engine, table, "y")

    assert target.reason == reason
    assert strengths(engine, target, ["x"]) == {}


def test_a_number_hidden_in_text_bytes_or_a_nested_cell_is_as_strong_as_by_itself(
    engine: Engine, tmp_path: Path
) -> None:
    rng = np.random.default_rng(10)
    late = rng.random(ROWS) < 0.3
    delay = late * 2 + rng.normal(size=ROWS)
    hidden = {
        "text": [f"{value:.6f}" for value in delay],
        "told": [f"{value:.6f} minutes, gate 7" for value in delay],
        "list": [[1.0, value] for value in delay],
        "struct": [{"gate": 3, "delay": value} for value in delay],
        "bytes": [f"{value:.6f}".encode() for value in delay],
    }
    names = np.array([f"{letter}{number}" for letter in "abcd" for number in range(ROWS // 4)])

    for y in (late, late + rng.normal(scale=0.01, size=ROWS)):
        found = measure(engine, tmp_path, {"y": y, "delay": delay, **hidden})
        assert {name: found[name] for name in hidden} == pytest.approx(
            dict.fromkeys(hidden, found["delay"]), abs=0.02
        )
    assert measure(engine, tmp_path, {"y": late, "name": rng.permutation(names)})["name"] < 0.53


def test_an_order_or_a_length_of_text_tells_too(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    late = rng.random(ROWS) < 0.3
    codes = np.where(late, "q", "c")
    hidden = {
        "order": [
            f"{code}{chr(97 + a)}{chr(97 + b)}{chr(97 + c)}"
            for code, a, b, c in zip(codes, *rng.integers(0, 26, (3, ROWS)), strict=True)
        ],
        "length": [f"{place:05}" + "x" * int(slow) for place, slow in enumerate(late)],
    }

    assert measure(engine, tmp_path, {"y": late, **hidden}) == {"order": 1.0, "length": 1.0}


def test_what_can_not_be_read_is_named(engine: Engine, tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    values = rng.normal(size=ROWS)
    columns = {
        "y": values > 0,
        "raw": [value.tobytes() for value in values],
        "long": [[1.0] * 16 + [value] for value in values],
        "short": [[1.0] * 15 + [value] for value in values],
    }
    table = table_of(engine, tmp_path, columns)

    found = strengths(engine, aim(engine, table, "y"), ["raw", "long", "short"])

    assert found == {"raw": None, "long": None, "short": 1.0}


def test_many_columns_are_measured_in_turns(engine: Engine, tmp_path: Path) -> None:
    late = np.random.default_rng(15).random(60) < 0.5
    columns = {f"x{place}": late if place == 149 else np.zeros(60) for place in range(150)}

    found = measure(engine, tmp_path, {"y": late, **columns})

    assert found == {**dict.fromkeys(columns, 0.5), "x149": 1.0}
