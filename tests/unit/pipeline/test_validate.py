"""Stage validate."""

import json
import logging
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.ingest import Ingest, ingest
from pipeline.problems import Example, Problem, find_problems
from pipeline.schema import flights as schema
from pipeline.stage import StageError, load_params
from pipeline.tables import md5, to_pandas
from pipeline.validate import Allowed, Validate, find_schema, matches, validate
from support import flights

LOG = logging.getLogger("test")
MEND = "mend these rows in the source, or the rule in src/pipeline/schema.py if they are right"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flights.write_raw(tmp_path)
    monkeypatch.chdir(tmp_path)


def run(**changes: Any) -> str:
    ingest(load_params("ingest", Ingest), LOG)
    return validate(msgspec.structs.replace(load_params("validate", Validate), **changes), LOG)


def spoil(month: str, row: int, **changes: Any) -> None:
    rows = flights.month(month)
    rows[row] |= changes
    flights.write(rows, flights.FLIGHTS, Path(f"data/raw/flights/{month}.parquet"))


def frame() -> pd.DataFrame:
    ingest(load_params("ingest", Ingest), LOG)
    return to_pandas(pq.read_table("data/interim/rows/2013-01.parquet"))


def problems(spoilt: pd.DataFrame) -> list[Problem]:
    return find_problems(spoilt, schema, where="2013-01.parquet", max_examples=2)


def test_valid_data_is_said_to_be_valid_file_by_file() -> None:
    summary = run()

    folder = Path("data/interim/rows")
    assert summary == "180 rows in 3 files against the schema flights: valid"
    assert json.loads(Path("reports/validation.json").read_bytes()) == {
        "schema": 1,
        "valid": True,
        "rows": 180,
        "files": {
            f"2013-0{n}.parquet": {"rows": 60, "md5": md5(folder / f"2013-0{n}.parquet")} for n in (1, 2, 3)
        },
        "problems": [],
    }
    assert (
        Path("reports/validation.txt").read_text()
        == "Valid: 180 rows in 3 files against the schema flights.\n"
    )


def test_all_that_is_wrong_is_collected_and_fails_the_stage() -> None:
    spoil("2013-01", 3, distance=-1, carrier="ZZ")
    spoil("2013-03", 7, dest="atlanta")

    with pytest.raises(StageError) as caught:
        run()

    first, third = "2013-1-1-AA-104-JFK-1000", "2013-3-1-UA-108-LGA-1400"
    assert caught.value.message == "3 problems in 180 rows in 3 files against the schema flights"
    assert (
        caught.value.hint
        == "reports/validation.txt says for each what to do; mend it and run `dvc repro` again"
    )
    assert Path("reports/validation.txt").read_text() == (
        "NOT VALID: 3 problems in 180 rows in 3 files against the schema flights.\n\n"
        "1. 2013-01.parquet, carrier: expected one of "
        "9E, AA, AS, B6, DL, EV, F9, FL, HA, MQ, OO, UA, US, VX, WN, YV, not so in 1 row; "
        f"first: {first.replace('AA', 'ZZ')} (ZZ)\n   What to do: {MEND}.\n\n"
        "2. 2013-01.parquet, distance: expected 10 to 6,000, not so in 1 row; "
        f"first: {first.replace('AA', 'ZZ')} (-1)\n   What to do: {MEND}.\n\n"
        "3. 2013-03.parquet, dest: expected text like [A-Z]{3}, not so in 1 row; "
        f"first: {third} (atlanta)\n   What to do: {MEND}.\n"
    )
    report = json.loads(Path("reports/validation.json").read_bytes())
    assert report["valid"] is False
    assert report["problems"][2] == {
        "where": "2013-03.parquet",
        "column": "dest",
        "expected": "text like [A-Z]{3}",
        "rows": 1,
        "examples": [{"row_id": third, "value": "atlanta"}],
        "advice": MEND,
    }


def test_a_missing_column_says_so_once() -> None:
    (problem,) = problems(frame().drop(columns="dest"))

    assert problem.sentence == "2013-01.parquet, dest: expected the column to be there"
    assert problem.advice.startswith("bring it back")


def test_a_missing_key_value_is_counted_and_shown() -> None:
    data = frame()
    data.loc[[4, 9, 11], "dest"] = None

    (problem,) = problems(data)

    assert (problem.column, problem.expected, problem.rows) == ("dest", "no missing value", 3)
    assert problem.examples == tuple(Example(row_id=data["row_id"][row], value="missing") for row in (4, 9))


def test_too_many_missing_values_in_one_month_are_a_problem_and_a_few_are_not() -> None:
    data = frame()
    data.loc[:5, "temp"] = float("nan")
    assert problems(data) == []

    data.loc[6, "temp"] = float("nan")
    (problem,) = problems(data)

    assert (problem.column, problem.expected, problem.rows) == ("temp", "at most 10% missing", 7)


