"""`mergegate reproduce`: what a change claims is run again in a clean place and held against dvc.lock."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.pipelines import build_pipeline
from support.projects import Project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_pipeline(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture(scope="module")
def run_with_3(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The pipeline with a param changed, and run."""
    project = built.copy(tmp_path_factory.mktemp("longer") / "home")
    project.write("params.yaml", "length: 3\n")
    project.dvc("repro", "--quiet")
    project.commit("Length 3")
    return project


@pytest.fixture
def longer(run_with_3: Project, tmp_path: Path) -> Project:
    return run_with_3.copy(tmp_path / "longer")


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    return built.copy(tmp_path / "home")


def reproduce(project: Project, *options: str, code: int) -> dict[str, Any]:
    """The result as data."""
    ended = project.mergegate("reproduce", "--json", *options)
    assert ended.code == code, f"{ended.out}\n{ended.err}"
    told: dict[str, Any] = json.loads(ended.out)
    return told


def outcomes(told: dict[str, Any]) -> dict[str, str]:
    return {stage["name"]: stage["outcome"] for stage in told["stages"]}


def rooms(project: Project) -> list[str]:
    """What runs have left behind."""
    return sorted(path.name for path in (project.root / ".dvc/tmp/mergegate/reproduce").iterdir())


def test_nothing_runs_where_nothing_changed(project: Project) -> None:
    project.commit("Empty")
    told = reproduce(project, code=0)
    assert outcomes(told) == {"sort": "unchanged", "train": "unchanged", "count": "unchanged"}
    assert told["downloaded"] == {"objects": 0, "bytes": 0}


def test_a_true_lock_is_reproduced_and_nothing_is_left_behind(longer: Project) -> None:
    before = longer.git("status", "--porcelain", "--ignored")
    told = reproduce(longer, code=0)
    assert told["outcome"] == "reproduced"
    assert outcomes(told) == {"sort": "unchanged", "train": "reproduced", "count": "unchanged"}
    assert told["differences"] == []
    assert rooms(longer) == []
    assert longer.git("worktree", "list").count("\n") == 1
    after = longer.git("status", "--porcelain", "--ignored")
    assert set(after.splitlines()) - set(before.splitlines()) == {"!! reports/"}
    assert json.loads(longer.read("reports/review/reproduce.json")) == told


def test_a_lock_that_was_never_run_differs_with_the_command_that_mends_it(longer: Project) -> None:
    forged = longer.read("dvc.lock").replace("length: 3", "length: 1")
    longer.write("dvc.lock", forged)
    longer.write("params.yaml", "length: 1\n")
    longer.commit("Claim to have run with 1")
    assert "up to date" in longer.dvc("status")
    told = reproduce(longer, code=1)
    assert told["outcome"] == "differs"
    ((kind, path, stage),) = {(each["kind"], each["path"], each["stage"]) for each in told["differences"]}
    assert (kind, path, stage) == ("bytes", "model.txt", "train")
    assert told["mend"] == "dvc repro --force --no-run-cache train && mergegate push && git commit --all"
    longer.must(
        "sh", "-c", "dvc repro --quiet --force --no-run-cache train && git commit --quiet --all -m Mend"
    )
    assert reproduce(longer, code=0)["outcome"] == "reproduced"


def test_a_made_up_output_under_a_right_looking_lock_differs_and_is_not_pushed(project: Project) -> None:
    """The forger writes the output, has DVC take it over, and leaves the inputs as they are."""
    project.write("model.txt", "the best model\n")
    project.dvc("commit", "--quiet", "--force", "train")
    project.commit("Forge")
    assert "up to date" in project.dvc("status")
    told = reproduce(project, "--push", code=1)
    assert outcomes(told) == {"sort": "unchanged", "train": "differs", "count": "unchanged"}
    assert told["pushed"] == 0


def test_metrics_in_git_that_were_edited_by_hand_differ(project: Project) -> None:
    project.write("metrics.json", '{"words": 400}')
    project.commit("Better metrics")
    told = reproduce(project, code=1)
    ((path, message),) = {(each["path"], each["message"]) for each in told["differences"]}
    assert path == "metrics.json"
    assert message == "it is not the file that dvc.lock names: it was edited after the run"


