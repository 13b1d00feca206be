"""Stage split."""

import json
import logging
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest import Ingest, ingest
from pipeline.split import ByHash, ByTime, Label, Split, add_label, in_evaluation, split
from pipeline.stage import StageError, load_params
from pipeline.validate import Validate, validate
from support import flights

LOG = logging.getLogger("test")
BERLIN = pa.timestamp("ms", tz="Europe/Berlin")
LABEL = Label(name="y", column="y")
METHODS = {
    "time": Split(method="time", label=LABEL, inputs=(), time=ByTime(column="when", evaluation_from=500)),
    "hash": Split(method="hash", label=LABEL, inputs=(), hash=ByHash(share=0.3)),
    "group": Split(method="group", label=LABEL, inputs=(), group=ByHash(column="team", share=0.3)),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flights.write_raw(tmp_path)
    monkeypatch.chdir(tmp_path)
    ingest(load_params("ingest", Ingest), LOG)
    validate(load_params("validate", Validate), LOG)


def params(**changes: Any) -> Split:
    return msgspec.structs.replace(load_params("split", Split), **changes)


def ids(side: str) -> set[str]:
    files = sorted(Path("data/model", side).glob("*.parquet"))
    return {row_id for file in files for row_id in pq.read_table(file)["row_id"].to_pylist()}


@pytest.mark.usefixtures("project")
def test_the_reference_splits_by_time_and_counts_rows_without_label() -> None:
    summary = split(params(), LOG)

    assert summary == "114 rows to train on, 57 to evaluate, 9 without a label left out"
    assert [path.name for path in sorted(Path("data/model/train").iterdir())] == [
        "2013-01.parquet",
        "2013-02.parquet",
    ]
    assert [path.name for path in Path("data/model/evaluation").iterdir()] == ["2013-03.parquet"]
    row = pq.read_table("data/model/evaluation/2013-03.parquet").to_pylist()[0]
    assert row == {
        "row_id": "2013-3-1-AA-103-EWR-900",
        "hour": 9,
        "weekday": 5,
        "distance": 530,
        "carrier": "AA",
        "origin": "EWR",
        "dest": "BOS",
        "seats": 180,
        "built": 2004,
        "temp": 40.0,
        "dewp": 30.0,
        "humid": 60.0,
        "wind_speed": 10.0,
        "precip": 0.0,
        "pressure": 1015.0,
        "visib": 10.0,
        "date": date(2013, 3, 1),
        "month": 3,
        "tailnum": "N102B6",
        "late": "on_time",
    }


@pytest.mark.usefixtures("project")
def test_nothing_that_departure_tells_is_written() -> None:
    split(params(), LOG)

    written = set(pq.read_table("data/model/train/2013-01.parquet").column_names)
    assert written.isdisjoint({"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"})


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("column", ["dep_delay", "arr_delay"])
@pytest.mark.parametrize("place", ["inputs", "keep"])
def test_a_leak_named_in_params_is_refused(place: str, column: str) -> None:
    with pytest.raises(StageError) as caught:
        split(params(**{place: (column,), "later": ("dep_delay",)}), LOG)

    assert caught.value.message == f"params.yaml, split: nobody knows {column} when a prediction is asked for"
    assert caught.value.hint == "take it out of split.inputs and split.keep"
    assert not Path("data/model").exists()


@pytest.mark.usefixtures("project")
def test_a_plane_is_on_one_side_only_when_planes_are_the_groups() -> None:
    split(params(method="group", group=ByHash(column="tailnum", share=0.5, salt="d")), LOG)

    planes = {
        side: {
            plane
            for file in Path("data/model", side).iterdir()
            for plane in pq.read_table(file)["tailnum"].drop_null().to_pylist()
        }
        for side in ("train", "evaluation")
    }
    assert planes["train"].isdisjoint(planes["evaluation"])
    assert planes["train"] | planes["evaluation"] == {"N101AA", "N102B6"}


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "rule",
    [
        {"method": "time"},
        {"method": "hash", "hash": ByHash(share=0.3)},
        {"method": "group", "group": ByHash(column="tailnum", share=0.5, salt="d")},
    ],
)
def test_a_new_month_moves_no_old_row_and_rewrites_no_old_file(rule: dict[str, Any]) -> None:
    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in Path("data/model").rglob("*.parquet")}

    split(params(**rule), LOG)
    sides, before = (ids("train"), ids("evaluation")), files()
    flights.write(flights.month("2013-04"), flights.FLIGHTS, Path("data/raw/flights/2013-04.parquet"))
    ingest(load_params("ingest", Ingest), LOG)
    validate(load_params("validate", Validate), LOG)
    split(params(**rule), LOG)

    assert sides[0] <= ids("train")
    assert sides[1] <= ids("evaluation")
    assert before.items() <= files().items()
    assert len(files()) > len(before)


Row = tuple[int, int | None, float | None]
ROWS = st.dictionaries(
    st.text(max_size=8),
    st.tuples(st.integers(0, 1000), st.none() | st.integers(0, 20), st.none() | st.floats(allow_nan=False)),
    max_size=40,
)


def sides(rows: dict[str, Row], order: list[str], params: Split) -> dict[str, bool]:
    table = pa.table(
        {
            "row_id": pa.array(order, pa.string()),
            "when": pa.array([rows[key][0] for key in order], pa.int64()),
            "team": pa.array([rows[key][1] for key in order], pa.int64()),
            "y": pa.array([rows[key][2] for key in order], pa.float64()),
        }
    )
    labelled = add_label(table, params)
    return dict(zip(labelled["row_id"].to_pylist(), in_evaluation(labelled, params).to_pylist(), strict=True))


