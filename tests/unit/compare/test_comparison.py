"""Base beside head: on the shared rows, and each on all of its own."""

from typing import Any

import numpy as np
import pytest

from mergegate import predictions
from mergegate.compare import Ask, Comparison, Key, Options, Setting, compare, names
from mergegate.records.comparison import RowCounts
from mergegate.records.predictions import Predictions


def of(ids: list[Any], truth: list[Any], answer: list[Any], **options: Any) -> Predictions:
    return predictions.build(row_id=ids, y_true=truth, y_pred=answer, task="binary", **options)


BASE = of([1, 2, 3, 4], [0, 1, 1, 0], [0, 1, 0, 1])
HEAD = of([5, 4, 3, 2], [1, 0, 1, 1], [0, 0, 1, 1])


def points(found: Comparison) -> dict[str, tuple[float | None, float | None, float | None]]:
    """Base, head and their difference on the shared rows, by metric."""
    return {metric.name: (metric.base, metric.head, metric.difference) for metric in found.metrics}


def test_metrics_are_compared_on_the_shared_rows_and_given_for_all() -> None:
    found = compare(BASE, HEAD, metrics=["accuracy"])
    assert found.rows == RowCounts(base=4, head=4, shared=3, new=1, gone=1, gone_most=0.5)
    assert points(found) == {"accuracy": (1 / 3, 1.0, 1.0 - 1 / 3)}
    (accuracy,) = found.metrics
    assert (accuracy.base_all, accuracy.head_all, accuracy.note) == (0.5, 0.75, "")
    assert (accuracy.outcome, accuracy.problem) == ("insufficient", "only 3 rows carry it, fewer than 50")


def test_by_default_every_metric_of_the_task_and_what_is_asked_beyond() -> None:
    metrics = compare(BASE, HEAD, asks=[Ask("recall[0]"), Ask("recall")]).metrics
    assert [metric.name for metric in metrics] == [*names("binary"), "recall[0]"]
    assert {metric.name: metric.greater_is_better for metric in metrics}["log_loss"] is False


def test_without_a_base_head_stands_alone() -> None:
    found = compare(None, HEAD, metrics=["accuracy"])
    (accuracy,) = found.metrics
    assert found.rows == RowCounts(base=None, head=4, new=4)
    assert (accuracy.base_all, accuracy.head_all) == (None, 0.75)
    assert (accuracy.difference, accuracy.note) == (None, "base has no predictions to compare with")
    assert (found.finding, found.evidence) == (None, {})


def test_without_a_head_there_is_only_what_base_had() -> None:
    found = compare(BASE, None, metrics=["accuracy"])
    (accuracy,) = found.metrics
    assert found.rows == RowCounts(base=4, head=None, gone=4)
    assert (accuracy.base_all, accuracy.head_all, accuracy.note) == (0.5, None, "head has no predictions")


def test_without_either_there_is_nothing() -> None:
    found = compare(None, None)
    assert (found.rows, found.metrics) == (RowCounts(base=None, head=None), ())


def test_no_shared_row_means_no_difference() -> None:
    found = compare(BASE, of([8, 9], [0, 1], [0, 1]), metrics=["accuracy"])
    (accuracy,) = found.metrics
    assert found.rows == RowCounts(base=4, head=2, shared=0, new=2, gone=4, gone_most=1.0)
    assert (accuracy.base_all, accuracy.head_all, accuracy.difference) == (0.5, 1.0, None)
    assert accuracy.note == "base and head have no row_id in common, so there is nothing to compare"


def test_ids_of_another_type_are_named_as_the_reason() -> None:
    (accuracy,) = compare(BASE, of(["1", "2"], [0, 1], [0, 1]), metrics=["accuracy"]).metrics
    assert accuracy.difference is None
    assert accuracy.note == "row_id holds whole numbers in base and text in head: no row can be shared"


def test_rows_whose_label_differs_are_counted_and_never_averaged_in() -> None:
    base = of([1, 2, 3, 4], [0, 1, 1, 0], [0, 1, 1, 0])
    head = of([1, 2, 3, 4], [1, 1, 1, 0], [1, 1, 0, 0])
    found = compare(base, head, metrics=["accuracy"])
    assert (found.rows.labels_changed, found.rows.compared) == (1, 3)
    assert points(found) == {"accuracy": (1.0, 2 / 3, 2 / 3 - 1.0)}
    assert found.metrics[0].head_all == 0.75