def test_a_frozen_stage_that_must_run_is_not_believed(project: Project) -> None:
    project.write(
        "dvc.yaml",
        project.read("dvc.yaml").replace(
            "    params: [length]\n", "    params: [length]\n    frozen: true\n"
        ),
    )
    project.write("train.py", project.read("train.py") + "# other\n")
    project.commit("Freeze")
    told = reproduce(project, code=1)
    assert outcomes(told)["train"] == "frozen"
    assert told["mend"].startswith("dvc unfreeze train && dvc repro --force --no-run-cache train")


def test_an_output_that_no_stage_makes_any_more_is_not_believed(project: Project) -> None:
    project.write("dvc.yaml", project.read("dvc.yaml").split("  train:")[0])
    project.write("dvc.lock", project.read("dvc.lock").split("  train:")[0])
    project.write(".gitignore", "")
    project.write("model.txt", "the best model\n")
    project.commit("Forge")
    told = reproduce(project, code=1)
    held = "a stage writes it in base, and here it is held by {}, so that no run shows where it came from"
    # metrics.json is base's.
    assert [(each["stage"], each["path"], each["message"]) for each in told["differences"]] == [
        ("train", "model.txt", held.format("model.txt"))
    ]
    assert told["mend"] == ""


def test_other_outputs_make_what_reads_them_run(project: Project) -> None:
    """`sort` is forged to an output that `train` never read; its own block is base's word for word."""
    text = project.read("dvc.yaml").replace("sort > build", "sort -r > build")
    project.write("dvc.yaml", text)
    lock = project.read("dvc.lock").replace("sort > build", "sort -r > build")
    project.write("dvc.lock", lock)
    project.commit("Sort the other way round, on paper")
    told = reproduce(project, code=1)
    assert outcomes(told) == {"sort": "differs", "train": "differs", "count": "unchanged"}
    likely = {each["path"]: each["likely"] for each in told["differences"]}
    assert likely["build/sorted.txt"] == "order: the same lines in another order"


def test_only_the_stages_that_are_named_run(longer: Project) -> None:
    longer.write("notes.txt", "more words\n")
    longer.dvc("repro", "--quiet")
    longer.commit("Both")
    told = reproduce(longer, "HEAD", "count", code=0)
    assert outcomes(told) == {"sort": "unchanged", "train": "not-run", "count": "reproduced"}
    ended = longer.mergegate("reproduce", "HEAD", "trian")
    assert (ended.code, ended.err) == (
        2,
        "mergegate: trian is no stage of this revision\n  next: its stages are: sort, train, count\n",
    )


def test_a_stage_runs_twice_and_gives_the_same(project: Project) -> None:
    told = reproduce(project, "--all", "--twice", "HEAD", "count", code=0)
    assert outcomes(told) == {"sort": "unchanged", "train": "unchanged", "count": "reproduced"}
    assert told["again"] == []
    assert rooms(project) == []


def test_a_stage_that_draws_at_random_is_caught_by_running_twice(project: Project) -> None:
    project.write(
        "train.py",
        "import random\n" + project.read("train.py") + "open('model.txt', 'w').write(str(random.random()))\n",
    )
    project.dvc("repro", "--quiet")
    project.commit("Random")
    told = reproduce(project, "--twice", code=1)
    assert [(each["stage"], each["path"]) for each in told["again"]] == [("train", "model.txt")]


def test_what_was_reproduced_is_pushed(longer: Project) -> None:
    told = reproduce(longer, "--push", code=0)
    assert (told["pushed"], told["unpushed"]) == (1, [])
    clone = longer.clone("clone")
    clone.dvc("pull", "--quiet", "--remote", "store")
    assert clone.read("model.txt") == longer.read("model.txt")


def test_here_runs_in_the_workspace(project: Project) -> None:
    project.write("params.yaml", "length: 4\n")
    told = reproduce(project, "--here", code=1)
    assert outcomes(told)["train"] == "differs"
    assert project.read("model.txt") == "applfigpearplum"
    assert "length: 4" in project.read("dvc.lock")
    assert reproduce(project, "--here", code=0)["outcome"] == "reproduced"


def test_a_fresh_clone_downloads_what_the_stages_read_and_no_more(longer: Project) -> None:
    longer.git("checkout", "--quiet", "main")
    clone = longer.clone("clone", "--branch", "change")
    told = reproduce(clone, code=0)
    assert outcomes(told) == {"sort": "unchanged", "train": "reproduced", "count": "unchanged"}
    assert told["downloaded"] == {"objects": 1, "bytes": len("apple\nfig\npear\nplum\n")}