@pytest.mark.parametrize("method", METHODS)
@given(old=ROWS, new=ROWS, data=st.data())
def test_adding_rows_moves_no_old_row_between_the_sides(
    method: str, old: dict[str, Row], new: dict[str, Row], data: st.DataObject
) -> None:
    before = sides(old, list(old), METHODS[method])
    grown = new | old
    after = sides(grown, data.draw(st.permutations(list(grown))), METHODS[method])

    assert before == {row_id: after[row_id] for row_id in before}


@given(teams=st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_a_group_is_never_on_both_sides(teams: list[int]) -> None:
    rows: dict[str, Row] = {str(number): (0, team, 1.0) for number, team in enumerate(teams)}

    assigned = sides(rows, list(rows), METHODS["group"])

    assert all(len({assigned[key] for key in rows if rows[key][1] == team}) == 1 for team in teams)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_hash_sends_its_share_to_evaluation(share: float) -> None:
    rows: dict[str, Row] = {f"row-{number}": (0, None, 1.0) for number in range(20_000)}
    rule = Split(method="hash", label=LABEL, inputs=(), hash=ByHash(share=share))

    assigned = sides(rows, list(rows), rule)

    # Four standard deviations of a binomial share of 20,000.
    assert abs(sum(assigned.values()) / len(rows) - share) < 4 * (share * (1 - share) / 20_000) ** 0.5


def test_another_salt_chooses_other_rows() -> None:
    rows: dict[str, Row] = {f"row-{number}": (0, None, 1.0) for number in range(200)}
    salted = Split(method="hash", label=LABEL, inputs=(), hash=ByHash(share=0.3, salt="b"))

    assert sides(rows, list(rows), METHODS["hash"]) != sides(rows, list(rows), salted)


@pytest.mark.parametrize(
    ("times", "boundary", "expected"),
    [
        (pa.array([date(2013, 2, 28), date(2013, 3, 1)]), date(2013, 3, 1), [False, True]),
        (pa.array([0, 86_400_000], pa.timestamp("ms")), date(1970, 1, 2), [False, True]),
        # 22:00 UTC is already the next day in Berlin.
        (
            pa.array([75_600_000, 82_800_000], pa.timestamp("ms", tz="Europe/Berlin")),
            date(1970, 1, 2),
            [False, True],
        ),
        (pa.array([1.5, 2.0]), 2, [False, True]),
    ],
)
def test_the_boundary_itself_is_for_evaluation(times: pa.Array, boundary: Any, expected: list[bool]) -> None:
    table = pa.table({"row_id": ["a", "b"], "when": times, "y": [1.0, 2.0]})
    rule = Split(method="time", label=LABEL, inputs=(), time=ByTime(column="when", evaluation_from=boundary))

    assert in_evaluation(table, rule).to_pylist() == expected


def test_a_row_without_time_is_refused() -> None:
    table = pa.table({"row_id": ["a", "b"], "when": [None, 2], "y": [1.0, 2.0]})

    with pytest.raises(StageError, match=r"^1 row has no time, so no side$"):
        in_evaluation(table, METHODS["time"])


def test_a_label_that_is_a_column_already_stays_as_it_is() -> None:
    table = pa.table({"row_id": ["a", "b", "c"], "y": ["benign", None, "malignant"]})

    assert add_label(table, METHODS["hash"])["y"].to_pylist() == ["benign", "malignant"]


def test_a_label_that_is_not_a_number_counts_as_missing() -> None:
    table = pa.table({"row_id": ["a", "b"], "y": [float("nan"), 1.5]})

    assert add_label(table, METHODS["hash"])["row_id"].to_pylist() == ["b"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "hash"}, "params.yaml, split.hash is missing"),
        (
            {"method": "hash", "hash": ByHash(share=1)},
            "params.yaml, split.hash.share is 1, not between 0 and 1",
        ),
        ({"inputs": ("hour", "hour")}, "params.yaml, split names hour twice"),
        ({"inputs": ("gate",)}, "params.yaml, split: there is no column gate"),
        (
            {"label": Label(name="late", column="arr_delay", at_least=15)},
            "params.yaml, split.label needs all of at_least, above and below, or none of them",
        ),
        (
            {"time": ByTime(column="date", evaluation_from=7)},
            "params.yaml, split.time: 7 can't be compared with a column of date32[day]",
        ),
        (
            {"time": ByTime(column="date", evaluation_from=date(2014, 1, 1))},
            "171 rows to train on and 0 to evaluate",
        ),
    ],
)
def test_params_that_can_not_be_meant_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(StageError) as caught:
        split(params(**changes), LOG)

    assert caught.value.message == message
    assert not Path("data/model").exists()


@pytest.mark.usefixtures("project")
def test_data_that_was_not_validated_is_refused() -> None:
    report = Path("reports/validation.json")
    good = json.loads(report.read_bytes())

    report.write_text(json.dumps(good | {"valid": False}))
    with pytest.raises(StageError, match=r"^reports/validation\.json says that the data is not valid$"):
        split(params(), LOG)

    report.write_text(json.dumps(good | {"files": {}}))
    with pytest.raises(StageError, match=r"is about other data than data/interim/rows holds$"):
        split(params(), LOG)

    report.write_text("{")
    with pytest.raises(StageError, match=r"^reports/validation\.json can't be read: "):
        split(params(), LOG)

    assert not Path("data/model").exists()
