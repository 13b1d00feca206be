"""A team's own metrics: what mistakes cost, losses in columns, functions; no two of one name."""

import pytest

from mergegate.config.policy import CostMatrix, Loss, OwnFunction
from mergegate.records.metrics import METRIC_TASKS
from support.policy_texts import loaded, messages, model, problems

AT = "models.m.evaluation"


def costs(matrix: str, *, unit: str = "", task: str = "binary") -> str:
    text = f"cost_matrix: {{costs: {matrix}{f', unit: {unit}' if unit else ''}}}"
    return model(task=task, evaluation=text)


def test_a_cost_matrix_holds_finite_costs_gains_included() -> None:
    text = costs("{late: {on_time: 250.5}, on_time: {late: -4, on_time: 0}}", unit="EUR")
    assert loaded(text).models["m"].evaluation.cost_matrix == CostMatrix(
        costs={"late": {"on_time": 250.5}, "on_time": {"late": -4.0, "on_time": 0.0}}, unit="EUR"
    )


@pytest.mark.parametrize("cost", [".nan", ".inf", "-.inf"])
def test_a_cost_is_finite(cost: str) -> None:
    assert problems(costs(f"{{late: {{on_time: {cost}}}}}")) == [
        (
            4,
            f"{AT}.cost_matrix.costs.late.on_time",
            f"{cost.replace('.', '')} is no cost",
            "write a finite number; below 0 is a gain",
        )
    ]


@pytest.mark.parametrize("matrix", ["{}", "{late: {}}", "{late: {late: 0, on_time: 0}}"])
def test_some_mistake_costs_something(matrix: str) -> None:
    assert problems(costs(matrix)) == [
        (
            4,
            f"{AT}.cost_matrix.costs",
            "the matrix holds no cost",
            "name at least one mistake that costs something: `costs: {late: {on_time: 50}}`",
        )
    ]


def test_a_cost_matrix_is_bounded() -> None:
    row = ", ".join(f"b{n}: 1" for n in range(1000))
    assert loaded(costs(f"{{a: {{{row}}}, b: {{{row}}}}}", task="multiclass")).models
    assert messages(costs(f"{{a: {{{row}}}, b: {{{row}}}, c: {{d: 1}}}}", task="multiclass")) == [
        "the matrix holds 2,001 costs, more than 2,000"
    ]


def test_a_cost_matrix_is_of_classes_that_there_can_be() -> None:
    assert problems(costs("{a: {b: 1}, c: {}}")) == [
        (
            4,
            f"{AT}.cost_matrix.costs",
            "the matrix names 3 classes, and a binary task has two",
            "keep two of a, c, b",
        )
    ]
    assert loaded(costs("{a: {b: 1}, c: {a: 1}}", task="multiclass")).models
    assert messages(costs("{'': {b: 1}}")) == ["a class is empty"]
    assert messages(costs("{a: {'': 1}}")) == ["a class is empty"]
    assert problems(costs("{0: {a: 5}}")) == [
        (4, f"{AT}.cost_matrix.costs", "the key 0 is not text", 'write it in quotes: "0":')
    ]


def test_a_cost_matrix_is_for_classifiers() -> None:
    assert problems(costs("{a: {b: 1}}", task="regression")) == [
        (
            4,
            f"{AT}.cost_matrix",
            "`cost_matrix` is for classifiers, and this task is regression",
            "remove it; for regression write a cost for each row, and name its column under `losses`",
        )
    ]


@pytest.mark.parametrize("unit", ["x" * 21, "€\\n", "\\e[31m", "a\\u202Eb"])
def test_a_unit_is_short_and_printable(unit: str) -> None:
    ((line, key, message, hint),) = problems(costs("{a: {b: 1}}", unit=f'"{unit}"'))
    assert (line, key) == (4, f"{AT}.cost_matrix.unit")
    assert message.endswith("can't be a unit")
    assert message.isprintable()
    assert hint == "write up to 20 printable characters, such as EUR"
    assert loaded(costs("{a: {b: 1}}", unit="'€ je Flug, geschätzt'")).models


