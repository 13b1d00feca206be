"""The evaluation section: keys that suit the task, columns that are not the contract's own."""

import pytest

from support.policy_texts import loaded, messages, model, problems

AT = "models.m.evaluation"


def test_positive_is_for_binary_tasks() -> None:
    assert problems(model(task="multiclass", evaluation="positive: a")) == [
        (
            4,
            f"{AT}.positive",
            "`positive` is for binary tasks, and this one is multiclass",
            "remove it, or write `task: binary`",
        )
    ]
    assert messages(model(evaluation="positive: ''")) == ["the class is empty"]


@pytest.mark.parametrize("positive", ["late", "1", "true", "'yes'"])
def test_positive_may_be_text_a_number_or_a_boolean(positive: str) -> None:
    value = {"late": "late", "1": 1, "true": True, "'yes'": "yes"}[positive]
    found = loaded(model(evaluation=f"positive: {positive}")).models["m"].evaluation.positive
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_a_threshold_is_for_binary_tasks(task: str) -> None:
    assert problems(model(task=task, evaluation="threshold: 0.3")) == [
        (
            4,
            f"{AT}.threshold",
            f"`threshold` is for binary tasks, and this one is {task}",
            "remove it, or write `task: binary`",
        )
    ]
    assert loaded(model(evaluation="threshold: 0.3")).models["m"].evaluation.threshold == 0.3


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_quantile_is_for_regression_even_when_it_is_the_default(task: str) -> None:
    assert problems(model(task=task, evaluation="quantile: 0.5")) == [
        (
            4,
            f"{AT}.quantile",
            f"`quantile` is for regression, and this task is {task}",
            "remove it, or write `task: regression`",
        )
    ]
    assert loaded(model(task="regression", evaluation="quantile: 0.9")).models["m"].evaluation.quantile == 0.9


@pytest.mark.parametrize("value", ["0", "1", "-0.5", "1.5", ".nan", ".inf"])
def test_a_threshold_and_a_quantile_lie_between_0_and_1(value: str) -> None:
    shown = value.removeprefix(".")
    assert problems(model(evaluation=f"threshold: {value}")) == [
        (4, f"{AT}.threshold", f"{shown} is no threshold", "write a probability above 0 and below 1")
    ]
    assert problems(model(task="regression", evaluation=f"quantile: {value}")) == [
        (4, f"{AT}.quantile", f"{shown} is no quantile", "write a number above 0 and below 1, such as 0.9")
    ]


@pytest.mark.parametrize("use", ["cluster", "weight"])
def test_a_cluster_and_a_weight_are_further_columns(use: str) -> None:
    for column in ("row_id", "y_true", "y_pred", "proba_late"):
        assert problems(model(evaluation=f"{use}: {column}")) == [
            (
                4,
                f"{AT}.{use}",
                f"{column} is one of the contract's own columns, and can't be a {use}",
                "name a further column of the predictions file; not row_id, y_true, y_pred or proba_<class>",
            )
        ]
    assert messages(model(evaluation=f"{use}: ' '")) == ["a column's name is empty"]
    for column in ("tailnum", "Row_ID", "probability", "y_true_"):
        assert getattr(loaded(model(evaluation=f"{use}: {column}")).models["m"].evaluation, use) == column


@pytest.mark.parametrize(
    ("key", "value", "task"), [("top_share", "0.1", "binary"), ("top_k", "3", "multiclass")]
)
def test_how_many_are_the_top_is_of_one_task_and_within_reason(key: str, value: str, task: str) -> None:
    assert getattr(loaded(model(task=task, evaluation=f"{key}: {value}")).models["m"].evaluation, key)
    assert problems(model(task="regression", evaluation=f"{key}: {value}")) == [
        (
            4,
            f"{AT}.{key}",
            f"`{key}` is for {task} tasks, and this one is regression",
            f"remove it, or write `task: {task}`",
        )
    ]
    assert problems(model(task=task, evaluation=f"{key}: 0")) != []
