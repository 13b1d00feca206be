"""`mergegate init` in repositories that never heard of it: what it finds, proposes and writes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mergegate.commands.init import command
from mergegate.scaffold.snippets import SNIPPETS
from support.projects import Project
from support.untold import ACTION, begun, empty, init, predictions, write_table
from support.workflow_files import parse

PAGE = Path(__file__).parents[2] / "docs/adopt.md"

MANIFEST = {
    "schema": 1,
    "name": "churn",
    "task": "binary",
    "target": "left",
    "inputs": [{"name": "x", "kind": "number", "tensor": "x"}],
    "outputs": {"prediction": "label", "probabilities": "chance"},
    "classes": ["0", "1"],
    "labels": "integer",
    "files": [
        {"path": "model.onnx", "sha256": "0" * 64, "size": 0},
        {"path": "reference.json", "sha256": "0" * 64, "size": 0},
    ],
}
"""What a bundle says of itself."""


def policy(project: Project) -> dict[str, Any]:
    """The policy that was written; it must be valid."""
    ended = project.mergegate("policy", "check")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = yaml.safe_load(project.read("mergegate.yaml"))
    return found


def reviewed(project: Project) -> dict[str, Any]:
    """The review of the workspace as data; advisory, it must end with 0."""
    ended = project.mergegate("review", "--json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def written(project: Project) -> list[str]:
    """What git sees as new or changed."""
    return sorted(line[3:] for line in project.git("status", "--short", "-uall").splitlines())


@pytest.fixture(scope="module")
def forgotten(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project under DVC that has no policy, with a remote at GitHub by name."""
    project = built.copy(tmp_path_factory.mktemp("forgotten") / "home")
    (project.root / "mergegate.yaml").unlink()
    project.git("remote", "add", "origin", "https://github.com/team/flights.git")
    project.write("requirements.txt", "pyarrow\npytest\n")
    project.write("tests/test_train.py", "def test_it() -> None:\n    assert True\n")
    project.commit("Forget mergegate")
    return project


@pytest.fixture
def project(forgotten: Project, tmp_path: Path) -> Project:
    return forgotten.copy(tmp_path / "home")


def test_a_dvc_project_gets_a_policy_two_workflows_and_a_first_review_that_passes(project: Project) -> None:
    said = begun(project)
    assert written(project) == [
        ".gitattributes",
        ".github/pull_request_template.md",
        ".github/workflows/comment.yml",
        ".github/workflows/review.yml",
        ".gitignore",
        "mergegate.yaml",
    ]
    found = policy(project)
    assert (found["mode"], found["baseline"]) == ("advisory", "main")
    assert list(found["models"]) == ["flights"]
    assert found["models"]["flights"]["evaluation"] == {
        "task": "binary",
        "positive": "yes",
        "predictions": "reports/predictions.parquet",
        "metrics": "reports/metrics.json",
    }
    gates = found["models"]["flights"]["gates"]["metrics"]
    assert [gate["name"] for gate in gates] == ["log_loss", "accuracy"]
    assert found["datasets"] == [{"path": "data/rows.csv", "key": "id"}]
    text = project.read("mergegate.yaml")
    assert text.splitlines()[1] == (
        f"# yaml-language-server: $schema=https://raw.githubusercontent.com/team/mergegate/{'a' * 40}"
        "/docs/schema/policy.schema.json"
    )
    assert text.count("rounded outward") == 2  # each bar says why
    steps = parse(project.read(".github/workflows/review.yml"))["jobs"]["review"]["steps"]
    assert steps[2]["run"] == "python -m pip install -r requirements.txt"
    assert steps[3]["uses"] == ACTION
    assert steps[3]["with"] == {"run": "review", "test": "python -m pytest -q"}
    assert project.read(".gitattributes").splitlines()[1:] == [
        "dvc.lock merge=mergegate",
        "*.dvc merge=mergegate",
    ]
    assert project.read(".gitignore") == "# What a review writes.\n/reports/review/\n"
    assert "first review: every prediction is the same as base's on the 100 rows" in said
    assert "next 1: git switch --create mergegate && git add mergegate.yaml" in said


