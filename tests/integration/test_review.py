"""`mergegate review` on real git and DVC repositories: what a user sees."""

import json
import sys
from pathlib import Path

import pytest

from support.core_only import link_core
from support.projects import POLICY, Project, build_project, gates, review, rows


def test_an_unchanged_workspace_passes_and_shows_no_change(project: Project) -> None:
    result = review(project)
    assert gates(result) == {
        "late/roc_auc/min": "pass",
        "late/predictions/contract": "pass",
        "late/metrics/contract": "pass",
        "late/evaluation/rows_gone": "pass",
        "late/evaluation/labels_changed": "pass",
        "lock/chain": "pass",
    }
    assert [result[key] for key in ("params", "stages", "data", "lock", "problems")] == [[]] * 5
    assert result["strength"] == "consistent"


def test_a_changed_param_is_shown_with_what_it_feeds_and_what_it_did(change: Project) -> None:
    result = review(change)
    assert result["params"] == [
        {
            "file": "params.yaml",
            "key": "train.strength",
            "old": "0.5",
            "new": "0.9",
            "stages": ["train"],
            "stages_total": 0,
        }
    ]
    assert result["stages"] == [
        {
            "name": "train",
            "change": "changed",
            "reasons": [{"kind": "params", "what": "params.yaml:train.strength"}],
            "reasons_total": 0,
        }
    ]
    model = result["models"][0]
    counts = {key: model["rows"][key] for key in ("base", "head", "shared", "new", "gone", "labels_changed")}
    assert counts == {"base": 100, "head": 100, "shared": 100, "new": 0, "gone": 0, "labels_changed": 0}
    loss = next(metric for metric in model["metrics"] if metric["name"] == "log_loss")
    assert loss["difference"] == pytest.approx(loss["head"] - loss["base"], abs=1e-12)
    assert model["reported"] == [{"name": "seconds", "base": "500 ms", "head": "900 ms"}]
    assert result["verdict"]["outcome"] == "passed"


def test_the_review_of_two_commits_equals_that_of_the_workspace(change: Project) -> None:
    workspace = review(change)
    commits = review(change, "--base", "main", "--head", "change")
    for key in ("gates", "models", "params", "stages", "data", "lock"):
        assert workspace[key] == commits[key], key


def test_files_terminal_and_json_tell_the_same(change: Project) -> None:
    ended = change.mergegate("review")
    assert ended.code == 0, ended.err
    assert "train.strength" in ended.out
    written = json.loads(change.read("reports/review/review.json"))
    printed = review(change)
    assert written == printed
    assert change.read("reports/review/comment.md").startswith("#")


def test_out_takes_another_folder(change: Project) -> None:
    assert change.mergegate("review", "--out", "else where").code == 0
    assert {path.name for path in (change.root / "else where").iterdir()} == {"review.json", "comment.md"}


def test_a_bar_that_is_not_met_fails_with_exit_code_1(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "worse")
    project.set_strength(-0.9)
    project.dvc("repro", "--quiet")
    result = review(project)
    assert gates(result)["late/roc_auc/min"] == "fail"
    assert "roc_auc" in result["verdict"]["headline"]


def test_advisory_mode_says_so_and_exits_with_0(project: Project) -> None:
    project.write("mergegate.yaml", POLICY + "mode: advisory\n")
    project.commit("Only advise")
    project.git("switch", "--quiet", "--create", "worse")
    project.set_strength(-0.9)
    project.dvc("repro", "--quiet")
    ended = project.mergegate("review", "--json")
    verdict = json.loads(ended.out)["verdict"]
    assert (ended.code, verdict["outcome"], verdict["enforced"]) == (0, "failed", False)


def test_a_change_can_not_lower_its_own_bar(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "sly")
    project.write("mergegate.yaml", POLICY.replace("min: 0.6", "min: 0.0"))
    project.set_strength(-0.9)
    project.dvc("repro", "--quiet")
    project.commit("Lower the bar")
    result = review(project)
    assert gates(result)["late/roc_auc/min"] == "fail"
    assert result["policy"]["origin"] == "target"
    assert result["policy"]["changed_in_head"] is True


def test_the_first_policy_judges_itself_and_says_so(project: Project) -> None:
    project.git("rm", "--quiet", "mergegate.yaml")
    project.commit("Have no policy")
    project.write("mergegate.yaml", POLICY)
    result = review(project)
    assert result["policy"]["origin"] == "head"
    assert any("judged by its own" in note for note in result["notes"])