def test_the_largest_share_of_a_class_that_is_gone_or_relabelled_is_told() -> None:
    truth = [0] * 8 + [1] * 4
    base = of(list(range(12)), truth, truth)
    relabelled = of(list(range(12)), [0] * 9 + [1] * 3, truth)
    assert compare(base, relabelled, metrics=["accuracy"]).rows == RowCounts(
        base=12, head=12, shared=12, labels_changed=1, labels_changed_most=0.25
    )
    fewer = of([11, 10, *range(2, 8)], [0, 1, *truth[2:8]], [0, 1, *truth[2:8]])
    assert compare(base, fewer, metrics=["accuracy"]).rows == RowCounts(
        base=12, head=8, shared=8, gone=4, labels_changed=1, gone_most=0.5, labels_changed_most=0.5
    )


def test_labels_that_all_differ_leave_nothing_to_compare() -> None:
    found = compare(of([1, 2], [0, 1], [0, 1]), of([1, 2], [1, 0], [0, 1]), metrics=["accuracy"])
    (accuracy,) = found.metrics
    assert (
        accuracy.note
        == "y_true differs in every row that base and head share, so there is nothing to compare"
    )


def test_an_undefined_metric_says_on_which_side_and_rows_and_why() -> None:
    head = of([1, 2, 9], [0, 0, 1], [0, 0, 1])
    base = of([1, 2], [0, 0], [0, 0])
    precision, recall = compare(base, head, metrics=["precision", "recall"]).metrics
    assert (precision.base, precision.head, precision.head_all, precision.difference) == (
        None,
        None,
        1.0,
        None,
    )
    assert precision.note == (
        "base: no row is predicted to be 1; head, on the shared rows: no row is predicted to be 1"
    )
    assert recall.note == "base: no row is truly 1; head, on the shared rows: no row is truly 1"


def test_the_order_of_the_rows_changes_nothing() -> None:
    ids, truth, answer = [1, 2, 3, 4], [0, 1, 1, 0], [0, 1, 0, 1]
    turned = of(ids[::-1], truth[::-1], answer[::-1])
    assert compare(BASE, turned).metrics == compare(BASE, BASE).metrics
    assert compare(BASE, turned).identical
    assert all(not metric.difference for metric in compare(BASE, turned).metrics)


def test_a_class_only_in_head_is_aligned_by_its_text() -> None:
    def wine(truth: list[str], answer: list[str]) -> Predictions:
        return predictions.build(row_id=["a", "b", "c"], y_true=truth, y_pred=answer, task="multiclass")

    found = compare(
        wine(["red", "white", "red"], ["red", "white", "white"]),
        wine(["red", "white", "rosé"], ["red", "white", "rosé"]),
        metrics=["accuracy", "f1[rosé]"],
    )
    assert found.rows == RowCounts(base=3, head=3, shared=3, labels_changed=1, labels_changed_most=0.5)
    accuracy, f1 = found.metrics
    assert (accuracy.base, accuracy.head, accuracy.head_all) == (1.0, 1.0, 1.0)
    assert (f1.base, f1.head, f1.head_all) == (None, None, 1.0)
    assert f1.note.startswith("base: no row is truly rosé or predicted to be")


def test_binary_files_of_other_classes_are_not_compared() -> None:
    def flights(no: str) -> Predictions:
        return predictions.build(
            row_id=[1, 2], y_true=["late", no], y_pred=["late", no], task="binary", positive="late"
        )

    (accuracy,) = compare(flights("on-time"), flights("in time"), metrics=["accuracy"]).metrics
    assert (accuracy.difference, accuracy.head_all) == (None, 1.0)
    assert accuracy.note == "the two files do not hold the same two classes: on-time, late and in time, late"


