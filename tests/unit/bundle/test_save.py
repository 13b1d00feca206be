"""A saved bundle is proven to answer as its estimator does; a conversion that is silently wrong is caught."""

import hashlib
import itertools
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC

from mergegate import bundle
from mergegate.errors import UsageError
from mergegate.records.reference import Categories, Numbers
from support import bundles

ORDINAL: dict[str, Any] = {"handle_unknown": "use_encoded_value", "unknown_value": -1}


def save(path: Path, estimator: Any, y: Any = None, **settings: Any) -> bundle.Saved:
    """Fit on the small flights and save."""
    frame = bundles.flights()
    estimator.fit(frame, bundles.late(frame) if y is None else y)
    return bundle.save(
        path, estimator, **{"name": "m", "task": "binary", "target": "late", "X": frame, **settings}
    )


def refusal(path: Path, estimator: Any, y: Any = None, **settings: Any) -> UsageError:
    """The error that saving ends with; nothing may have been written."""
    with pytest.raises(UsageError) as error:
        save(path, estimator, y, **settings)
    assert list(path.parent.iterdir()) == []
    return error.value


def test_parity_is_proven_on_all_rows_and_at_the_edges(tmp_path: Path) -> None:
    saved = save(tmp_path / "bundle", bundles.logistic())
    assert (saved.rows, saved.refused_rows) == (600, 0)
    assert saved.edge_rows > 180
    assert 0 < saved.difference < 1e-6
    assert saved.size == sum(file.stat().st_size for file in (tmp_path / "bundle").iterdir())


def test_two_trainings_write_the_same_bytes(tmp_path: Path) -> None:
    sums = []
    for name in ("first", "second"):
        forest = make_pipeline(
            bundles.encoded(OrdinalEncoder(**ORDINAL), scaled=False),
            HistGradientBoostingClassifier(max_iter=5),
        )
        save(tmp_path / name, forest)
        sums.append(
            {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (tmp_path / name).iterdir()}
        )
    assert sums[0] == sums[1]
    assert sorted(sums[0]) == ["manifest.json", "model.onnx", "reference.json"]


def test_nothing_of_the_evaluation_is_in_the_bundle(tmp_path: Path) -> None:
    frame = bundles.flights()
    for name, check in (("few", frame.head(10)), ("many", frame)):
        save(tmp_path / name, bundles.logistic(), check=check)
    for file in (tmp_path / "few").iterdir():
        assert file.read_bytes() == (tmp_path / "many" / file.name).read_bytes()


def test_histogram_boosting_with_categorical_features_is_caught(tmp_path: Path) -> None:
    frame = bundles.flights()
    y = np.where(
        frame["dest"].isin(["D01", "D05", "ATL", "ORD", "D20"]) ^ (frame["carrier"] == "B6"),
        "late",
        "on_time",
    )
    model = HistGradientBoostingClassifier(max_iter=20, categorical_features=[2, 3])
    error = refusal(
        tmp_path / "b", make_pipeline(bundles.encoded(OrdinalEncoder(**ORDINAL), scaled=False), model), y
    )
    assert "the graph and the estimator disagree on " in error.message
    assert " of 600 rows" in error.message
    assert "\n  row " in error.message
    assert error.hint == (
        "likely cause: HistGradientBoostingClassifier with categorical_features, "
        "which skl2onnx converts wrongly; "
        "encode the categories as numbers or one-hot before it and leave categorical_features out"
    )


def test_one_hot_encoding_with_infrequent_categories_is_caught_at_the_edges(tmp_path: Path) -> None:
    encoder = OneHotEncoder(min_frequency=25, handle_unknown="infrequent_if_exist", sparse_output=False)
    error = refusal(tmp_path / "b", make_pipeline(bundles.encoded(encoder), LogisticRegression()))
    # Every row that training shows is right: only rows that it does not show tell.
    assert "disagree on 0 of 600 rows and " in error.message
    assert "unseen `carrier`: the graph fails (carrier='never seen in training'" in error.message
    assert error.hint.startswith("likely cause: OneHotEncoder with min_frequency or max_categories")


