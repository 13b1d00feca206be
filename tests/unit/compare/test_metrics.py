"""Metrics: scikit-learn's names and values, and a reason where there is no value."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as oracle

from mergegate import predictions
from mergegate.compare import METRICS, Options, Sample, evaluate, names
from mergegate.records.metrics import METRIC_TASKS, Task, greater_is_better
from mergegate.records.predictions import Predictions

Weight = NDArray[np.float64] | None
Oracle = Callable[[Predictions, Weight], float]


def _truth(name: str, **options: Any) -> Oracle:
    """scikit-learn's function on truth and prediction."""
    function = getattr(oracle, name)
    return lambda p, w: function(p.y_true, p.y_pred, sample_weight=w, **options)


def _score(name: str) -> Oracle:
    """scikit-learn's function on truth and the positive class's probability."""
    function = getattr(oracle, name)
    return lambda p, w: function(p.y_true, _probabilities(p)[:, 1], sample_weight=w)


def _probabilities(p: Predictions) -> NDArray[np.float64]:
    assert p.probabilities is not None
    return p.probabilities


ORACLES: dict[str, Oracle] = {
    "roc_auc": _score("roc_auc_score"),
    "average_precision": _score("average_precision_score"),
    "log_loss": lambda p, w: oracle.log_loss(
        p.y_true, _probabilities(p), sample_weight=w, labels=range(len(p.classes))
    ),
    "brier_score_loss": _score("brier_score_loss"),
    "accuracy": _truth("accuracy_score"),
    "balanced_accuracy": _truth("balanced_accuracy_score"),
    "precision": _truth("precision_score"),
    "recall": _truth("recall_score"),
    "f1": _truth("f1_score"),
    "matthews_corrcoef": _truth("matthews_corrcoef"),
    "precision_macro": _truth("precision_score", average="macro", zero_division=0),
    "recall_macro": _truth("recall_score", average="macro", zero_division=0),
    "f1_macro": _truth("f1_score", average="macro", zero_division=0),
    "precision_weighted": _truth("precision_score", average="weighted", zero_division=0),
    "recall_weighted": _truth("recall_score", average="weighted", zero_division=0),
    "f1_weighted": _truth("f1_score", average="weighted", zero_division=0),
    "roc_auc_ovr": lambda p, w: oracle.roc_auc_score(
        p.y_true, _probabilities(p), multi_class="ovr", average="macro", sample_weight=w
    ),
    "mean_absolute_error": _truth("mean_absolute_error"),
    "root_mean_squared_error": _truth("root_mean_squared_error"),
    "r2_score": _truth("r2_score"),
    "median_absolute_error": _truth("median_absolute_error"),
    "mean_absolute_percentage_error": _truth("mean_absolute_percentage_error"),
    "mean_pinball_loss": _truth("mean_pinball_loss"),
}


def classifier(y_true: Any, y_pred: Any, probability: Any = None, *, task: Task = "binary") -> Predictions:
    """Predictions of classes 0 … k - 1; `probability` (n, k)."""
    columns = None if probability is None else dict(enumerate(np.asarray(probability, float).T))
    ids = np.arange(len(y_true))
    return predictions.build(
        row_id=ids, y_true=np.asarray(y_true), y_pred=np.asarray(y_pred), task=task, probabilities=columns
    )


def regressor(y_true: Any, y_pred: Any) -> Predictions:
    ids = np.arange(len(y_true))
    return predictions.build(
        row_id=ids, y_true=np.asarray(y_true, float), y_pred=np.asarray(y_pred, float), task="regression"
    )


weights = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.25])


@st.composite
def classifications(draw: st.DrawFn, *, classes: int) -> tuple[Predictions, Weight]:
    """Few different scores, so that ties abound; probabilities of exactly 0 and 1 among them."""
    label = st.integers(0, classes - 1)
    raw = st.lists(st.integers(0, 4), min_size=classes, max_size=classes).filter(any)
    rows = draw(st.lists(st.tuples(label, label, raw, weights), min_size=2, max_size=40))
    scores = np.array([row[2] for row in rows], float)
    matrix = scores / scores.sum(axis=1, keepdims=True)
    weight = np.array([row[3] for row in rows])
    task: Task = "binary" if classes == 2 else "multiclass"
    made = classifier([row[0] for row in rows], [row[1] for row in rows], matrix, task=task)
    return made, weight if draw(st.booleans()) else None


