"""Importances by permutation, held against scikit-learn's on the fitted estimator."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mergegate import bundle
from mergegate.bundle.columns import tensors
from mergegate.bundle.importance import (
    MOST_PREDICTIONS,
    REPEATS,
    area,
    choose_metric,
    permute,
    rows_for,
    scorer,
)
from mergegate.bundle.session import run_batches
from mergegate.records.manifest import Manifest, Outputs
from mergegate.records.metrics import Task
from support import bundles

ROWS = 600


def numbers() -> pd.DataFrame:
    random = np.random.default_rng(5)
    return bundle.prepare(pd.DataFrame({name: random.normal(size=ROWS) for name in "abc"}))


def fitted(task: Task) -> tuple[Any, pd.DataFrame, Any]:
    """An estimator, rows and labels."""
    if task == "binary":
        frame = bundles.flights(ROWS)
        labels = bundles.late(frame)
        encoder = OneHotEncoder(handle_unknown="ignore")
        return make_pipeline(bundles.encoded(encoder), LogisticRegression()).fit(frame, labels), frame, labels
    frame = numbers()
    target = (2 * frame["a"] + frame["b"]).to_numpy()
    scaled = ColumnTransformer([("numbers", StandardScaler(), list("abc"))])
    if task == "regression":
        line = LinearRegression()
        return make_pipeline(scaled, line).fit(frame, target), frame, target
    labels = np.digitize(target, [-1.0, 1.0]).astype(str).astype(object)
    return make_pipeline(scaled, LogisticRegression()).fit(frame, labels), frame, labels


@pytest.mark.parametrize(
    ("task", "metric", "scoring"),
    [
        ("binary", "roc_auc", "roc_auc"),
        ("binary", "accuracy", "accuracy"),
        ("multiclass", "log_loss", "neg_log_loss"),
        ("regression", "root_mean_squared_error", "neg_root_mean_squared_error"),
    ],
)
def test_importances_are_scikit_learns_within_their_spread(
    task: Task, metric: str, scoring: str, tmp_path: Path
) -> None:
    estimator, frame, labels = fitted(task)
    bundle.save(tmp_path / "bundle", estimator, name="m", task=task, target="y", X=frame)
    model = bundle.load(tmp_path / "bundle")
    feed = tensors(frame, model.manifest.inputs)

    found = permute(
        lambda given: run_batches(model.session, model.manifest, given),
        feed,
        model.manifest,
        scorer(metric, labels, model.manifest, "on_time"),
    )

    expected = permutation_importance(estimator, frame, labels, scoring=scoring, n_repeats=20, random_state=0)
    names = [column.name for column in model.manifest.inputs]
    assert sorted(names) == sorted(frame.columns)
    order = [list(frame.columns).index(name) for name in names]
    means, spreads = expected.importances_mean[order], expected.importances_std[order]
    # A mean of five, against a mean of twenty: four standard errors.
    error = 4 * spreads * np.sqrt(1 / REPEATS + 1 / 20) + 1e-6
    assert (np.abs([each.mean for each in found] - means) <= error).all()
    assert [each.spread for each in found] == pytest.approx(spreads, rel=1.5, abs=1e-4)
    assert max(means) > 0.05


def test_the_root_mean_squared_error_falls_as_scikit_learns() -> None:
    random = np.random.default_rng(0)
    truth, given = random.normal(size=50), random.normal(size=50)
    score = scorer("root_mean_squared_error", truth, _manifest(), None)
    assert score(bundle.Predicted(given, None)) == pytest.approx(-np.sqrt(np.mean((truth - given) ** 2)))


def _manifest(*classes: str) -> Manifest:
    """The part of a manifest that scoring reads."""
    return Manifest(
        schema=1,
        name="m",
        task="regression" if not classes else "multiclass",
        target="y",
        inputs=(),
        outputs=Outputs(prediction="y"),
        classes=classes,
        files=(),
    )


def test_the_area_is_scikit_learns_with_ties_and_without() -> None:
    random = np.random.default_rng(1)
    for digits in (1, 8):
        score, positive = random.random(300).round(digits), random.random(300) < 0.3
        assert area(positive, score) == pytest.approx(roc_auc_score(positive, score), abs=1e-12)


def test_the_log_loss_counts_a_class_that_the_model_does_not_know_as_impossible() -> None:
    score = scorer("log_loss", np.array(["a", "b", "c"], object), _manifest("a", "b"), None)
    given = bundle.Predicted(
        np.array(["a", "a", "a"], object), np.array([[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]])
    )
    assert score(given) == pytest.approx((0 + np.log(0.5) + np.log(2.0**-52)) / 3)


def test_a_positive_class_that_the_model_does_not_know_ranks_nothing() -> None:
    score = scorer("roc_auc", np.array(["a", "late"], object), _manifest("a", "b"), "late")
    assert score(bundle.Predicted(np.array(["a", "a"], object), np.array([[1.0, 0.0], [0.0, 1.0]]))) == 0.5


@pytest.mark.parametrize(
    ("task", "labels", "probabilities", "metric"),
    [
        ("binary", ["late", "on_time"], True, "roc_auc"),
        ("binary", ["late", "late"], True, "log_loss"),
        ("binary", ["late", "on_time"], False, "accuracy"),
        ("multiclass", ["a", "b"], True, "log_loss"),
        ("multiclass", ["a", "b"], False, "accuracy"),
        ("regression", [1.0, 2.0], False, "root_mean_squared_error"),
    ],
)
def test_the_metric_is_what_task_and_rows_allow(
    task: str, labels: list[Any], probabilities: bool, metric: str
) -> None:
    truth = np.array(labels, object)
    assert choose_metric(task, truth, "late", probabilities=probabilities) == metric


def test_a_model_of_many_inputs_is_asked_fewer_rows() -> None:
    assert rows_for(15, 2_000) == 2_000
    assert rows_for(10_000, 2_000) == MOST_PREDICTIONS // 10_000 // REPEATS
    assert rows_for(10**9, 2_000) == 1
    assert rows_for(0, 10) == 10


def test_shuffles_depend_on_the_inputs_name_and_the_seed_alone(tmp_path: Path) -> None:
    estimator, frame, labels = fitted("multiclass")
    bundle.save(tmp_path / "bundle", estimator, name="m", task="multiclass", target="y", X=frame)
    model = bundle.load(tmp_path / "bundle")
    feed = tensors(frame, model.manifest.inputs)
    score = scorer("log_loss", labels, model.manifest, None)

    def run(given: Any, seed: int) -> Any:
        found = permute(
            lambda some: run_batches(model.session, model.manifest, some),
            given,
            model.manifest,
            score,
            seed=seed,
        )
        return {column.name: each for column, each in zip(model.manifest.inputs, found, strict=True)}

    backwards = dict(reversed(feed.items()))
    assert run(feed, 0) == run(backwards, 0)
    assert run(feed, 0) != run(feed, 1)
