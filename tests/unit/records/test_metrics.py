"""Metric names: what a policy may ask for."""

import pytest

from mergegate.records import metrics


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("recall", ("recall", None)),
        ("recall[late]", ("recall", "late")),
        ("recall[a[b]]", ("recall", "a[b]")),
        ("recall[", ("recall[", None)),
        ("recall[late", ("recall[late", None)),
    ],
)
def test_a_name_splits_into_metric_and_class(name: str, expected: tuple[str, str | None]) -> None:
    assert metrics.split_class(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("roc_auc", ("binary",)),
        ("log_loss", ("binary", "multiclass")),
        ("r2_score", ("regression",)),
        ("f1[late]", ("binary", "multiclass")),
        ("roc_auc[late]", ()),
        ("roc_acu", ()),
    ],
)
def test_the_tasks_of_a_name_include_names_per_class(name: str, expected: tuple[str, ...]) -> None:
    assert metrics.tasks_of(name) == expected


def test_losses_and_errors_are_better_when_lower() -> None:
    lower = {name for name in metrics.METRIC_TASKS if not metrics.greater_is_better(name)}
    assert lower == {name for name in metrics.METRIC_TASKS if "loss" in name or "error" in name}
