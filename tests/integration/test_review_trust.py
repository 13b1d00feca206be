"""What a change must not be able to do to its own judge."""

import json
from typing import Any

import pytest

from support.projects import POLICY, Project, gates, review, rows

LAX = POLICY.replace("min: 0.6", "min: 0.0")


def make_worse(project: Project, branch: str = "sly") -> None:
    """A branch whose model fails main's bar, and whose policy would pass it."""
    project.git("switch", "--quiet", "--create", branch)
    project.set_strength(-0.9)
    project.dvc("repro", "--quiet")


@pytest.mark.parametrize("baseline", ["HEAD", "sly", "lax", "bare"])
def test_heads_baseline_has_no_say_in_which_policy_judges(project: Project, baseline: str) -> None:
    project.git("branch", "lax")
    empty = project.git("hash-object", "-t", "tree", "-w", "/dev/null").strip()
    project.git("branch", "bare", project.git("commit-tree", "-m", "Have no policy", empty).strip())
    make_worse(project)
    project.write("mergegate.yaml", f"{LAX}baseline: {baseline}\n")
    project.commit("Choose another judge")
    for options in ((), ("--base", "main"), ("--head", "HEAD"), ("--base", "main", "--head", "sly")):
        result = review(project, *options)
        assert gates(result)["late/roc_auc/min"] == "fail", options
        assert result["policy"]["revision"]["name"] == "main"


def test_a_change_that_deletes_the_policy_fails(project: Project) -> None:
    project.git("rm", "--quiet", "mergegate.yaml")
    result = review(project)
    assert gates(result)["mergegate.yaml/contract"] == "fail"
    assert "deletes it" in result["problems"][0]["message"]


def test_a_policy_that_main_changed_meanwhile_is_no_edit_of_the_changes(change: Project) -> None:
    change.git("switch", "--quiet", "main")
    change.write("mergegate.yaml", POLICY.replace("min: 0.6", "min: 0.99"))
    change.commit("Raise the bar")
    result = review(change, "--head", "change")
    assert gates(result)["late/roc_auc/min"] == "fail"
    assert (result["policy"]["changed_in_head"], result["policy"]["changes"]) == (False, [])


def test_a_change_off_a_commit_without_a_policy_deletes_none(project: Project) -> None:
    start = project.git("rev-parse", "HEAD").strip()
    project.git("rm", "--quiet", "mergegate.yaml")
    project.commit("Have no policy")
    project.git("branch", "change")
    project.git("checkout", "--quiet", start, "--", "mergegate.yaml")
    project.commit("Have one")
    result = review(project, "--head", "change")
    assert (result["policy"]["origin"], result["policy"]["changed_in_head"]) == ("target", False)
    assert result["problems"] == []


def test_a_baseline_that_main_names_is_followed(project: Project) -> None:
    project.write("mergegate.yaml", POLICY + "baseline: develop\n")
    project.commit("Merge into develop")
    project.git("switch", "--quiet", "--create", "develop")
    project.write("mergegate.yaml", POLICY.replace("min: 0.6", "min: 0.99") + "baseline: develop\n")
    project.commit("Raise the bar on develop")
    result = review(project)
    assert result["policy"]["revision"]["name"] == "develop"
    assert gates(result)["late/roc_auc/min"] == "fail"


def test_origins_main_judges_where_the_local_one_is_old(project: Project) -> None:
    clone = project.clone("fresh")
    project.write("mergegate.yaml", POLICY.replace("min: 0.6", "min: 0.99"))
    project.commit("Raise the bar")
    clone.git("fetch", "--quiet")
    result = review(clone)
    assert result["policy"]["revision"]["name"] == "origin/main"
    assert gates(result)["late/roc_auc/min"] == "fail"


def test_a_tag_called_main_is_not_the_branch(project: Project) -> None:
    make_worse(project)
    project.write("mergegate.yaml", LAX)
    project.commit("Lower the bar")
    project.git("tag", "main")
    assert gates(review(project))["late/roc_auc/min"] == "fail"


def test_a_checkout_without_a_local_main_knows_origins(change: Project) -> None:
    clone = change.clone("fresh")
    result = review(clone, "--base", "main", "--head", "HEAD")
    assert result["base"]["name"] == "origin/main"
    assert [each["key"] for each in result["params"]] == ["train.strength"]


