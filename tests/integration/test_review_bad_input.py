"""What a user gets wrong, or the world does: a sentence with what, where, what next; the right exit code."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.projects import POLICY, Ended, Project


def refused(ended: Ended, code: int, *parts: str) -> None:
    """It ended with `code`, said `parts` and what to do next, and showed no traceback."""
    assert ended.code == code, (ended.out, ended.err)
    for part in parts:
        assert part in ended.err
    assert "next:" in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def failing(project: Project, gate: str, *parts: str) -> dict[str, Any]:
    """The review came to a verdict, `gate` fails in words that hold `parts`; the rest is still there."""
    ended = project.mergegate("review", "--json")
    assert ended.code == 1, (ended.out[-500:], ended.err)
    assert "Traceback" not in ended.err
    result: dict[str, Any] = json.loads(ended.out)
    found = {each["id"]: each for each in result["gates"]}[gate]
    assert found["outcome"] == "fail"
    for part in parts:
        assert part in found["sentence"], found["sentence"]
    return result


# Where we are


def test_not_a_git_repository(tmp_path: Path) -> None:
    refused(Project(tmp_path, tmp_path).mergegate("review"), 2, "is not inside a git repository")


def test_a_git_repository_without_a_policy(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.write("readme", "hello")
    project.commit("Start")
    refused(project.mergegate("review"), 2, "there is no policy", "mergegate.yaml")


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.write("mergegate.yaml", POLICY)
    refused(project.mergegate("review"), 2, "commit")


def test_no_dvc_at_all_is_reviewed_as_far_as_it_goes(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.write("mergegate.yaml", POLICY)
    project.commit("Start")
    failing(project, "late/predictions/contract", "no such file", "dvc repro")


def test_predictions_in_git_without_dvc_are_judged(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.write("mergegate.yaml", POLICY)
    project.write("reports/metrics.json", "{}")
    write_predictions(project, {})
    project.commit("Start")
    ended = project.mergegate("review", "--json", "--head", "main")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["strength"] == "claimed"


# Revisions


def test_an_unknown_revision_suggests_the_nearest(project: Project) -> None:
    refused(project.mergegate("review", "--base", "mian"), 2, "mian", "main")


@pytest.mark.parametrize("name", ["", "--exec=x", "main:params.yaml", "a\nb"])
def test_a_revision_that_is_none(project: Project, name: str) -> None:
    refused(project.mergegate("review", f"--base={name}"), 2)


def test_no_common_ancestor(project: Project) -> None:
    project.git("switch", "--quiet", "--orphan", "island")
    project.write("mergegate.yaml", POLICY)
    project.commit("Begin anew")
    refused(project.mergegate("review"), 2, "no common ancestor")


def test_a_shallow_clone_without_the_merge_base(change: Project) -> None:
    change.git("switch", "--quiet", "main")
    change.write("readme", "main moved on")
    change.commit("Move main")
    clone = change.clone("shallow", "--depth=1", "--no-single-branch")
    clone.git("switch", "--quiet", "change")
    refused(clone.mergegate("review"), 2, "shallow", "git fetch --unshallow")


def test_a_baseline_that_is_no_branch(project: Project) -> None:
    project.write("mergegate.yaml", POLICY + "baseline: trunk\n")
    project.commit("Name a trunk")
    refused(project.mergegate("review"), 2, "mergegate.yaml at main", "trunk", "no branch")


def test_no_branch_to_compare_with(project: Project) -> None:
    project.git("branch", "--quiet", "--move", "main", "trunk")
    refused(project.mergegate("review"), 2, "main or master", "--base")
    assert project.mergegate("review", "--base", "trunk").code == 0


# DVC's files


def test_dvc_lock_with_conflict_markers(project: Project) -> None:
    text = project.read("dvc.lock")
    project.write("dvc.lock", f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n")
    refused(project.mergegate("review"), 2, "dvc.lock:1", "conflict")


def test_dvc_lock_that_is_no_yaml(project: Project) -> None:
    project.write("dvc.lock", "schema: '2.0'\nstages: {train: [}\n")
    refused(project.mergegate("review"), 2, "dvc.lock:2")


def test_dvc_lock_out_of_step_with_dvc_yaml(project: Project) -> None:
    project.write("dvc.yaml", project.read("dvc.yaml").replace("python train.py", "python -u train.py"))
    failing(project, "lock/chain", "train")


# Predictions


def write_predictions(project: Project, changes: dict[str, Any], count: int = 10) -> Path:
    """A good file with `changes` (None removes a column)."""
    labels = ["yes" if i % 2 else "no" for i in range(count)]
    columns: dict[str, Any] = {
        "row_id": list(range(count)),
        "y_true": labels,
        "y_pred": labels,
        "proba_yes": [0.9 if label == "yes" else 0.2 for label in labels],
        "proba_no": [0.1 if label == "yes" else 0.8 for label in labels],
    }
    columns = {name: value for name, value in {**columns, **changes}.items() if value is not None}
    file = project.root / "reports/predictions.parquet"
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    pq.write_table(pa.table(columns), file)
    return file


def lock_predictions(project: Project) -> None:
    """Let dvc.lock name the predictions as they are now."""
    project.dvc("commit", "--quiet", "--force")


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"row_id": [1, 1, *range(8)]}, ("row_id", "1")),
        ({"proba_yes": [float("nan")] + [0.5] * 9}, ("proba_yes", "NaN")),
        ({"proba_yes": [1.5] + [0.5] * 9}, ("proba_yes", "1.5")),
        ({"proba_yes": [0.7] * 10, "proba_no": [0.7] * 10}, ("sum to 1",)),
        ({"y_true": None}, ("y_true",)),
        ({"row_id": None, "rowid": list(range(10))}, ("row_id", "rowid")),
        ({"y_true": [None] + ["yes"] * 9}, ("y_true",)),
        ({"y_pred": [1] * 10}, ("y_pred",)),
    ],
)
def test_predictions_that_break_the_contract(
    project: Project, changes: dict[str, Any], parts: tuple[str, ...]
) -> None:
    write_predictions(project, changes)
    lock_predictions(project)
    failing(project, "late/predictions/contract", *parts)


def test_predictions_with_zero_rows(project: Project) -> None:
    write_predictions(project, {}, count=0)
    lock_predictions(project)
    failing(project, "late/predictions/contract", "no rows")


@pytest.mark.parametrize(
    ("spoil", "part"),
    [
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: b"row_id,y_true\n1,yes\n", "not a Parquet file"),
        (lambda data: b"", "empty"),
        (lambda data: data[:4] + b"\xff" * (len(data) - 12) + data[-8:], "can't be read"),
    ],
)
def test_predictions_that_are_no_whole_parquet_file(
    project: Project, spoil: Callable[[bytes], bytes], part: str
) -> None:
    file = project.root / "reports/predictions.parquet"
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(spoil(data))
    lock_predictions(project)
    failing(project, "late/predictions/contract", part)


def test_predictions_that_the_pipeline_no_longer_writes(project: Project) -> None:
    project.write("dvc.yaml", "stages: {}\n")
    project.write("dvc.lock", "schema: '2.0'\nstages: {}\n")
    (project.root / "reports/predictions.parquet").unlink()
    failing(project, "late/predictions/contract", "no such file")


def test_bases_broken_predictions_do_not_fail_a_head_that_mends_them(project: Project) -> None:
    write_predictions(project, {"y_true": None})
    lock_predictions(project)
    project.commit("Break it")
    project.git("switch", "--quiet", "--create", "mend")
    write_predictions(project, {})
    lock_predictions(project)
    ended = project.mergegate("review", "--json")
    assert ended.code == 0, ended.out
    outcomes = {gate["id"]: gate["outcome"] for gate in json.loads(ended.out)["gates"]}
    assert outcomes["late/comparison"] == "skipped"


# Reported metrics


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"seconds": NaN}', "NaN"),
        ('{"seconds": 1', "not valid JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"a": {"b": [1, Infinity]}}', "Infinity"),
    ],
)
def test_a_metrics_file_that_can_not_be_used(project: Project, text: str, part: str) -> None:
    project.write("reports/metrics.json", text)
    failing(project, "late/metrics/contract", part)


def test_a_metrics_file_that_is_gone(project: Project) -> None:
    (project.root / "reports/metrics.json").unlink()
    failing(project, "late/metrics/contract", "missing")


def test_nested_metrics_and_strings_are_shown_as_reported(project: Project) -> None:
    project.write("reports/metrics.json", '{"cost": {"train": 2.5}, "note": "fast | cheap"}')
    ended = project.mergegate("review", "--json")
    reported = json.loads(ended.out)["models"][0]["reported"]
    assert {"name": "cost.train", "base": None, "head": "2.5"} in reported
    assert {"name": "note", "base": None, "head": "fast | cheap"} in reported


# The policy


@pytest.mark.parametrize(
    ("wrong", "parts"),
    [
        (POLICY.replace("min: 0.6", "min: high"), ("late.gates.metrics[0].min", "high")),
        (POLICY.replace("roc_auc", "roc_auk"), ("roc_auk", "roc_auc")),
        (POLICY.replace("gates:", "gatse:"), ("gatse", "gates")),
        (POLICY + "mode: strict\n", ("mode", "strict")),
        (
            POLICY.replace(
                "        - {name: roc_auc, min: 0.6}\n",
                "        - {name: roc_auc, min: 0.6}\n        - {name: roc_auc, min: 0.7}\n",
            ),
            ("roc_auc", "a second gate"),
        ),
    ],
)
def test_a_wrong_policy_names_file_key_line_and_the_nearest_right_word(
    project: Project, wrong: str, parts: tuple[str, ...]
) -> None:
    file = project.write("wrong.yaml", wrong)
    ended = project.mergegate("review", "--policy", str(file))
    assert ended.code == 2, ended.err
    for part in ("wrong.yaml", *parts):
        assert part in ended.err
    assert "Traceback" not in ended.err


def test_a_policy_file_that_is_not_there(project: Project) -> None:
    ended = project.mergegate("review", "--policy", "nowhere.yaml")
    assert ended.code == 2
    assert "nowhere.yaml" in ended.err


# Objects and remotes


def forget(project: Project) -> None:
    """Empty DVC's cache, as in a fresh clone."""
    for path in sorted((project.root / ".dvc/cache").rglob("*"), reverse=True):
        if path.is_file():
            path.chmod(0o644)
            path.unlink()


