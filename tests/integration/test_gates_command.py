"""`mergegate gates explain` and `gates suggest` in real projects."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from support.projects import Project, gates, review

REPOSITORY = Path(__file__).parents[2]

BAR = "late/roc_auc/min"
WHOLE_POLICY = """\
version: 1
models:
  late:
    evaluation: {task: TASK, POSITIVE predictions: reports/predictions.parquet}
    gates:
"""


@pytest.fixture
def reviewed(project: Project) -> Project:
    """The project, its workspace reviewed."""
    review(project)
    return project


def explain(project: Project, *arguments: str) -> dict[str, Any]:
    ended = project.mergegate("gates", "explain", *arguments, "--json")
    assert (ended.code, ended.err) == (0, "")
    answer: dict[str, Any] = json.loads(ended.out)
    return answer


def test_without_a_name_every_gate_of_the_last_review_is_listed(reviewed: Project) -> None:
    ended = reviewed.mergegate("gates", "explain")
    assert (ended.code, ended.err) == (0, "")
    stored = json.loads(reviewed.read("reports/review/review.json"))
    names = [gate["id"] for gate in stored["gates"]]
    assert BAR in names
    assert all(name in ended.out for name in names)
    listed = explain(reviewed)
    assert [gate["id"] for gate in listed["gates"]] == names
    assert set(listed) == {"schema", "gates"}


def test_a_gate_is_found_by_its_id_or_by_a_part_of_it(reviewed: Project) -> None:
    for name in (BAR, "roc_auc", "ROC_auc/MIN"):
        assert explain(reviewed, name)["gate"]["id"] == BAR
    ended = reviewed.mergegate("gates", "explain", "roc_auc")
    assert ended.code == 0
    assert ended.out.startswith(f"{BAR}  ")
    for title in ("Why", "How it is computed", "Where the bar stands"):
        assert f"\n{title}\n" in ended.out
    assert "models.late.gates.metrics[roc_auc].min" in ended.out


def test_every_gate_of_a_real_review_can_be_explained(reviewed: Project) -> None:
    for gate in json.loads(reviewed.read("reports/review/review.json"))["gates"]:
        told = explain(reviewed, gate["id"])
        assert told["gate"] == gate
        assert told["why"]
        assert told["passing"]


def test_a_name_of_no_gate_or_of_several_names_the_near_ones(reviewed: Project) -> None:
    several = reviewed.mergegate("gates", "explain", "evaluation")
    assert (several.code, several.out) == (2, "")
    assert several.err == (
        "mergegate: 2 gates have evaluation in their name\n"
        "  next: name one: late/evaluation/rows_gone, late/evaluation/labels_changed\n"
    )
    wrong = reviewed.mergegate("gates", "explain", "late/roc_auk/min")
    assert wrong.code == 2
    assert wrong.err.startswith(
        f"mergegate: no gate of this review has late/roc_auk/min in its name\n  next: name one: {BAR}"
    )


def test_from_a_folder_below_the_projects_own_review_is_read(reviewed: Project) -> None:
    inner = Project(reviewed.root / "data", reviewed.home)
    assert inner.mergegate("gates", "explain", BAR).code == 0


def test_without_a_review_it_says_what_to_run(project: Project) -> None:
    ended = project.mergegate("gates", "explain")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "mergegate: reports/review/review.json: there is no such file\n"
        "  next: run `mergegate review` first, or name its file by --review\n"
    )


def test_another_review_may_be_named_and_a_damaged_one_is_refused(reviewed: Project) -> None:
    kept = reviewed.home / "kept.json"
    kept.write_bytes((reviewed.root / "reports/review/review.json").read_bytes())
    reviewed.write("reports/review/review.json", "{")
    assert explain(reviewed, "--review", str(kept), BAR)["gate"]["id"] == BAR
    ended = reviewed.mergegate("gates", "explain", BAR)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("mergegate: reports/review/review.json: is no review: ")


def test_numbers_that_no_review_has_are_refused_in_a_sentence(reviewed: Project) -> None:
    stored = json.loads(reviewed.read("reports/review/review.json"))
    (gate,) = [gate for gate in stored["gates"] if gate["id"] == BAR]
    gate["outcome"] = "insufficient"
    gate["measured"] |= {"rows": 10**4000, "min_rows": 10**4000, "carried": 5.0, "needed": None}
    reviewed.write("reports/review/review.json", json.dumps(stored))
    ended = reviewed.mergegate("gates", "explain", BAR)
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err


def test_the_shell_completes_the_gates_of_the_last_review(reviewed: Project) -> None:
    def complete(words: str, number: int) -> str:
        environment = {
            "_MERGEGATE_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(number),
        }
        ended = reviewed.mergegate(env=environment)
        assert (ended.code, ended.err) == (0, "")
        return ended.out

    assert complete("mergegate gates explain late/roc", 3) == f"plain,{BAR}\n"
    assert complete("mergegate gates explain rows_g", 3) == "plain,late/evaluation/rows_gone\n"
    reviewed.write("reports/review/review.json", "{")
    assert complete("mergegate gates explain late/roc", 3).strip() == ""


def test_help_says_how_to_use_it(project: Project) -> None:
    for command in ("explain", "suggest"):
        ended = project.mergegate("gates", command, "--help")
        assert (ended.code, ended.err) == (0, "")
        assert f"mergegate gates {command}" in ended.out.partition("Options:")[0].partition("\n")[2]


def suggest(project: Project, *arguments: str) -> str:
    ended = project.mergegate("gates", "suggest", *arguments)
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def adopt(project: Project, suggested: str, task: str = "binary", positive: str = 'positive: "yes",') -> None:
    """Make the suggestion the policy of the target branch."""
    text = WHOLE_POLICY.replace("TASK", task).replace("POSITIVE", positive)
    project.write("mergegate.yaml", text + "".join(f"      {line}\n" for line in suggested.splitlines()))
    project.commit("Adopt the suggested bars")


def test_suggested_bars_are_accepted_and_the_workspace_passes(project: Project) -> None:
    suggested = suggest(project)
    adopt(project, suggested)
    checked = project.mergegate("policy", "check")
    assert (checked.code, checked.err) == (0, "")
    found = review(project)
    assert found["verdict"]["outcome"] == "passed"
    outcomes = {name: outcome for name, outcome in gates(found).items() if "/m" in name}
    assert set(outcomes.values()) == {"pass"}
    assert any(name.endswith("/max_regression") for name in outcomes)
    assert any(name.endswith("/min") for name in outcomes)
    assert any(name.endswith("/max") for name in outcomes)


def test_every_line_says_why_and_the_assumption_is_named(project: Project) -> None:
    text = suggest(project)
    first, note, *lines = text.splitlines()
    assert (
        first
        == "# For models.late.gates in mergegate.yaml, from base's 100 rows (base main, head workspace)."
    )
    assert "correlate by 0.9" in note
    settings = [line for line in lines if line.startswith("    ") and "- name" not in line]
    assert len(settings) >= 6
    assert all(" # " in line for line in settings)
    data = json.loads(suggest(project, "--json"))
    parsed = yaml.safe_load(text)
    assert (data["schema"], data["base"], data["models"][0]["rows"]) == (1, "main", 100)
    for gate, line in zip(data["models"][0]["gates"], parsed["metrics"], strict=True):
        assert {key: gate[key] for key in line} == line
        assert set(gate["reasons"]) == set(line) - {"name"}


def test_where_head_differs_the_margin_is_of_what_was_measured(project: Project) -> None:
    write_models(project, 1)
    project.commit("Another evaluation")
    write_models(project, 2)
    assert "assum" not in suggest(project)
    close = json.loads(suggest(project, "--json"))["models"][0]["gates"]
    alone = json.loads(suggest(project, "--json", "--head", "main"))["models"][0]["gates"]
    assert [gate["name"] for gate in close] == [gate["name"] for gate in alone]
    # These two are more alike than was assumed.
    assert close[0]["max_regression"] < alone[0]["max_regression"]
    assert close[0]["min"] == alone[0]["min"]


def test_columns_with_a_few_values_become_slices(project: Project) -> None:
    write_models(project, 1)
    project.commit("Another evaluation")
    suggested = suggest(project)
    *_, sliced = yaml.safe_load(suggested)["metrics"]
    assert (sliced["name"], sliced["slices"]) == ("brier_score_loss", ["the origin: #1"])
    adopt(project, suggested)
    assert project.mergegate("policy", "check").code == 0
    found = review(project)
    assert found["verdict"]["outcome"] == "passed"
    assert gates(found)["late/brier_score_loss/max_regression[the origin: #1=EWR]"] == "pass"


def test_a_regression_and_a_model_without_probabilities_are_served(project: Project) -> None:
    write_models(project, 1, task="regression")
    adopt(project, "metrics: []", "regression", "")
    suggested = suggest(project)
    assert [gate["name"] for gate in yaml.safe_load(suggested)["metrics"]] == [
        "root_mean_squared_error",
        "mean_absolute_error",
        "median_absolute_error",
    ]
    adopt(project, suggested, "regression", "")
    assert project.mergegate("policy", "check").code == 0
    found = gates(review(project))
    assert found.pop("lock/chain") == "skipped"  # no stage wrote them
    assert set(found.values()) == {"pass"}
    write_models(project, 1, probabilities=False)
    adopt(project, "metrics: []")
    suggested = suggest(project)
    assert "# roc_auc: base has no value (the file has no proba_<class> columns)" in suggested
    assert [gate["name"] for gate in yaml.safe_load(suggested)["metrics"]] == [
        "accuracy",
        "balanced_accuracy",
    ]


def test_few_rows_give_no_bars_and_say_why(project: Project) -> None:
    write_models(project, 1, rows=40)
    project.commit("A small evaluation")
    suggested = suggest(project)
    assert yaml.safe_load(suggested) == {"metrics": []}
    assert "# accuracy: only 40 of base's rows carry it, and 50 must" in suggested


def test_a_base_without_predictions_is_a_note_and_an_unknown_model_an_error(project: Project) -> None:
    project.write("reports/predictions.parquet", b"none")
    project.write("dvc.yaml", "stages: {}\n")
    project.write("dvc.lock", "schema: '2.0'\n")
    project.git("add", "--force", "reports/predictions.parquet")
    project.commit("Break it")
    assert "# base's reports/predictions.parquet can't be used: " in suggest(project)
    ended = project.mergegate("gates", "suggest", "--model", "lost")
    assert (ended.code, ended.out, ended.err) == (
        2,
        "",
        "mergegate: the policy has no model lost\n  next: it has late\n",
    )


def test_the_reference_repository_is_given_bars_that_its_policy_may_hold_and_that_it_meets(
    tmp_path: Path,
) -> None:
    project = copy_reference(tmp_path)
    policy = yaml.safe_load(project.read("mergegate.yaml"))
    policy["models"]["late-arrival"]["gates"] = yaml.safe_load(suggest(project))
    project.write("suggested.yaml", yaml.safe_dump(policy))
    assert project.mergegate("policy", "check", "suggested.yaml").code == 0
    found = review(project, "--policy", "suggested.yaml")
    judged = {gate["id"]: gate["outcome"] for gate in found["gates"] if gate["measured"]}
    assert set(judged.values()) == {"pass"}
    for name in ("roc_auc/min", "roc_auc/max_regression", "log_loss/max", "accuracy/min"):
        assert f"late-arrival/{name}" in judged


def copy_reference(tmp_path: Path) -> Project:
    """This repository's data, locks and policy, committed to a main of their own."""
    (tmp_path / "reference").mkdir()
    project, origin = Project(tmp_path / "reference", tmp_path), Project(REPOSITORY, tmp_path)
    kept = ("data", ".dvc", ".dvcignore", "dvc.yaml", "dvc.lock", "params.yaml", "mergegate.yaml", "reports")
    for name in origin.git("ls-files", *kept).splitlines():
        if (REPOSITORY / name).is_file():
            project.write(name, (REPOSITORY / name).read_bytes())
    project.git("init", "--quiet", "--initial-branch", "main")
    project.commit("Start")
    return project


