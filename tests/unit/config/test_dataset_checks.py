"""Rules of datasets and their gates, each told with its key and line."""

import pytest

from support.policy_texts import Said, loaded, messages, problems

SHARE = "write a number from 0 to 1"
MODEL = "models: {m: {evaluation: {task: binary, predictions: p, inputs: exam, training_rows: train}}}\n"


def dataset(entry: str) -> str:
    return f"version: 1\ndatasets:\n  - {{path: d, {entry}}}\n"


def told(entry: str) -> list[Said]:
    return problems(dataset(entry))


@pytest.mark.parametrize(
    ("gates", "key", "message", "hint"),
    [
        ("max_removed_share: 1.5", "max_removed_share", "1.5 is no share", SHARE),
        ("max_removed_share: .nan", "max_removed_share", "nan is no share", SHARE),
        (
            "max_added_share: -1",
            "max_added_share",
            "-1 is no share of base's rows",
            "write 0 or more: 0.5 is half as many rows again",
        ),
        ("max_label_change_share: 2", "max_label_change_share", "2 is no share", SHARE),
        ("max_missing: 5", "max_missing", "5 is no share", SHARE),
        ("max_missing: {temp: -0.1}", "max_missing.temp", "-0.1 is no share", SHARE),
        (
            "max_missing: {' ': 0.1}",
            "max_missing. ",
            "a column's name is empty",
            "name the column, or remove the key",
        ),
        (
            "max_single_feature_strength: 0",
            "max_single_feature_strength",
            "0 is no strength",
            "write a number above 0, up to 1, such as 0.95",
        ),
        (
            "shift: {temp: -0.25}",
            "shift.temp",
            "-0.25 is no population stability index",
            "write 0 or more, such as 0.25",
        ),
        (
            "shift: {temp: often}",
            "shift.temp",
            'expected one of forbid, ignore, warn or a number, got the text "often"',
            "write one of forbid, ignore, warn or a number",
        ),
        (
            "schema: strict",
            "schema",
            'expected one of additive, any, none, got the text "strict"',
            "write one of additive, any, none",
        ),
        (
            "leakage: forbidden",
            "leakage",
            'expected one of forbid, ignore, warn or a mapping, got the text "forbidden"',
            "did you mean `forbid`?",
        ),
        (
            "leakage: {keys: warn}",
            "leakage.keys",
            "unknown key `keys`",
            "did you mean `key`?",
        ),
    ],
)
def test_a_gate_that_can_not_be_is_refused_common_or_own(
    gates: str, key: str, message: str, hint: str
) -> None:
    common = f"version: 1\ndatasets: [{{path: d}}]\ndataset_gates: {{{gates}}}\n"
    assert problems(common) == [(3, f"dataset_gates.{key}", message, hint)]
    own = [(3, f"datasets[0].gates.{key}", message, hint)]
    assert told(f"key: k, label: y, train: t, gates: {{{gates}}}") == own


