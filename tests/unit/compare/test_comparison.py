"""Base beside head: on the shared rows, and each on all of its own."""

from typing import Any

import pytest

from mergegate import predictions
from mergegate.compare import compare, names
from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.predictions import Predictions


def of(ids: list[Any], truth: list[Any], answer: list[Any], **options: Any) -> Predictions:
    return predictions.build(row_id=ids, y_true=truth, y_pred=answer, task="binary", **options)


BASE = of([1, 2, 3, 4], [0, 1, 1, 0], [0, 1, 0, 1])
HEAD = of([5, 4, 3, 2], [1, 0, 1, 1], [0, 0, 1, 1])


def test_metrics_are_compared_on_the_shared_rows_and_given_for_all() -> None:
    assert compare(BASE, HEAD, metrics=["accuracy"]) == (
        RowCounts(base=4, head=4, shared=3, new=1, gone=1),
        (
            MetricComparison(
                name="accuracy",
                greater_is_better=True,
                base=1 / 3,
                head=1.0,
                difference=1.0 - 1 / 3,
                base_all=0.5,
                head_all=0.75,
            ),
        ),
    )


def test_by_default_every_metric_of_the_task_and_what_is_asked_beyond() -> None:
    _, metrics = compare(BASE, HEAD, also=["recall[0]", "recall"])
    assert [metric.name for metric in metrics] == [*names("binary"), "recall[0]"]
    assert {metric.name: metric.greater_is_better for metric in metrics}["log_loss"] is False


def test_without_a_base_head_stands_alone() -> None:
    rows, (accuracy,) = compare(None, HEAD, metrics=["accuracy"])
    assert rows == RowCounts(base=None, head=4, new=4)
    assert accuracy == MetricComparison(
        name="accuracy", greater_is_better=True, head_all=0.75, note="base has no predictions to compare with"
    )


def test_without_a_head_there_is_only_what_base_had() -> None:
    rows, (accuracy,) = compare(BASE, None, metrics=["accuracy"])
    assert rows == RowCounts(base=4, head=None, gone=4)
    assert accuracy == MetricComparison(
        name="accuracy", greater_is_better=True, base_all=0.5, note="head has no predictions"
    )


def test_without_either_there_is_nothing() -> None:
    assert compare(None, None) == (RowCounts(base=None, head=None), ())


def test_no_shared_row_means_no_difference() -> None:
    other = of([8, 9], [0, 1], [0, 1])
    rows, (accuracy,) = compare(BASE, other, metrics=["accuracy"])
    assert rows == RowCounts(base=4, head=2, shared=0, new=2, gone=4)
    assert accuracy == MetricComparison(
        name="accuracy",
        greater_is_better=True,
        base_all=0.5,
        head_all=1.0,
        note="base and head have no row_id in common, so there is nothing to compare",
    )


def test_ids_of_another_type_are_named_as_the_reason() -> None:
    _, (accuracy,) = compare(BASE, of(["1", "2"], [0, 1], [0, 1]), metrics=["accuracy"])
    assert accuracy.difference is None
    assert accuracy.note == "row_id holds whole numbers in base and text in head: no row can be shared"


def test_an_undefined_metric_says_on_which_side_and_rows_and_why() -> None:
    head = of([1, 2, 9], [0, 1, 1], [0, 0, 1])
    base = of([1, 2], [0, 0], [0, 0])
    rows, (precision, recall) = compare(base, head, metrics=["precision", "recall"])
    assert rows == RowCounts(base=2, head=3, shared=2, new=1, labels_changed=1)
    assert (precision.base, precision.head, precision.head_all, precision.difference) == (
        None,
        None,
        1.0,
        None,
    )
    assert precision.note == (
        "base: no row is predicted to be 1; head, on the shared rows: no row is predicted to be 1"
    )
    assert (recall.head, recall.head_all, recall.note) == (0.0, 0.5, "base: no row is truly 1")


def test_the_order_of_the_rows_changes_nothing() -> None:
    ids, truth, answer = [1, 2, 3, 4], [0, 1, 1, 0], [0, 1, 0, 1]
    turned = of(ids[::-1], truth[::-1], answer[::-1])
    assert compare(BASE, turned) == compare(BASE, BASE)
    assert all(not metric.difference for metric in compare(BASE, turned)[1])


def test_a_class_only_in_head_is_aligned_by_its_text() -> None:
    def wine(truth: list[str], answer: list[str]) -> Predictions:
        return predictions.build(row_id=["a", "b", "c"], y_true=truth, y_pred=answer, task="multiclass")

    rows, (accuracy, f1) = compare(
        wine(["red", "white", "red"], ["red", "white", "white"]),
        wine(["red", "white", "rosé"], ["red", "white", "rosé"]),
        metrics=["accuracy", "f1[rosé]"],
    )
    assert rows == RowCounts(base=3, head=3, shared=3, labels_changed=1)
    assert accuracy.difference == pytest.approx(1 / 3)
    assert (f1.base, f1.head, f1.difference) == (None, 1.0, None)
    assert f1.note == "base: no row is truly rosé or predicted to be"