def write_models(
    project: Project, seed: int, *, rows: int = 1_000, task: str = "binary", probabilities: bool = True
) -> None:
    """Predictions in git, of the same examples whatever the seed."""
    world, own = np.random.default_rng(0), np.random.default_rng(seed)
    late = world.random(rows) < 0.3
    logit = 1.5 * late - 1 + world.normal(size=rows) + 0.05 * own.normal(size=rows)
    score = 1 / (1 + np.exp(-logit))
    columns: dict[str, Any] = {
        "row_id": np.arange(rows),
        "the origin: #1": np.array(["EWR", "JFK"])[np.arange(rows) % 2],
    }
    if task == "regression":
        columns |= {"y_true": 10.0 * late + world.normal(size=rows), "y_pred": 10.0 * score}
    else:
        columns |= {"y_true": np.where(late, "yes", "no"), "y_pred": np.where(score >= 0.5, "yes", "no")}
        if probabilities:
            columns |= {"proba_yes": score, "proba_no": 1 - score}
    project.write("dvc.yaml", "stages: {}\n")
    project.write("dvc.lock", "schema: '2.0'\n")
    file = project.root / "reports/predictions.parquet"
    file.unlink(missing_ok=True)
    pq.write_table(pa.table(columns), file)
    (project.root / "reports/.gitignore").unlink(missing_ok=True)
    project.git("add", "--force", "reports/predictions.parquet")