def test_a_remote_that_can_not_be_reached_breaks_instead_of_judging(project: Project) -> None:
    forget(project)
    (project.root / "reports/predictions.parquet").unlink()
    (project.home / "remote").rename(project.home / "elsewhere")
    refused(project.mergegate("review", "--base", "main", "--head", "main"), 3, "remote")


def test_heads_object_missing_on_the_remote_fails_and_says_to_push(change: Project) -> None:
    clone = change.clone("fresh")
    clone.git("branch", "main", "origin/main")
    md5 = predictions_md5(clone)
    (change.home / "remote/files/md5" / md5[:2] / md5[2:]).unlink()
    failing(clone, "late/predictions/contract", md5, "mergegate push")


def test_an_object_with_other_bytes_on_the_remote_is_never_believed(change: Project) -> None:
    clone = change.clone("fresh")
    clone.git("branch", "main", "origin/main")
    md5 = predictions_md5(clone)
    stored = change.home / "remote/files/md5" / md5[:2] / md5[2:]
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes() + b"!")
    failing(clone, "late/predictions/contract", md5, "other bytes")
    assert not (clone.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).exists()


def test_a_damaged_cache_is_never_believed(project: Project) -> None:
    md5 = predictions_md5(project)
    cached = project.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    cached.chmod(0o644)
    cached.write_bytes(b"PAR1 not any more PAR1")
    failing(project, "late/predictions/contract", "other bytes")


