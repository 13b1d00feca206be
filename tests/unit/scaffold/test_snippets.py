"""The snippets write what the contract asks for: those of Python are run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mergegate import predictions
from mergegate.scaffold.snippets import SNIPPETS, Library, NearMiss, choose_library, mend

TRUTH = np.array([0, 1, 1, 0])
CHANCE = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])


class Model:
    classes_ = np.array([0, 1])

    def predict(self, rows: Any) -> Any:
        return CHANCE.argmax(axis=1)

    def predict_proba(self, rows: Any) -> Any:
        return CHANCE


class Torch:
    """As much of PyTorch as three lines use."""

    @staticmethod
    def softmax(logits: Any, dim: int) -> Any:
        proba = np.exp(logits) / np.exp(logits).sum(axis=dim, keepdims=True)
        return SimpleNamespace(cpu=lambda: SimpleNamespace(numpy=lambda: proba))


SURROUNDINGS: dict[Library, dict[str, Any]] = {
    "pandas": {
        "test": pd.DataFrame({"x": range(4)}),
        "X_test": None,
        "y_test": TRUTH,
        "model": Model(),
    },
    "pytorch": {
        "torch": Torch,
        "logits": np.log(CHANCE),
        "names": ["a.png", "b.png", "c.png", "d.png"],
        "labels": ["cat", "dog", "dog", "cat"],
        "classes": ["cat", "dog"],
    },
    "xgboost": {
        "booster": SimpleNamespace(predict=lambda rows: CHANCE[:, 1]),
        "dtest": None,
        "test": pd.DataFrame({"id": [7, 8, 9, 10]}),
        "y_test": TRUTH,
    },
}


@pytest.mark.parametrize("library", SURROUNDINGS)
def test_a_snippet_writes_predictions_that_a_review_reads(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("reports").mkdir()
    assert len(SNIPPETS[library]) <= 4
    exec("\n".join(SNIPPETS[library]), {"pd": pd, "np": np, **SURROUNDINGS[library]})
    positive = "dog" if library == "pytorch" else None
    file = Path("reports/predictions.parquet")
    found = predictions.read(file, task="binary", positive=positive, name="it")
    assert found.rows == 4
    assert found.y_true.tolist() == TRUTH.tolist()
    assert found.probabilities is not None
    assert found.probabilities.tolist() == pytest.approx(CHANCE)


def test_the_lines_for_r_name_every_column_and_end_with_the_file() -> None:
    text = "\n".join(SNIPPETS["r"])
    assert all(name in text for name in ("row_id", "y_true", "y_pred", "proba_"))
    assert SNIPPETS["r"][-1] == 'arrow::write_parquet(table, "reports/predictions.parquet")'


def test_a_file_that_nearly_is_predictions_becomes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("it's.csv").write_text("Id;actual;predicted\n1;a;b\n2;b;b\n")
    near = NearMiss(
        path="it's.csv",
        renames={"Id": "row_id", "actual": "y_true", "predicted": "y_pred"},
        delimiter=";",
    )
    lines = mend(near, r=False)
    assert len(lines) == 3
    exec("\n".join(lines), {"pd": pd})
    found = predictions.read(Path("it's.parquet"), task="multiclass", name="it")
    assert (found.rows, found.classes) == (2, ("a", "b"))


def test_what_only_a_person_knows_is_left_open() -> None:
    near = NearMiss(
        path="out/p.parquet", renames={"label": "y_true"}, lacking=("row_id", "y_pred"), score="score"
    )
    assert mend(near, r=False) == (
        "table = pd.read_parquet('out/p.parquet')",
        "table = table.rename(columns={'label': 'y_true'})",
        'table["row_id"] = …  # unique, and the same for the same example in every revision',
        "table[\"y_pred\"] = …  # the answer; 'score' itself may become proba_<class>",
        "table.to_parquet('out/p.parquet', index=False)",
    )
    assert mend(near, r=True) == (
        'table <- arrow::read_parquet("out/p.parquet")',
        'names(table)[names(table) == "label"] <- "y_true"',
        "table$row_id <- …  # unique, and the same for the same example in every revision",
        "table$y_pred <- …  # the answer; 'score' itself may become proba_<class>",
        'arrow::write_parquet(table, "out/p.parquet")',
    )


@pytest.mark.parametrize(
    ("imported", "r", "library"),
    [
        ({"torch", "pandas"}, False, "pytorch"),
        ({"xgboost", "pandas"}, False, "xgboost"),
        ({"sklearn"}, False, "pandas"),
        (set[str](), True, "r"),
        ({"pandas"}, True, "pandas"),
        (set[str](), False, "pandas"),
    ],
)
def test_the_library_is_the_one_that_the_project_imports(
    imported: set[str], r: bool, library: Library
) -> None:
    assert choose_library(frozenset(imported), r=r) == library
