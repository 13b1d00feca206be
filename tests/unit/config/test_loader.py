"""mergegate.yaml becomes a Policy, or an error that says what to write instead."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergegate import config
from mergegate.config.diagnosis import diagnose
from mergegate.config.document import Document
from mergegate.config.policy import Dataset, Evaluation, Gates, MetricGate, Model, Policy
from mergegate.errors import ConfigError

FILE = "mergegate.yaml"

WHOLE = """\
version: 1
mode: advisory
baseline: release/2026
models:
  late-arrival:
    bundle: models/bundle/
    evaluation:
      task: binary
      positive: late
      predictions: ./reports//predictions.parquet
      inputs: data/model/evaluation
      training_rows: data/model/train
      metrics: reports/metrics.json
    gates:
      metrics:
        - {name: roc_auc, min: 0.60}
        - {name: log_loss, min: 0, max: 65e-2}
datasets:
  - {path: data/raw/flights/, key: [year, month]}
  - {path: "data/model/été 1", key: row_id, label: late}
"""


def problems(text: str) -> list[tuple[int | None, str, str, str]]:
    with pytest.raises(config.PolicyError) as caught:
        config.load(text.encode(), file=FILE)
    return [(one.line, one.key, one.message, one.hint) for one in caught.value.problems]


def test_a_whole_policy_is_loaded_with_its_paths_normalised() -> None:
    assert config.load(WHOLE.encode(), file=FILE) == Policy(
        version=1,
        mode="advisory",
        baseline="release/2026",
        models={
            "late-arrival": Model(
                bundle="models/bundle",
                evaluation=Evaluation(
                    task="binary",
                    positive="late",
                    predictions="reports/predictions.parquet",
                    inputs="data/model/evaluation",
                    training_rows="data/model/train",
                    metrics="reports/metrics.json",
                ),
                gates=Gates(
                    metrics=(
                        MetricGate(name="roc_auc", min=0.6),
                        MetricGate(name="log_loss", min=0.0, max=0.65),
                    )
                ),
            )
        },
        datasets=(
            Dataset(path="data/raw/flights", key=("year", "month")),
            Dataset(path="data/model/été 1", key="row_id", label="late"),
        ),
    )


def test_the_shortest_policy_has_defaults() -> None:
    policy = config.load(b"version: 1\ndatasets: [{path: data}]\n", file=FILE)
    assert policy == Policy(
        version=1, mode="enforce", baseline="main", models={}, datasets=(Dataset(path="data"),)
    )


def test_every_wrong_type_is_said_at_once_in_words() -> None:
    text = """\
version: 1
mode: enforced
baselin: main
models:
  late:
    evaluation:
      task: binry
      predictions: 3
      positive: 1.5
    gates:
      metrics:
        - {name: roc_auc, min: high}
        - name: log_loss
          mx: 0.65
          max: "1"
        - roc_auc
  other:
    evaluation: []
    zzz: 1
  third:
    bundle:
