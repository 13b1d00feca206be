"""A gate on a metric: one that can be judged, bars that something can meet, slices that tell rows apart."""

import pytest

from mergegate.config.policy import MetricGate
from mergegate.records.metrics import METRIC_TASKS, PER_CLASS, POINT_ONLY
from support.policy_texts import gate, loaded, messages, model, problems

PLACE = "models.m.gates.metrics[0]"
NO_BAR = "a metric gate needs `min`, `max`, `max_regression` or `max_relative_regression`"
MARGIN = "write 0, or how much worse head may be as a positive number, such as 0.01"
RELATIVE = "write 0 or more and less than 1: 0.02 is 2 %"
CONFIDENCE = "write a number above 0.5 and below 1, such as 0.95"
ROWS = "write 1 or more: on no row a metric has no value, and on few no interval holds (50 is the default)"


@pytest.mark.parametrize(
    ("entry", "key", "message", "hint"),
    [
        ("{name: roc_auc}", "", NO_BAR, "such as {name: roc_auc, max_regression: 0.01}"),
        ("{name: f1, min: null, slices: [a]}", "", NO_BAR, "such as {name: f1, max_regression: 0.01}"),
        ("{name: roc_auc, min: .nan}", ".min", "nan is no bar", "write a finite number"),
        ("{name: roc_auc, max: .inf}", ".max", "inf is no bar", "write a finite number"),
        ("{name: roc_auc, max: 1e999}", ".max", "inf is no bar", "write a finite number"),
        (
            "{name: roc_auc, min: 0.9, max: 0.8}",
            ".min",
            "min 0.9 is above max 0.8: nothing could pass",
            "swap them, or remove one",
        ),
        ("{name: f1, max_regression: -0.01}", ".max_regression", "-0.01 is no margin", MARGIN),
        ("{name: f1, max_regression: .nan}", ".max_regression", "nan is no margin", MARGIN),
        ("{name: f1, max_regression: .inf}", ".max_regression", "inf is no margin", MARGIN),
        *(
            (
                f"{{name: f1, max_relative_regression: {share}}}",
                ".max_relative_regression",
                f"{share.removeprefix('.').removesuffix('.0')} is no share of base's value",
                RELATIVE,
            )
            for share in ("-0.1", "1", "1.0", "2", ".nan", ".inf")
        ),
        *(
            (
                f"{{name: f1, min: 0, min_rows: {n}}}",
                ".min_rows",
                f"{n} is no number of rows to judge by",
                ROWS,
            )
            for n in (0, -1)
        ),
        *(
            (
                f"{{name: f1, min: 0, confidence: {value}}}",
                ".confidence",
                f"{value.removeprefix('.')} is no confidence",
                CONFIDENCE,
            )
            for value in ("0", "0.5", "1", "95", "-1", ".nan", ".inf")
        ),
    ],
)
def test_a_bar_and_what_goes_with_it_are_in_their_ranges(
    entry: str, key: str, message: str, hint: str
) -> None:
    assert problems(gate(entry)) == [(5, PLACE + key, message, hint)]


def test_numbers_at_the_ends_of_their_ranges_are_taken() -> None:
    entry = (
        "{name: roc_auc, min: 1, max: 1, max_regression: 0, max_relative_regression: 0, min_rows: 1, "
        "confidence: 0.500001, slices: [origin, carrier], on_insufficient: fail}"
    )
    assert loaded(gate(entry)).models["m"].gates.metrics == (
        MetricGate(
            name="roc_auc",
            min=1.0,
            max=1.0,
            max_regression=0.0,
            max_relative_regression=0.0,
            min_rows=1,
            confidence=0.500001,
            slices=("origin", "carrier"),
            on_insufficient="fail",
        ),
    )


def test_each_bar_is_enough_by_itself() -> None:
    for bar in ("min", "max", "max_regression", "max_relative_regression"):
        (found,) = loaded(gate(f"{{name: f1, {bar}: 0.5}}")).models["m"].gates.metrics
        assert getattr(found, bar) == 0.5


def test_a_second_gate_for_a_metric_names_both_lines() -> None:
    text = model(
        gates="metrics: [{name: roc_auc, min: 0.5}, {name: f1, min: 0},\n      {name: roc_auc, max: 1}]"
    )
    assert problems(text) == [
        (
            6,
            "models.m.gates.metrics[2].name",
            "a second gate for roc_auc; the first is on line 5",
            "put all its bars into one gate",
        )
    ]


REGRESSION = [name for name, tasks in METRIC_TASKS.items() if "regression" in tasks]


def test_an_unknown_metric_gets_the_nearest_and_the_list_for_its_task() -> None:
    listed = f"for regression: {', '.join(REGRESSION)}"
    assert problems(gate("{name: r2-scor, min: 0}", task="regression")) == [
        (5, f"{PLACE}.name", 'no metric is called "r2-scor"', f"did you mean r2_score? {listed}")
    ]
    ((_, _, message, hint),) = problems(gate("{name: zzzzzz, min: 0}", task="regression"))
    assert (message, hint) == ('no metric is called "zzzzzz"', listed)


def test_the_list_holds_the_teams_own_metrics_and_no_metric_without_an_interval() -> None:
    evaluation = "cost_matrix: {costs: {a: {b: 1}}}, losses: [{name: delay, column: d}]"
    ((_, _, message, hint),) = problems(gate("{name: delai, max: 1}", evaluation=evaluation))
    assert message == 'no metric is called "delai"'
    valid = [name for name in METRIC_TASKS if "binary" in METRIC_TASKS[name] and name not in POINT_ONLY]
    classes = ["f1[CLASS]", "precision[CLASS]", "recall[CLASS]"]
    assert hint == f"did you mean delay? for binary: {', '.join(['mean_cost', 'delay', *valid, *classes])}"


