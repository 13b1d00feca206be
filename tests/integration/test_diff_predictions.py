"""`mergegate diff predictions`: two files of any kind, compared for people and for machines."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from sklearn import metrics as sklearn

from mergegate import __version__, stats
from support.pairs import ROWS, Folder, answers, truth

pytestmark = pytest.mark.filterwarnings("error")

REPOSITORY = Path(__file__).parents[2]
MERGEGATE = [sys.executable, "-m", "mergegate"]


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return Folder(tmp_path, capsys)


@pytest.fixture
def pair(folder: Folder) -> tuple[str, str]:
    """Two classifiers' answers to the same rows, with columns to weigh, group and slice them by."""
    columns = {
        "origin": np.array(["EWR", "JFK"])[np.arange(ROWS) % 2],
        "customer": np.arange(ROWS) // 8,
        "weight": np.random.default_rng(5).random(ROWS) + 0.5,
        "cost": np.random.default_rng(6).random(ROWS),
    }
    return folder.binary("a.parquet", 1, **columns), folder.binary("b.parquet", 2, **columns)


# The numbers


def test_binary_numbers_are_those_of_scikit_learn_and_intervals_those_of_stats(
    folder: Folder, pair: tuple[str, str]
) -> None:
    found = folder.json(*pair).metrics
    y = truth()
    design = stats.Design(ROWS)
    sides = [answers(1), answers(2)]
    for side, given in zip(("base", "head"), sides, strict=True):
        score, label = given["proba_1"], given["y_pred"]
        expected = {
            "roc_auc": sklearn.roc_auc_score(y, score),
            "average_precision": sklearn.average_precision_score(y, score),
            "log_loss": sklearn.log_loss(y, score),
            "brier_score_loss": sklearn.brier_score_loss(y, score),
            "accuracy": sklearn.accuracy_score(y, label),
            "balanced_accuracy": sklearn.balanced_accuracy_score(y, label),
            "precision": sklearn.precision_score(y, label),
            "recall": sklearn.recall_score(y, label),
            "f1": sklearn.f1_score(y, label),
            "matthews_corrcoef": sklearn.matthews_corrcoef(y, label),
        }
        assert {name: found[name][side] for name in expected} == pytest.approx(expected, abs=1e-12)
    curves = [stats.Curve(y == 1, stats.rank(given["proba_1"]), design) for given in sides]
    ranked = stats.difference(stats.roc_auc(curves[0]), stats.roc_auc(curves[1]), design)
    decided = stats.Decisions(y, sides[0]["y_pred"], sides[1]["y_pred"], classes=2, design=design)
    for name, estimate in (("roc_auc", ranked), ("f1", decided.difference("f1", 1))):
        limits = estimate.interval(0.95)
        told = (found[name]["low"], found[name]["high"], found[name]["standard_error"])
        assert told == (limits.low, limits.high, estimate.standard_error)
        assert found[name]["outcome"] == stats.classify(estimate, greater_is_better=True, confidence=0.95)
        assert found[name]["method"] == estimate.method
        assert found[name]["difference"] == found[name]["head"] - found[name]["base"]


def test_multiclass_and_regression_numbers_are_those_of_scikit_learn(folder: Folder) -> None:
    random = np.random.default_rng(3)
    y = random.integers(0, 3, ROWS)
    names = np.array(["low", "mid", "top"])
    chance = random.dirichlet([1, 1, 1], ROWS) * 0.7 + 0.3 * np.eye(3)[y]
    label = names[chance.argmax(axis=1)]
    columns = {f"proba_{name}": chance[:, place] for place, name in enumerate(names)}
    many = folder.write("m.parquet", row_id=np.arange(ROWS), y_true=names[y], y_pred=label, **columns)
    found = folder.json(many, many).metrics
    assert {name: found[name]["head"] for name in ("log_loss", "roc_auc_ovr", "f1_macro", "recall[mid]")} == (
        pytest.approx(
            {
                "log_loss": sklearn.log_loss(y, chance),
                "roc_auc_ovr": sklearn.roc_auc_score(y, chance, multi_class="ovr"),
                "f1_macro": sklearn.f1_score(names[y], label, average="macro"),
                "recall[mid]": sklearn.recall_score(names[y], label, labels=["mid"], average=None)[0],
            },
            abs=1e-12,
        )
    )
    target, guess = random.normal(size=ROWS), random.normal(size=ROWS)
    numbers = folder.write("r.parquet", row_id=np.arange(ROWS), y_true=target, y_pred=guess)
    found = folder.json(numbers, numbers, "--quantile", "0.9").metrics
    expected = {
        "mean_absolute_error": sklearn.mean_absolute_error(target, guess),
        "root_mean_squared_error": sklearn.root_mean_squared_error(target, guess),
        "r2_score": sklearn.r2_score(target, guess),
        "median_absolute_error": sklearn.median_absolute_error(target, guess),
        "mean_absolute_percentage_error": sklearn.mean_absolute_percentage_error(target, guess),
        "mean_pinball_loss": sklearn.mean_pinball_loss(target, guess, alpha=0.9),
    }
    assert {name: metric["base"] for name, metric in found.items()} == pytest.approx(expected, abs=1e-9)