def many(seed: int, skill: float, rows: int = 2_000, **columns: Any) -> Predictions:
    """A classifier whose scores follow the truth the more, the higher its skill."""
    shared = np.random.default_rng(0)
    truth = (shared.random(rows) < 0.3).astype(int)
    hard = shared.normal(size=rows)
    score = 1 / (
        1 + np.exp(-(skill * (truth - 0.5) + hard + 0.3 * np.random.default_rng(seed).normal(size=rows)))
    )
    return predictions.build(
        row_id=np.arange(rows),
        y_true=truth,
        y_pred=(score > 0.5).astype(int),
        task="binary",
        probabilities={0: 1 - score, 1: score},
        columns=columns,
    )


GROUPS = np.random.default_rng(1).integers(0, 4, 2_000)


def test_a_better_model_is_called_better_with_an_interval_and_a_worse_one_worse() -> None:
    weak, strong = many(1, 1.0), many(2, 2.0)
    up, down = compare(weak, strong), compare(strong, weak)
    assert (up.finding, down.finding) == ("better", "worse")
    auc = {metric.name: metric for metric in up.metrics}["roc_auc"]
    back = {metric.name: metric for metric in down.metrics}["roc_auc"]
    assert auc.low is not None
    assert auc.high is not None
    assert 0 < auc.low < auc.high
    assert (auc.low, auc.high) == pytest.approx((-(back.high or 0), -(back.low or 0)))
    assert (auc.outcome, back.outcome) == ("better", "worse")


def test_another_seed_of_the_same_model_is_no_evidence() -> None:
    found = compare(many(1, 1.0), many(2, 1.0))
    assert found.finding == "no_evidence"


def test_identical_predictions_differ_by_exactly_nothing() -> None:
    found = compare(many(1, 1.0), many(1, 1.0))
    assert (found.identical, found.finding) == (True, "no_evidence")
    judged = [metric for metric in found.metrics if metric.name != "expected_calibration_error"]
    assert {(metric.difference, metric.low, metric.high) for metric in judged} == {(0.0, 0.0, 0.0)}


def test_slices_are_the_same_comparison_on_their_rows() -> None:
    base, head = many(1, 1.0, group=GROUPS), many(2, 1.2, group=GROUPS)
    found = compare(base, head, asks=[Ask("roc_auc", slices=("group",)), Ask("accuracy", slices=("group",))])
    by_name = {metric.name: metric for metric in found.metrics}
    for name in ("roc_auc", "accuracy"):
        levels = {part.level: part for part in by_name[name].slices}
        assert sorted(levels) == ["0", "1", "2", "3"]
        assert sum(part.rows for part in levels.values()) == 2_000
        keep = np.flatnonzero(GROUPS == 2)
        alone = compare(_rows(base, keep), _rows(head, keep), metrics=[name]).metrics[0]
        assert (levels["2"].difference, levels["2"].low, levels["2"].high) == pytest.approx(
            (alone.difference, alone.low, alone.high)
        )


def _rows(side: Predictions, rows: Any) -> Predictions:
    assert side.probabilities is not None
    return predictions.build(
        row_id=rows,
        y_true=side.y_true[rows],
        y_pred=side.y_pred[rows],
        task="binary",
        probabilities=dict(enumerate(side.probabilities[rows].T)),
    )


def test_slices_of_shared_rows_are_those_that_base_names() -> None:
    moved = np.where(np.arange(2_000) < 5, 3 - GROUPS, GROUPS)
    found = compare(
        many(1, 1.0, group=GROUPS), many(2, 1.0, group=moved), asks=[Ask("accuracy", slices=("group",))]
    )
    sizes = {key.level: measured.rows for key, measured in found.evidence.items() if key.column}
    assert sizes == {str(level): np.count_nonzero(np.equal(GROUPS, level)) for level in range(4)}
    assert found.notes == ("group differs in 5 of the shared rows: they are sliced as base has it",)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (None, "the file has no column group"),
        (
            np.arange(2_000),
            "the column group has 2,000 values, more than 200: name one with fewer, such as bins",
        ),
    ],
)
def test_a_slice_column_that_can_not_be_used_says_why(column: Any, reason: str) -> None:
    sides = [many(seed, 1.0, **({} if column is None else {"group": column})) for seed in (1, 2)]
    found = compare(*sides, asks=[Ask("accuracy", slices=("group",))])
    assert found.evidence[Key("accuracy", "shared", "group")].head_reason == reason


