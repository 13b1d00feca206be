"""Rules that types can't say: bars, metrics of the task, paths inside the project, names."""

import pytest

from mergegate import config
from mergegate.config.policy import EvaluationGate, MetricGate
from mergegate.records.metrics import METRIC_TASKS, PER_CLASS

FILE = "mergegate.yaml"
MODEL = """\
version: 1
models:
  m:
    evaluation: {task: TASK, predictions: p.parquet}
    gates:
      metrics:
"""


def problems(text: str) -> list[tuple[int | None, str, str, str]]:
    with pytest.raises(config.PolicyError) as caught:
        config.load(text.encode(), file=FILE)
    return [(one.line, one.key, one.message, one.hint) for one in caught.value.problems]


def messages(text: str) -> list[str]:
    return [message for _, _, message, _ in problems(text)]


def gate(entry: str, task: str = "binary") -> str:
    return MODEL.replace("TASK", task) + f"        - {entry}\n"


@pytest.mark.parametrize(
    ("entry", "key", "message"),
    [
        ("{name: roc_auc}", "", "a metric gate needs `min` or `max`"),
        ("{name: roc_auc, min: null}", "", "a metric gate needs `min` or `max`"),
        ("{name: roc_auc, min: .nan}", ".min", "nan is no bar"),
        ("{name: roc_auc, max: .inf}", ".max", "inf is no bar"),
        ("{name: roc_auc, max: 1e999}", ".max", "inf is no bar"),
        ("{name: roc_auc, min: 0.9, max: 0.8}", ".min", "min 0.9 is above max 0.8: nothing could pass"),
    ],
)
def test_a_bar_is_finite_and_something_can_meet_it(entry: str, key: str, message: str) -> None:
    ((line, at, found, _),) = problems(gate(entry))
    assert (line, at, found) == (7, f"models.m.gates.metrics[0]{key}", message)


def test_min_may_equal_max() -> None:
    policy = config.load(gate("{name: roc_auc, min: 1, max: 1}").encode(), file=FILE)
    assert policy.models["m"].gates.metrics == (MetricGate(name="roc_auc", min=1.0, max=1.0),)


def test_a_second_gate_for_a_metric_names_both_lines() -> None:
    text = (
        gate("{name: roc_auc, min: 0.5}")
        + "        - {name: f1, min: 0}\n        - {name: roc_auc, max: 1}\n"
    )
    assert problems(text) == [
        (
            9,
            "models.m.gates.metrics[2].name",
            "a second gate for roc_auc; the first is on line 7",
            "put `min` and `max` into one gate",
        )
    ]


REGRESSION = [name for name, tasks in METRIC_TASKS.items() if "regression" in tasks]


def test_an_unknown_metric_gets_the_nearest_and_the_list_for_its_task() -> None:
    listed = f"for regression: {', '.join(REGRESSION)}"
    assert problems(gate("{name: r2-scor, min: 0}", "regression")) == [
        (
            7,
            "models.m.gates.metrics[0].name",
            'no metric is called "r2-scor"',
            f"did you mean r2_score? {listed}",
        )
    ]
    ((_, _, message, hint),) = problems(gate("{name: zzzzzz, min: 0}", "regression"))
    assert (message, hint) == ('no metric is called "zzzzzz"', listed)


def test_a_metric_of_another_task_says_so() -> None:
    ((_, _, message, hint),) = problems(gate("{name: roc_auc, min: 0}", "regression"))
    assert message == "roc_auc is a metric for binary, and this task is regression"
    assert hint == f"for regression: {', '.join(REGRESSION)}"


@pytest.mark.parametrize(("name", "tasks"), METRIC_TASKS.items())
def test_every_metric_may_be_gated_for_its_tasks_only(name: str, tasks: tuple[str, ...]) -> None:
    for task in ("binary", "multiclass", "regression"):
        text = gate(f"{{name: {name}, min: 0}}", task)
        if task in tasks:
            assert config.load(text.encode(), file=FILE).models["m"].gates.metrics[0].name == name
        else:
            assert len(messages(text)) == 1


@pytest.mark.parametrize("name", sorted(PER_CLASS))
def test_a_metric_of_one_class_may_be_gated(name: str) -> None:
    entry = f"{{name: '{name}[on time]', min: 0}}"
    policy = config.load(gate(entry, "multiclass").encode(), file=FILE)
    assert policy.models["m"].gates.metrics[0].name == f"{name}[on time]"
    assert messages(gate(entry, "regression")) == [
        f"{name}[on time] is a metric for binary and multiclass, and this task is regression"
    ]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/etc/passwd", "is absolute"),
        ("C:/data", "is absolute"),
        ("../data", "climbs out with `..`"),
        ("data/../../x", "climbs out with `..`"),
        ("data\\raw", "holds a backslash"),
        ("s3://bucket/key", "is a URL, not a path"),
        (".", "is the whole project"),
        ("./", "is the whole project"),
        ("", "is empty"),
        (" ", "is empty"),
        (".git/config", "lies in .git"),
        ("sub/.GIT/hooks", "lies in .git"),
        ("d" * 1025, "is too long"),
    ],
)
def test_a_path_stays_inside_the_project(path: str, fault: str) -> None:
    at = [
        ("models.m.bundle", f"bundle: '{path}', evaluation: {{task: binary, predictions: p}}"),
        ("models.m.evaluation.predictions", f"evaluation: {{task: binary, predictions: '{path}'}}"),
        ("models.m.evaluation.inputs", f"evaluation: {{task: binary, predictions: p, inputs: '{path}'}}"),
        (
            "models.m.evaluation.training_rows",
            f"evaluation: {{task: binary, predictions: p, training_rows: '{path}'}}",
        ),
        ("models.m.evaluation.metrics", f"evaluation: {{task: binary, predictions: p, metrics: '{path}'}}"),
    ]
    for key, model in at:
        ((line, found, message, hint),) = problems(f"version: 1\nmodels:\n  m: {{{model}}}\n")
        assert (line, found) == (3, key)
        assert message.endswith(fault)
        assert hint == "write a path inside the project, from the policy's folder, with `/` between folders"
    ((line, found, message, _),) = problems(f"version: 1\ndatasets:\n  - path: '{path}'\n")
    assert (line, found) == (3, "datasets[0].path")
    assert message.endswith(fault)