@st.composite
def regressions(draw: st.DrawFn) -> tuple[Predictions, Weight]:
    number = st.floats(-1e3, 1e3).map(lambda value: round(value, 3))
    truth = number.filter(bool) if draw(st.booleans()) else number
    rows = draw(st.lists(st.tuples(truth, number, weights), min_size=2, max_size=40))
    weight = np.array([row[2] for row in rows])
    made = regressor([row[0] for row in rows], [row[1] for row in rows])
    return made, weight if draw(st.booleans()) else None


def agree(made: Predictions, weight: Weight) -> None:
    """Every metric that has a value has scikit-learn's; nothing warns."""
    sample = Sample(made)
    for name in (name for name in names(made.task) if name in ORACLES):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            value = evaluate(name, sample, weight=weight)
        if value.number is None:
            assert value.reason, name
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = ORACLES[name](made, weight)
        assert value.number == pytest.approx(expected, rel=1e-9, abs=1e-9), name


@given(classifications(classes=2))
@settings(max_examples=60, deadline=None)
def test_binary_metrics_are_scikit_learns_with_ties_and_weights(case: tuple[Predictions, Weight]) -> None:
    agree(*case)


@given(classifications(classes=4))
@settings(max_examples=50, deadline=None)
def test_multiclass_metrics_are_scikit_learns_with_ties_and_weights(case: tuple[Predictions, Weight]) -> None:
    agree(*case)


@given(regressions())
@settings(max_examples=60, deadline=None)
def test_regression_metrics_are_scikit_learns_with_weights(case: tuple[Predictions, Weight]) -> None:
    agree(*case)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_metric_of_a_large_sample_has_scikit_learns_value(task: Task) -> None:
    rng = np.random.default_rng(7)
    rows = 20_000
    if task == "regression":
        truth = rng.normal(5, 2, rows)
        made = regressor(truth, truth + rng.normal(0, 1, rows))
    else:
        k = 2 if task == "binary" else 5
        matrix = rng.dirichlet(np.ones(k), rows)
        truth = (rng.random((rows, 1)) > np.cumsum(matrix, axis=1)).sum(axis=1)
        made = classifier(truth, matrix.argmax(axis=1), matrix, task=task)
    weight = rng.random(rows)
    for given_weight in (None, weight):
        sample = Sample(made)
        values = {name: evaluate(name, sample, weight=given_weight).number for name in names(task)}
        known = {name: value for name, value in values.items() if name in ORACLES}
        assert known == pytest.approx({name: ORACLES[name](made, given_weight) for name in known}, rel=1e-9)


def test_a_metric_of_one_class_is_that_of_the_class_against_the_rest() -> None:
    rng = np.random.default_rng(1)
    truth, answer = rng.integers(0, 3, 500), rng.integers(0, 3, 500)
    sample = Sample(classifier(truth, answer, task="multiclass"))
    for name in ("precision", "recall", "f1"):
        expected = getattr(oracle, f"{name}_score")(truth, answer, average=None)
        values = [evaluate(f"{name}[{label}]", sample).number for label in range(3)]
        assert values == pytest.approx(list(expected), rel=1e-12)