@pytest.mark.parametrize(
    ("entry", "key", "message"),
    [
        ("key: [x, x]", "key", "a column stands twice in the key"),
        ("key: ''", "key", "a column's name is empty"),
        ("key: [x, ' ']", "key[1]", "a column's name is empty"),
        ("label: ''", "label", "a column's name is empty"),
        ("group: ' '", "group", "a column's name is empty"),
        ("time: ''", "time", "a column's name is empty"),
        ("private: [x, x]", "private", "a column stands twice in `private`"),
        ("slices: ['']", "slices[0]", "a column's name is empty"),
        (
            "key: y, label: y",
            "key",
            "the label y is in the key: a label edit would be a row gone and a new one",
        ),
        ("label: y, inputs: [x, y]", "inputs", "the label y is among the inputs"),
        (
            "inputs: [x, z], known_later: [z]",
            "inputs",
            "z is among the inputs and known only after the outcome",
        ),
        ("train: ./d/", "train", "a dataset can't be its own training rows"),
        ("train: ../t", "train", '"../t" climbs out with `..`'),
        ("label: y, guideline: /etc/x", "guideline", '"/etc/x" is absolute'),
        ("label: y, approvers: [' ']", "approvers[0]", '" " names nobody'),
        ('label: y, approvers: ["a\\nb"]', "approvers[0]", '"a\\nb" names nobody'),
        ("label: y, approvers: [Ada, ' ada']", "approvers", "an approver stands twice"),
        ("approvers: [Ada]", "approvers", "`approvers` needs the dataset's `label`"),
        ("guideline: g.md", "guideline", "`guideline` needs the dataset's `label`"),
        (
            "gates: {max_label_change_share: 0.1}",
            "gates.max_label_change_share",
            "`max_label_change_share` needs the dataset's `label`",
        ),
        (
            "gates: {max_single_feature_strength: 0.8}",
            "gates.max_single_feature_strength",
            "`max_single_feature_strength` needs the dataset's `label`",
        ),
        ("gates: {unique_key: forbid}", "gates.unique_key", "`unique_key` needs the dataset's `key`"),
        (
            "key: k, gates: {leakage: {key: forbid}}",
            "gates.leakage.key",
            "`leakage.key` needs the dataset's `train`",
        ),
        (
            "train: t, gates: {leakage: {group: warn}}",
            "gates.leakage.group",
            "`leakage.group` needs the dataset's `group`",
        ),
        (
            "train: t, gates: {leakage: {known_later: forbid}}",
            "gates.leakage.known_later",
            "`leakage.known_later` needs the dataset's `known_later`",
        ),
    ],
)
def test_a_dataset_that_can_not_be_is_refused(entry: str, key: str, message: str) -> None:
    ((line, at, said, _),) = told(entry)
    assert (line, at, said) == (3, f"datasets[0].{key}", message)


def test_a_needed_key_is_told_with_what_to_write() -> None:
    ((*_, hint),) = told("gates: {unique_key: warn}")
    assert hint == "add `key:` to the dataset, the column, or list of columns, that identifies a row"


def test_common_gates_need_nothing_of_each_dataset() -> None:
    text = "version: 1\ndatasets: [{path: d}]\ndataset_gates: {leakage: forbid, unique_key: forbid}\n"
    assert loaded(text).dataset_gates.leakage == "forbid"


def test_a_gate_that_is_let_be_needs_nothing() -> None:
    text = dataset("gates: {unique_key: ignore, leakage: {key: ignore}}")
    assert loaded(text).datasets[0].gates.unique_key == "ignore"


def test_training_rows_of_the_model_are_enough_for_an_exam() -> None:
    entry = "datasets: [{path: exam, key: k, gates: {leakage: {key: forbid}}}]\n"
    assert loaded(f"version: 1\n{MODEL}{entry}").datasets[0].key == "k"
    assert messages(f"version: 1\n{entry}") == ["`leakage.key` needs the dataset's `train`"]


def test_paths_of_a_dataset_have_one_form() -> None:
    found = loaded(dataset("label: y, train: ./a//b/, guideline: docs//g.md")).datasets[0]
    assert (found.train, found.guideline) == ("a/b", "docs/g.md")


def test_no_model_is_judged_by_the_values_of_a_private_column() -> None:
    said = problems(
        """\
version: 1
models:
  m:
    evaluation: {task: binary, predictions: p}
    gates:
      metrics:
        - {name: accuracy, min: 0.5, slices: [region, Customer]}
      gaps:
        - {metric: accuracy, column: customer, max: 0.1}
        - {metric: recall, column: region, max: 0.1}
datasets:
  - {path: exam, private: [customer]}
"""
    )
    why = "is private in the dataset exam, and a review tells its values"
    hint = "name another column here, or remove it from `private` if all may see its values"
    assert said == [
        (7, "models.m.gates.metrics[0].slices[1]", f"Customer {why}", hint),
        (9, "models.m.gates.gaps[0].column", f"customer {why}", hint),
    ]