def test_a_metric_of_another_task_says_so() -> None:
    ((_, _, message, hint),) = problems(gate("{name: roc_auc, min: 0}", task="regression"))
    assert message == "roc_auc is a metric for binary, and this task is regression"
    assert hint == f"for regression: {', '.join(REGRESSION)}"


@pytest.mark.parametrize(("name", "tasks"), METRIC_TASKS.items())
def test_every_metric_may_be_gated_for_its_tasks_only(name: str, tasks: tuple[str, ...]) -> None:
    for task in ("binary", "multiclass", "regression"):
        text = gate(f"{{name: {name}, min: 0}}", task=task)
        if task in tasks and name not in POINT_ONLY:
            assert loaded(text).models["m"].gates.metrics[0].name == name
        else:
            assert len(messages(text)) == 1


def test_a_metric_that_no_interval_covers_is_no_gate() -> None:
    assert problems(gate("{name: expected_calibration_error, max: 0.1}")) == [
        (
            5,
            f"{PLACE}.name",
            "expected_calibration_error can't be a gate: no interval covers it, so noise can't be told "
            "from a regression",
            "it is shown unasked; judge by log_loss, brier_score_loss or squared_calibration_error",
        )
    ]


@pytest.mark.parametrize("name", sorted(PER_CLASS))
def test_a_metric_of_one_class_may_be_gated(name: str) -> None:
    entry = f"{{name: '{name}[on time]', min: 0}}"
    (found,) = loaded(gate(entry, task="multiclass")).models["m"].gates.metrics
    assert found.name == f"{name}[on time]"
    assert messages(gate(entry, task="regression")) == [
        f"{name}[on time] is a metric for binary and multiclass, and this task is regression"
    ]


def test_the_teams_own_metrics_may_be_gated() -> None:
    evaluation = (
        "cost_matrix: {costs: {a: {b: 1}}}, losses: [{name: delay, column: d}], "
        "functions: [{name: missed, function: 'm:f'}]"
    )
    text = model(
        evaluation=evaluation,
        gates="metrics: [{name: mean_cost, max_relative_regression: 0.1, slices: [origin]}, "
        "{name: delay, max_relative_regression: 0.1, slices: [origin]}, "
        "{name: missed, min: 0, max: 1, max_regression: 0.1, min_rows: 9, confidence: 0.9}]",
    )
    names = [one.name for one in loaded(text).models["m"].gates.metrics]
    assert names == ["mean_cost", "delay", "missed"]


def test_mean_cost_needs_a_cost_matrix() -> None:
    for task in ("binary", "multiclass"):
        assert problems(gate("{name: mean_cost, max: 1}", task=task)) == [
            (
                5,
                f"{PLACE}.name",
                "mean_cost needs a cost matrix",
                "add `cost_matrix` to the model's `evaluation`: what each mistake costs",
            )
        ]
    assert messages(gate("{name: mean_cost, max: 1}", task="regression")) == [
        'no metric is called "mean_cost"'
    ]


def test_a_function_is_judged_on_all_rows_and_in_its_own_units() -> None:
    entry = "{name: missed, max_relative_regression: 0.1, slices: [origin]}"
    assert problems(gate(entry, evaluation="functions: [{name: missed, function: 'm:f'}]")) == [
        (
            5,
            f"{PLACE}.slices",
            "missed is a function, which is called on all rows and not on slices",
            "remove `slices`, or write the metric as a column for each row, under `losses`",
        ),
        (
            5,
            f"{PLACE}.max_relative_regression",
            "missed is a function, whose difference is judged in its own units only",
            "use `max_regression`, or write the metric as a column for each row, under `losses`",
        ),
    ]


@pytest.mark.parametrize("column", ["row_id", "y_true", "y_pred", "proba_late", "proba_"])
def test_a_slice_is_no_column_of_the_contract(column: str) -> None:
    assert problems(gate(f"{{name: f1, min: 0, slices: [origin, {column}]}}")) == [
        (
            5,
            f"{PLACE}.slices[1]",
            f"{column} is one of the contract's own columns, and can't be a slice",
            "name a further column of the predictions file; not row_id, y_true, y_pred or proba_<class>",
        )
    ]


def test_a_slice_is_named_and_stands_once() -> None:
    hint = "name a column of the predictions file, or remove the key"
    assert problems(gate("{name: f1, min: 0, slices: ['', a, ' ', b, a, '']}")) == [
        (5, f"{PLACE}.slices[0]", "a column's name is empty", hint),
        (5, f"{PLACE}.slices[2]", "a column's name is empty", hint),
        (5, f"{PLACE}.slices[4]", "the column a stands twice", "name each column once"),
        (5, f"{PLACE}.slices[5]", "a column's name is empty", hint),
    ]


def test_a_gate_slices_by_no_more_columns_than_can_be_judged() -> None:
    columns = [f"c{number}" for number in range(21)]
    assert loaded(gate(f"{{name: f1, min: 0, slices: [{', '.join(columns[:20])}]}}")).models
    assert problems(gate(f"{{name: f1, min: 0, slices: [{', '.join(columns)}]}}")) == [
        (
            5,
            f"{PLACE}.slices",
            "21 columns, more than the 20 that rows may be told apart by",
            "keep those that matter: each value of each column is a claim, and the more, the fewer can stand",
        )
    ]


def test_one_column_without_a_list_says_how_to_write_it() -> None:
    assert problems(gate("{name: f1, min: 0, slices: origin}")) == [
        (
            5,
            f"{PLACE}.slices",
            'expected a list, got the text "origin"',
            "begin each entry of the list with `- `, also when there is only one",
        )
    ]
