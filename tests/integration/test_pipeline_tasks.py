"""The reference pipeline's code, with other params, on a binary, a multiclass and a regression data set."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mergegate import bundle, predictions
from mergegate.records.predictions import Task
from support import samples

SOURCE = Path(__file__).parents[2] / "src"
TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
STAGES = ("split", "train", "evaluate", "report")


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / "reports" / name).read_bytes())


def outputs(folder: Path) -> dict[str, bytes]:
    """Every file that the stages wrote, but for their logs."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for top in ("models", "reports", "data/model")
        for path in sorted((folder / top).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each task's project, run once."""
    folders: dict[str, Path] = {}
    for name in TASKS:
        folders[name] = tmp_path_factory.mktemp(name)
        samples.write(folders[name], name)
        samples.run(folders[name], *STAGES)
    return folders


@pytest.mark.parametrize("name", TASKS)
def test_every_evaluation_row_is_predicted_once(projects: dict[str, Path], name: Task) -> None:
    folder = projects[name]
    rows = pd.read_parquet(folder / "data/model/evaluation")
    found = pd.read_parquet(folder / "reports/predictions.parquet")
    assert found["row_id"].tolist() == rows["row_id"].tolist()
    assert found["y_true"].tolist() == rows["target"].tolist()
    assert found["site"].tolist() == rows["site"].tolist()
    predicted = bundle.load(folder / "models/bundle").predict(rows)
    assert found["y_pred"].tolist() == predicted.y_pred.tolist()
    # The contract's own reader takes the file.
    positive = 1 if name == "binary" else None
    read_back = predictions.read(
        folder / "reports/predictions.parquet", name="predictions", task=name, positive=positive
    )
    assert read_back.rows == len(rows)


@pytest.mark.parametrize("name", TASKS)
def test_training_proves_parity_on_every_evaluation_row(projects: dict[str, Path], name: Task) -> None:
    parity = read(projects[name], "training.json")["parity"]
    assert parity["rows"] == len(pd.read_parquet(projects[name] / "data/model/evaluation"))
    assert parity["edge_rows"] > 100
    assert parity["difference"] < 1e-5


def test_binary_metrics_are_scikit_learns(projects: dict[str, Path]) -> None:
    found = pd.read_parquet(projects["binary"] / "reports/predictions.parquet")
    truth, guess, chance = found["y_true"], found["y_pred"], found["proba_1"]
    document = read(projects["binary"], "metrics.json")
    expected = {
        "roc_auc": metrics.roc_auc_score(truth, chance),
        "average_precision": metrics.average_precision_score(truth, chance),
        "log_loss": metrics.log_loss(truth, chance),
        "brier_score_loss": metrics.brier_score_loss(truth, chance),
        "accuracy": metrics.accuracy_score(truth, guess),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, guess),
        "precision": metrics.precision_score(truth, guess),
        "recall": metrics.recall_score(truth, guess),
        "f1": metrics.f1_score(truth, guess),
        "matthews_corrcoef": metrics.matthews_corrcoef(truth, guess),
        "rows": len(found),
    }
    assert {name: document[name] for name in expected} == pytest.approx(expected, rel=1e-12)
    assert sorted(document) == sorted([*expected, "cross_validation"])
    assert document["roc_auc"] > 0.97


def test_multiclass_metrics_are_scikit_learns(projects: dict[str, Path]) -> None:
    found = pd.read_parquet(projects["multiclass"] / "reports/predictions.parquet")
    truth, guess = found["y_true"], found["y_pred"]
    chances = found[[f"proba_class_{index}" for index in range(3)]].to_numpy()
    # float32 probabilities sum to one within 1e-7, of which scikit-learn would warn.
    chances = chances / chances.sum(axis=1, keepdims=True)
    document = read(projects["multiclass"], "metrics.json")
    expected = {
        "log_loss": metrics.log_loss(truth, chances),
        "roc_auc_ovr": metrics.roc_auc_score(truth, chances, multi_class="ovr"),
        "accuracy": metrics.accuracy_score(truth, guess),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, guess),
        "rows": len(found),
    }
    for average in ("macro", "weighted"):
        expected[f"precision_{average}"] = metrics.precision_score(truth, guess, average=average)
        expected[f"recall_{average}"] = metrics.recall_score(truth, guess, average=average)
        expected[f"f1_{average}"] = metrics.f1_score(truth, guess, average=average)
    assert {name: document[name] for name in expected} == pytest.approx(expected, rel=1e-6)
    assert sorted(document) == sorted([*expected, "cross_validation"])