def predictions_md5(project: Project) -> str:
    text = project.read("dvc.lock").split("path: reports/predictions.parquet")[1]
    return text.split("md5: ")[1].split()[0]


# The machine


def test_output_that_can_not_be_written_leaves_nothing_half_written(change: Project) -> None:
    """A limit on the size of files stands for the full disk: the write fails in its middle."""
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "from mergegate.cli import run; sys.exit(run(['review', '--out', 'out']))"
    )
    ended = change.run(sys.executable, "-B", "-c", script)
    refused(ended, 3, "File too large")
    assert list((change.root / "out").iterdir()) == []


def test_an_output_folder_that_is_a_file(change: Project) -> None:
    change.write("out", "a file")
    ended = change.mergegate("review", "--out", "out")
    assert ended.code == 2
    assert "Traceback" not in ended.err


def test_ctrl_c_ends_with_130_and_nothing_half_written(change: Project) -> None:
    """The policy comes through a pipe that nobody writes to, so the review waits where we can reach it."""
    pipe = change.home / "policy"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "mergegate", "review", "--policy", str(pipe), "--out", "out"],
        cwd=change.root,
        env=change.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    opened = os.open(pipe, os.O_WRONLY)  # returns once the review has opened its end
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    os.close(opened)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert not (change.root / "out").exists()


def test_a_reader_that_goes_away_is_no_failed_gate(change: Project) -> None:
    ended = change.run(
        "bash", "-c", f"{sys.executable} -m mergegate review | head -c 1; exit ${{PIPESTATUS[0]}}"
    )
    assert (ended.code, ended.out, ended.err) in [(3, "P", ""), (0, "P", "")]