datasets: data/raw
"""
    metric = "models.late.gates.metrics"
    assert problems(text) == [
        (2, "mode", 'expected one of advisory, enforce, got the text "enforced"', "did you mean `enforce`?"),
        (3, "baselin", "unknown key `baselin`", "did you mean `baseline`?"),
        (
            7,
            "models.late.evaluation.task",
            'expected one of binary, multiclass, regression, got the text "binry"',
            "did you mean `binary`?",
        ),
        (
            8,
            "models.late.evaluation.predictions",
            "expected text, got the number 3",
            'write it in quotes: "3"',
        ),
        (
            9,
            "models.late.evaluation.positive",
            "expected text or a whole number or true or false, got the number 1.5",
            'write it in quotes: "1.5"',
        ),
        (
            12,
            f"{metric}[0].min",
            'expected a number, got the text "high"',
            "write a number, without quotes or a unit",
        ),
        (14, f"{metric}[1].mx", "unknown key `mx`", "did you mean `max`?"),
        (
            15,
            f"{metric}[1].max",
            'expected a number, got the text "1"',
            "write a number, without quotes or a unit",
        ),
        (
            16,
            f"{metric}[2]",
            'expected a mapping, got the text "roc_auc"',
            "write its keys below it, indented: name, min, max, max_regression, max_relative_regression, "
            "slices, min_rows, confidence, on_insufficient",
        ),
        (
            18,
            "models.other.evaluation",
            "expected a mapping, got a list",
            "write its keys below it, indented: task, predictions, positive, inputs, training_rows, metrics, "
            "threshold, top_share, top_k, quantile, cluster, weight, "
            "bands, segments, tolerance, cost_matrix, losses, functions, seeds",
        ),
        (19, "models.other.zzz", "unknown key `zzz`", "one of evaluation, bundle, golden, explain, gates"),
        (20, "models.third", "the key `evaluation` is missing", "add `evaluation:`, a mapping"),
        (
            22,
            "datasets",
            'expected a list, got the text "data/raw"',
            "begin each entry of the list with `- `, also when there is only one",
        ),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "",
            (
                None,
                "",
                "the file is empty",
                "write `version: 1`, and under `models` what to judge; docs/policy.md has an example",
            ),
        ),
        (
            "version: 2\nmodel: x\n",
            (
                1,
                "version",
                "version 2 of the policy; this mergegate reads version 1",
                "write `version: 1`, or update mergegate",
            ),
        ),
        (
            "version: '1'\ndatasets: [{path: d}]\n",
            (1, "version", 'expected 1, got the text "1"', "write 1"),
        ),
        (
            "version: true\ndatasets: [{path: d}]\n",
            (1, "version", "expected 1, got true", "write 1"),
        ),
        ("datasets: [{path: d}]\n", (1, "", "the key `version` is missing", "add `version:`, 1")),
        (
            "version: 1\nmodels:\n",
            (2, "models", "expected a mapping, got nothing", "give it a value, or remove the key"),
        ),
        (
            "- version\n",
            (
                1,
                "",
                "expected a mapping, got a list",
                "write its keys below it, indented: version, mode, baseline, confidence, on_insufficient, "
                "min_rows, protected, required_strength, models, datasets, metrics, dataset_gates, "
                "reproduce, keep, waivers",
            ),
        ),
        (
            "version: 1\nmode: yes\n",
            (
                2,
                "mode",
                "the bare word yes is true to some YAML readers and text to others",
                'write "yes" in quotes for the text, or true',
            ),
        ),
        (
            "version: 1\ndataset_gates: {max_missing: 0.9, schema: bad}\n",
            (
                2,
                "dataset_gates.schema",
                'expected one of additive, any, none, got the text "bad"',
                "write one of additive, any, none",
            ),
        ),
        (
            "version: 1\ndataset_gates: {max_missing: {gust: most}}\n",
            (
                2,
                "dataset_gates.max_missing.gust",
                'expected a number, got the text "most"',
                "write a number, without quotes or a unit",
            ),
        ),
    ],
)
def test_a_single_problem_says_what_to_write(text: str, problem: tuple[int | None, str, str, str]) -> None:
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("sandbox: strict\n", 21, "sandbox"),
        ("reproduce: {stages: [train]}\n", 21, "reproduce.stages"),
        ("leakage: forbid\n", 21, "leakage"),
        (" " * 6 + "fairness: {max: 0.1}\n", 18, "models.late-arrival.gates.fairness"),
    ],
)
def test_keys_of_later_versions_are_refused_until_they_are_enforced(text: str, line: int, key: str) -> None:
    lines = WHOLE.splitlines(keepends=True)
    lines.insert(line - 1, text)
    assert [(one, at, said) for one, at, said, _ in problems("".join(lines))] == [
        (line, key, f"unknown key `{key.rpartition('.')[2]}`")
    ]


def test_the_required_strength_and_the_protected_branches_are_read() -> None:
    read = config.load(f"{WHOLE}required_strength: reproduced\nprotected: [release/*]\n".encode(), file=FILE)
    assert (read.required_strength, read.protected) == ("reproduced", ("release/*",))


@pytest.mark.parametrize("name", ["", "a..b", "release branch", "-x", "x" * 256])
def test_a_protected_branch_must_be_one(name: str) -> None:
    shown = name if len(name) < 100 else problems(f'version: 1\nprotected: ["{name}"]\n')[0][2].split('"')[1]
    assert problems(f'{WHOLE}protected: [main, "{name}"]\n') == [
        (
            WHOLE.count("\n") + 1,
            "protected[1]",
            f'"{shown}" can\'t be a branch',
            "write a branch, such as production or release/*",
        )
    ]


def test_an_unknown_strength_is_refused() -> None:
    assert problems(f"{WHOLE}required_strength: believed\n") == [
        (
            WHOLE.count("\n") + 1,
            "required_strength",
            'expected one of claimed, consistent, reproduced, scored, got the text "believed"',
            "write one of claimed, consistent, reproduced, scored",
        )
    ]


def test_one_problem_reads_as_one_sentence_and_several_as_a_list() -> None:
    with pytest.raises(ConfigError) as one:
        config.load(b"version: 1\nmode: on\n", file=FILE)
    assert str(one.value) == (
        "mergegate.yaml:2, mode: the bare word on is true to some YAML readers and text to others"
    )
    assert one.value.hint == 'write "on" in quotes for the text, or true'
    with pytest.raises(ConfigError) as two:
        config.load(b"version: 1\nmodel: {}\nbaseline: 3\n", file=FILE)
    assert str(two.value) == two.value.message
    assert two.value.message == (
        "mergegate.yaml: 2 problems\n"
        "  mergegate.yaml:2, model: unknown key `model`\n"
        "    next: did you mean `models`?\n"
        "  mergegate.yaml:3, baseline: expected text, got the number 3\n"
        '    next: write it in quotes: "3"'
    )
    assert two.value.hint == ""


def test_hostile_text_is_cut_and_escaped_in_messages() -> None:
    name = "\x1b[31m\u202e" + "x" * 200
    text = f'version: 1\n"\\e[31m\\u202E{"x" * 200}": 1\n'
    ((line, key, message, _),) = problems(text)
    assert (line, key) == (2, "\\x1b[31m\\u202e" + "x" * 74 + "…")
    assert message == f"unknown key `{key}`"
    assert name not in message


def test_twenty_problems_are_listed_and_the_rest_counted() -> None:
    text = "version: 1\n" + "\n".join(f"key{n}: 1" for n in range(25))
    with pytest.raises(config.PolicyError) as caught:
        config.load(text.encode(), file=FILE)
    assert len(caught.value.problems) == 25
    assert caught.value.message.splitlines()[-1] == "  and 5 more"
    assert caught.value.message.count("unknown key") == 20


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / FILE
    with pytest.raises(ConfigError, match="No such file or directory") as caught:
        config.read(path)
    assert caught.value.file == str(path)
    with pytest.raises(ConfigError, match="Is a directory"):
        config.read(tmp_path)
    path.write_text(WHOLE)
    assert config.read(path).mode == "advisory"


def test_the_policy_is_found_in_a_folder_above_but_not_beyond_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repo" / "project" / "src"
    inner.mkdir(parents=True)
    (tmp_path / FILE).touch()
    (tmp_path / "repo" / ".git").mkdir()
    assert config.find(inner) is None
    (tmp_path / "repo" / FILE).touch()
    assert config.find(inner) == tmp_path / "repo" / FILE
    (tmp_path / "repo" / "project" / FILE).touch()
    assert config.find(inner) == tmp_path / "repo" / "project" / FILE


scalars = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.sampled_from(["main", "binary", "x"])
)
sections = ("version", "mode", "baseline", "models", "datasets", "evaluation", "bundle", "gates", "other")
leaves = ("task", "predictions", "positive", "metrics", "name", "min", "max", "path", "key", "label")
own = ("cost_matrix", "costs", "unit", "losses", "functions", "function", "column", "slices", "min_rows")
waivers = ("waivers", "gate", "reason", "by", "expires")
data = ("dataset_gates", "schema", "max_missing", "shift", "leakage", "*")
keys = st.sampled_from(sections + leaves + own + waivers + data)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(keys, values, max_size=5).map(lambda extra: {"version": 1, "models": {}} | extra))
def test_the_diagnosis_finds_fault_exactly_where_the_schema_does(value: object) -> None:
    try:
        msgspec.convert(value, Policy)
        fits = True
    except msgspec.ValidationError:
        fits = False
    assert (diagnose(Document(file=FILE, value=value, lines={})) == []) is fits


words = st.sampled_from(
    ["a", "models", ":", ": ", "- ", "\n", "  ", "{", "}", "[", "]", ",", "&x ", "*x", "<<: ", "? ", "!!a "]
)
odd = st.sampled_from(
    ["'", '"', "|", ">", "#", "%", "---", "...", "yes", "010", "1e3", ".inf", "~", "\t", "\x85", "\ufeff"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(words | odd, max_size=25).map("".join).map(str.encode) | st.binary(max_size=40))
def test_whatever_the_bytes_the_answer_is_a_policy_error(data: bytes) -> None:
    with pytest.raises(config.PolicyError) as caught:
        config.load(data, file=FILE)
    assert all(problem.message and problem.file == FILE for problem in caught.value.problems)