def test_clusters_widen_the_interval_and_few_of_them_are_insufficient() -> None:
    days = np.arange(2_000) // 20
    sides = [many(seed, 1.0 + seed / 4, day=days, two=days % 2) for seed in (0, 1)]
    alone = compare(*sides, metrics=["accuracy"]).metrics[0]
    clustered = compare(*sides, metrics=["accuracy"], setting=Setting(cluster="day")).metrics[0]
    few = compare(*sides, metrics=["accuracy"], setting=Setting(cluster="two")).metrics[0]
    assert (alone.clusters, clustered.clusters) == (None, 100)
    assert alone.standard_error != clustered.standard_error
    assert (few.outcome, few.low) == ("insufficient", None)
    assert few.problem == "the rows come from 2 clusters, and an interval needs 30"


def test_weights_count_rows_by_their_share_and_bad_ones_are_refused() -> None:
    weight = np.where(np.arange(2_000) < 1_000, 1.0, 0.0)
    sides = [many(seed, 1.0, w=weight, bad=-weight) for seed in (1, 2)]
    (weighted,) = compare(*sides, metrics=["accuracy"], setting=Setting(weight="w")).metrics
    kept = np.arange(1_000)
    (half,) = compare(*(_rows(side, kept) for side in sides), metrics=["accuracy"]).metrics
    assert (weighted.base, weighted.head) == pytest.approx((half.base, half.head))
    (refused,) = compare(*sides, metrics=["accuracy"], setting=Setting(weight="bad")).metrics
    assert (refused.head_all, refused.difference) == (None, None)
    assert "a weight is negative, NaN or infinite" in refused.note


def test_head_does_not_choose_how_the_shared_rows_are_weighed() -> None:
    base, head = many(1, 1.0, w=np.ones(2_000)), many(2, 1.0, w=np.where(np.arange(2_000) < 9, 5.0, 1.0))
    found = compare(base, head, metrics=["accuracy"], setting=Setting(weight="w"))
    (accuracy,), (plain,) = found.metrics, compare(base, head, metrics=["accuracy"]).metrics
    assert (accuracy.base, accuracy.head) == pytest.approx((plain.base, plain.head))
    assert found.notes == ("w differs in 9 of the shared rows: they are weighed as base has it",)


def test_a_column_that_can_t_be_used_is_told_with_its_side() -> None:
    holes = np.where(np.arange(2_000) < 9, np.nan, 1.0)
    base, head = many(1, 1.0, w=holes), many(2, 1.0, w=np.ones(2_000))
    (accuracy,) = compare(base, head, metrics=["accuracy"], setting=Setting(weight="w")).metrics
    assert accuracy.difference is None
    assert accuracy.note == "base: the column w is NaN or infinite in 9 rows"


def test_what_a_mistake_costs_is_a_metric_of_its_own() -> None:
    options = Options(costs={"1": {"0": 40.0}, "0": {"1": 5.0}}, unit="EUR")
    base, head = many(1, 1.0), many(2, 2.0)
    found = compare(base, head, setting=Setting(options=options)).metrics[0]
    missed, alarms = ((base.y_true == 1) & (base.y_pred == 0)), ((base.y_true == 0) & (base.y_pred == 1))
    assert (found.name, found.unit, found.greater_is_better) == ("mean_cost", "EUR", False)
    assert found.base == pytest.approx((40 * missed.sum() + 5 * alarms.sum()) / 2_000)
    assert found.outcome == "better"


def test_a_column_of_losses_is_a_metric_with_an_interval() -> None:
    loss = np.random.default_rng(5).random(2_000)
    options = Options(losses={"delay": ("minutes", False)})
    found = compare(
        many(1, 1.0, minutes=loss), many(2, 1.0, minutes=loss + 0.1), setting=Setting(options=options)
    ).metrics[0]
    assert (found.name, found.outcome) == ("delay", "worse")
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))


def test_a_bar_asks_for_heads_own_interval_on_all_of_its_rows() -> None:
    head = many(2, 1.0, rows=2_000)
    found = compare(many(1, 1.0, rows=1_500), head, asks=[Ask("accuracy", bars=True)])
    own = found.evidence[Key("accuracy", "head")]
    accuracy = {metric.name: metric for metric in found.metrics}["accuracy"]
    assert (own.rows, own.head) == (2_000, accuracy.head_all)
    assert accuracy.head_low is not None
    assert accuracy.head_all is not None
    assert accuracy.head_high is not None
    assert accuracy.head_low < accuracy.head_all < accuracy.head_high