def test_the_first_change_after_it_is_reviewed_by_what_was_written(project: Project) -> None:
    begun(project)
    project.commit("Set up mergegate")
    project.set_strength(0.1)
    project.dvc("repro", "--quiet")
    found = reviewed(project)
    assert found["policy"]["origin"] == "target"
    outcomes = {gate["id"]: gate["outcome"] for gate in found["gates"]}
    assert outcomes["flights/log_loss/max_regression"] == "insufficient"
    assert outcomes["flights/evaluation/rows_gone"] == "pass"
    assert found["verdict"]["enforced"] is False


def test_a_dry_run_writes_nothing_and_shows_all_of_it(project: Project) -> None:
    said = begun(project, "--dry-run")
    assert written(project) == []
    for line in (
        "would write mergegate.yaml",
        "+++ b/mergegate.yaml",
        "+models:",
        "+++ b/.github/workflows/comment.yml",
        "+*.dvc merge=mergegate",
        "next 1: run the same without --dry-run",
    ):
        assert line in said.splitlines()
    # Applied by git it gives the same files.
    answer = json.loads(init(project, "--dry-run", "--json").out)
    diff = "".join(file["diff"] for file in answer["files"])
    project.write("all.diff", diff)
    project.git("apply", "--whitespace=nowarn", "all.diff")
    (project.root / "all.diff").unlink()
    assert {file["done"] for file in json.loads(init(project, "--dry-run", "--json").out)["files"]} == {
        "unchanged"
    }


def test_run_again_it_changes_nothing_and_keeps_what_was_chosen(project: Project) -> None:
    begun(project, "--model", "late", "--predictions", "reports/predictions.parquet", "--positive", "no")
    project.commit("Set up mergegate")
    said = begun(project)
    assert "already as it should be: mergegate.yaml" in said
    assert written(project) == []
    found = policy(project)["models"]
    assert list(found) == ["late"]
    assert found["late"]["evaluation"]["positive"] == "no"


def test_flags_go_before_what_is_found(project: Project) -> None:
    begun(project, "--data", "data/rows.csv", "--key", "id", "--key", "late", "--forge", "none")
    assert policy(project)["datasets"] == [{"path": "data/rows.csv", "key": ["id", "late"]}]
    assert not (project.root / ".github").exists()


def test_what_a_person_edited_is_left_while_the_rest_is_updated(project: Project) -> None:
    begun(project)
    review, comment = ".github/workflows/review.yml", ".github/workflows/comment.yml"
    edited = project.read(review).replace("timeout-minutes: 60", "timeout-minutes: 90")
    project.write(review, edited)
    other = ACTION.replace("a" * 40, "b" * 40)
    ended = project.mergegate("init", "--yes", "--action", other)
    assert f"left alone {review}: it was edited since init wrote it" in ended.out
    assert f"updated {comment}" in ended.out
    assert project.read(review) == edited
    assert project.read(comment).count(f"uses: {other}") == 4


def test_an_upgrade_moves_pins_and_nothing_else(project: Project) -> None:
    begun(project)
    review = ".github/workflows/review.yml"
    edited = project.read(review).replace("timeout-minutes: 60", "timeout-minutes: 90")
    project.write(review, edited)
    project.write(".github/workflows/verify.yml", f"# mine\n- uses: '{ACTION}' # v0\n- uses: other/x@v1\n")
    project.commit("Set up mergegate")
    before = project.read("mergegate.yaml")
    other = ACTION.replace("a" * 40, "b" * 40)
    ended = project.mergegate("init", "--upgrade", "--action", other)
    assert ended.code == 0, ended.err
    assert written(project) == [
        ".github/workflows/comment.yml",
        ".github/workflows/review.yml",
        ".github/workflows/verify.yml",
    ]
    assert project.read(review) == edited.replace(ACTION, other)
    assert project.read(".github/workflows/verify.yml") == f"# mine\n- uses: {other}\n- uses: other/x@v1\n"
    assert project.read("mergegate.yaml") == before
    assert ended.out.splitlines()[-1].endswith('&& git commit -m "Upgrade mergegate"')


def test_a_persons_policy_stays_and_gets_its_workflows(project: Project) -> None:
    text = "version: 1\ndatasets: [{path: data/rows.csv}]\n"
    project.write("mergegate.yaml", text)
    said = begun(project)
    assert project.read("mergegate.yaml") == text
    assert "wrote .github/workflows/review.yml" in said
    assert "left alone mergegate.yaml: it is yours" in said
    shown = begun(project, "--dry-run")
    assert "would leave alone mergegate.yaml: it is yours" in shown
    assert "+  flights:" in shown.splitlines()
    assert project.read("mergegate.yaml") == text
    ended = init(project, "--model", "late")
    assert (ended.code, ended.err.splitlines()[0]) == (
        2,
        "mergegate: mergegate.yaml is yours, and stays: --model would change nothing",
    )