def test_swapped_files_tell_the_opposite(folder: Folder, pair: tuple[str, str]) -> None:
    there, back = folder.json(*pair).metrics, folder.json(*reversed(pair)).metrics
    opposite = {"better": "worse", "worse": "better"}
    for name, metric in there.items():
        other = back[name]
        assert (other["base"], other["head"]) == (metric["head"], metric["base"])
        assert opposite.get(metric["outcome"], metric["outcome"]) == other["outcome"]
        if metric["low"] is not None:
            assert (-other["high"], -other["low"]) == pytest.approx((metric["low"], metric["high"]), abs=1e-9)


def test_weights_clusters_threshold_and_confidence_are_what_they_say(
    folder: Folder, pair: tuple[str, str]
) -> None:
    y, base, weight = truth(), answers(1), np.random.default_rng(5).random(ROWS) + 0.5
    weighted = folder.json(*pair, "--weight", "weight", "--metric", "accuracy")
    expected = sklearn.accuracy_score(y, base["y_pred"], sample_weight=weight)
    assert weighted.metrics["accuracy"]["base"] == pytest.approx(expected, abs=1e-12)
    assert weighted.result["notes"][-1] == "Rows are weighted by “weight”, as base has it."
    clustered = folder.json(*pair, "--cluster", "customer", "--metric", "accuracy").metrics
    assert clustered["accuracy"]["clusters"] == ROWS // 8
    strict = folder.json(*pair, "--threshold", "0.7", "--metric", "recall").metrics
    assert strict["recall"]["base"] == sklearn.recall_score(y, base["proba_1"] >= 0.7)
    wide, narrow = (
        folder.json(*pair, "--confidence", level, "--metric", "accuracy").metrics["accuracy"]
        for level in ("0.99", "0.8")
    )
    assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]
    few = folder.json(*pair, "--min-rows", "1000", "--metric", "accuracy").metrics["accuracy"]
    assert (few["outcome"], few["problem"]) == ("insufficient", "only 400 rows carry it, fewer than 1,000")


def test_a_column_of_losses_is_a_metric_of_its_own(folder: Folder, pair: tuple[str, str]) -> None:
    found = folder.json(*pair, "--loss", "cost").metrics
    assert list(found)[:2] == ["cost", "roc_auc"]
    assert found["cost"]["base"] == pytest.approx(np.random.default_rng(6).random(ROWS).mean())
    assert found["cost"]["greater_is_better"] is False


def test_slices_are_of_the_named_metrics_or_of_the_headline(folder: Folder, pair: tuple[str, str]) -> None:
    def sliced(*options: str) -> dict[str, list[tuple[str, str, int]]]:
        found = folder.json(*pair, "--slices", "origin", *options).metrics
        return {
            name: [(part["column"], part["level"], part["rows"]) for part in metric["slices"]]
            for name, metric in found.items()
            if metric["slices"]
        }

    levels = [("origin", "EWR", 200), ("origin", "JFK", 200)]
    assert sliced() == dict.fromkeys(("roc_auc", "log_loss", "accuracy"), levels)
    assert sliced("--metric", "recall[1]") == {"recall[1]": levels}


# What is printed


