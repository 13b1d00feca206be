"""What people change: data, code, words, everything at first, a lock that is stale, tests, the bar itself."""

from collections.abc import Callable

import pytest

from support.github.state import Pull
from support.loop import POLICY, Scene, reproduce, write_rows

pytestmark = pytest.mark.needs("node")

Scenes = Callable[..., Scene]


def propose_files(stage: Scene, files: dict[str, str], start: str = "main") -> Pull:
    """A pull request that changes only these files; nothing was run for it."""
    stage.project.git("switch", "--quiet", "--create", "change", start)
    for path, text in files.items():
        stage.project.write(path, text)
    stage.project.commit("Change files")
    stage.push("change")
    return stage.open("change")


def told(stage: Scene, pull: Pull) -> tuple[str, str, str]:
    """The state, its line, and the text of the one comment."""
    status = stage.status(pull)
    (comment,) = stage.comments(pull)
    return status.state, status.description or "", comment.body


def test_more_rows_are_a_pull_request_like_any_other(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.branch("rows")
    write_rows(stage.project, 450)
    reproduce(stage.project)
    stage.project.commit("Add 50 rows")
    stage.push("rows")
    pull = stage.open("rows")
    assert stage.runs() == [("review.yml", "opened", "success"), ("comment.yml", "completed", "success")]
    state, _, comment = told(stage, pull)
    assert state == "success"
    assert "data/evaluation.parquet: 50 rows added" in comment
    assert "Compared on the 400 rows that both judged: 50 new in head" in comment


def test_words_and_code_of_no_stage_leave_nothing_to_run_or_to_download(scene: Scenes) -> None:
    stage = scene(begins=False)
    pull = propose_files(stage, {"README.md": "# Explained\n", "src/plots.py": "def draw() -> None: ...\n"})
    log = stage.runner.runs[0].job("review").log
    assert "Nothing must run: the one stage stands as base has it." in log
    assert "nothing was downloaded\nREPRODUCED: nothing had to run\n" in log
    state, _, comment = told(stage, pull)
    assert state == "success"
    assert "mergegate reproduce had no stage of this commit to run where the evidence comes from." in comment


def test_the_first_pull_request_ever_is_judged_by_its_own_policy_and_says_so(scene: Scenes) -> None:
    stage = scene(begins=False)
    project = stage.project
    project.git("branch", "everything")
    project.git("switch", "--quiet", "--orphan", "empty")
    loop = (".github", "action.yml", "requirements", "pyproject.toml")
    project.git("checkout", "--quiet", "everything", "--", *loop)
    project.git("commit", "--quiet", "--message", "Have only the loop")
    stage.hosting.seed(project.root)
    project.git("checkout", "--quiet", "everything", "--", ".")
    project.commit("Bring everything")
    stage.push("first")
    pull = stage.open("first")
    state, line, comment = told(stage, pull)
    assert (state, line) == ("success", "7 gates hold, 7 are skipped.")
    assert "this change was judged by its own." in comment
    assert stage.judgements()[0]["judged"][0]["review"]["policy"]["origin"] == "head"


def test_a_stale_lock_fails_and_the_review_is_shown_all_the_same(scene: Scenes) -> None:
    stage = scene(begins=False)
    pull = propose_files(stage, {"params.yaml": "train:\n  variant: better\n"})
    state, line, comment = told(stage, pull)
    assert state == "failure"
    assert line.startswith("not reproduced: dvc.lock records other values than the stage ran with;")
    assert "dvc repro --force --no-run-cache train" in comment
    assert "### Model `late`: the same predictions as base" in comment


def test_a_reproduction_that_fails_does_not_hide_the_review(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.branch("broken")
    stage.project.write("train.py", "raise SystemExit('no more')\n")
    stage.project.dvc("commit", "--quiet", "--force", "train")
    stage.project.commit("Break the training")
    stage.push("broken")
    pull = stage.open("broken")
    assert "    | no more\n" in stage.runner.runs[0].job("review").log
    state, line, comment = told(stage, pull)
    assert state == "failure"
    assert line.startswith("not reproduced: train can't be run as it is: failed to reproduce 'train'")
    assert "### Model `late`: the same predictions as base" in comment


def test_tests_that_fail_are_a_failure_even_where_the_gates_hold(scene: Scenes) -> None:
    stage = scene(begins=False)
    failing = "def test_rows() -> None:\n    assert False\n"
    pull = propose_files(stage, {"tests/unit/pipeline/test_rows.py": failing})
    assert "1 failed" in stage.runner.runs[0].job("review").log
    state, line, comment = told(stage, pull)
    assert (state, line) == ("failure", "the gates hold, but the run failed: tests or reproduction")
    assert comment.startswith("> ⚠️ The gates hold, but the run failed")
    assert "## ✅ Passed" in comment


def test_a_pipeline_that_cannot_be_read_fails_and_names_the_log(scene: Scenes) -> None:
    stage = scene(begins=False)
    pull = propose_files(stage, {"dvc.yaml": "stages: [\n"})
    assert f"dvc.yaml at {pull.head_sha}:2: is not valid YAML" in stage.runner.runs[0].job("review").log
    state, line, comment = told(stage, pull)
    assert (state, line) == ("failure", "the run failed before there was anything to judge")
    assert "Next: look at its log." in comment


def test_a_change_that_lowers_its_own_bar_is_judged_by_mains(scene: Scenes) -> None:
    stage = scene(begins=False)
    main = stage.hosting.tip("main")
    action = stage.project.read("action.yml")
    lenient = action.replace('"$MERGEGATE" judge', "true || judge")
    assert lenient != action
    files = {
        "mergegate.yaml": POLICY.replace("min: 0.6, max_regression: 0.05", "min: 0.0"),
        "src/mergegate/gates/evaluation.py": "def judge(*asked): return 'passed'\n",
        "action.yml": lenient,
    }
    pull = propose_files(stage, files, "bad")
    state, line, comment = told(stage, pull)
    assert state == "failure"
    assert line.startswith("roc_auc is worse than base's")
    assert "This change edits the policy, 2 keys of it." in comment
    assert "`models.late.gates.metrics[roc_auc].min`: `0.6` → `0.0`" in comment
    judging = stage.runner.runs[-1].job("judge")
    assert f"\n{main}\n" in judging.log
    assert not list(judging.folder.rglob("gates/evaluation.py"))