def test_in_plain_git_predictions_alone_are_enough(tmp_path: Path) -> None:
    project = empty(tmp_path)
    predictions(project, "out/predictions.parquet")
    project.write("out/metrics.json", '{"auc": 0.9}')
    project.write("data/customers.csv", "customer_id,age\n1,30\n2,41\n")
    project.commit("Start")
    begun(project)
    found = policy(project)
    assert found["models"]["flights"]["evaluation"] == {
        "task": "binary",
        "predictions": "out/predictions.parquet",
    }
    assert found["metrics"] == ["out/metrics.json"]
    assert found["datasets"] == [{"path": "data/customers.csv", "key": "customer_id"}]
    assert not (project.root / ".gitattributes").exists()
    steps = parse(project.read(".github/workflows/review.yml"))["jobs"]["review"]["steps"]
    assert steps[-1]["with"] == {"run": "review", "reproduce": "false"}
    assert {gate["outcome"] for gate in reviewed(project)["gates"]} == {"pass", "skipped"}


def test_with_nothing_at_all_it_says_how_to_write_predictions(tmp_path: Path) -> None:
    project = empty(tmp_path, remote="")
    project.write("train.ipynb", '{"cells": [{"source": [\n  "import torch\\n",\n  "x"]}]}')
    project.commit("Start")
    said = begun(project)
    assert "found: 1 notebook: a review reads what they write, once git or DVC holds it" in said
    assert "found: no predictions file; a review needs one to compare models" in said
    assert "torch.softmax" in said
    assert "not known: git has no remote, so no workflow was written" in said
    assert sorted(policy(project)) == ["baseline", "mode", "version"]
    assert reviewed(project)["verdict"]["outcome"] == "passed"


def test_a_file_that_nearly_holds_predictions_is_named_with_the_lines_that_mend_it(tmp_path: Path) -> None:
    project = empty(tmp_path)
    project.write("out/preds.csv", "id,actual,predicted\n1,a,b\n")
    project.commit("Start")
    answer = json.loads(init(project, "--json").out)
    assert answer["models"] == []
    assert answer["snippet"] == [
        "table = pd.read_csv('out/preds.csv')",
        "table = table.rename(columns={'id': 'row_id', 'actual': 'y_true', 'predicted': 'y_pred'})",
        "table.to_parquet('out/preds.parquet', index=False)",
    ]
    assert (
        "out/preds.csv looks like predictions, but would need other names of columns (id → row_id, "
        "actual → y_true, predicted → y_pred)"
    ) in answer["found"]


def test_inputs_training_rows_and_bundle_are_told_by_their_contents(tmp_path: Path) -> None:
    project = empty(tmp_path)
    project.dvc("init", "--quiet")
    predictions(project, "out/scored.parquet", rows=60)
    write_table(project, "out/rows/part.parquet", {"row_id": list(range(80)), "x": [0.5] * 80})
    write_table(project, "out/train.parquet", {"row_id": list(range(100, 150)), "x": [0.5] * 50})
    write_table(project, "out/other.parquet", {"row_id": list(range(50, 90)), "x": [0.5] * 40})
    for folder, manifest in (("bundle", MANIFEST), ("mlflow", {"schema": "other"})):
        project.write(f"out/{folder}/manifest.json", json.dumps(manifest))
        project.write(f"out/{folder}/model.onnx", "")
    outs = "[out/scored.parquet, out/rows, out/train.parquet, out/other.parquet, out/bundle, out/mlflow]"
    project.write("dvc.yaml", f"stages:\n  evaluate:\n    cmd: echo\n    outs: {outs}\n")
    project.dvc("commit", "--quiet", "--force")
    project.commit("Start")
    (model,) = json.loads(init(project, "--json", "--dry-run").out)["models"]
    told = ("name", "predictions", "inputs", "training_rows", "bundle", "rows")
    assert {key: model[key] for key in told} == {
        "name": "churn",
        "predictions": "out/scored.parquet",
        "inputs": "out/rows",
        "training_rows": "out/train.parquet",
        "bundle": "out/bundle",
        "rows": 60,
    }