def test_the_json_is_what_its_schema_says(folder: Folder, pair: tuple[str, str]) -> None:
    schema = json.loads((REPOSITORY / "docs/schema/predictions-diff.schema.json").read_text())
    result = folder.json(*pair, "--slices", "origin", "--metric", "accuracy").result
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(result)) == []
    (accuracy,) = result.pop("metrics")
    first, _ = accuracy.pop("slices")
    flips = result.pop("flips")
    assert flips["changed"] == flips["broke"] + flips["mended"] == accuracy["discordant"]
    assert [curves["side"] for curves in result.pop("curves")] == ["base", "head"]
    assert sum(cell["head"] for cell in result.pop("confusion")) == ROWS
    assert "origin" in [band["column"] for band in result.pop("segments")["bands"]]
    counts = {"base": ROWS, "head": ROWS, "shared": ROWS, "new": 0, "gone": 0, "labels_changed": 0}
    assert result == {
        "schema": 1,
        "mergegate": __version__,
        "task": "binary",
        "positive": "1",
        "confidence": 0.95,
        "rows": {**counts, "compared": ROWS},
        "finding": accuracy["outcome"],
        "identical": False,
        "notes": [
            "The task is taken to be binary, as each file has probabilities of 2 classes; `--task` names "
            "another.",
            "The positive class is taken to be 1; `--positive` names another.",
        ],
    }
    common = [
        *("metric", "base", "head", "difference", "low", "high", "outcome", "greater_is_better"),
        *("standard_error", "detectable", "carried", "discordant", "clusters", "method", "problem", "note"),
    ]
    assert list(accuracy) == [*common, "base_all", "head_all"]
    assert list(first) == [*common, "column", "level", "rows"]


def test_people_read_a_verdict_a_table_and_notes(folder: Folder) -> None:
    same = folder.binary("same.parquet", 1)
    told = folder.diff(same, same, "--metric", "accuracy")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0] == "B against A: no metric differs."
    assert "A (base) is same.parquet, B (head) is same.parquet: binary predictions." in told.out
    assert "  -  Base and head are one and the same file." in [line.rstrip() for line in lines]


def test_what_several_metrics_have_in_common_is_said_once(folder: Folder) -> None:
    plain = [folder.binary(f"{seed}.parquet", seed, proba_0=None, proba_1=None) for seed in (1, 2)]
    told = " ".join(folder.diff(*plain).out.split())
    reason = "base: the file has no proba_<class> columns; head: the file has no proba_<class> columns."
    assert f"roc_auc, average_precision, log_loss, brier_score_loss and 2 more: {reason}" in told
    assert told.count("proba_<class>") == 2
    apart = folder.binary("apart.parquet", 1, row_id=np.arange(ROWS) + ROWS, proba_0=None, proba_1=None)
    told = " ".join(folder.diff(plain[0], apart, "--metric", "accuracy", "--metric", "f1").out.split())
    assert "- Base and head have no row_id in common, so there is nothing to compare." in told


# Which task


@pytest.mark.parametrize(
    ("y_true", "y_pred", "task", "why"),
    [
        ([0, 1, 1], [1, 1, 1], "binary", "2 different whole numbers in y_true and y_pred"),
        ([0.0, 1.0, 1.0], [1, 1, 1], "binary", "2 different whole numbers in y_true and y_pred"),
        ([1, 2, 3], [1, 2, 2], "multiclass", "3 different whole numbers in y_true and y_pred"),
        (["a", "b", "c"], ["a", "a", "a"], "multiclass", "3 different labels in y_true and y_pred"),
        ([True, False, True], [True, True, True], "binary", "2 different labels in y_true and y_pred"),
        ([1, 2, 3], [1.5, 2.0, 2.5], "regression", "numbers with fractions in y_true or y_pred"),
        (
            list(range(30)),
            list(range(30)),
            "regression",
            "more than 20 different whole numbers in y_true and y_pred",
        ),
    ],
)
def test_the_task_is_told_from_the_files(
    folder: Folder, y_true: list[Any], y_pred: list[Any], task: str, why: str
) -> None:
    file = folder.write("f.parquet", row_id=np.arange(len(y_true)), y_true=y_true, y_pred=y_pred)
    result = folder.json(file, file).result
    assert result["task"] == task
    assert (
        result["notes"][0]
        == f"The task is taken to be {task}, as each file has {why}; `--task` names another."
    )
    named = folder.json(file, file, "--task", task).result
    assert not any(note.startswith("The task is") for note in named["notes"])
    assert {**named, "notes": ()} == {**result, "notes": ()}


def test_one_file_with_fractions_settles_it_for_whole_numbers(folder: Folder) -> None:
    rows = np.arange(5)
    whole = folder.write("whole.parquet", row_id=rows, y_true=rows, y_pred=rows)
    parts = folder.write("parts.parquet", row_id=rows, y_true=rows, y_pred=rows + 0.5)
    assert folder.json(whole, parts).result["notes"] == [
        "The task is taken to be regression, as base has 5 different whole numbers in y_true and y_pred, and "
        "head has numbers with fractions in y_true or y_pred; `--task` names another."
    ]


