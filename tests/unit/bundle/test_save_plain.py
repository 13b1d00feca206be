"""Estimators that take all columns as they are, without a ColumnTransformer: what people try first."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from mergegate import bundle
from mergegate.errors import UsageError


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    columns = {"wind": random.random(300), "visib": random.random(300), "night": random.integers(0, 2, 300)}
    return bundle.prepare(pd.DataFrame(columns))


def late(X: pd.DataFrame) -> Any:
    """0 or 1."""
    return (X["wind"] + 0.2 * np.random.default_rng(1).random(len(X)) > 0.5).to_numpy().astype(int)


def save(path: Path, estimator: Any, X: pd.DataFrame, **settings: Any) -> bundle.Bundle:
    """What was saved, loaded."""
    bundle.save(path, estimator, **{"name": "m", "task": "binary", "target": "late", "X": X, **settings})
    return bundle.load(path)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        GradientBoostingClassifier(n_estimators=5),
        HistGradientBoostingClassifier(max_iter=5),
        RandomForestClassifier(10, random_state=0),
        KNeighborsClassifier(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        make_pipeline(PCA(2), LogisticRegression()),
        make_pipeline(SelectKBest(k=2), LogisticRegression()),
        make_pipeline(PolynomialFeatures(2), LogisticRegression()),
        make_pipeline(make_pipeline(PCA(2)), LogisticRegression()),
    ],
    ids=str,
)
def test_a_classifier_of_numbers_alone_is_saved_as_it_is(
    tmp_path: Path, frame: pd.DataFrame, estimator: Any
) -> None:
    estimator.fit(frame, late(frame))
    model = save(tmp_path / "b", estimator, frame)
    # Columns go by name, in whatever order they come.
    predicted = model.predict(frame[["night", "wind", "visib"]])
    assert predicted.y_pred.tolist() == estimator.predict(frame).tolist()
    assert predicted.probabilities is not None
    np.testing.assert_allclose(predicted.probabilities, estimator.predict_proba(frame), atol=1e-5)


@pytest.mark.parametrize("columns", [["wind"], ["wind", "visib", "night"]])
@pytest.mark.parametrize("estimator", [LinearRegression(), RandomForestRegressor(5, random_state=0)], ids=str)
def test_a_regression_of_one_column_or_more_is_too(
    tmp_path: Path, frame: pd.DataFrame, estimator: Any, columns: list[str]
) -> None:
    some = frame[columns]
    estimator.fit(some, frame["wind"] * 2 + frame["visib"])
    model = save(tmp_path / "b", estimator, some, task="regression", target="delay")
    np.testing.assert_allclose(model.predict(some).y_pred, estimator.predict(some), rtol=1e-5)


def test_a_forest_may_not_be_asked_where_training_never_lacked_a_value(
    tmp_path: Path, frame: pd.DataFrame
) -> None:
    """scikit-learn's forest has an answer there, which it never learnt; skl2onnx's graph has another."""
    forest = RandomForestClassifier(10, random_state=0).fit(frame, late(frame))
    model = save(tmp_path / "b", forest, frame)
    lacking = frame.head(3).assign(wind=np.float32("nan"))
    assert len(forest.predict(lacking)) == 3
    with pytest.raises(
        UsageError, match="`wind` is missing in 3 rows, and the model takes no missing values"
    ):
        model.predict(lacking)


def test_a_forest_that_learnt_from_missing_values_is_refused(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.loc[::5, "wind"] = np.nan
    forest = RandomForestClassifier(10, random_state=0).fit(frame, late(frame.fillna(1.0)))
    with pytest.raises(UsageError, match=r"disagree on [1-9]\d* of 300 rows"):
        save(tmp_path / "b", forest, frame)
    assert not (tmp_path / "b").exists()


def test_what_may_be_missing_does_not_depend_on_the_check_rows(tmp_path: Path, frame: pd.DataFrame) -> None:
    forest = RandomForestClassifier(10, random_state=0).fit(frame, late(frame))
    with pytest.raises(UsageError, match="disagree on 53 of 300 rows"):
        save(tmp_path / "b", forest, frame, check=frame.assign(wind=np.float32("nan")))


def test_what_is_no_scikit_learn_estimator_is_refused_by_name(tmp_path: Path, frame: pd.DataFrame) -> None:
    class Guess:
        classes_ = np.array([0, 1])

        def predict(self, rows: pd.DataFrame) -> Any:
            return np.zeros(len(rows), int)

    with pytest.raises(UsageError, match="skl2onnx can't convert Guess or a step before it"):
        save(tmp_path / "b", Guess(), frame)
