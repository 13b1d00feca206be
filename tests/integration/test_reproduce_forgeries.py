"""Made-up predictions, metrics and bundles under a dvc.lock that DVC calls up to date: none is reproduced."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.projects import POLICY, Project, build_project

PREDICTIONS = "reports/predictions.parquet"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project on `change`, whose base is main."""
    project = build_project(tmp_path_factory.mktemp("project"))
    project.git("checkout", "--quiet", "-b", "change")
    return project


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same, where the stage writes all of `reports`, with its metrics."""
    project = build_project(tmp_path_factory.mktemp("folder"))
    give_outs(project, "[reports]")
    project.dvc("repro", "--quiet")
    project.commit("One folder")
    project.git("checkout", "--quiet", "-b", "change")
    return project


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    return built.copy(tmp_path / "home")


def give_outs(project: Project, outs: str) -> None:
    head, _ = project.read("dvc.yaml").split("    outs:")
    project.git("rm", "--quiet", "--cached", "-r", "--ignore-unmatch", "reports")
    (project.root / "reports/.gitignore").unlink(missing_ok=True)
    project.write("dvc.yaml", f"{head}    outs: {outs}\n")


def perfect() -> bytes:
    """Predictions that are right in every row."""
    truth = ["yes" if i % 3 == 0 else "no" for i in range(100)]
    scores = [0.9 if label == "yes" else 0.1 for label in truth]
    columns = {
        "row_id": list(range(100)),
        "y_true": truth,
        "y_pred": truth,
        "proba_yes": scores,
        "proba_no": [1 - score for score in scores],
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def differs(project: Project, *options: str) -> list[tuple[str, str]]:
    """What blocks: kind and path."""
    ended = project.mergegate("reproduce", "--json", *options)
    assert ended.code == 1, f"{ended.out}\n{ended.err}"
    told: dict[str, Any] = json.loads(ended.out)
    assert told["outcome"] == "differs", told
    return [(each["kind"], each["path"]) for each in told["differences"] if each["blocking"]]


def test_junk_in_a_folder_does_not_crowd_out_what_counts(folder: Project, tmp_path: Path) -> None:
    project = folder.copy(tmp_path / "home")
    for index in range(220):
        project.write(f"reports/a{index:03}.txt", "junk")
    project.write(PREDICTIONS, perfect())
    project.dvc("commit", "--quiet", "--force", "train")
    project.commit("Forge")
    assert ("numbers", PREDICTIONS) in [
        (kind.replace("classes", "numbers"), path) for kind, path in differs(project)
    ]


def test_a_folder_in_git_is_compared_file_by_file(built: Project, tmp_path: Path) -> None:
    project = built.copy(tmp_path / "home")
    project.git("checkout", "--quiet", "main")
    give_outs(project, "[reports: {cache: false}]")
    project.dvc("repro", "--quiet")
    project.commit("One folder in git")
    project.git("checkout", "--quiet", "-B", "change")
    project.write(PREDICTIONS, perfect())
    project.commit("Edit the predictions alone")
    assert [path for _, path in differs(project)] == [PREDICTIONS]
    project.dvc("commit", "--quiet", "--force", "train")
    project.commit("And the lock")
    assert [path for _, path in differs(project)] == [PREDICTIONS]


def test_a_dvc_file_that_takes_over_an_outputs_path_is_refused(project: Project) -> None:
    entry = "outs:\n- {md5: 0123456789abcdef0123456789abcdef, hash: md5, path: predictions.parquet}\n"
    project.write(f"{PREDICTIONS}.dvc", entry)
    project.commit("Take over")
    ended = project.mergegate("reproduce")
    assert ended.code == 2
    assert f"'{PREDICTIONS}' is an output of both stage train and {PREDICTIONS}.dvc" in ended.err


def test_a_folder_of_a_dvc_file_in_place_of_a_stage(project: Project) -> None:
    project.git("rm", "--quiet", "dvc.yaml", "dvc.lock", "reports/metrics.json", "reports/.gitignore")
    project.write(PREDICTIONS, perfect())
    project.write("reports/metrics.json", "{}")
    project.dvc("add", "--quiet", "reports")
    project.commit("No stages")
    assert ("definition", PREDICTIONS) in differs(project)


def test_predictions_that_no_stage_ever_wrote(project: Project) -> None:
    """The policy judges by them already, and the change brings them in git."""
    project.git("checkout", "--quiet", "main")
    policy = POLICY.replace("reports/predictions.parquet", "second/predictions.parquet")
    project.write("mergegate.yaml", policy)
    project.commit("Ask for a second model")
    project.git("checkout", "--quiet", "-B", "change")
    project.write("second/predictions.parquet", perfect())
    project.commit("Here it is")
    assert differs(project) == [("definition", "second/predictions.parquet")]


def test_a_hidden_file_that_git_holds_in_place_of_an_outputs(folder: Project, tmp_path: Path) -> None:
    project = folder.copy(tmp_path / "home")
    project.write(".dvcignore", "predictions.parquet\n")
    project.write(PREDICTIONS, perfect())
    project.dvc("commit", "--quiet", "--force", "train")
    project.git("add", "--force", PREDICTIONS)
    project.commit("Hide")
    ended = project.mergegate("reproduce", "--json")
    # DVC does not run a stage that writes over git's files.
    assert (ended.code, json.loads(ended.out)["outcome"]) == (1, "failed")
    assert "is already tracked by SCM" in json.loads(ended.out)["stages"][0]["problem"]


def test_metrics_that_are_no_longer_called_so_still_count(project: Project) -> None:
    text = (
        project.read("dvc.yaml")
        .replace("    metrics:\n", "")
        .replace("      - reports/met", "    - reports/met")
    )
    project.write("mergegate.yaml", POLICY)
    project.git("checkout", "--quiet", "main")
    project.write("mergegate.yaml", POLICY.replace("      metrics: reports/metrics.json\n", ""))
    project.write("train.py", project.read("train.py").replace('"seconds"', '"auc"'))
    project.dvc("repro", "--quiet")
    project.commit("Metrics of the stage alone")
    project.git("checkout", "--quiet", "-B", "change")
    project.write(
        "dvc.yaml",
        text.replace("outs: [reports/predictions.parquet]", "outs:\n    - reports/predictions.parquet"),
    )
    project.write("reports/metrics.json", '{"auc": 0.99}')
    project.dvc("commit", "--quiet", "--force", "train")
    project.commit("Forge")
    assert differs(project) == [("numbers", "reports/metrics.json")]


def test_an_accepted_stage_does_not_take_over_what_counts(project: Project) -> None:
    project.git("checkout", "--quiet", "main")
    accept = "accept: [{stage: dear, reason: hours, by: Ada, expires: '9999-12-31'}]"
    project.write("mergegate.yaml", f"{POLICY}reproduce: {{{accept}}}\n")
    project.write(
        "dvc.yaml", project.read("dvc.yaml") + "  dear:\n    cmd: echo > model.txt\n    outs: [model.txt]\n"
    )
    project.dvc("repro", "--quiet", "dear")
    project.commit("A dear stage")
    project.git("checkout", "--quiet", "-B", "change")
    text = project.read("dvc.yaml").replace("    outs: [reports/predictions.parquet]\n", "")
    project.write("dvc.yaml", text.replace("outs: [model.txt]", f"outs: [model.txt, {PREDICTIONS}]"))
    project.write(PREDICTIONS, perfect())
    project.dvc("commit", "--quiet", "--force")
    project.commit("Move it to the accepted stage")
    ended = project.mergegate("reproduce", "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["accepted"], told["outcome"]) == (1, [], "failed")
    note = f"dear runs though the policy accepts it: in base it does not write {PREDICTIONS}."
    assert note in told["notes"]


def test_a_change_does_not_choose_its_own_base(project: Project) -> None:
    project.git("checkout", "--quiet", "main")
    project.git("rm", "--quiet", "mergegate.yaml")
    project.commit("No policy yet")
    project.git("checkout", "--quiet", "-B", "change")
    project.write("mergegate.yaml", f"baseline: mine\n{POLICY}")
    project.commit("Be my own base")
    project.git("branch", "mine")
    ended = project.mergegate("reproduce")
    assert ended.code == 2, ended.out
    assert "main has no mergegate.yaml, and the change's own names the baseline mine" in ended.err
    assert "`--base mine`" in ended.err


def test_an_output_that_persists_is_not_its_own_input(project: Project) -> None:
    """The code leaves what is there, and git brings it."""
    train = project.read("train.py").replace('pathlib.Path("reports/metrics.json").write', "metrics.write")
    keep = 'metrics = pathlib.Path("reports/metrics.json")\nif not metrics.exists():\n    metrics.write'
    project.write("train.py", train.replace("metrics.write", keep).replace('"seconds"', '"auc"'))
    yaml = project.read("dvc.yaml").replace("{cache: false}", "{cache: false, persist: true}")
    project.write("dvc.yaml", yaml)
    project.write("reports/metrics.json", '{"auc": 0.99}')
    project.dvc("commit", "--quiet", "--force", "train")
    project.commit("Keep the metrics")
    assert differs(project) == [("numbers", "reports/metrics.json")]


def test_a_command_that_runs_elsewhere_is_another_command(project: Project) -> None:
    """Other code by the same name: the same block of dvc.lock, as that does not hold `wdir`."""
    project.write("sub/train.py", "raise SystemExit('other code')\n")
    yaml = project.read("dvc.yaml").replace("train.py, data/rows.csv", "../train.py, ../data/rows.csv")
    yaml = yaml.replace("    cmd:", "    wdir: sub\n    cmd:").replace("reports/", "../reports/")
    yaml = yaml.replace("params: [train]", "params: [../params.yaml: [train]]")
    project.write("dvc.yaml", yaml)
    lock = project.read("dvc.lock").replace("path: ", "path: ../").replace("params.yaml:", "../params.yaml:")
    project.write("dvc.lock", lock)
    project.commit("Run elsewhere")
    assert "up to date" in project.dvc("status")
    told = json.loads(project.mergegate("reproduce", "--json").out)
    assert told["outcome"] == "failed"
    assert {"cause": "definition", "what": "wdir: sub"} in told["stages"][0]["reasons"]
