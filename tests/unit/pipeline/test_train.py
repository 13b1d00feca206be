"""Stage train: what it takes from params, and what it says when it can't go on."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV

from pipeline import estimators, stage
from pipeline.cross_validation import CrossValidation, Search, Trial, best, candidates, make_folds
from pipeline.stage import StageError
from pipeline.train import Train, train
from support import samples

LOG = logging.getLogger("test")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A binary project after its split."""
    samples.write(tmp_path, "binary")
    samples.run(tmp_path, "split")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(folder: Path, **changes: Any) -> StageError:
    """The error that training with changed params ends with; no bundle may have been written."""
    samples.set_params(folder, "binary", {key.replace("__", "."): value for key, value in changes.items()})
    with pytest.raises(StageError) as error:
        train(stage.load_params("train", Train), LOG)
    assert not (folder / "models").exists()
    return error.value


def test_a_model_that_is_not_listed_is_refused_with_those_that_are(project: Path) -> None:
    error = refusal(project, train__model="forest")
    assert error.message == "params.yaml, train.model: there is no `forest` in train.models"
    assert error.hint == "choose one of boosting, logistic, ridge"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("os.system", "os.system is not of an allowed package (sklearn)"),
        ("sklearnx.Model", "sklearnx.Model is not of an allowed package (sklearn)"),
        ("LogisticRegression", "LogisticRegression is not of an allowed package (sklearn)"),
        ("sklearn.utils.shuffle", "sklearn.utils.shuffle is no estimator that predicts"),
        (
            "sklearn.preprocessing.StandardScaler",
            "sklearn.preprocessing.StandardScaler is no estimator that predicts",
        ),
        ("sklearn.linear_model.Nothing", "sklearn.linear_model.Nothing is no estimator that predicts"),
        (
            "sklearn.nothing.Model",
            "sklearn.nothing.Model can't be imported: No module named 'sklearn.nothing'",
        ),
    ],
)
def test_only_estimators_of_allowed_packages_are_built(path: str, sentence: str) -> None:
    with pytest.raises(StageError) as error:
        estimators.build(path, {}, packages=("sklearn",), seed=0)
    assert error.value.message == sentence


def test_an_unknown_argument_is_refused_with_the_known_ones() -> None:
    with pytest.raises(StageError) as error:
        estimators.build("sklearn.linear_model.Ridge", {"alfa": 1}, packages=("sklearn",), seed=0)
    assert error.value.message == "sklearn.linear_model.Ridge has no argument alfa"
    assert error.value.hint.startswith("it has alpha, copy_X")


def test_an_estimator_may_hold_another_and_both_get_the_seed() -> None:
    inner = {"class": "sklearn.ensemble.RandomForestClassifier", "arguments": {"n_estimators": 7}}
    model = estimators.build(
        "sklearn.calibration.CalibratedClassifierCV", {"estimator": inner}, packages=("sklearn",), seed=5
    )
    assert isinstance(model, CalibratedClassifierCV)
    assert (model.estimator.n_estimators, model.estimator.random_state) == (7, 5)


def test_arguments_that_scikit_learn_refuses_are_its_own_words(project: Path) -> None:
    error = refusal(project, train__models__logistic__arguments={"C": -1})
    assert error.message.startswith(
        "scikit-learn refuses to fit: The 'C' parameter of LogisticRegression must be"
    )


def test_columns_that_the_rows_lack_are_named(project: Path) -> None:
    error = refusal(project, features__numbers=["mean radius", "dep_delay"])
    assert error.message == "the rows have no column dep_delay"
    assert error.hint == "add it to split.inputs or take it out of features"


def test_a_model_without_columns_is_refused(project: Path) -> None:
    assert refusal(project, features__numbers=[], features__categories=[]).message == (
        "params.yaml, features: names no column"
    )


def test_a_positive_class_that_no_row_has_is_refused(project: Path) -> None:
    assert refusal(project, train__positive="late").message == (
        "`target` has the classes 0, 1; a binary task has two, `late` among them"
    )
    assert refusal(project, train__positive=None).message == (
        "params.yaml, train.positive: a binary task names its positive class, no other does"
    )


def test_a_graph_that_is_silently_wrong_fails_the_stage_with_the_rows_and_the_cause(project: Path) -> None:
    model = {
        "class": "sklearn.ensemble.HistGradientBoostingClassifier",
        # The last column is the encoded category.
        "arguments": {"max_iter": 10, "min_samples_leaf": 3, "categorical_features": [30]},
        "encode": "ordinal",
    }
    error = refusal(project, train__models={"wrong": model}, train__model="wrong", features__min_rows=1)
    rows = len(pd.read_parquet(project / "data/model/evaluation"))
    assert f" of {rows} rows and " in error.message
    assert "graph" in error.message.splitlines()[1]
    assert error.hint.startswith("likely cause: HistGradientBoostingClassifier with categorical_features")