def test_a_column_of_the_wrong_type_is_one_problem() -> None:
    data = frame()
    data["hour"] = data["hour"].astype(str)

    (problem,) = problems(data)

    assert problem.sentence == "2013-01.parquet, hour: expected whole numbers; first: the column holds str"


def test_a_fraction_among_whole_numbers_is_found() -> None:
    data = frame()
    data["seats"] = data["seats"].astype(float)
    data.loc[2, "seats"] = 3.5

    (problem,) = problems(data)

    assert (problem.column, problem.expected, problem.rows) == ("seats", "whole numbers", 1)


def test_a_broken_instrument_is_tolerated_up_to_its_share() -> None:
    data = pd.concat([frame()] * 4, ignore_index=True)
    data["row_id"] = data["flight"] = range(len(data))
    data = data.assign(row_id=data["row_id"].astype(str), flight=data["flight"] + 1)
    data.loc[0, "wind_speed"] = 1048.36
    assert problems(data) == []

    data.loc[1, "wind_speed"] = float("inf")
    (problem,) = problems(data)

    assert problem.expected == "0 to 120 but for 0.5% of the rows"
    assert [example.value for example in problem.examples] == ["1048.36", "inf"]


def test_a_duplicate_key_is_shown_once_a_row() -> None:
    data = frame()
    key = schema.unique or []
    data.loc[1, key] = data.loc[0, key].to_numpy()

    (problem,) = problems(data.astype(frame().dtypes))

    assert problem.column == "year, month, day, carrier, flight, origin, sched_dep_time"
    assert (problem.expected, problem.rows) == ("each key once", 2)


def test_a_value_that_looks_like_an_error_is_not_taken_for_one() -> None:
    data = frame()
    data.loc[0, "carrier"] = 'TypeError("x")'

    (problem,) = problems(data)

    assert problem.examples[0].value == 'TypeError("x")'


def test_hostile_values_are_cut_to_one_short_line() -> None:
    data = frame()
    data.loc[0, "carrier"] = "a\nb\x1b[31m" + "x" * 500

    (problem,) = problems(data)

    assert problem.examples[0].value == "a?b?[31m" + "x" * 51 + "…"


FILES = "data/raw/flights/2013-??.parquet"
ALLOWED = {
    "flights": Allowed(kind="files", path=FILES),
    "weather": Allowed(kind="files", path="data/raw/weather.parquet"),
    "planes": Allowed(kind="files", path="data/raw/planes.parquet"),
}


@pytest.mark.parametrize(
    ("allowed", "sentence"),
    [
        (
            {name: rule for name, rule in ALLOWED.items() if name != "planes"},
            "sources, planes: expected a source of params.yaml, validate.allowed; "
            "first: data/raw/planes.parquet",
        ),
        (
            ALLOWED | {"planes": Allowed(kind="files", path="data/trusted/*.parquet")},
            "sources, planes: expected only data/trusted/*.parquet; first: data/raw/planes.parquet",
        ),
        (
            ALLOWED | {"planes": Allowed(kind="database", path="data/raw/planes.parquet")},
            "sources, planes: expected the kind database; first: files",
        ),
        (
            ALLOWED | {"flights": Allowed(kind="files", path="data/raw/flights/2013-0[12].parquet")},
            "sources, flights: expected only data/raw/flights/2013-0[12].parquet; "
            "first: data/raw/flights/2013-03.parquet",
        ),
    ],
)
def test_a_source_off_the_allow_list_fails(allowed: dict[str, Allowed], sentence: str) -> None:
    with pytest.raises(StageError, match=r"^1 problem in 180 rows"):
        run(allowed=allowed)

    assert f"1. {sentence}\n" in Path("reports/validation.txt").read_text()


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("data/raw/flights/2013-04.parquet", True),
        ("data/raw/flights/x/2013-04.parquet", False),
        ("data/raw/flights/2013-/4.parquet", False),
        ("data/raw/../flights/2013-04.parquet", False),
        ("/data/raw/flights/2013-04.parquet", False),
        ("data/raw/flights/2013-04.parquet.tmp", False),
    ],
)
def test_a_pattern_stays_within_its_folder(path: str, fits: bool) -> None:
    assert matches(path, FILES) is fits
    assert not matches("a/../b.parquet", "a/??/b.parquet")


@pytest.mark.parametrize("name", ["boats", "pipeline.schema:CARRIERS", "no.such.module:schema"])
def test_a_schema_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(StageError, match=r"^params\.yaml, validate\.schema: "):
        find_schema(name)


def test_without_what_ingest_wrote_there_is_nothing_to_say() -> None:
    with pytest.raises(StageError) as caught:
        validate(load_params("validate", Validate), LOG)

    assert caught.value.message.startswith("data/interim/sources.json can't be read: ")
    assert caught.value.hint == "run `dvc repro ingest`"
    assert not Path("reports").exists()