def test_scaling_before_trees_is_caught_where_values_lie_on_a_split(tmp_path: Path) -> None:
    frame = bundles.flights(3000)
    model = make_pipeline(
        bundles.encoded(OrdinalEncoder(**ORDINAL)), HistGradientBoostingClassifier(max_iter=30)
    )
    model.fit(frame, bundles.late(frame))
    with pytest.raises(UsageError) as error:
        bundle.save(tmp_path / "b", model, name="m", task="binary", target="late", X=frame)
    assert error.value.hint.startswith("likely cause: StandardScaler before HistGradientBoostingClassifier")


def test_a_tolerance_that_float32_can_not_hold_is_called_rounding(tmp_path: Path) -> None:
    error = refusal(tmp_path / "b", bundles.logistic(), tolerance=1e-12)
    assert error.hint.startswith("likely cause: the graph computes in float32")


@pytest.mark.parametrize(
    ("labels", "kind", "classes"),
    [
        (lambda y: y == "late", "boolean", ("False", "True")),
        (lambda y: np.where(y == "late", 10, 9), "integer", ("9", "10")),
        (lambda y: y, "text", ("late", "on_time")),
        (lambda y: y.astype(object), "text", ("late", "on_time")),
    ],
)
def test_labels_come_back_as_they_were(
    tmp_path: Path, labels: Any, kind: str, classes: tuple[str, ...]
) -> None:
    frame = bundles.flights()
    y = labels(bundles.late(frame))
    save(tmp_path / "b", bundles.logistic(), y)
    model = bundle.load(tmp_path / "b")
    assert (model.manifest.labels, model.manifest.classes) == (kind, classes)
    estimator = bundles.logistic().fit(frame, y)
    predicted = model.predict(frame).y_pred
    assert predicted.tolist() == estimator.predict(frame).tolist()
    assert type(predicted.tolist()[0]) is type(y.tolist()[0])


def test_many_classes_and_numbers_are_saved_too(tmp_path: Path) -> None:
    frame = bundles.flights()
    three = frame["carrier"].to_numpy()
    save(tmp_path / "three", bundles.logistic(), three, task="multiclass")
    predicted = bundle.load(tmp_path / "three").predict(frame)
    assert predicted.probabilities is not None
    assert predicted.probabilities.shape == (600, 3)
    value = frame["wind speed"].to_numpy() * 1000 + 5
    for name, model in (("line", LinearRegression()), ("forest", RandomForestRegressor(5, random_state=0))):
        encoder = bundles.encoded(
            OneHotEncoder(handle_unknown="ignore", sparse_output=False), scaled=name == "line"
        )
        pipeline = make_pipeline(encoder, model)
        save(tmp_path / name, pipeline, value, task="regression", target="delay")
        loaded = bundle.load(tmp_path / name).predict(frame)
        assert loaded.probabilities is None
        np.testing.assert_allclose(loaded.y_pred, pipeline.predict(frame), rtol=1e-4, atol=0.02)


def test_raw_scores_are_never_passed_off_as_probabilities(tmp_path: Path) -> None:
    save(
        tmp_path / "b",
        make_pipeline(bundles.encoded(OneHotEncoder(handle_unknown="ignore")), RidgeClassifier()),
    )
    model = bundle.load(tmp_path / "b")
    assert model.manifest.outputs.probabilities is None
    assert model.predict(bundles.flights()).probabilities is None


def test_what_skl2onnx_can_not_convert_is_named(tmp_path: Path) -> None:
    encoder = bundles.encoded(OneHotEncoder(handle_unknown="ignore"))
    error = refusal(tmp_path / "b", make_pipeline(encoder, LinearSVC()))
    assert error.message.startswith("skl2onnx can't convert LinearSVC or a step before it: NameError: ")
    assert error.hint == "choose an estimator that skl2onnx supports, or pass a converter of your own"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"name": " "}, "' ' is no name for a model"),
        ({"name": "a\nb"}, "'a\\nb' is no name for a model"),
        ({"task": "ranking"}, "`ranking` is no task"),
        ({"task": "regression"}, "Pipeline is not a fitted regressor"),
        ({"check": pd.DataFrame({"dest": ["ATL"]})}, "the check rows lack wind speed, pressure, carrier"),
        (
            {"check": bundles.flights(5).assign(pressure="high")},
            "`pressure` is a number in one of the training and check rows and text in the other",
        ),
    ],
)
def test_wrong_arguments_are_refused(tmp_path: Path, settings: dict[str, Any], sentence: str) -> None:
    assert refusal(tmp_path / "b", bundles.logistic(), **settings).message == sentence