def test_a_subset_of_the_rows_is_judged_alone() -> None:
    made = classifier([0, 1, 1, 0], [0, 1, 0, 1], [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
    part = Sample(made, np.array([1, 0]))
    assert evaluate("accuracy", part).number == 1.0
    assert evaluate("roc_auc", part).number == 1.0
    assert evaluate("log_loss", part).number == pytest.approx(-(np.log(0.9) + np.log(0.8)) / 2)


ONE_CLASS = classifier([0, 0, 0], [0, 0, 0], [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
NO_PROBABILITY = classifier([0, 1], [0, 1])
CONSTANT = regressor([2.1, 2.1, 2.1], [1.0, 2.0, 3.0])
HUGE = regressor([1e300, -1e300], [-1e300, 1e300])


def test_minus_zero_is_a_probability_of_zero() -> None:
    made = classifier([0, 1, 1, 0], [0, 0, 1, 0], [[1.0, -0.0], [1.0, 0.0], [0.5, 0.5], [1.0, -0.0]])
    sample = Sample(made)
    expected = oracle.roc_auc_score(made.y_true, _probabilities(made)[:, 1])
    assert evaluate("roc_auc", sample).number == expected == 0.75


REASONS = [
    ("roc_auc", ONE_CLASS, None, "no row is truly 1"),
    ("average_precision", ONE_CLASS, None, "no row is truly 1"),
    ("balanced_accuracy", ONE_CLASS, None, "every row is truly 0"),
    ("matthews_corrcoef", ONE_CLASS, None, "every row is truly 0"),
    ("precision", ONE_CLASS, None, "no row is predicted to be 1"),
    ("recall", ONE_CLASS, None, "no row is truly 1"),
    ("f1", ONE_CLASS, None, "no row is truly 1 or predicted to be"),
    ("recall[2]", ONE_CLASS, None, "no row is truly 2 or predicted to be"),
    ("r2_score", ONE_CLASS, None, "r2_score is no metric of a binary task"),
    ("log_loss", NO_PROBABILITY, None, "the file has no proba_<class> columns"),
    ("accuracy", NO_PROBABILITY, [0.0, 0.0], "every weight is 0"),
    ("accuracy", NO_PROBABILITY, [-1.0, 2.0], "a weight is negative, NaN or infinite"),
    ("accuracy", NO_PROBABILITY, [np.nan, 2.0], "a weight is negative, NaN or infinite"),
    ("r2_score", CONSTANT, None, "y_true is the same on every row"),
    ("r2_score", CONSTANT, [0.1, 0.7, 0.3], "y_true is the same on every row"),
    ("mean_absolute_percentage_error", regressor([0.0, 1.0], [1.0, 1.0]), None, "y_true is 0 on 1 row"),
    ("root_mean_squared_error", HUGE, None, "the numbers are too large to compute with"),
]


@pytest.mark.parametrize(("name", "made", "weight", "reason"), REASONS)
def test_a_metric_without_a_value_says_why(
    name: str, made: Predictions, weight: list[float] | None, reason: str
) -> None:
    given_weight = None if weight is None else np.array(weight)
    value = evaluate(name, Sample(made), weight=given_weight)
    assert (value.number, value.reason) == (None, reason)


def test_no_rows_have_no_metric() -> None:
    value = evaluate("accuracy", Sample(ONE_CLASS, np.empty(0, np.int64)))
    assert (value.number, value.reason) == (None, "there are no rows")


def test_the_table_is_the_one_that_policies_are_checked_against() -> None:
    assert list(METRICS) == list(METRIC_TASKS)
    for name, metric in METRICS.items():
        assert metric.name == name
        assert metric.tasks == METRIC_TASKS[name]
        assert metric.greater_is_better == greater_is_better(name)


def test_calibration_errors_are_those_of_fifteen_bins_of_equal_size() -> None:
    rng = np.random.default_rng(3)
    score = rng.permutation(np.linspace(0.01, 0.99, 3_000))
    truth = (rng.random(3_000) < score**1.3).astype(int)
    sample = Sample(classifier(truth, (score > 0.5).astype(int), np.column_stack([1 - score, score])))
    bins = np.argsort(score).reshape(15, 200)
    gap = score[bins].mean(axis=1) - truth[bins].mean(axis=1)
    noise = truth[bins].mean(axis=1) * (1 - truth[bins].mean(axis=1)) / 199
    values = {
        name: evaluate(name, sample).number
        for name in ("expected_calibration_error", "squared_calibration_error")
    }
    assert values == {
        "expected_calibration_error": pytest.approx(np.abs(gap).mean()),
        "squared_calibration_error": pytest.approx((gap**2 - noise).mean()),
    }


def test_the_classes_on_top_are_those_that_scikit_learn_counts() -> None:
    rng = np.random.default_rng(4)
    matrix = rng.integers(1, 4, (400, 5)).astype(float)
    truth = rng.integers(0, 5, 400)
    scores = matrix / matrix.sum(axis=1, keepdims=True)
    weight = rng.random(400)
    sample = Sample(classifier(truth, scores.argmax(axis=1), scores, task="multiclass"))
    for given_weight in (None, weight):
        found = evaluate("top_k_accuracy_score", sample, weight=given_weight, options=Options(top_k=2))
        expected = oracle.top_k_accuracy_score(truth, scores, k=2, sample_weight=given_weight)
        assert found.number == pytest.approx(expected)
    assert evaluate("top_k_accuracy_score", sample, options=Options(top_k=5)).reason == (
        "there are 5 classes, so that 5 are all of them"
    )


def test_precision_at_the_top_is_that_of_the_rows_that_rank_highest() -> None:
    rng = np.random.default_rng(5)
    score = rng.permutation(np.linspace(0.01, 0.99, 1_000))
    truth = (rng.random(1_000) < score).astype(int)
    sample = Sample(classifier(truth, (score > 0.5).astype(int), np.column_stack([1 - score, score])))
    found = evaluate("precision_at_top", sample, options=Options(top_share=0.1))
    assert found.number == pytest.approx(truth[np.argsort(score)[-100:]].mean())
    assert evaluate("precision_at_top", sample).reason == "precision_at_top is no metric of a binary task"
