"""Stage report: numbers that add up, curves small enough for git, and sentences."""

import logging
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from pipeline import curves, scores
from pipeline.importances import Importance
from pipeline.report import Report, report
from pipeline.stage import StageError
from support import samples

LOG = logging.getLogger("test")
SETTINGS = Report(importance=Importance(metric="roc_auc", rows=50, repeats=2), positive=1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A binary project after evaluation."""
    samples.write(tmp_path, "binary")
    samples.run(tmp_path, "split", "train", "evaluate")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(**changes: Any) -> StageError:
    with pytest.raises(StageError) as error:
        report(msgspec.structs.replace(SETTINGS, **changes), LOG)
    assert not Path("reports/metrics.json").exists()
    return error.value


def test_a_positive_class_that_the_model_lacks_is_refused(project: Path) -> None:
    error = refusal(positive="late")
    assert error.message == "params.yaml, report.positive: `late` is no class of the model"
    assert error.hint == "choose one of 0, 1"


def test_a_metric_that_the_task_lacks_is_refused(project: Path) -> None:
    error = refusal(importance=Importance(metric="r2_score"))
    assert error.message == "params.yaml, report.importance.metric: these rows give no `r2_score`"


def test_predictions_of_other_rows_are_refused(project: Path) -> None:
    file = project / "reports/predictions.parquet"
    frame = pd.read_parquet(file)
    frame.iloc[:-1].to_parquet(file)
    error = refusal()
    assert error.message == (
        f"reports/predictions.parquet has {len(frame) - 1} rows, data/model/evaluation has {len(frame)}"
    )


def test_predictions_that_are_gone_or_empty_are_refused(project: Path) -> None:
    file = project / "reports/predictions.parquet"
    frame = pd.read_parquet(file)
    frame.iloc[:0].to_parquet(file)
    assert refusal().message == "reports/predictions.parquet has no rows"
    file.unlink()
    assert "reports/predictions.parquet can't be read as Parquet" in refusal().message


def test_a_cross_validated_metric_that_train_did_not_measure_is_refused(project: Path) -> None:
    error = refusal(cross_validated=("r2_score",))
    assert error.message == "params.yaml, report.cross_validated: reports/training.json has no 'r2_score'"


def test_importances_leave_the_predictions_alone_and_repeat_exactly(project: Path) -> None:
    before = (project / "reports/predictions.parquet").read_bytes()
    report(SETTINGS, LOG)
    first = (project / "reports/plots/importances.json").read_bytes()
    report(SETTINGS, LOG)
    assert (project / "reports/plots/importances.json").read_bytes() == first
    assert (project / "reports/predictions.parquet").read_bytes() == before


def test_curves_keep_their_ends_and_fit_in_git() -> None:
    random = np.random.default_rng(0)
    truth, chance = random.random(20_000) < 0.3, random.random(20_000)
    roc = curves.roc(truth, chance)
    assert (roc[0], roc[-1]) == ({"fpr": 0.0, "tpr": 0.0}, {"fpr": 1.0, "tpr": 1.0})
    recall = curves.precision_recall(truth, chance)
    assert (recall[0]["recall"], recall[-1]["recall"]) == (0.0, 1.0)
    assert max(len(roc), len(recall)) <= curves.MAX_POINTS


def test_regression_plots_count_every_row() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=101)
    guess = truth + random.normal(size=101)
    assert sum(row["rows"] for row in curves.residuals(truth, guess)) == 101
    calibration = curves.regression_calibration(truth, guess, bins=5)
    predicted = [row["predicted"] for row in calibration]
    assert predicted == sorted(predicted)
    assert len(calibration) == 5


def test_classes_keep_their_places_where_text_sorts_otherwise() -> None:
    classes = ("9", "10")
    y_true, y_pred = np.array(["9", "10", "10"], dtype=object), np.array(["9", "10", "9"], dtype=object)
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    found = scores.score(
        "binary", y_true, y_pred, probabilities=probabilities, classes=classes, positive="10"
    )
    truth = [0, 1, 1]
    assert found["log_loss"] == pytest.approx(metrics.log_loss(truth, probabilities))
    assert (found["roc_auc"], found["recall"], found["precision"]) == (1.0, 0.5, 1.0)
    several = scores.score(
        "multiclass", y_true, y_pred, probabilities=probabilities, classes=classes, positive=None
    )
    assert several["log_loss"] == pytest.approx(metrics.log_loss(truth, probabilities))


def test_rows_of_one_class_have_no_area_under_a_curve() -> None:
    found = scores.score(
        "binary",
        np.array(["late"] * 3, dtype=object),
        np.array(["late"] * 3, dtype=object),
        probabilities=np.array([[0.7, 0.3]] * 3),
        classes=("late", "on_time"),
        positive="late",
    )
    assert "roc_auc" not in found
    assert found["accuracy"] == 1.0
    assert found["log_loss"] == pytest.approx(-np.log(0.7))
