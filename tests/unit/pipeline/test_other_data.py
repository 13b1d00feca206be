"""The same stages, other params and schema: scikit-learn's bundled sets from ingest to profile."""

import json
import logging
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn import datasets

from pipeline.ingest import Ingest, ingest
from pipeline.profile import Profile, profile
from pipeline.split import Split, split
from pipeline.stage import StageError, load_params
from pipeline.validate import Validate, validate

LOG = logging.getLogger("test")

SCHEMAS = """
import pandera.pandas as pa
from pipeline.checks import number, text, whole

breast_cancer = pa.DataFrameSchema(
    {
        "row_id": text(unique=True),
        "mean radius": number(5, 30),
        "diagnosis": text(among=("malignant", "benign")),
    }
)
wine = pa.DataFrameSchema({"alcohol": number(10, 16), "cultivar": text(pattern="class_[0-2]")})
diabetes = pa.DataFrameSchema({"bmi": number(-1, 1), "progression": whole(0, 400)})
"""


def write_set(name: str, target: str, suffix: str) -> list[str]:
    """The set as a table with an id, and params.yaml; its inputs."""
    bunch: Any = getattr(datasets, f"load_{name}")(as_frame=True)
    classes = dict(enumerate(getattr(bunch, "target_names", [])))
    labels = bunch.target.map(classes) if classes else bunch.target
    frame: pd.DataFrame = bunch.data.assign(**{target: labels, "id": range(len(labels))})
    getattr(frame, f"to_{suffix}")(f"{name}.{suffix}", index=False)
    source = {"kind": "files", "path": f"{name}.{suffix}"}
    params = {
        "ingest": {"sources": {"table": source}, "main": "table", "key": ["id"]},
        "validate": {"schema": f"schemas_of_others:{name}", "allowed": {"table": source}},
        "split": {
            "method": "hash",
            "hash": {"share": 0.2},
            "label": {"name": target, "column": target},
            "inputs": list(bunch.feature_names),
        },
        "profile": {"label": target},
    }
    # JSON is YAML.
    Path("params.yaml").write_text(json.dumps(params))
    Path("schemas_of_others.py").write_text(SCHEMAS)
    return list(bunch.feature_names)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize(
    ("name", "target", "suffix", "summary"),
    [
        ("breast_cancer", "diagnosis", "parquet", "464 rows to train on, 105 to evaluate"),
        ("wine", "cultivar", "csv", "147 rows to train on, 31 to evaluate"),
        ("diabetes", "progression", "parquet", "359 rows to train on, 83 to evaluate"),
    ],
)
def test_the_stages_run_on_other_data(name: str, target: str, suffix: str, summary: str) -> None:
    inputs = write_set(name, target, suffix)

    ingest(load_params("ingest", Ingest), LOG)
    validate(load_params("validate", Validate), LOG)
    said = split(load_params("split", Split), LOG)
    profile(load_params("profile", Profile), LOG)

    assert said == f"{summary}, 0 without a label left out"
    assert pq.read_table("data/model/train/all.parquet").column_names == ["row_id", *inputs, target]
    assert Path("reports/profile.html").stat().st_size < 3_000_000


def test_a_schema_of_ones_own_refuses_what_it_does_not_allow() -> None:
    write_set("wine", "cultivar", "csv")
    text = Path("wine.csv").read_text()
    Path("wine.csv").write_text(text.replace("class_2", "class_9"))
    ingest(load_params("ingest", Ingest), LOG)

    with pytest.raises(StageError) as caught:
        validate(load_params("validate", Validate), LOG)

    assert caught.value.message == "1 problem in 178 rows in 1 file against the schema schemas_of_others:wine"
    assert Path("reports/validation.txt").read_text().splitlines()[2] == (
        "1. all.parquet, cultivar: expected text like class_[0-2], not so in 48 rows; "
        "first: 130 (class_9), 131 (class_9), 132 (class_9)"
    )