def test_a_broken_policy_in_head_fails_the_review_that_the_targets_policy_judges(project: Project) -> None:
    project.write("mergegate.yaml", "version: 1\nmodles: {}\n")
    result = review(project)
    assert gates(result)["mergegate.yaml/contract"] == "fail"
    assert gates(result)["late/roc_auc/min"] == "pass"


def test_another_policy_comes_from_the_command_line(project: Project, tmp_path: Path) -> None:
    strict = tmp_path / "strict.yaml"
    strict.write_text(POLICY.replace("min: 0.6", "min: 0.99"))
    result = review(project, "--policy", str(strict))
    assert gates(result)["late/roc_auc/min"] == "fail"
    assert result["policy"]["origin"] == "file"


def test_changed_data_is_shown_with_rows_and_bytes(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "data")
    project.write("data/rows.csv", rows(120))
    project.dvc("add", "--quiet", "data/rows.csv")
    project.dvc("repro", "--quiet")
    result = review(project)
    (data,) = result["data"]
    assert (data["path"], data["change"]) == ("data/rows.csv", "changed")
    assert (data["bytes_old"], data["bytes_new"]) == (len(rows(100)), len(rows(120)))
    assert result["models"][0]["rows"] == {
        "base": 100,
        "head": 120,
        "shared": 100,
        "new": 20,
        "gone": 0,
        "labels_changed": 0,
        "gone_most": 0.0,
        "labels_changed_most": 0.0,
    }


def test_params_edited_without_a_repro_fail_and_the_mend_mends(project: Project) -> None:
    project.set_strength(0.8)
    result = review(project)
    assert gates(result)["lock/chain"] == "fail"
    assert result["strength"] == "claimed"
    (finding,) = result["lock"]
    assert finding["mend"] == "dvc repro train"
    project.must(*finding["mend"].split())
    assert gates(review(project))["lock/chain"] == "pass"


def test_predictions_edited_by_hand_do_not_replace_those_of_the_lock(project: Project) -> None:
    file = project.root / "reports/predictions.parquet"
    file.chmod(0o644)
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data + b"\0")
    result = review(project)
    assert [finding["kind"] for finding in result["lock"]] == ["output-edited"]
    assert gates(result)["lock/chain"] == "fail"


def test_a_fresh_clone_fetches_the_predictions_and_nothing_else(change: Project) -> None:
    clone = change.clone("fresh")
    clone.git("branch", "main", "origin/main")
    result = review(clone)
    assert result["models"][0]["rows"]["shared"] == 100
    cache = clone.root / ".dvc/cache"
    assert len([path for path in cache.rglob("*") if path.is_file()]) == 2
    assert not (clone.root / "reports/predictions.parquet").exists()


def test_a_project_in_a_subfolder_is_reviewed_from_anywhere_in_it(tmp_path: Path) -> None:
    project = build_project(tmp_path / "home", subfolder="models/späte flüge")
    project.git("switch", "--quiet", "--create", "change")
    project.set_strength(0.7)
    project.dvc("repro", "--quiet")
    result = review(project)
    assert [change["key"] for change in result["params"]] == ["train.strength"]
    inner = Project(project.root / "data", project.home)
    assert review(inner)["gates"] == result["gates"]
    assert (project.root / "reports/review/review.json").is_file()


def test_paths_with_spaces_unicode_and_newlines_are_reviewed(tmp_path: Path) -> None:
    project = build_project(tmp_path / "home dir\nwith ünïcode", folder="pro ject\n")
    assert gates(review(project))["late/roc_auc/min"] == "pass"


def test_nothing_is_checked_out_and_nothing_else_is_written(change: Project) -> None:
    def state() -> tuple[str, str]:
        return change.git("status", "--porcelain", "--ignored"), change.git("rev-parse", "HEAD", "main")

    change.mergegate("review", "--out", str(change.home / "out"))
    before = state()
    change.mergegate("review", "--base", "main", "--head", "change", "--out", str(change.home / "out"))
    assert state() == before


def test_a_review_needs_only_the_core_packages(change: Project, tmp_path: Path) -> None:
    """Run it with nothing importable but what requirements/core.txt names."""
    ended = change.run(sys.executable, "-S", "-m", "mergegate", "review", env=link_core(tmp_path / "core"))
    assert ended.code == 0, ended.err