@pytest.mark.parametrize("name", ["roc_auc", "log_loss", "accuracy"])
def test_a_relative_loss_is_judged_against_a_share_of_bases_value(name: str) -> None:
    base, head = many(1, 1.2), many(2, 1.0)
    found = compare(base, head, asks=[Ask(name, relative=0.05)])
    record = {metric.name: metric for metric in found.metrics}[name]
    estimate = found.evidence[Key(name, "shared", relative=True)].estimate
    assert record.base is not None
    assert record.head is not None
    assert estimate is not None
    allowed = 0.05 * record.base * (1 if record.greater_is_better else -1)
    assert estimate.value == pytest.approx(record.head - record.base + allowed)


def test_an_answer_that_the_cost_matrix_does_not_name_is_not_free() -> None:
    def answers(answer: str) -> Predictions:
        return predictions.build(
            row_id=np.arange(90), y_true=["a", "b", "c"] * 30, y_pred=[answer] * 90, task="multiclass"
        )

    options = Options(costs={"a": {"b": 10.0, "c": 10.0}, "b": {"a": 10.0}, "c": {"a": 10.0}})
    found = compare(answers("a"), answers("unsure"), setting=Setting(options=options)).metrics[0]
    assert (found.name, found.base is None, found.head_all) == ("mean_cost", False, None)
    assert "the cost matrix does not name the class unsure" in found.note


def test_classes_that_nobody_is_called_do_not_spoil_a_cost() -> None:
    def answers(*junk: str) -> Predictions:
        truth = np.array(["a", "b", "c"] * 100)
        named = {label: (truth == label).astype(float) for label in "abc"}
        return predictions.build(
            row_id=np.arange(300),
            y_true=truth,
            y_pred=truth,
            task="multiclass",
            probabilities=named | {label: np.zeros(300) for label in junk},
        )

    options = Options(costs={label: {other: 1.0 for other in "abc" if other != label} for label in "abc"})
    head = answers(*(f"x{number}" for number in range(100)))
    found = compare(answers(), head, asks=[Ask("mean_cost")], setting=Setting(options=options)).metrics[0]
    assert (found.difference, found.problem) == (0.0, "")


def test_a_loss_column_that_differs_is_not_identical_though_the_answers_are() -> None:
    cost = np.random.default_rng(5).random(2_000)
    options = Options(losses={"refund": ("refund", False)})
    base, head = many(1, 1.0, refund=cost), many(1, 1.0, refund=cost * 10)
    found = compare(base, head, setting=Setting(options=options))
    refund = {metric.name: metric for metric in found.metrics}["refund"]
    assert (found.identical, refund.outcome) == (True, "worse")
    assert not found.evidence[Key("refund", "shared")].identical
    assert found.evidence[Key("roc_auc", "shared")].identical


@pytest.mark.parametrize(
    ("size", "problem"),
    [
        (1e80, "the numbers are too large"),
        (1e120, "the numbers are too large"),
        (1e-120, "the numbers are too close to 0"),
    ],
)
def test_errors_whose_powers_no_float_holds_have_a_value_and_no_interval(size: float, problem: str) -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=60) * size
    base, head = (
        predictions.build(
            row_id=list(range(60)),
            y_true=truth,
            y_pred=truth + random.normal(size=60) * size,
            task="regression",
            columns={"half": np.arange(60) % 2},
        )
        for _ in range(2)
    )
    name = "mean_absolute_error"
    found = compare(base, head, metrics=[name], asks=[Ask(name, bars=True, slices=("half",), relative=0.1)])
    (error,) = found.metrics
    assert error.base == pytest.approx(np.abs(base.y_pred - truth).mean())
    assert error.head == pytest.approx(np.abs(head.y_pred - truth).mean())
    assert (error.low, error.high, error.outcome, error.problem) == (None, None, None, problem)
    assert [level.problem for level in error.slices] == [problem] * 2
    alone = found.evidence[Key(name, "head")]
    assert (alone.head, alone.estimate, alone.head_reason) == (error.head, None, f"no interval: {problem}")
