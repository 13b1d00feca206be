"""Stage evaluate: the bundle's answers, or a sentence."""

import logging
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.evaluate import Evaluate, evaluate
from pipeline.stage import StageError
from support import samples

LOG = logging.getLogger("test")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A binary project after training."""
    samples.write(tmp_path, "binary")
    samples.run(tmp_path, "split", "train")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rewrite(project: Path, **columns: object) -> None:
    """Replace columns of the evaluation rows; None removes one."""
    file = project / "data/model/evaluation/all.parquet"
    frame = pd.read_parquet(file).assign(
        **{name: value for name, value in columns.items() if value is not None}
    )
    frame.drop(columns=[name for name, value in columns.items() if value is None]).to_parquet(file)


def test_the_predictions_have_the_contracts_columns_and_no_features(project: Path) -> None:
    said = evaluate(Evaluate(columns=("site", "size")), LOG)
    table = pq.read_table(project / "reports/predictions.parquet")
    assert {field.name: str(field.type).removeprefix("large_") for field in table.schema} == {
        "row_id": "string",
        "y_true": "int64",
        "y_pred": "int64",
        "proba_0": "double",
        "proba_1": "double",
        "site": "string",
        "size": "string",
    }
    assert said == f"{table.num_rows} rows predicted by binary-sample"


def test_two_runs_write_the_same_bytes(project: Path) -> None:
    file = project / "reports/predictions.parquet"
    evaluate(Evaluate(columns=("site",)), LOG)
    first = file.read_bytes()
    evaluate(Evaluate(columns=("site",)), LOG)
    assert file.read_bytes() == first


def test_a_bundle_that_was_tampered_with_is_not_run(project: Path) -> None:
    with (project / "models/bundle/model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(StageError, match=r"model\.onnx: it has [\d,]+ bytes, the manifest says"):
        evaluate(Evaluate(), LOG)
    assert not (project / "reports/predictions.parquet").exists()


def test_no_bundle_says_how_to_have_one(project: Path) -> None:
    for file in (project / "models/bundle").iterdir():
        file.unlink()
    (project / "models/bundle").rmdir()
    with pytest.raises(StageError) as error:
        evaluate(Evaluate(), LOG)
    assert (error.value.message, error.value.hint) == (
        "there is no bundle at models/bundle",
        "run `dvc repro`, or `dvc pull` to fetch it",
    )


def test_a_column_that_is_not_there_is_named(project: Path) -> None:
    with pytest.raises(StageError, match="has no column carrier"):
        evaluate(Evaluate(columns=("carrier",)), LOG)
    rewrite(project, size=None)
    with pytest.raises(StageError, match="has no column size"):
        evaluate(Evaluate(), LOG)


def test_a_number_that_became_text_is_refused(project: Path) -> None:
    rewrite(project, **{"mean radius": "wide"})
    with pytest.raises(StageError, match="`mean radius` must be numbers; found `wide`"):
        evaluate(Evaluate(), LOG)


def test_a_row_id_twice_breaks_the_contract_and_writes_nothing(project: Path) -> None:
    rewrite(project, row_id="r1")
    with pytest.raises(StageError):
        evaluate(Evaluate(), LOG)
    assert not (project / "reports/predictions.parquet").exists()
