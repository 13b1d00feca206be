"""Gaps between groups: scikit-learn's values at each level, the best less the worst."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from mergegate import predictions
from mergegate.compare import Options, Paired, compare, measure_gaps
from mergegate.compare.columns import Levels
from mergegate.records.explain import Gap
from mergegate.records.predictions import Predictions

EVERY = Paired(slice(None), slice(None), None, None)
ROWS = 2_000
RANDOM = np.random.default_rng(0)
GROUP = RANDOM.integers(0, 4, ROWS)
SIGNAL = RANDOM.normal(size=ROWS)
TRUE = RANDOM.random(ROWS) < 1 / (1 + np.exp(-SIGNAL))


def positive(seed: int) -> NDArray[np.float64]:
    noise = np.random.default_rng(seed).normal(size=ROWS) * (1 + GROUP / 2)
    found: NDArray[np.float64] = 1 / (1 + np.exp(-SIGNAL - noise))
    return found


def side(seed: int, **columns: Any) -> Predictions:
    score = positive(seed)
    return predictions.build(
        row_id=np.arange(ROWS), y_true=TRUE, y_pred=score > 0.5, task="binary",
        probabilities={True: score, False: 1 - score}, columns=columns,
    )  # fmt: skip


BASE, HEAD = side(1, group=[f"g{code}" for code in GROUP]), side(2)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("metric", ["roc_auc", "log_loss", "accuracy", "recall"])
def test_a_gap_is_the_best_less_the_worst_level(metric: str, *, weighted: bool) -> None:
    weight = np.random.default_rng(3).integers(1, 4, ROWS).astype(np.float64) if weighted else None
    found = measure_gaps(
        BASE, HEAD, Paired(slice(None), slice(None), weight, None), metric, "group", min_rows=50
    )
    assert (found.problem, found.levels, found.min_rows) == ("", 4, 50)
    function = {"accuracy": metrics.accuracy_score, "recall": metrics.recall_score}
    for seed, gap, ends in (
        (1, found.base, (found.base_worst, found.base_best)),
        (2, found.head, (found.head_worst, found.head_best)),
    ):
        values = {}
        for code in range(4):
            own = code == GROUP
            score = positive(seed)[own]
            answer = score if metric in ("roc_auc", "log_loss") else score > 0.5
            measure = function.get(metric) or getattr(metrics, f"{metric}_score", None) or metrics.log_loss
            sample_weight = None if weight is None else weight[own]
            values[f"g{code}"] = measure(TRUE[own], answer, sample_weight=sample_weight)
        order = sorted(values, key=values.__getitem__, reverse=metric == "log_loss")
        assert ends == (order[0], order[-1])
        assert gap == pytest.approx(abs(values[order[-1]] - values[order[0]]))


def test_a_metric_without_an_interval_has_a_gap_too() -> None:
    found = measure_gaps(BASE, HEAD, EVERY, "expected_calibration_error", "group", min_rows=50)
    assert (found.levels, found.problem) == (4, "")
    assert found.head_worst != found.head_best


def numbers(*answers: float, group: list[Any] | None = None) -> Predictions:
    rows = len(answers)
    columns = {} if group is None else {"g": group}
    return predictions.build(
        row_id=np.arange(rows), y_true=[0.0] * rows, y_pred=list(answers), task="regression", columns=columns
    )


def test_a_whole_answer_on_the_shared_rows() -> None:
    base = numbers(1.0, 3.0, 2.0, 2.0, 9.0, group=["a", "a", "b", "b", "b"])
    head = numbers(5.0, 1.0, 0.0, 1.0)
    paired = compare(base, head, metrics=()).paired
    assert paired is not None
    assert measure_gaps(base, head, paired, "mean_absolute_error", "g", min_rows=2) == Gap(
        metric="mean_absolute_error",
        column="g",
        base=0.0,
        head=2.5,
        base_worst="a",
        base_best="a",
        head_worst="a",
        head_best="b",
        levels=2,
        min_rows=2,
    )


def test_levels_that_too_few_rows_carry_are_left_out() -> None:
    group = ["a"] * 3 + ["b"] * 3 + ["c"] * 2
    side = numbers(1, 1, 1, 2, 2, 2, 90, 90, group=group)
    found = measure_gaps(side, side, EVERY, "mean_absolute_error", "g", min_rows=3)
    assert (found.levels, found.head, found.head_worst) == (2, 1.0, "b")
    # Of a class's recall only that class's rows carry anything.
    few = measure_gaps(BASE, HEAD, EVERY, "recall", "group", min_rows=300)
    assert few.problem == "no level of group has 300 rows that carry recall"


@pytest.mark.parametrize(
    ("group", "problem"),
    [
        (["a", "a", "a", "b"], "only a has 2 rows that carry mean_absolute_error: a gap needs two levels"),
        (["a", "b", "c", "d"], "no level of g has 2 rows that carry mean_absolute_error"),
        (["a"] * 4, "the column g has one value, a"),
        ([None] * 4, "the column g is empty in every row"),
        (None, "the column g is in neither file"),
    ],
)
def test_without_two_levels_there_is_a_reason(group: list[Any] | None, problem: str) -> None:
    side = numbers(1, 2, 3, 4, group=group)
    found = measure_gaps(side, side, EVERY, "mean_absolute_error", "g", min_rows=2)
    assert (found.problem, found.base, found.head) == (problem, None, None)


def test_an_unknown_metric_and_weights_of_nought_are_reasons() -> None:
    side = numbers(1, 2, 3, 4, group=["a", "a", "b", "b"])
    unknown = measure_gaps(side, side, EVERY, "roc_auc", "g", min_rows=2)
    assert unknown.problem == "roc_auc is no metric of a regression task"
    paired = Paired(slice(None), slice(None), np.zeros(4), None)
    weightless = measure_gaps(side, side, paired, "mean_absolute_error", "g", min_rows=1)
    assert weightless.problem == "every weight is 0"


def test_rows_without_weight_carry_nothing() -> None:
    side = numbers(1, 2, 3, 4, 7, 7, group=["a", "a", "b", "b", "c", "c"])
    paired = Paired(slice(None), slice(None), np.array([1.0, 1, 1, 1, 0, 0]), None)
    found = measure_gaps(side, side, paired, "mean_absolute_error", "g", min_rows=2)
    assert (found.levels, found.head, found.head_worst) == (2, 2.0, "b")


def test_a_level_where_head_alone_has_too_few_rows_is_named() -> None:
    truth, group = [1, 0] * 20, ["a"] * 20 + ["b"] * 10 + ["c"] * 10

    def answering(group_without: str) -> Predictions:
        answers = [0 if own == group_without else 1 for own in group]
        return predictions.build(
            row_id=np.arange(40), y_true=truth, y_pred=answers, task="binary", columns={"g": group}
        )

    found = measure_gaps(answering(""), answering("c"), EVERY, "precision", "g", min_rows=5)
    assert (found.levels, found.base, found.head) == (2, 0.0, 0.0)
    assert found.problem == "enough rows carry precision in base where g is c, and too few in head"


def test_levels_may_be_given_and_the_teams_own_metrics_measured() -> None:
    base = numbers(1, 2, 3, 4)
    head = predictions.build(
        row_id=np.arange(4), y_true=[0.0] * 4, y_pred=[1.0] * 4, task="regression",
        columns={"gain": [1.0, 2.0, 5.0, 6.0]},
    )  # fmt: skip
    levels = Levels(np.array([0, 0, 1, 1], np.uint8), ("low", "high"))
    options = Options(losses={"mean_gain": ("gain", True)})
    found = measure_gaps(head, head, EVERY, "mean_gain", "g", min_rows=2, levels=levels, options=options)
    assert (found.head, found.head_worst, found.head_best) == (4.0, "low", "high")
    missing = measure_gaps(base, head, EVERY, "mean_gain", "g", min_rows=2, levels=levels, options=options)
    assert missing.problem == "no level of g has 2 rows that carry mean_gain"