def test_a_binary_task_with_three_classes_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path / "b", bundles.logistic(), bundles.flights()["carrier"])
    assert error.message == "a binary model has two classes, this one has 3"


def test_labels_that_are_floats_are_refused(tmp_path: Path) -> None:
    y = (bundles.late(bundles.flights()) == "late").astype(float)
    assert refusal(tmp_path / "b", bundles.logistic(), y).message == (
        "labels must be text, integers or booleans; found [0.0, 1.0]"
    )


def test_check_rows_that_the_estimator_refuses_are_an_error(tmp_path: Path) -> None:
    frame = bundles.flights()[["wind speed"]]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame, bundles.late(bundles.flights()))
    check = frame.copy()
    check.iloc[[3, 9], 0] = np.nan
    with pytest.raises(UsageError) as error:
        bundle.save(tmp_path / "b", model, name="m", task="binary", target="late", X=frame, check=check)
    assert error.value.message == "the estimator refuses the check rows: Input X contains NaN."


def test_columns_that_the_graph_can_not_hold_are_refused() -> None:
    for column, sentence in (
        (pd.to_datetime(["2013-01-01"]), "`x` is a date or duration, which no model takes"),
        ([2**24 + 1], "`x` has the integer 16,777,217, which float32 would round"),
        ([float("inf")], "`x` has values that float32 can't hold: inf"),
    ):
        with pytest.raises(UsageError) as error:
            bundle.prepare(pd.DataFrame({"x": column}))
        assert error.value.message == sentence
    with pytest.raises(UsageError, match="the column 0 has no name"):
        bundle.prepare(pd.DataFrame([[1.0]]))


def test_an_identifier_is_no_category(tmp_path: Path) -> None:
    frame = bundle.prepare(pd.DataFrame({"tailnum": [f"N{index}" for index in range(10_001)]}))
    y = np.arange(10_001) % 2
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), RidgeClassifier())
    model.fit(frame, y)
    with pytest.raises(
        UsageError, match="`tailnum` has 10,001 different values; at most 10,000 are a category"
    ):
        bundle.save(tmp_path / "b", model, name="m", task="binary", target="late", X=frame)


def test_the_reference_counts_every_training_row(tmp_path: Path) -> None:
    save(tmp_path / "b", bundles.logistic())
    model, frame = bundle.load(tmp_path / "b"), bundles.flights()
    reference = model.reference
    pressure, dest = reference.inputs["pressure"], reference.inputs["dest"]
    assert isinstance(pressure, Numbers)
    assert isinstance(dest, Categories)
    known = frame["pressure"].dropna().to_numpy()
    assert pressure.missing == 600 - len(known)
    bounds = [-np.inf, *pressure.edges, np.inf]
    assert list(pressure.counts) == [
        int(((known >= low) & (known < high)).sum()) for low, high in itertools.pairwise(bounds)
    ]
    assert dest.counts == {name: int((frame["dest"] == name).sum()) for name in dest.counts}
    assert (sum(dest.counts.values()) + dest.missing, dest.other) == (600, 0)
    assert list(dest.counts.values()) == sorted(dest.counts.values(), reverse=True)
    predicted = model.predict(frame)
    assert reference.labels is not None
    assert reference.labels.counts == dict(pd.Series(predicted.y_pred).value_counts())
    assert {name: sum(column.counts) for name, column in reference.probabilities.items()} == {
        "late": 600,
        "on_time": 600,
    }


def test_a_column_that_is_always_missing_has_no_bins(tmp_path: Path) -> None:
    frame = bundles.flights().assign(pressure=np.float32(np.nan))
    numbers = ColumnTransformer([("n", SimpleImputer(keep_empty_features=True), bundles.NUMBERS)])
    model = make_pipeline(numbers, LogisticRegression()).fit(frame[bundles.NUMBERS], bundles.late(frame))
    bundle.save(tmp_path / "b", model, name="m", task="binary", target="late", X=frame[bundles.NUMBERS])
    read = bundle.read(tmp_path / "b")
    assert msgspec.to_builtins(read.reference.inputs["pressure"]) == {
        "kind": "number", "edges": (), "counts": (0,), "missing": 600,
    }  # fmt: skip
    assert (read.manifest.inputs[1].low, read.manifest.inputs[1].high) == (None, None)