def test_losses_and_functions_have_defaults() -> None:
    text = model(
        evaluation="losses: [{name: delay, column: d}, {name: Gain_2, column: d, greater_is_better: true}], "
        "functions: [{name: _missed, function: 'team.metrics:missed'}]"
    )
    evaluation = loaded(text).models["m"].evaluation
    assert evaluation.losses == (
        Loss(name="delay", column="d", greater_is_better=False),
        Loss(name="Gain_2", column="d", greater_is_better=True),
    )
    assert evaluation.functions == (
        OwnFunction(name="_missed", function="team.metrics:missed", greater_is_better=True, timeout=120.0),
    )


@pytest.mark.parametrize("name", ["", "1st", "a-b", "a b", "a[b]", "é", "x" * 65, "a\\n", "a.b"])
def test_an_own_name_is_plain(name: str) -> None:
    hint = "up to 64 of a-z, A-Z, 0-9 and `_`, not beginning with a digit"
    for section, rest in (("losses", "column: c"), ("functions", "function: 'm:f'")):
        ((line, key, message, said),) = problems(model(evaluation=f'{section}: [{{name: "{name}", {rest}}}]'))
        assert (line, key, said) == (4, f"{AT}.{section}[0].name", hint)
        assert message.endswith("can't be a metric's name")


@pytest.mark.parametrize("name", [*METRIC_TASKS, "mean_cost"])
def test_an_own_name_is_not_a_metric_of_mergegates(name: str) -> None:
    said = (f"{name} is a metric of mergegate's own", f"call yours something else, such as own_{name}")
    for section, rest in (("losses", "column: c"), ("functions", "function: 'm:f'")):
        text = model(evaluation=f"{section}: [{{name: {name}, {rest}}}]")
        assert problems(text) == [(4, f"{AT}.{section}[0].name", *said)]


def test_no_two_own_metrics_share_a_name() -> None:
    text = model(
        evaluation="losses: [{name: a, column: c},\n      {name: a, column: d}],\n"
        "      functions: [{name: a, function: 'm:f'}, {name: b, function: 'm:f'}, "
        "{name: b, function: 'm:g'}]"
    )
    hint = "give each metric a name of its own"
    assert problems(text) == [
        (5, f"{AT}.losses[1].name", "a second metric is called a; the first is on line 4", hint),
        (6, f"{AT}.functions[0].name", "a second metric is called a; the first is on line 4", hint),
        (6, f"{AT}.functions[2].name", "a second metric is called b; the first is on line 6", hint),
    ]


@pytest.mark.parametrize(
    "function",
    [
        *("", "f", "m.f", "m:", ":f", "m:f:g", "m:f()", "m.:f", ".m:f", "m..n:f", "m:f.g", "1m:f", "m:1f"),
        *("m/n:f", "m-n:f", "m:f\\n", "m: f", "../m:f", "x" * 199 + ":f"),
    ],
)
def test_a_function_is_an_address_that_python_could_import(function: str) -> None:
    ((line, key, message, hint),) = problems(
        model(evaluation=f'functions: [{{name: a, function: "{function}"}}]')
    )
    assert (line, key) == (4, f"{AT}.functions[0].function")
    assert message.endswith("is not of the form package.module:function")
    assert hint == "write names of letters, digits and `_`, such as metrics.rebooking:minutes_lost"


@pytest.mark.parametrize("timeout", ["0", "-1", "3600.5", ".inf", ".nan"])
def test_a_timeout_is_at_most_an_hour(timeout: str) -> None:
    text = model(evaluation=f"functions: [{{name: a, function: 'm:f', timeout: {timeout}}}]")
    shown = timeout.removeprefix(".")
    assert problems(text) == [
        (
            4,
            f"{AT}.functions[0].timeout",
            f"{shown} is no number of seconds",
            "write a number above 0, up to 3600",
        )
    ]
    assert loaded(text.replace(f"timeout: {timeout}", "timeout: 3600")).models


def test_a_loss_is_a_further_column() -> None:
    text = model(evaluation="losses: [{name: a, column: ''}, {name: b, column: y_pred}]")
    assert messages(text) == [
        "a column's name is empty",
        "y_pred is one of the contract's own columns, and can't be a loss",
    ]
