"""`mergegate plan` in real repositories: what runs, what a fresh clone lacks, what has no answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from mergegate import repo
from mergegate.repo.durations import read_durations, record_duration
from support.projects import Project

CHAIN = """\
stages:
  clean:
    cmd: sort data/rows.csv > clean.csv
    deps: [data/rows.csv]
    outs: [clean.csv]
  split:
    cmd: mkdir -p parts && head -n 9 clean.csv > parts/a.csv && tail -n 9 clean.csv > parts/b.csv
    deps: [clean.csv]
    params: [split.seed]
    outs: [parts]
  train:
    cmd: python train.py
    deps: [train.py, parts]
    params: [train.rate]
    outs: [model.txt]
"""
TRAIN = "import pathlib, helper\npathlib.Path('model.txt').write_text(helper.fit())\n"
HELPER = "import pathlib\n\ndef fit():\n    return pathlib.Path('parts/a.csv').read_text() + 'model'\n"


@pytest.fixture(scope="session")
def built_chain(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    chain = built.copy(tmp_path_factory.mktemp("chain") / "home")
    chain.write("dvc.yaml", CHAIN)
    chain.write("train.py", TRAIN)
    chain.write("helper.py", HELPER)
    chain.write("params.yaml", "split: {seed: 1}\ntrain: {rate: 1e-3}\n")
    (chain.root / "dvc.lock").unlink()
    (chain.root / "mergegate.yaml").unlink()
    chain.dvc("repro", "--quiet")
    chain.dvc("push", "--quiet")
    chain.commit("A chain")
    chain.git("switch", "--quiet", "--create", "change")
    return chain


@pytest.fixture
def chain(built_chain: Project, tmp_path: Path) -> Project:
    """Three stages on `main`, reproduced and pushed, with a branch `change` checked out; no policy."""
    return built_chain.copy(tmp_path / "home")


def plan(project: Project, *options: str) -> dict[str, Any]:
    ended = project.mergegate("plan", "--json", *options)
    assert ended.code == 0, ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def wills(found: dict[str, Any]) -> list[str]:
    return [
        f"{stage['name']} {stage['will']} "
        + " ".join(f"{why['cause']}:{why['what']}" for why in stage["reasons"])
        for stage in found["stages"]
    ]


def test_a_command_that_became_a_list_runs_again_as_dvc_has_it(chain: Project) -> None:
    chain.write("dvc.yaml", CHAIN.replace("cmd: python train.py", "cmd: [python train.py]"))
    chain.commit("List the command")
    assert wills(plan(chain, "--base", "main"))[2] == "train run command:python train.py"
    assert json.loads(chain.dvc("status", "--json")) == {"train": ["changed command"]}
    chain.dvc("repro", "--quiet")
    chain.commit("Run it")
    assert json.loads(chain.dvc("status", "--json")) == {}
    clone = chain.clone("clone")
    assert chain.mergegate("verify", "--json").code == 0
    assert wills(plan(clone, "--base", "HEAD")) == ["clean skip ", "split skip ", "train skip "]


def test_a_fresh_clone_learns_what_to_download_before_anything_is_fetched(chain: Project) -> None:
    chain.write("params.yaml", "split: {seed: 1}\ntrain: {rate: 0.5}\n")
    chain.commit("Raise the rate")
    clone = chain.clone("clone")
    found = plan(clone, "--base", "origin/main")
    assert wills(found) == ["clean skip ", "split skip ", "train run params:params.yaml:train.rate"]
    (parts,) = found["needed"]
    assert (parts["path"], parts["by"], parts["objects"], parts["missing"]) == ("parts", ["train"], 2, None)
    assert found["objects_missing"] is None
    assert [note.partition(":")[0] for note in found["notes"]] == [
        "How much is missing of parts is not known"
    ]
    assert not (clone.root / ".dvc/cache").exists()
    clone.dvc("fetch", "--quiet", "split")
    found = plan(clone, "--base", "origin/main")
    assert (found["needed"][0]["missing"], found["objects_missing"], found["bytes_missing"]) == (0, 0, 0)


def test_nothing_relevant_changed_needs_nothing(chain: Project) -> None:
    chain.write("README.md", "# Words\n")
    chain.write("params.yaml", "# The same.\nsplit: {seed: 1}\ntrain: {rate: 0.001}\n")
    found = plan(chain)
    assert wills(found) == ["clean skip ", "split skip ", "train skip "]
    assert (found["needed"], found["objects_missing"], found["seconds"]) == ([], 0, 0.0)


def test_a_reproduced_change_is_planned_as_the_claim_it_is(chain: Project) -> None:
    chain.write("params.yaml", "split: {seed: 2}\ntrain: {rate: 1e-3}\n")
    chain.dvc("repro", "--quiet")
    chain.commit("Split otherwise")
    ended = chain.mergegate("plan", "--head", "change", env={"COLUMNS": "120"})
    assert ended.code == 0, ended.err
    lines = " ".join(ended.out.split())
    assert lines.startswith("1 of 3 stages must run; 1 more runs if what they read changes. change (")
    assert "split run params.yaml: split.seed changed (dvc.lock says it ran) –" in lines
    assert "train if changed after split –" in lines
    assert "Stands as base has it: clean. Downloads: none; 1 file to read" in lines
    assert "Time: unknown: not every stage's duration was recorded here." in lines


def test_a_helper_that_a_stage_imports_undeclared_runs_it_by_force(chain: Project) -> None:
    chain.write("helper.py", HELPER.replace("'model'", "'other'"))
    found = plan(chain)
    assert wills(found)[2] == "train run helper:helper.py"
    assert found["stages"][2]["stale"] is False
    assert "up to date" in chain.dvc("status")


def test_a_merge_that_joins_two_runs_is_run_as_one(chain: Project) -> None:
    """Hazard 9: a clean git merge of dvc.lock states a combination that never ran, and all is green."""
    chain.write("train.py", TRAIN.replace("helper.fit()", "'fitted'"))
    chain.dvc("repro", "--quiet")
    chain.commit("Fit otherwise")
    chain.git("switch", "--quiet", "main")
    chain.git("switch", "--quiet", "--create", "theirs")
    chain.write("params.yaml", "split: {seed: 1}\ntrain: {rate: 7}\n")
    chain.dvc("repro", "--quiet")
    chain.commit("Raise the rate")
    chain.git("switch", "--quiet", "change")
    chain.git("merge", "--quiet", "--no-edit", "theirs")
    found = plan(chain, "--head", "change")
    causes = {why["cause"] for why in found["stages"][2]["reasons"]}
    assert {"merged", "lock", "params", "code"} <= causes
    against = plan(chain, "--head", "change", "--base", "theirs")
    assert "merged" in {why["cause"] for why in against["stages"][2]["reasons"]}


def test_durations_of_earlier_runs_say_how_long_it_will_take(chain: Project) -> None:
    project = repo.locate(chain.root)
    for stage, seconds in (("clean", 2.0), ("split", 30.0), ("train", 400.0), ("split", 31.5)):
        record_duration(project, stage, seconds)
    assert read_durations(project) == {"clean": 2.0, "split": 31.5, "train": 400.0}
    chain.write("params.yaml", "split: {seed: 2}\ntrain: {rate: 1e-3}\n")
    found = plan(chain)
    assert (found["seconds"], found["seconds_at_most"]) == (31.5, 431.5)
    said = chain.mergegate("plan").out
    assert "Time: about 32 s, at most 7 min, by earlier runs here." in said
    assert chain.git("status", "--porcelain").split() == ["M", "params.yaml"]
    place = chain.root / ".dvc/tmp/mergegate/durations.json"
    place.write_text("{broken")
    assert read_durations(project) == {}


def test_an_output_kept_from_the_remote_is_made_again_where_it_is_not(chain: Project) -> None:
    """`push: false` on what another stage reads."""
    chain.git("switch", "--quiet", "main")
    chain.write("dvc.yaml", CHAIN.replace("outs: [parts]", "outs: [{parts: {push: false}}]"))
    chain.commit("Keep the parts here")
    chain.git("switch", "--quiet", "--create", "later")
    chain.write("train.py", TRAIN.replace("helper.fit()", "'fitted'"))
    chain.commit("Fit otherwise")
    assert wills(plan(chain)) == ["clean skip ", "split skip ", "train run code:train.py"]
    clone = chain.clone("clone")
    found = plan(clone, "--base", "origin/main")
    assert wills(found) == ["clean skip ", "split run missing:parts", "train run code:train.py"]
    assert [each["path"] for each in found["needed"]] == ["clean.csv"]


def test_templates_several_dvc_yaml_and_working_folders_are_planned(chain: Project) -> None:
    chain.write(
        "sub/dvc.yaml",
        "stages:\n"
        "  count:\n"
        "    foreach: [a, b]\n"
        "    do:\n"
        "      wdir: work\n"
        "      cmd: wc -l ../../parts/${item}.csv > ${item}.txt\n"
        "      deps: ['../../parts/${item}.csv']\n"
        "      outs: ['${item}.txt']\n",
    )
    chain.write("sub/work/.gitkeep", "")
    chain.dvc("repro", "--quiet", "--all-pipelines")
    chain.git("switch", "--quiet", "main")
    chain.commit("Count")
    chain.git("switch", "--quiet", "--create", "counting")
    assert [each.strip() for each in wills(plan(chain))] == [
        "clean skip",
        "split skip",
        "train skip",
        "sub/dvc.yaml:count@a skip",
        "sub/dvc.yaml:count@b skip",
    ]
    chain.write("params.yaml", "split: {seed: 2}\ntrain: {rate: 1e-3}\n")
    found = plan(chain)
    assert [stage["will"] for stage in found["stages"]] == ["skip", "run", *["if-changed"] * 3]
    assert found["stages"][3]["after"] == ["split"]


def test_a_file_in_a_submodule_counts_by_the_submodules_commit(chain: Project) -> None:
    library = Project(chain.home / "library", chain.home)
    library.root.mkdir()
    library.git("init", "--quiet", "--initial-branch", "main")
    library.write("fit.sh", "echo fit\n")
    library.commit("Start")
    chain.git("switch", "--quiet", "main")
    allow = ("-c", "protocol.file.allow=always")
    chain.git(*allow, "submodule", "--quiet", "add", "../library", "library")
    chain.write(
        "dvc.yaml",
        CHAIN
        + "  fit:\n    cmd: sh library/fit.sh > fit.txt\n    deps: [library/fit.sh]\n    outs: [fit.txt]\n",
    )
    chain.dvc("repro", "--quiet")
    chain.commit("Fit by the library")
    chain.git("switch", "--quiet", "--create", "upgrade")
    for options in ((), ("--head", "upgrade")):
        found = plan(chain, *options)
        assert wills(found)[3] == "fit skip "
    assert "fit: library/fit.sh could not be checked here, and is taken to be as in base." in found["notes"]
    inner = Project(chain.root / "library", chain.home)
    inner.write("fit.sh", "echo better\n")
    inner.commit("Fit better")
    chain.commit("Upgrade the library")
    assert wills(plan(chain))[3] == "fit run code:library/fit.sh"
    assert wills(plan(chain, "--head", "upgrade"))[3] == "fit run code:library/fit.sh"


def test_data_that_was_edited_and_not_added_is_no_part_of_the_plan(chain: Project) -> None:
    chain.write("data/rows.csv", "id,late\n1,yes\n")
    found = plan(chain)
    assert wills(found) == ["clean skip ", "split skip ", "train skip "]
    assert found["notes"] == [
        "data/rows.csv in the workspace is not what is planned for: `dvc add` it first."
    ]
    chain.dvc("add", "--quiet", "data/rows.csv")
    assert wills(plan(chain))[0] == "clean run data:data/rows.csv"


def test_a_detached_head_and_the_first_commit_can_be_planned(chain: Project) -> None:
    chain.git("checkout", "--quiet", "--detach")
    assert wills(plan(chain)) == ["clean skip ", "split skip ", "train skip "]
    chain.git("switch", "--quiet", "--orphan", "new")
    chain.git("branch", "--quiet", "-D", "main", "change")
    chain.git("checkout", "--quiet", "--orphan", "newer")
    ended = chain.mergegate("plan")
    assert (ended.code, ended.out.splitlines()[0]) == (0, "There is no stage: no dvc.yaml declares any.")


def test_a_shallow_clone_says_how_deep_it_must_be(chain: Project) -> None:
    chain.commit("One more")
    chain.git("switch", "--quiet", "main")
    chain.commit("Another")
    clone = chain.clone("shallow", "--depth", "1", "--no-single-branch", "--branch", "change")
    ended = clone.mergegate("plan")
    assert ended.code == 2
    assert ended.err == (
        "mergegate: origin/main and workspace have no common ancestor in this shallow clone\n"
        "  next: run `git fetch --unshallow` or `git fetch --deepen 100` (in actions: `fetch-depth: 0`)\n"
        "  more: mergegate explain shallow-clone\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("deps: [data/rows.csv]", "deps: [data/rows.csv, model.txt]", "3 stages wait for each other: "),
        (
            "cmd: python train.py",
            "cmd: python train.py ${nope}",
            "dvc.yaml:12, stages.train.cmd: its templates",
        ),
        (
            "    params: [split.seed]",
            "    param: [split.seed]",
            "dvc.yaml:9, stages.split.param: 'param' is no key",
        ),
        ("  train:", "\ttrain:", "dvc.yaml:11: is not valid YAML"),
    ],
)
def test_what_dvc_would_refuse_is_refused_with_its_place(
    chain: Project, old: str, new: str, message: str
) -> None:
    chain.write("dvc.yaml", chain.read("dvc.yaml").replace(old, new))
    ended = chain.mergegate("plan")
    assert ended.code == 2
    assert message in ended.err
    assert "\n  next: " in ended.err


def test_a_plan_that_can_t_be_run_says_what_is_missing_and_ends_with_1(chain: Project) -> None:
    (chain.root / "params.yaml").unlink()
    (chain.root / "train.py").unlink()
    ended = chain.mergegate("plan")
    assert ended.code == 1
    said = " ".join(ended.out.split())
    assert (
        "split can't run: it reads params from params.yaml, which is not there. Next: write params.yaml"
        in said
    )
    assert "train can't run: it reads train.py, and git has no such file. Next: add it to git" in said


def test_base_that_can_t_be_read_proves_nothing(chain: Project) -> None:
    chain.git("switch", "--quiet", "main")
    chain.write("dvc.yaml", "stages: 5\n")
    chain.commit("Break it")
    chain.git("switch", "--quiet", "--create", "mend")
    chain.write("dvc.yaml", CHAIN)
    found = plan(chain)
    assert [stage["will"] for stage in found["stages"]] == ["run"] * 3
    assert found["notes"][0].startswith("Base can't be read, so nothing that dvc.lock says is believed: ")


def test_hostile_names_are_shown_and_not_obeyed(chain: Project) -> None:
    chain.write("dvc.yaml", CHAIN + '  "x\\e[31m":\n    cmd: "echo \\e[2J [bold]x[/bold]"\n    outs: [x]\n')
    ended = chain.mergegate("plan")
    assert ended.code in (0, 2)
    assert "\x1b" not in ended.out + ended.err