def test_what_main_did_meanwhile_is_not_shown_as_the_changes_own(change: Project) -> None:
    change.git("switch", "--quiet", "main")
    change.write("params.yaml", change.read("params.yaml") + "other: 1\n")
    change.commit("Move main")
    change.git("switch", "--quiet", "change")
    result = review(change, "--head", "change")
    assert [each["key"] for each in result["params"]] == ["train.strength"]
    assert result["base"]["name"] == "the merge base with main"


def test_predictions_that_no_stage_writes_any_more_fail(project: Project) -> None:
    """Taken out of the pipeline and put into git, anyone may have written them."""
    project.git("switch", "--quiet", "--create", "sly")
    project.write("dvc.yaml", "stages: {}\n")
    project.write("dvc.lock", "schema: '2.0'\nstages: {}\n")
    project.git("add", "--force", "reports/predictions.parquet")
    project.commit("Write them by hand")
    result = review(project, "--head", "sly")
    assert gates(result)["lock/chain"] == "fail"
    assert "no-longer-made" in [finding["kind"] for finding in result["lock"]]


def test_a_broken_base_can_be_mended(project: Project) -> None:
    good = project.read("dvc.lock")
    project.write("dvc.lock", f"<<<<<<< HEAD\n{good}=======\n{good}>>>>>>> other\n")
    project.commit("Merge carelessly")
    project.git("switch", "--quiet", "--create", "mend")
    project.write("dvc.lock", good)
    ended = project.mergegate("review", "--json")
    assert ended.code == 0, ended.err
    result: dict[str, Any] = json.loads(ended.out)
    assert [(problem["side"], problem["path"]) for problem in result["problems"]] == [
        ("base", "dvc.lock at main")
    ]


def test_predictions_inside_a_folder_that_a_stage_writes_are_found(project: Project) -> None:
    yaml = project.read("dvc.yaml").replace("[reports/predictions.parquet]", "[reports/out]")
    project.write("dvc.yaml", yaml)
    code = project.read("train.py").replace(
        '"reports/predictions.parquet"', '"reports/out/predictions.parquet"'
    )
    project.write(
        "train.py", code.replace('Path("reports").mkdir(', 'Path("reports/out").mkdir(parents=True, ')
    )
    policy = POLICY.replace("reports/predictions.parquet", "reports/out/predictions.parquet")
    project.write("mergegate.yaml", policy)
    project.dvc("repro", "--quiet")
    project.commit("Write a folder")
    project.dvc("push", "--quiet")
    clone = project.clone("fresh")
    result = review(clone, "--head", "HEAD")
    assert gates(result)["late/predictions/contract"] == "pass"
    assert result["strength"] == "consistent"


def test_a_folder_that_was_not_pushed_fails_in_a_fresh_clone(project: Project) -> None:
    project.write("months/jan.csv", "1\n")
    project.dvc("add", "--quiet", "months")
    project.commit("Track months")
    project.dvc("push", "--quiet")
    project.git("switch", "--quiet", "--create", "february")
    project.write("months/feb.csv", "2\n")
    project.dvc("add", "--quiet", "months")
    project.commit("Add February, forget to push")
    clone = project.clone("fresh")
    clone.git("fetch", "--quiet", "origin", "main:main")
    result = review(clone)
    assert gates(result)["lock/chain"] == "fail"
    assert [(finding["kind"], finding["mend"]) for finding in result["lock"]] == [("not-pushed", "dvc push")]
    project.dvc("push", "--quiet")
    assert gates(review(clone))["lock/chain"] == "pass"


def test_a_dataset_of_the_policy_that_is_nowhere_is_told(project: Project) -> None:
    project.write("mergegate.yaml", POLICY + "  - {path: data/nowhere}\n")
    project.commit("Name data that is not there")
    assert any("data/nowhere" in note for note in review(project)["notes"])


def test_data_edited_without_dvc_add_is_told(project: Project) -> None:
    (project.root / "data/rows.csv").unlink()
    assert review(project)["lock"] == []
    project.write("data/rows.csv", rows(101))
    result = review(project)
    assert [(each["kind"], each["path"], each["blocking"]) for each in result["lock"]] == [
        ("not-added", "data/rows.csv", False)
    ]
    assert result["lock"][0]["mend"] == "dvc add data/rows.csv && dvc repro"


def test_a_file_put_into_a_tracked_folder_without_dvc_add_is_told(project: Project) -> None:
    project.write("months/jan.csv", "1\n")
    project.write("months/feb.csv", "2\n")
    project.dvc("add", "--quiet", "months")
    project.commit("Track months")
    assert review(project)["lock"] == []
    project.write("months/mar.csv", "3\n")
    assert [each["kind"] for each in review(project)["lock"]] == ["not-added"]
