"""`mergegate policy check` as a person and as a machine meet it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

VALID = """\
version: 1
mode: advisory
models:
  late-arrival:
    evaluation: {task: binary, positive: late, predictions: reports/predictions.parquet}
    gates:
      metrics:
        - {name: roc_auc, min: 0.6}
        - {name: log_loss, max: 0.65}
  size:
    evaluation: {task: regression, predictions: reports/size.parquet}
datasets:
  - {path: data/raw/flights}
"""

WRONG = """\
version: 1
models:
  late-arrival:
    evaluation: {task: binary, positive: yes, predictions: reports/predictions.parquet}
"""

BARS = """\
version: 1
models:
  late-arrival:
    evaluation: {task: binary, predictions: reports/predictions.parquet}
    gates:
      metrics:
        - {name: roc_auc, max_regression: -0.01}
        - {name: mean_cost, max: 1, min_rows: 0}
      bundle: {parity: 1.0e-5}
"""


def check(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    command = [sys.executable, "-m", "mergegate", "policy", "check", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def check_json(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, err = check(folder, *arguments, "--json")
    assert err == ""
    return code, json.loads(out)


def test_a_valid_policy_is_one_line_about_what_it_covers(tmp_path: Path) -> None:
    (tmp_path / "mergegate.yaml").write_text(VALID)
    line = "mergegate.yaml: valid: 2 models (late-arrival, size), 2 metric gates, 1 dataset, mode advisory\n"
    assert check(tmp_path) == (0, line, "")


def test_the_policy_of_the_nearest_folder_above_is_checked(tmp_path: Path) -> None:
    (tmp_path / "mergegate.yaml").write_text("version: 1\ndatasets: [{path: data}]\n")
    inner = tmp_path / "src" / "pipeline"
    inner.mkdir(parents=True)
    line = "../../mergegate.yaml: valid: 0 models, 0 metric gates, 1 dataset, mode enforce\n"
    assert check(inner) == (0, line, "")


def test_json_says_what_the_policy_covers(tmp_path: Path) -> None:
    (tmp_path / "mergegate.yaml").write_text(VALID)
    assert check_json(tmp_path) == (
        0,
        {
            "schema": 1,
            "valid": True,
            "file": "mergegate.yaml",
            "errors": [],
            "code": None,
            "mode": "advisory",
            "baseline": "main",
            "models": [
                {"name": "late-arrival", "task": "binary", "gates": 2},
                {"name": "size", "task": "regression", "gates": 0},
            ],
            "datasets": ["data/raw/flights"],
        },
    )


def test_an_error_exits_with_2_and_names_file_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "a policy.yaml").write_text(WRONG)
    assert check(tmp_path, "a policy.yaml") == (
        2,
        "",
        "mergegate: a policy.yaml:4, models.late-arrival.evaluation.positive: "
        "the bare word yes is true to some YAML readers and text to others\n"
        '  next: write "yes" in quotes for the text, or true\n'
        "  more: mergegate explain policy-invalid\n",
    )


def test_every_wrong_bar_is_told_at_once_with_its_line_and_what_to_write(tmp_path: Path) -> None:
    (tmp_path / "mergegate.yaml").write_text(BARS)
    at = "models.late-arrival.gates.metrics"
    assert check(tmp_path) == (
        2,
        "",
        "mergegate: mergegate.yaml: 5 problems\n"
        f"  mergegate.yaml:7, {at}[0].max_regression: -0.01 is no margin\n"
        "    next: write 0, or how much worse head may be as a positive number, such as 0.01\n"
        f"  mergegate.yaml:8, {at}[1].name: mean_cost needs a cost matrix\n"
        "    next: add `cost_matrix` to the model's `evaluation`: what each mistake costs\n"
        f"  mergegate.yaml:8, {at}[1].min_rows: 0 is no number of rows to judge by\n"
        "    next: write 1 or more: on no row a metric has no value, and on few no interval holds "
        "(50 is the default)\n"
        "  mergegate.yaml:9, models.late-arrival.gates.bundle.parity: `parity` needs the model's `bundle`\n"
        "    next: add `bundle:` to the model, the folder of its bundle, such as models/bundle\n"
        "  mergegate.yaml:9, models.late-arrival.gates.bundle.parity: `parity` needs `evaluation.inputs`\n"
        "    next: add `inputs:` to the model's `evaluation`: the rows that the bundle is run on\n"
        "  more: mergegate explain policy-invalid\n",
    )


def test_the_projects_own_policy_and_the_documented_ones_are_valid() -> None:
    root = Path(__file__).parents[2]
    for file, said in (
        ("mergegate.yaml", "1 model (late-arrival), 3 metric gates, 4 datasets, mode enforce"),
        (
            "docs/every-key.yaml",
            "3 models (late-arrival, delay-minutes, delay-cause), 10 metric gates, 4 datasets, mode enforce",
        ),
    ):
        assert check(root, file) == (0, f"{file}: valid: {said}\n", "")


def test_json_holds_every_error(tmp_path: Path) -> None:
    (tmp_path / "mergegate.yaml").write_text("version: 1\nmod: enforce\nbaseline: 3\n")
    assert check_json(tmp_path) == (
        2,
        {
            "schema": 1,
            "valid": False,
            "file": "mergegate.yaml",
            "errors": [
                {
                    "file": "mergegate.yaml",
                    "key": "mod",
                    "line": 2,
                    "message": "unknown key `mod`",
                    "hint": "did you mean `mode`?",
                },
                {
                    "file": "mergegate.yaml",
                    "key": "baseline",
                    "line": 3,
                    "message": "expected text, got the number 3",
                    "hint": 'write it in quotes: "3"',
                },
            ],
            "code": "policy-invalid",
            "mode": None,
            "baseline": None,
            "models": None,
            "datasets": None,
        },
    )


def test_a_policy_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    nowhere = "not in this folder or above it"
    name_one = "name one: mergegate policy check path/to/mergegate.yaml"
    more = "mergegate explain policy-missing"
    said = f"mergegate: mergegate.yaml: {nowhere}\n  next: {name_one}\n  more: {more}\n"
    assert check(tmp_path) == (2, "", said)
    code, result = check_json(tmp_path, "other.yaml")
    assert (code, result["valid"]) == (2, False)
    assert result["errors"] == [
        {
            "file": "other.yaml",
            "key": "",
            "line": None,
            "message": "No such file or directory",
            "hint": "name a policy file, or run where a mergegate.yaml is in this folder or one above",
        }
    ]
    code, result = check_json(tmp_path)
    assert (code, result["valid"]) == (2, False)
    assert result["errors"] == [
        {"file": "mergegate.yaml", "key": "", "line": None, "message": nowhere, "hint": name_one}
    ]


def test_a_name_that_is_no_text_is_escaped(tmp_path: Path) -> None:
    name = b"caf\xe9.yaml"
    Path(str(tmp_path), name.decode("utf-8", "surrogateescape")).write_text(VALID)
    command: list[str | bytes] = [sys.executable, "-m", "mergegate", "policy", "check", name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith(b"caf\\xe9.yaml: valid: 2 models")
    done = subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert json.loads(done.stdout)["file"] == "caf\\xe9.yaml"
