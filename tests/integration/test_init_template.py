"""`mergegate init --template tabular`: an empty folder becomes a small project, its first review green."""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML
from sklearn.datasets import load_breast_cancer

from mergegate.errors import UsageError
from mergegate.flows.init import template as flow
from mergegate.scaffold import template
from mergegate.scaffold.mark import read_state
from support.projects import BINARY, Project

ROOT = Path(__file__).parents[2]
ACTION = "acme/mergegate@0123456789abcdef0123456789abcdef01234567 # v0.1.0"
HOME = "https://github.com/acme/tumours.git"
UNSEEN = ".dvc/cache/"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty folder."""
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project", tmp_path)


@pytest.fixture
def unequipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stage can run: a package is missing."""
    monkeypatch.setattr(flow, "PACKAGES", ("sys", "nobody_has_this"))


def begin(project: Project, *flags: str) -> dict[str, Any]:
    ended = project.mergegate(
        "init", "--template", "tabular", "--json", "--action", ACTION.split()[0], *flags
    )
    assert ended.code == 0, ended.err
    answer: dict[str, Any] = json.loads(ended.out)
    return answer


def in_folder(folder: Path) -> dict[str, bytes]:
    """Every file outside of .git."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: data for name, data in found.items() if not name.startswith(".git/")}


def parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


def parse(text: bytes) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_an_empty_folder_becomes_a_project_that_is_green(project: Project) -> None:
    answer = begin(project)
    assert answer["unknown"] == []
    assert (answer["review"]["outcome"], answer["review"]["problem"]) == ("passed", "")
    assert [model["rows"] for model in answer["models"]] == [241]
    assert project.git("log", "--format=%s", "main").splitlines() == [flow.MESSAGE]
    assert project.git("status", "--porcelain") == ""
    assert project.dvc("status").strip() == "Data and pipelines are up to date."
    assert "17 objects looked for, 0 missing" in project.must("mergegate", "verify", "HEAD", "--remote")
    project.git("remote", "add", "origin", HOME)
    told = json.loads(project.must("mergegate", "init", "--yes", "--json", "--action", ACTION.split()[0]))
    # Its policy is the team's own from the start.
    assert {file["path"]: file["done"] for file in told["files"] if file["done"] != "unchanged"} == {
        "mergegate.yaml": "left"
    }
    # What a team changes: all of it is tested by the project's own tests.
    assert project.run("make", "test", env={"PATH": f"{BINARY}:/usr/bin:/bin"}).code == 0


def test_what_is_written_is_this_repositorys(project: Project, unequipped: None) -> None:
    answer = flow.write_template(project.root, action=ACTION)
    written = in_folder(project.root)
    assert {name for name in template.SHARED if written[name] != (ROOT / name).read_bytes()} == set()
    assert {file.path for file in answer.files} == {name for name in written if not name.startswith(UNSEEN)}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "src/pipeline").rglob("*.py")}
    assert modules <= written.keys()
    ours, theirs = (parse(data)["stages"] for data in ((ROOT / "dvc.yaml").read_bytes(), written["dvc.yaml"]))
    raw = {"data/raw/flights", "data/raw/planes.parquet", "data/raw/weather.parquet"}
    assert theirs["ingest"].pop("deps") == [
        template.DATA,
        *(dep for dep in ours["ingest"].pop("deps") if dep not in raw),
    ]
    assert theirs == ours
    assert parse(written["params.yaml"]).keys() == parse((ROOT / "params.yaml").read_bytes()).keys()
    for name in (".dvc/config", ".dvcignore"):
        assert set(written[name].splitlines()) < set((ROOT / name).read_bytes().splitlines())


def test_nothing_of_flights_is_left_in_it(project: Project, unequipped: None) -> None:
    flow.write_template(project.root, action=ACTION)
    own = {
        name: data.decode().lower()
        for name, data in in_folder(project.root).items()
        if "/files/md5/" not in name
    }
    assert [name for name, text in own.items() if "flight" in text or "late-arrival" in text] == []


def test_the_data_is_scikit_learns(project: Project, unequipped: None) -> None:
    flow.write_template(project.root, action=ACTION)
    found = pd.read_csv(project.root / template.DATA / "part-1.csv", index_col="tumour")
    loaded = load_breast_cancer(as_frame=True)
    names = [str(name).replace(" ", "_") for name in loaded.data.columns]
    pd.testing.assert_frame_equal(
        found.drop(columns="diagnosis").reset_index(drop=True), loaded.data.set_axis(names, axis=1)
    )
    assert found["diagnosis"].tolist() == [loaded.target_names[target] for target in loaded.target]


def test_dvc_takes_the_data_for_what_it_added_and_pushed_itself(project: Project, unequipped: None) -> None:
    flow.write_template(project.root, action=ACTION)
    record = (project.root / f"{template.DATA}.dvc").read_bytes()
    project.commit("Begin")
    assert project.dvc("data", "status", "--not-in-remote").strip() == "No changes."
    project.dvc("add", "--quiet", template.DATA)
    assert (project.root / f"{template.DATA}.dvc").read_bytes() == record
    assert project.dvc("push").strip() == "Everything is up to date."


def test_workflows_and_requirement_name_the_commit_that_was_asked_for(
    project: Project, unequipped: None
) -> None:
    flow.write_template(project.root, action=ACTION)
    for name in (".github/workflows/review.yml", ".github/workflows/comment.yml", template.MERGEGATE):
        assert read_state((project.root / name).read_bytes()) == "untouched"
        assert ACTION.split()[0] in project.read(name).replace("git+https://github.com/", "")
    place, _, commit = ACTION.split()[0].partition("@")
    line, *policy = project.read("mergegate.yaml").splitlines()
    assert line.startswith("# yaml-language-server: $schema=https://")
    assert line.endswith(f"/{place}/{commit}/docs/schema/policy.schema.json")
    assert policy[0].startswith("# The policy: ")


def test_an_upgrade_moves_every_pin_at_once(project: Project, unequipped: None) -> None:
    flow.write_template(project.root, action=ACTION)
    project.commit("Begin")
    project.git("remote", "add", "origin", HOME)
    newer = f"acme/mergegate@{'2' * 40}"
    told = json.loads(project.must("mergegate", "init", "--upgrade", "--json", "--action", newer))
    pinned = {".github/workflows/review.yml", ".github/workflows/comment.yml", template.MERGEGATE}
    assert {file["path"] for file in told["files"] if file["done"] == "updated"} == pinned
    rendered = flow.render_files(newer, branch="main")
    for name in pinned:
        assert project.read(name).encode() == rendered[name]


def test_where_packages_are_missing_the_files_are_whole_and_the_way_on_is_said(
    project: Project, unequipped: None
) -> None:
    answer = flow.write_template(project.root, action=ACTION)
    assert answer.unknown == ("The pipeline has not run: this environment lacks nobody_has_this.",)
    assert answer.next[:3] == (
        "make install && source .venv/bin/activate",
        "make repro",
        f'git add --all && git commit -m "{flow.MESSAGE}"',
    )
    assert answer.review is None
    assert project.git("symbolic-ref", "--short", "HEAD").strip() == "main"


def test_a_stage_that_fails_is_told_and_nothing_is_committed(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = tmp_path / "dvc"
    failing.write_text("#!/bin/sh\necho 'ERROR: failed to reproduce ingest'\nexit 255\n")
    failing.chmod(0o755)
    monkeypatch.setattr(flow, "find_dvc", lambda: str(failing))
    answer = flow.write_template(project.root, action=ACTION)
    assert answer.unknown == ("`dvc repro` ended with 255: ERROR: failed to reproduce ingest",)
    assert project.run("git", "rev-parse", "--verify", "--quiet", "HEAD").code == 1


def test_where_dvc_has_no_program_that_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise UsageError("DVC is not installed")

    monkeypatch.setattr(flow, "find_dvc", missing)
    answer = flow.write_template(project.root, action=ACTION)
    assert answer.unknown == ("The pipeline has not run: DVC is not installed.",)


def test_where_git_does_not_know_who_commits_that_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "_run", lambda folder, progress: "")
    monkeypatch.setattr(flow, "MODEL", replace(flow.MODEL, predictions="predictions.parquet"))
    table = pa.table({"row_id": [1, 2, 3]})
    monkeypatch.setattr(flow, "render_files", lambda action, branch: {"predictions.parquet": parquet(table)})
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))]:
        monkeypatch.delenv(name)
    settings = {"GLOBAL": os.devnull, "COUNT": "1", "KEY_0": "user.useConfigOnly", "VALUE_0": "true"}
    for name, value in settings.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    answer = flow.write_template(project.root, action=ACTION)
    assert (answer.unknown, answer.review) == (("Nothing is committed: Author identity unknown",), None)
    assert answer.next[0] == f'git add --all && git commit -m "{flow.MESSAGE}"'


def test_an_empty_clone_is_an_empty_folder_and_its_branch_is_the_one_that_changes_enter(
    project: Project, unequipped: None
) -> None:
    project.git("init", "--quiet", "--initial-branch", "trunk")
    flow.write_template(project.root, action=ACTION)
    assert parse((project.root / "mergegate.yaml").read_bytes())["baseline"] == "trunk"
    assert "branches: [trunk]" in project.read(".github/workflows/comment.yml")
    assert project.git("symbolic-ref", "--short", "HEAD").strip() == "trunk"


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(project: Project) -> None:
    answer = begin(project, "--dry-run")
    assert answer["dry_run"] is True
    rendered = flow.render_files(ACTION, branch="main")
    assert [file["path"] for file in answer["files"]] == [
        name for name in rendered if not name.startswith(UNSEEN)
    ]
    assert list(project.root.iterdir()) == []


@pytest.mark.parametrize("kind", ["a file", "another's subfolder", "commits", "a broken repository"])
def test_where_something_is_already_nothing_is_written(project: Project, kind: str) -> None:
    folder = project.root
    if kind == "a file":
        project.write("notes.txt", "mine\n")
        said = "the folder is not empty: it holds notes.txt"
    elif kind == "another's subfolder":
        project.git("init", "--quiet")
        folder = project.root / "inside"
        folder.mkdir()
        said = f"the folder lies in the git repository {project.root}"
    elif kind == "commits":
        project.git("init", "--quiet")
        project.commit("Begin")
        said = "the repository has commits already"
    else:
        (project.root / ".git").mkdir()
        said = "what is in .git is no repository"
    before = in_folder(project.root)
    with pytest.raises(UsageError) as caught:
        flow.write_template(folder, action=ACTION)
    assert caught.value.message == said
    assert caught.value.hint
    assert in_folder(project.root) == before


def test_where_the_template_was_interrupted_the_way_on_is_said(project: Project, unequipped: None) -> None:
    flow.write_template(project.root, action=ACTION)
    with pytest.raises(UsageError, match="the template is here already") as caught:
        flow.write_template(project.root, action=ACTION)
    assert caught.value.hint == (
        "make install && source .venv/bin/activate && make repro, then commit; README.md says more"
    )


def test_of_two_who_begin_at_once_one_gives_way(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = flow.render_files(ACTION, branch="main")

    def begin_elsewhere(action: str, branch: str) -> dict[str, bytes]:
        (project.root / ".git").mkdir()
        return rendered

    monkeypatch.setattr(flow, "render_files", begin_elsewhere)
    with pytest.raises(UsageError, match="another process begins a project in"):
        flow.write_template(project.root, action=ACTION)
    assert [path.name for path in project.root.iterdir()] == [".git"]


def test_a_failure_halfway_leaves_the_folder_as_it_was(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = flow.render_files(ACTION, branch="main")
    # A path that can't be made: a file lies where its folder would.
    monkeypatch.setattr(flow, "render_files", lambda action, branch: rendered | {"Makefile/x": b""})
    with pytest.raises((UsageError, OSError)):
        flow.write_template(project.root, action=ACTION)
    assert list(project.root.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--mode", "advisory"), "--template does not go with --mode"),
        (("--data", "x", "--upgrade"), "--template does not go with --data, --upgrade"),
        (("--action", "latest"), "--action takes OWNER/REPO@SHA, and is 'latest'"),
    ],
)
def test_flags_that_fit_no_template_are_refused(project: Project, flags: tuple[str, ...], said: str) -> None:
    ended = project.mergegate("init", "--template", "tabular", *flags)
    assert ended.code == 2
    assert said in ended.err
    assert list(project.root.iterdir()) == []
