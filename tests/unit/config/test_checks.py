"""Rules that types can't say: names, gates on files, the data."""

import pytest

from mergegate.config.policy import BundleGate, EvaluationGate
from support.policy_texts import gate, loaded, messages, model, problems


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


@pytest.mark.parametrize("name", ["Late", "-x", ".x", "a b", "a/b", "é", "x" * 65, "", "x\\n"])
def test_a_model_name_is_plain(name: str) -> None:
    text = f'version: 1\nmodels: {{"{name}": {{evaluation: {{task: binary, predictions: p}}}}}}\n'
    ((_, _, message, hint),) = problems(text)
    assert message.endswith("can't be a model's name")
    assert hint == "up to 64 of a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit"


@pytest.mark.parametrize("name", ["m", "0", "late-arrival", "a.b_c-1", "x" * 64])
def test_a_plain_model_name_is_taken(name: str) -> None:
    text = f'version: 1\nmodels: {{"{name}": {{evaluation: {{task: binary, predictions: p}}}}}}\n'
    assert list(loaded(text).models) == [name]


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
    assert loaded(f"version: 1\nbaseline: {name}\ndatasets: [{{path: d}}]\n").baseline == name


def test_a_policy_judges_something() -> None:
    assert problems("version: 1\n") == [
        (
            1,
            "",
            "the policy judges nothing",
            "name at least one model under `models` or one path under `datasets`, or write `mode: advisory` "
            "to be shown the rest",
        )
    ]


def test_a_policy_that_blocks_nothing_may_judge_nothing() -> None:
    text = "version: 1\nmode: advisory\nmetrics: [./scores.json, eval//live/metrics.yaml]\n"
    assert loaded(text).metrics == ("scores.json", "eval/live/metrics.yaml")
    ((line, key, _, _),) = problems("version: 1\nmode: advisory\nmetrics: [../scores.json]\n")
    assert (line, key) == (3, "metrics[0]")


def test_the_policys_confidence_and_rows_are_in_their_ranges() -> None:
    text = "version: 1\ndatasets: [{path: d}]\n"
    hint = "write a number above 0.5 and below 1, such as 0.95"
    for value in ("0.5", "1", "95", ".nan", ".inf"):
        shown = value.removeprefix(".")
        assert problems(f"{text}confidence: {value}\n") == [
            (3, "confidence", f"{shown} is no confidence", hint)
        ]
    hint = (
        "write 1 or more: on no row a metric has no value, and on few no interval holds (50 is the default)"
    )
    for rows in (0, -5):
        assert problems(f"{text}min_rows: {rows}\n") == [
            (3, "min_rows", f"{rows} is no number of rows to judge by", hint)
        ]
    policy = loaded(f"{text}confidence: 0.9\nmin_rows: 1\non_insufficient: fail\n")
    assert (policy.confidence, policy.min_rows, policy.on_insufficient) == (0.9, 1, "fail")


@pytest.mark.parametrize("key", ["max_rows_gone", "max_labels_changed"])
@pytest.mark.parametrize("share", ["-0.1", "1.5", ".nan", ".inf"])
def test_what_the_evaluation_gate_allows_is_a_share(key: str, share: str) -> None:
    assert problems(model(gates=f"evaluation: {{{key}: {share}}}")) == [
        (
            5,
            f"models.m.gates.evaluation.{key}",
            f"{share.removeprefix('.')} is no share",
            "write a number from 0 to 1",
        )
    ]


def test_the_evaluation_gate_holds_where_the_policy_says_nothing_of_it() -> None:
    policy = loaded(gate("{name: roc_auc, min: 1}"))
    assert policy.models["m"].gates.evaluation == EvaluationGate(max_rows_gone=0.0, max_labels_changed=0.0)


def test_a_bundle_is_held_to_a_size_and_to_parity() -> None:
    text = model(evaluation="inputs: i", gates="bundle: {max_size_mb: 50, parity: 1e-5}", bundle="b")
    assert loaded(text).models["m"].gates.bundle == BundleGate(max_size_mb=50.0, parity=1e-5)


@pytest.mark.parametrize("value", ["0", "-1", ".nan", ".inf"])
def test_the_bars_of_a_bundle_are_above_0(value: str) -> None:
    text = model(
        evaluation="inputs: i", gates=f"bundle: {{max_size_mb: {value}, parity: {value}}}", bundle="b"
    )
    shown, at = value.removeprefix("."), "models.m.gates.bundle"
    assert problems(text) == [
        (
            5,
            f"{at}.max_size_mb",
            f"{shown} is no size",
            "write the most megabytes as a number above 0, such as 50",
        ),
        (5, f"{at}.parity", f"{shown} is no distance", "write a number above 0, such as 1.0e-5"),
    ]


def test_gates_on_a_bundle_need_one_and_parity_needs_inputs() -> None:
    at = "models.m.gates.bundle"
    hint = "add `bundle:` to the model, the folder of its bundle, such as models/bundle"
    assert problems(model(gates="bundle: {max_size_mb: 50, parity: 1e-5}")) == [
        (5, f"{at}.max_size_mb", "`max_size_mb` needs the model's `bundle`", hint),
        (5, f"{at}.parity", "`parity` needs the model's `bundle`", hint),
        (
            5,
            f"{at}.parity",
            "`parity` needs `evaluation.inputs`",
            "add `inputs:` to the model's `evaluation`: the rows that the bundle is run on",
        ),
    ]
    assert messages(model(gates="bundle: {parity: 1e-5}", bundle="b")) == [
        "`parity` needs `evaluation.inputs`"
    ]
    assert loaded(model(gates="bundle: {max_size_mb: 50}", bundle="b")).models
    assert loaded(model(gates="bundle: {}")).models
