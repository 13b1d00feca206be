"""What else a change brings, in real repositories: undeclared code, libraries, the model's bundle, costs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mergegate import bundle, predictions
from support import bundles, scoring
from support.projects import Project, build_project, review

ROWS = 300
POLICY = """\
version: 1
models:
  late-arrival:
    bundle: models/bundle
    evaluation:
      task: binary
      positive: late
      predictions: reports/predictions.parquet
      inputs: data/evaluation.parquet
      metrics: reports/metrics.json
    gates:
      metrics:
        - {name: roc_auc, min: 0.6}
"""


def save(project: Project, *, numbers_only: bool = False) -> None:
    """The model's bundle, its inputs and predictions as the bundle gives them."""
    folder = project.root / "models/bundle"
    if numbers_only:
        frame = bundles.flights()[bundles.NUMBERS]
        steps = bundles.encoded(OneHotEncoder(handle_unknown="ignore")).transformers[0]
        columns = type(bundles.encoded(None))([steps])
        model = make_pipeline(columns, LogisticRegression()).fit(frame, bundles.late(bundles.flights()))
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        bundle.save(folder, model, name="late-arrival", task="binary", target="late", X=frame)
    else:
        bundles.write(folder)
    scoring.inputs(project.root / "data/evaluation.parquet", ROWS)
    found = bundle.load(folder).predict(bundles.flights().iloc[:ROWS])
    assert found.probabilities is not None
    late, on_time = found.probabilities.T
    predictions.write(
        project.root / "reports/predictions.parquet",
        row_id=scoring.ids(ROWS),
        y_true=bundles.late(bundles.flights())[:ROWS],
        y_pred=np.where(late >= 0.5, "late", "on_time"),
        probabilities={"late": late, "on_time": on_time},
    )


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A model whose files git itself holds."""
    home = tmp_path_factory.mktemp("held") / "home"
    project = Project(home / "project", home)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.dvc("init", "--quiet")
    save(project)
    project.write("mergegate.yaml", POLICY)
    project.write("reports/metrics.json", json.dumps({"training": {"seconds": 12.3456789}}))
    project.write("requirements.txt", "numpy==2.0.0\nclick==8.1\n")
    project.commit("Start")
    return project


@pytest.fixture(scope="session")
def numbers(held: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Its model was trained again without categories."""
    project = held.copy(tmp_path_factory.mktemp("numbers") / "home")
    save(project, numbers_only=True)
    project.commit("Take numbers alone")
    return project


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A stage that imports more than it declares."""
    project = build_project(tmp_path_factory.mktemp("staged"))
    train = project.read("train.py")
    project.write("helper.py", "import rates\n")
    project.write("rates.py", "RATE = 1\n")
    project.write("train.py", f"import helper\n{train}")
    project.dvc("repro", "--quiet")
    project.dvc("push", "--quiet")
    project.commit("Import a helper")
    return project


@pytest.fixture
def project(held: Project, tmp_path: Path) -> Project:
    return held.copy(tmp_path / "home")


def of_model(result: dict[str, Any]) -> dict[str, Any]:
    (model,) = result["models"]
    found: dict[str, Any] = model["model"]
    return found


def test_code_that_a_stage_imports_undeclared_is_told_and_whether_it_changed(
    staged: Project, tmp_path: Path
) -> None:
    project = staged.copy(tmp_path / "home")
    told = {"stage": "train", "script": "train.py"}
    assert review(project, "--base", "HEAD")["undeclared"] == [
        {**told, "imported": "helper.py", "changed": False},
        {**told, "imported": "rates.py", "changed": False},
    ]
    project.write("rates.py", "RATE = 2\n")
    project.commit("Change what no stage declares")
    result = review(project, "--base", "HEAD~1", "--head", "HEAD")
    # DVC sees nothing to run, and nothing else of the review would tell.
    assert "up to date" in project.dvc("status")
    assert (result["stages"], result["params"], result["lock"]) == ([], [], [])
    assert result["undeclared"] == [
        {**told, "imported": "rates.py", "changed": True},
        {**told, "imported": "helper.py", "changed": False},
    ]


def test_libraries_that_change_are_told_those_of_the_model_first(project: Project) -> None:
    project.write("requirements.txt", "numpy==2.1.0\nclick==8.2\n")
    bundles.edit_manifest(project.root / "models/bundle", _newer)
    result = review(project)
    assert [(each["name"], each["new"], each["source"]) for each in result["packages"]] == [
        ("numpy", "2.1.0", "requirements.txt"),
        ("skl2onnx", "99.0", "models/bundle"),
        ("click", "8.2", "requirements.txt"),
    ]
    assert [each["touches_model"] for each in result["packages"]] == [True, True, False]


def _newer(manifest: dict[str, Any]) -> None:
    manifest["versions"]["skl2onnx"] = "99.0"


def test_a_file_of_libraries_that_can_not_be_read_is_said(project: Project) -> None:
    project.write("pyproject.toml", "[project")
    assert [note for note in review(project)["notes"] if "pyproject" in note] == [
        "pyproject.toml: is not valid TOML: Expected ']' at the end of a table declaration "
        "(at end of document): its libraries are not compared."
    ]


def test_nothing_is_told_of_a_model_that_is_the_same(project: Project) -> None:
    result = review(project)
    assert of_model(result) is None
    assert (result["packages"], result["undeclared"]) == ([], [])
    project.git("rm", "-r", "--quiet", "--cached", "models/bundle")
    project.dvc("add", "--quiet", "models/bundle")
    project.commit("Track the bundle")
    result = review(project, "--base", "HEAD")
    assert of_model(result) is None
    assert (result["packages"], result["undeclared"]) == ([], [])


def test_a_changed_bundle_is_told_by_its_size_numbers_and_inputs(numbers: Project) -> None:
    found = of_model(review(numbers, "--base", "HEAD~1", "--head", "HEAD"))
    assert found["base"]["inputs"] == ["wind speed", "pressure", "carrier", "dest"]
    assert found["head"]["inputs"] == ["wind speed", "pressure"]
    assert found["head"]["parameters"] < found["base"]["parameters"]
    assert found["head"]["size"] == sum(
        file.stat().st_size for file in (numbers.root / "models/bundle").iterdir()
    )
    assert (found["importance"], found["latency"], found["problem"]) == ([], None, "")


def test_importances_and_latency_are_measured_where_they_are_asked_for(numbers: Project) -> None:
    found = of_model(review(numbers, "--base", "HEAD~1", "--head", "HEAD", "--explain"))
    assert (found["importance_metric"], found["importance_rows"], found["problem"]) == ("roc_auc", ROWS, "")
    by_name = {each["name"]: each for each in found["importance"]}
    assert sorted(by_name) == ["carrier", "dest", "pressure", "wind speed"]
    assert next(iter(by_name)) == "wind speed"
    assert (by_name["wind speed"]["base_rank"], by_name["wind speed"]["head_rank"]) == (1, 1)
    assert [by_name["dest"][key] is None for key in ("base", "base_rank", "head", "head_rank")] == [
        False, False, True, True,
    ]  # fmt: skip
    latency = found["latency"]
    assert latency["low"] <= latency["ratio"] <= latency["high"]
    assert latency["head"] < latency["base"]


def test_the_targets_policy_asks_for_what_is_measured(numbers: Project, tmp_path: Path) -> None:
    project = numbers.copy(tmp_path / "home")
    project.write("ask.yaml", POLICY.replace("    gates:", "    explain: {importance: true}\n    gates:"))
    found = of_model(review(project, "--base", "HEAD~1", "--head", "HEAD", "--policy", "ask.yaml"))
    assert len(found["importance"]) == 4
    assert found["latency"] is None


def test_a_model_that_base_has_not_is_measured_alone(project: Project) -> None:
    project.git("rm", "-r", "--quiet", "models")
    project.commit("Forget the model")
    project.git("checkout", "--quiet", "HEAD~1", "--", "models")
    found = of_model(review(project, "--explain"))
    assert (found["base"], len(found["head"]["inputs"]), len(found["importance"])) == (None, 4, 4)
    assert {each["base"] for each in found["importance"]} == {None}
    assert found["latency"]["problem"] == "base has no bundle to be asked in turns with head's"


def test_a_broken_bundle_is_a_problem_and_no_end(project: Project) -> None:
    project.write("models/bundle/manifest.json", "{")
    found = of_model(review(project, "--explain"))
    assert found["head"] is None
    assert found["base"]["inputs"] == ["wind speed", "pressure", "carrier", "dest"]
    assert found["problem"].startswith("models/bundle/manifest.json: it is not a JSON object")


def test_without_inputs_nothing_can_be_measured_and_that_is_said(project: Project) -> None:
    project.write("blind.yaml", POLICY.replace("      inputs: data/evaluation.parquet\n", ""))
    project.write("data/evaluation.parquet", b"")
    found = of_model(review(project, "--explain", "--policy", "blind.yaml"))
    assert found["problem"] == "importances and latency take `evaluation.inputs` in the policy"
    assert of_model(review(project, "--explain"))["problem"].startswith(
        "data/evaluation.parquet: it can't be read as Parquet"
    )


def test_importances_that_the_pipeline_reports_are_shown_where_none_are_measured(
    numbers: Project, tmp_path: Path
) -> None:
    project = numbers.copy(tmp_path / "home")
    claims = {"wind": {"mean": 0.2, "spread": 0.01}, "pressure": 0.3}
    project.write("reports/metrics.json", json.dumps({"importances": claims, "training": {"seconds": 75}}))
    result = review(project, "--base", "HEAD~1")
    found = of_model(result)
    assert [
        (each["name"], each["head"], each["head_spread"], each["head_rank"]) for each in found["importance"]
    ] == [
        ("pressure", 0.3, 0.0, 1),
        ("wind", 0.2, 0.01, 2),
    ]
    assert found["importance_metric"] == "what the pipeline reports"
    (model,) = result["models"]
    assert model["reported"] == [{"name": "training.seconds", "base": "12.35 s", "head": "1 min 15 s"}]


def test_hostile_evaluation_rows_end_as_a_problem(project: Project) -> None:
    table = pq.read_table(project.root / "data/evaluation.parquet")
    wide = table.set_column(
        table.schema.get_field_index("wind speed"), "wind speed", pa.array(["x"] * len(table))
    )
    pq.write_table(wide, project.root / "data/evaluation.parquet")
    assert "`wind speed` must be numbers" in of_model(review(project, "--explain"))["problem"]