def test_regression_metrics_are_those_of_the_same_model_in_scikit_learn(projects: dict[str, Path]) -> None:
    train, evaluation = (
        pd.read_parquet(projects["regression"] / "data/model" / side) for side in ("train", "evaluation")
    )
    columns = samples.params("regression")["features"]["numbers"]
    low, high = (train[columns].astype("float32").quantile(q) for q in (0.01, 0.99))
    X, X_evaluation = (
        side[columns].astype("float32").clip(low, high, axis=1) for side in (train, evaluation)
    )
    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), Ridge(random_state=0)).fit(
        X, train["target"]
    )
    truth, guess = evaluation["target"], model.predict(X_evaluation)
    document = read(projects["regression"], "metrics.json")
    expected = {
        "mean_absolute_error": metrics.mean_absolute_error(truth, guess),
        "root_mean_squared_error": metrics.root_mean_squared_error(truth, guess),
        "r2_score": metrics.r2_score(truth, guess),
        "median_absolute_error": metrics.median_absolute_error(truth, guess),
        "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error(truth, guess),
        "rows": len(truth),
    }
    assert {name: document[name] for name in expected} == pytest.approx(expected, rel=1e-4)
    assert sorted(document) == sorted([*expected, "cross_validation"])


def test_each_task_has_its_plots(projects: dict[str, Path]) -> None:
    curves = ["calibration.json", "confusion.json", "importances.json", "precision_recall.json", "roc.json"]
    drawn = {
        name: sorted(path.name for path in (folder / "reports/plots").iterdir())
        for name, folder in projects.items()
    }
    assert drawn == {
        "binary": curves,
        "multiclass": curves,
        "regression": ["calibration.json", "importances.json", "residuals.json"],
    }


def test_the_plots_say_what_the_predictions_say(projects: dict[str, Path]) -> None:
    found = pd.read_parquet(projects["binary"] / "reports/predictions.parquet")
    confusion = read(projects["binary"], "plots/confusion.json")
    assert {(cell["actual"], cell["predicted"]): cell["rows"] for cell in confusion} == {
        (actual, guess): int(
            ((found["y_true"].astype(str) == actual) & (found["y_pred"].astype(str) == guess)).sum()
        )
        for actual in ("0", "1")
        for guess in ("0", "1")
    }
    roc = read(projects["binary"], "plots/roc.json")
    area = np.trapezoid([point["tpr"] for point in roc], [point["fpr"] for point in roc])
    assert area == pytest.approx(read(projects["binary"], "metrics.json")["roc_auc"], abs=1e-5)
    report = read(projects["binary"], "classification_report.json")
    assert {label: row["support"] for label, row in report.items()} == {
        label: float((found["y_true"].astype(str) == label).sum()) for label in ("0", "1")
    }


@pytest.mark.parametrize("name", TASKS)
def test_importances_name_every_input_with_its_spread(projects: dict[str, Path], name: Task) -> None:
    rows = read(projects[name], "plots/importances.json")
    inputs = samples.params(name)["split"]["inputs"]
    assert sorted(row["input"] for row in rows) == sorted(inputs)
    means = [row["mean"] for row in rows]
    assert means == sorted(means, reverse=True)
    assert means[0] > 0
    assert rows[0]["spread"] > 0


@pytest.mark.parametrize(("name", "seed"), [("binary", "1"), ("regression", "2")])
def test_another_process_writes_the_same_bytes(
    projects: dict[str, Path], tmp_path: Path, name: Task, seed: str
) -> None:
    samples.write(tmp_path, name)
    samples.run(tmp_path, "split")
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.train"],
        cwd=tmp_path,
        # Sets of text have another order under another seed.
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    samples.run(tmp_path, "evaluate", "report")
    assert outputs(tmp_path) == outputs(projects[name])


def test_boosting_is_one_param_away(tmp_path: Path) -> None:
    samples.write(tmp_path, "binary", {"train.model": "boosting"})
    samples.run(tmp_path, *STAGES)
    assert read(tmp_path, "training.json")["class"] == "sklearn.ensemble.HistGradientBoostingClassifier"
    assert read(tmp_path, "metrics.json")["roc_auc"] > 0.95


def test_a_search_keeps_the_best_arguments(tmp_path: Path) -> None:
    search = {"method": "grid", "metric": "log_loss", "jobs": 2}
    samples.write(tmp_path, "binary", {"train.search": search})
    samples.run(tmp_path, "split", "train")
    training = read(tmp_path, "training.json")
    others = [trial["mean"]["log_loss"] for trial in training["search"]]
    assert training["cross_validation"]["mean"]["log_loss"] < min(others)
    tried = {training["arguments"]["C"], *(trial["arguments"]["C"] for trial in training["search"])}
    assert tried == {0.01, 1.0}