def test_a_merge_that_joins_two_runs_into_one_that_never_was_fails_until_it_is_run(change: Project) -> None:
    """Git merges dvc.lock without a conflict, and `dvc status` calls the result up to date."""
    change.git("switch", "--quiet", "--create", "comment", "main")
    change.dvc("checkout", "--quiet")
    change.write("train.py", "# Said by one branch.\n" + change.read("train.py"))
    change.dvc("repro", "--quiet")
    change.commit("Comment the training")
    change.git("switch", "--quiet", "change")
    change.git("merge", "--quiet", "--no-edit", "comment")
    change.dvc("checkout", "--quiet")
    assert "up to date" in change.dvc("status")

    result = review(change, "--head", "change")
    assert gates(result)["lock/chain"] == "fail"
    (finding,) = [finding for finding in result["lock"] if finding["kind"] == "merged"]
    change.must("bash", "-c", finding["mend"])
    assert gates(review(change, "--head", "change"))["lock/chain"] == "pass"


def test_a_stage_that_reads_one_file_of_a_tracked_folder_is_held_to_the_folders_list(
    project: Project,
) -> None:
    project.write("months/jan.csv", "1\n")
    project.write("months/feb.csv", "2\n")
    project.dvc("add", "--quiet", "months")
    yaml = project.read("dvc.yaml")
    project.write(
        "dvc.yaml",
        yaml
        + "  copy:\n    cmd: cp months/jan.csv jan.txt\n    deps: [months/jan.csv]\n    outs: [jan.txt]\n",
    )
    project.dvc("repro", "--quiet")
    assert review(project)["lock"] == []
    project.commit("Copy a month")
    project.git("switch", "--quiet", "--create", "edit")
    (project.root / "months/jan.csv").unlink()
    project.write("months/jan.csv", "11\n")
    project.dvc("add", "--quiet", "months")
    result = review(project)
    assert gates(result)["lock/chain"] == "fail"
    assert [(finding["kind"], finding["stage"]) for finding in result["lock"]] == [("broken-link", "copy")]
    (data,) = result["data"]
    assert [(file["path"], file["change"]) for file in data["files"]] == [("jan.csv", "changed")]


def test_several_models_datasets_and_pipelines_are_one_review(project: Project) -> None:
    """A second dvc.yaml in a subfolder, with a `wdir`, a lock, params and a model of its own."""
    stage = (
        "stages:\n  fit:\n    wdir: ..\n    cmd: python second/fit.py\n"
        "    deps: [second/fit.py, data/rows.csv]\n    params: [{second/params.yaml: [train]}]\n"
        "    outs: [second/predictions.parquet]\n"
    )
    project.write("second/dvc.yaml", stage)
    project.write("second/params.yaml", "train:\n  strength: 0.5\n")
    code = project.read("train.py").replace('"params.yaml"', '"second/params.yaml"')
    project.write(
        "second/fit.py",
        code.split("pq.write_table")[0] + 'pq.write_table(table, "second/predictions.parquet")\n',
    )
    second = (
        "  second:\n"
        "    evaluation: {task: binary, positive: 'yes', predictions: second/predictions.parquet}\n"
        "    gates: {metrics: [{name: log_loss, max: 0.7}]}\n"
        "datasets:\n  - {path: second/predictions.parquet}\n"
    )
    project.write("mergegate.yaml", POLICY.replace("datasets:\n", second))
    project.dvc("repro", "--quiet", "--all-pipelines")
    project.commit("Add a second model")
    project.git("switch", "--quiet", "--create", "change")
    project.write("second/params.yaml", "train:\n  strength: 0.9\n")
    project.dvc("repro", "--quiet", "--all-pipelines")

    result = review(project)
    assert [model["name"] for model in result["models"]] == ["late", "second"]
    assert [stage["name"] for stage in result["stages"]] == ["second/dvc.yaml:fit"]
    assert [(each["file"], each["stages"]) for each in result["params"]] == [
        ("second/params.yaml", ["second/dvc.yaml:fit"])
    ]
    assert [each["path"] for each in result["data"]] == ["second/predictions.parquet"]
    assert gates(result)["second/log_loss/max"] == gates(result)["late/roc_auc/min"] == "pass"
    project.write("second/fit.py", project.read("second/fit.py") + "# edited\n")
    (finding,) = review(project)["lock"]
    assert (finding["stage"], finding["mend"]) == ("second/dvc.yaml:fit", "dvc repro second/dvc.yaml:fit")
