"""The project holds together: what is recorded is what is there, and the model answers as the file says."""

from pathlib import Path

import pandas as pd
import pytest

from mergegate import bundle
from pipeline.problems import find_problems
from pipeline.tables import read, read_folder, to_pandas
from pipeline.validate import find_schema

ROOT = Path(__file__).parents[1]
SCHEMA = find_schema("tumours")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """One ingested file, with `row_id`."""
    return to_pandas(read(ROOT / "data/interim/rows/all.parquet"))


def test_what_was_predicted_is_what_the_bundle_says_of_the_evaluation_rows() -> None:
    evaluation = read_folder(ROOT / "data/model/evaluation")
    written = read(ROOT / "reports/predictions.parquet")
    predicted = bundle.load(ROOT / "models/bundle").predict(evaluation)
    assert written["row_id"].to_pylist() == evaluation["row_id"].to_pylist()
    assert written["y_true"].to_pylist() == evaluation["diagnosis"].to_pylist()
    assert written["y_pred"].to_pylist() == predicted.y_pred.tolist()


def test_no_tumour_is_both_learnt_from_and_asked_about() -> None:
    train, evaluation = (
        set(read_folder(ROOT / "data/model" / side, ["row_id"])["row_id"].to_pylist())
        for side in ("train", "evaluation")
    )
    assert train
    assert evaluation
    assert train.isdisjoint(evaluation)


def test_the_schema_takes_the_rows_that_are_there(rows: pd.DataFrame) -> None:
    assert find_problems(rows, SCHEMA, where="all", max_examples=1) == []


@pytest.mark.parametrize(
    ("column", "value"), [("mean_radius", -1.0), ("worst_area", None), ("diagnosis", "unknown")]
)
def test_the_schema_refuses_what_no_instrument_can_have_said(
    rows: pd.DataFrame, column: str, value: object
) -> None:
    wrong = rows.copy()
    wrong.loc[0, column] = value
    (problem,) = find_problems(wrong, SCHEMA, where="all", max_examples=1)
    assert (problem.column, problem.rows) == (column, 1)