@pytest.mark.parametrize("path", ["a b/ü.parquet", "a..b/c", "...", "~/x", "new\\nline"])
def test_odd_but_plain_paths_are_taken(path: str) -> None:
    text = f'version: 1\ndatasets: [{{path: "{path}"}}]\n'
    assert config.load(text.encode(), file=FILE).datasets[0].path == path.replace("\\n", "\n")


def test_a_dataset_stands_once_however_its_path_is_written() -> None:
    text = "version: 1\ndatasets:\n  - path: data/raw\n  - path: x\n  - path: ./data//raw/\n"
    assert problems(text) == [
        (
            5,
            "datasets[2].path",
            "data/raw stands a second time; the first is on line 3",
            "keep one of the two",
        )
    ]


def test_key_columns_are_named_and_stand_once() -> None:
    text = "version: 1\ndatasets: [{path: a, key: [x, x]}, {path: b, key: ''}, {path: c, label: ''}]\n"
    assert messages(text) == [
        "a column stands twice in the key",
        "a column's name is empty",
        "a column's name is empty",
    ]


def test_positive_is_for_binary_tasks() -> None:
    text = "version: 1\nmodels: {m: {evaluation: {task: multiclass, predictions: p, positive: a}}}\n"
    assert problems(text) == [
        (
            2,
            "models.m.evaluation.positive",
            "`positive` is for binary tasks, and this one is multiclass",
            "remove it, or write `task: binary`",
        )
    ]
    assert messages(text.replace("multiclass", "binary").replace("positive: a", "positive: ''")) == [
        "the class is empty"
    ]


@pytest.mark.parametrize("positive", ["late", "1", "true", "'yes'"])
def test_positive_may_be_text_a_number_or_a_boolean(positive: str) -> None:
    text = (
        f"version: 1\nmodels: {{m: {{evaluation: {{task: binary, predictions: p, positive: {positive}}}}}}}\n"
    )
    value = {"late": "late", "1": 1, "true": True, "'yes'": "yes"}[positive]
    found = config.load(text.encode(), file=FILE).models["m"].evaluation.positive
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("name", ["Late", "-x", ".x", "a b", "a/b", "é", "x" * 65, "", "x\\n"])
def test_a_model_name_is_plain(name: str) -> None:
    text = f'version: 1\nmodels: {{"{name}": {{evaluation: {{task: binary, predictions: p}}}}}}\n'
    ((_, _, message, hint),) = problems(text)
    assert message.endswith("can't be a model's name")
    assert hint == "up to 64 of a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit"


@pytest.mark.parametrize("name", ["m", "0", "late-arrival", "a.b_c-1", "x" * 64])
def test_a_plain_model_name_is_taken(name: str) -> None:
    text = f'version: 1\nmodels: {{"{name}": {{evaluation: {{task: binary, predictions: p}}}}}}\n'
    assert list(config.load(text.encode(), file=FILE).models) == [name]


@pytest.mark.parametrize(
    "name",
    [
        *("", "-main", "--upload-pack=x", "a b", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\\\b"),
        *("@{u}", "@", "/a", "a/", "a//b", ".a", "a/.b", "a.", "a.lock", "a.lock/b", "a\\nb", "x" * 256),
    ],
)
def test_a_baseline_is_a_branch_and_never_an_option(name: str) -> None:
    text = f'version: 1\nbaseline: "{name}"\ndatasets: [{{path: d}}]\n'
    ((line, key, message, _),) = problems(text)
    assert (line, key) == (2, "baseline")
    assert message.endswith("can't be a branch")


@pytest.mark.parametrize(
    "name", ["main", "release/1.2", "origin/main", "v1@x", "a.locked", "f" * 40, "größe"]
)
def test_a_branch_name_is_taken(name: str) -> None:
    assert (
        config.load(f"version: 1\nbaseline: {name}\ndatasets: [{{path: d}}]\n".encode(), file=FILE).baseline
        == name
    )


def test_a_policy_judges_something() -> None:
    assert problems("version: 1\n") == [
        (
            1,
            "",
            "the policy judges nothing",
            "name at least one model under `models` or one path under `datasets`",
        )
    ]


@pytest.mark.parametrize("share", ["-0.1", "1.5", ".nan", ".inf"])
def test_what_the_evaluation_gate_allows_is_a_share(share: str) -> None:
    text = MODEL.replace("TASK", "binary").replace("metrics:\n", f"evaluation: {{max_rows_gone: {share}}}\n")
    ((line, key, message, hint),) = problems(text)
    assert (line, key) == (6, "models.m.gates.evaluation.max_rows_gone")
    assert message == f"{share.removeprefix('.')} is no share"
    assert hint == "write a number from 0 to 1"


def test_the_evaluation_gate_holds_where_the_policy_says_nothing_of_it() -> None:
    policy = config.load(gate("{name: roc_auc, min: 1}").encode(), file=FILE)
    assert policy.models["m"].gates.evaluation == EvaluationGate(max_rows_gone=0.0, max_labels_changed=0.0)