def test_a_positive_class_is_named(folder: Folder) -> None:
    names = np.array(["on-time", "late"])
    file = folder.write("f.parquet", row_id=np.arange(ROWS), y_true=names[truth()], y_pred=names[truth()])
    for positive in names:
        assert folder.json(file, file, "--positive", positive).result["positive"] == positive


# Files that are no Parquet


@pytest.mark.parametrize("name", ["b.csv", "b.tsv", "b.jsonl", "b.NDJSON"])
def test_csv_and_json_lines_give_the_numbers_of_parquet(
    folder: Folder, pair: tuple[str, str], name: str
) -> None:
    table = pa.parquet.read_table(pair[1])
    if name.endswith("sv"):
        options = pa.csv.WriteOptions(delimiter="\t" if name == "b.tsv" else ",")
        pa.csv.write_csv(table, folder.path / name, options)
    else:
        lines = (json.dumps(row) + "\n" for row in table.to_pylist())
        (folder.path / name).write_text("".join(lines))
    options_used = ("--slices", "origin", "--weight", "weight", "--cluster", "customer", "--loss", "cost")
    assert folder.json(pair[0], name, *options_used).result == folder.json(*pair, *options_used).result


def test_ids_and_labels_of_text_files_stay_what_they_are(folder: Folder) -> None:
    lines = ("row_id,y_true,y_pred,day", "007,2013-01-01,2013-01-01,2013-01-01", "8,2013-01-02,2013-01-02,")
    (folder.path / "f.csv").write_text("\n".join(lines))
    names, *rows = (line.split(",") for line in lines)
    objects = (dict(zip(names, (cell or None for cell in row), strict=True)) for row in rows)
    (folder.path / "f.jsonl").write_text("\n".join(map(json.dumps, objects)))
    options = ("--task", "multiclass", "--metric", "accuracy", "--slices", "day")
    result = folder.json("f.csv", "f.jsonl", *options).result
    assert (result["rows"]["compared"], result["identical"]) == (2, True)
    assert result["notes"] == ["Base and head answer every compared row alike."]
    levels = {part["level"]: part["rows"] for part in result["metrics"][0]["slices"]}
    assert levels == {"(missing)": 1, "2013-01-01": 1}


# The process


def test_it_starts_within_the_time_of_a_breath_and_imports_no_library_that_trains(
    folder: Folder, pair: tuple[str, str]
) -> None:
    heavy = {"sklearn", "scipy", "pandas", "dvc", "onnx", "onnxruntime", "yaml", "ruamel", "httpx"}
    code = (
        "import sys; from mergegate.cli import run; "
        f"code = run(['diff', 'predictions', *{pair!r}, '--json']); "
        f"sys.exit(code or ', '.join(sorted({heavy!r} & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["schema"] == 1


def test_an_interrupted_comparison_says_so_and_prints_nothing(folder: Folder) -> None:
    rows = np.arange(1_000_000)
    ids = np.random.default_rng(1).permutation(rows)
    large = folder.write("large.parquet", row_id=ids, y_true=rows % 2, y_pred=rows % 2)
    other = folder.write("other.parquet", row_id=rows, y_true=rows % 2, y_pred=rows // 2 % 2)
    with subprocess.Popen(
        [*MERGEGATE, "diff", "predictions", large, other, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        _wait_until_it_has_opened(process.pid, large)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err == "mergegate: interrupted; nothing was left half-written\n"


def _wait_until_it_has_opened(pid: int, name: str) -> None:
    """Until a process reads a file, as the system shows it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if entry.readlink().name == name:
                    return
            except OSError:
                continue
    raise AssertionError(f"{name} was never opened")


def test_a_reader_that_goes_away_is_no_verdict(folder: Folder, pair: tuple[str, str]) -> None:
    for options in ((), ("--json",)):
        read, write = os.pipe()
        os.close(read)
        command = [*MERGEGATE, "diff", "predictions", *pair, *options]
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
        os.close(write)
        assert (done.returncode, done.stderr) == (3, b"")


# The page


def test_every_command_of_the_page_works_as_it_stands(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs/compare-two-files.md").read_text()
    (script,) = re.findall(r"^```python\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    commands = re.findall(r"^```bash\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "train.py").write_text(script)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("B against A: ") == 2
    assert json.loads((tmp_path / "diff.json").read_text())["task"] == "binary"