def test_a_model_that_does_not_converge_says_so_once(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    samples.set_params(project, "binary", {"train.models.logistic.arguments": {"max_iter": 1}})
    with caplog.at_level(logging.INFO, "test"):
        train(stage.load_params("train", Train), LOG)
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].startswith("warning: lbfgs failed to converge")


def test_training_json_holds_every_fold_and_no_clock(project: Path) -> None:
    samples.run(project, "train")
    document = json.loads((project / "reports/training.json").read_bytes())
    assert sorted(document) == [
        "arguments", "class", "cross_validation", "model", "parity", "schema", "search",
    ]  # fmt: skip
    folds = document["cross_validation"]["folds"]
    aucs = [fold["scores"]["roc_auc"] for fold in folds]
    assert document["cross_validation"]["mean"]["roc_auc"] == pytest.approx(np.mean(aucs))
    assert document["cross_validation"]["spread"]["roc_auc"] == pytest.approx(np.std(aucs, ddof=1))
    assert [fold["train_rows"] for fold in folds] == sorted(fold["train_rows"] for fold in folds)


def test_no_fitted_object_is_left_on_disk(project: Path) -> None:
    samples.run(project, "train")
    made = {
        str(path.relative_to(project))
        for top in ("models", "reports")
        for path in (project / top).rglob("*.*")
    }
    assert made == {
        "models/bundle/manifest.json",
        "models/bundle/model.onnx",
        "models/bundle/reference.json",
        "reports/training.json",
        "reports/validation.json",
    }


def test_time_folds_are_later_than_what_was_fitted_and_share_no_moment() -> None:
    frame = pd.DataFrame(
        {"date": pd.to_datetime("2013-01-01") + pd.to_timedelta(np.tile(range(20), 3), unit="D")}
    )
    folds = make_folds(CrossValidation(method="time", column="date", folds=3), frame, seed=0)
    assert len(folds) == 3
    for fit, test in folds:
        assert frame["date"].iloc[fit].max() < frame["date"].iloc[test].min()


def test_group_folds_keep_groups_together() -> None:
    frame = pd.DataFrame({"tailnum": [f"N{index % 7}" for index in range(50)]})
    for fit, test in make_folds(CrossValidation(method="group", column="tailnum", folds=3), frame, seed=0):
        assert set(frame["tailnum"].iloc[fit]).isdisjoint(frame["tailnum"].iloc[test])
        assert len(fit) + len(test) == 50


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"method": "time", "column": "when"}, "the training rows have no column `when`"),
        ({"method": "group"}, "the training rows have no column `None`"),
        (
            {"method": "time", "column": "date", "folds": 9},
            "`date` has 9 different values, too few for 9 folds",
        ),
    ],
)
def test_folds_that_can_not_be_made_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StageError, match=sentence):
        make_folds(CrossValidation(**settings), pd.DataFrame({"date": range(9)}), seed=0)


def test_a_search_tries_a_grid_or_draws_from_it() -> None:
    space: dict[str, list[Any]] = {"C": [1, 2, 3], "tol": [0.1, 0.2]}
    assert len(candidates(Search(method="grid"), space, seed=0)) == 6
    drawn = candidates(Search(method="random", samples=4), space, seed=0)
    assert len(drawn) == 4
    assert drawn == candidates(Search(method="random", samples=4), space, seed=0)
    assert len(candidates(Search(method="random", samples=99), space, seed=0)) == 6
    assert candidates(Search(), space, seed=0) == [{}]


def test_the_best_trial_has_the_highest_score_or_the_lowest_loss() -> None:
    trials = [
        Trial(arguments={"C": c}, folds=(), mean={"roc_auc": auc, "log_loss": loss}, spread={})
        for c, auc, loss in ((1, 0.7, 0.6), (2, 0.8, 0.9), (3, 0.8, 0.5))
    ]
    assert best(trials, "roc_auc").arguments == {"C": 2}
    assert best(trials, "log_loss").arguments == {"C": 3}
    with pytest.raises(StageError, match="no metric `auc` for this task"):
        best(trials, "auc")


def test_a_search_needs_folds_and_a_metric(project: Path) -> None:
    search = {"method": "grid", "metric": None}
    assert refusal(project, train__search=search).message == "params.yaml, train.search.metric is missing"
    assert refusal(project, train__search=search, train__cross_validation={"method": "none"}).message == (
        "params.yaml, train.search needs train.cross_validation to compare by"
    )


def test_a_label_that_is_missing_is_counted(project: Path) -> None:
    file = project / "data/model/train/all.parquet"
    frame = pd.read_parquet(file)
    frame["target"] = frame["target"].astype(object).where(frame.index > 2, None)
    frame.to_parquet(file)
    assert refusal(project).message == "`target` is missing in 3 training rows"