def test_a_bundle_of_another_task_is_named_and_left_out(tmp_path: Path) -> None:
    project = empty(tmp_path)
    predictions(project, "out/scored.parquet", classes=("cat", "dog"))
    project.write("out/bundle/manifest.json", json.dumps(MANIFEST))
    project.write("out/bundle/model.onnx", "")
    project.write("dvc.yaml", "stages:\n  e:\n    cmd: echo\n    outs: [out/scored.parquet, out/bundle]\n")
    project.commit("Start")
    begun(project)
    assert sorted(policy(project)["models"]["churn"]) == ["evaluation", "gates"]
    assert "# out/bundle, a bundle of a binary model: with that task it belongs here" in project.read(
        "mergegate.yaml"
    )


def test_several_models_of_a_monorepo_share_one_policy_at_the_top(tmp_path: Path) -> None:
    project = empty(tmp_path)
    predictions(project, "models/churn/predictions.parquet")
    truth = [number / 7 for number in range(90)]
    columns = {"row_id": list(range(90)), "y_true": truth, "y_pred": [value + 0.1 for value in truth]}
    write_table(project, "models/spend/predictions.parquet", columns)
    project.commit("Start")
    begun(project)
    models = policy(project)["models"]
    assert {name: model["evaluation"]["task"] for name, model in models.items()} == {
        "churn": "binary",
        "spend": "regression",
    }


def test_a_project_in_a_subfolder_gets_its_policy_there_and_workflows_at_the_top(tmp_path: Path) -> None:
    top = empty(tmp_path)
    project = Project(top.root / "services/a", top.home)
    project.write("dvc.yaml", "stages: {}\n")
    predictions(project, "predictions.parquet")
    Project(top.root / "services/b", top.home).write("dvc.yaml", "stages: {}\n")
    top.commit("Start")
    begun(project)
    assert written(top) == [
        ".github/pull_request_template.md",
        ".github/workflows/comment.yml",
        ".github/workflows/review.yml",
        "services/a/.gitignore",
        "services/a/mergegate.yaml",
    ]
    assert list(policy(project)["models"]) == ["a"]
    # A second project would want the same two files and the same status.
    said = begun(Project(top.root / "services/b", top.home))
    assert (
        "left alone .github/workflows/review.yml: it reviews services/a, and a repository has one status "
        "`mergegate`"
    ) in said


def test_gitlab_gets_a_job_beside_what_it_has(tmp_path: Path) -> None:
    project = empty(tmp_path, remote="https://gitlab.example.com/team/flights.git")
    project.write("requirements.txt", "pandas\n")
    project.write(".gitlab-ci.yml", "test: {script: [make]}\n")
    project.commit("Start")
    said = begun(project)
    assert "next 4: let .gitlab-ci.yml include it: `include: [{local: .gitlab/mergegate.yml}]`" in said
    job = yaml.safe_load(project.read(".gitlab/mergegate.yml"))["review"]
    assert job["script"][:2] == [
        "python -m pip install -r requirements.txt",
        f"python -m pip install 'mergegate[judge] @ git+https://github.com/{ACTION}'",
    ]
    assert job["script"][4].startswith("mergegate review --target")
    assert not (project.root / ".github").exists()


def test_data_in_a_bucket_is_read_by_a_role_and_the_host_of_a_company_is_told(tmp_path: Path) -> None:
    project = empty(tmp_path, remote="git@github.example.com:team/flights.git")
    project.dvc("init", "--quiet")
    project.dvc("remote", "add", "--quiet", "--default", "store", "s3://bucket/flights")
    project.commit("Start")
    said = begun(project)
    review = parse(project.read(".github/workflows/review.yml"))["jobs"]["review"]
    assert review["permissions"] == {"contents": "read", "id-token": "write"}
    assert review["steps"][-1]["with"]["run"] == "review"
    assert "set the variables MERGEGATE_READ_ROLE and MERGEGATE_REGION" in said
    assert "github.example.com is a GitHub of your own" in said


def test_the_page_shows_what_it_says_the_flags_it_has_and_the_lines_for_predictions(
    project: Project,
) -> None:
    page = PAGE.read_text()
    (shown,) = re.findall(r"^```text\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    assert shown == begun(project)
    snippets = re.findall(r"^```(?:python|r)\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    assert snippets == ["".join(f"{line}\n" for line in lines) for lines in SNIPPETS.values()]
    flags = {flag for option in command.params for flag in option.opts}
    assert set(re.findall(r"`(--[a-z-]+)", page)) == flags
