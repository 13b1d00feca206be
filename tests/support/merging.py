"""A project that merges: a tracked folder, four stages, branches that change what others read."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from support.projects import Project

DVC_YAML = """\
stages:
  ingest:
    cmd: cat raw/* > all
    deps: [raw]
    outs: [all]
  train:
    cmd: cat all params.yaml > model
    deps: [all]
    params: [train]
    outs: [model]
  report:
    cmd: grep report params.yaml > page
    params: [report]
    outs: [page]
"""
EXTRA = """\
  score:
    cmd: wc -l all > score
    deps: [all]
    outs: [score]
"""

REPRODUCE = "dvc pull --quiet --allow-missing && dvc repro --quiet && dvc status"


def build_merging(home: Path, *, subfolder: str = "") -> Project:
    """On `main`, reproduced and pushed, the driver installed."""
    top = Project(home / "project", home)
    top.root.mkdir(parents=True)
    top.git("init", "--quiet", "--initial-branch", "main")
    project = Project(top.root / subfolder, home) if subfolder else top
    project.root.mkdir(exist_ok=True)
    project.dvc("init", "--quiet", *(["--subdir"] if subfolder else []))
    (home / "remote").mkdir()
    project.dvc("remote", "add", "--quiet", "--default", "store", "../" * (1 + bool(subfolder)) + "remote")
    for number in (1, 2, 3):
        project.write(f"raw/{number}", f"row {number}\n")
    project.dvc("add", "--quiet", "raw")
    project.write("dvc.yaml", DVC_YAML)
    set_params(project)
    finish(project, "main")
    install(project)
    project.commit("Install the driver")
    return project


def add_branches(project: Project) -> None:
    """Branches from `main`, reproduced and pushed: `data` adds raw/4; `curated` removes raw/1 and adds raw/9;
    `report` and `train` move a param each; `score` adds a stage.

    Not reproduced: `mine` and `yours` change raw/2, `file` adds raw/n and `folder` raw/n/x.
    """
    branch(project, "data", {"raw/4": "row 4\n"}, push=False)
    branch(project, "curated", {"raw/1": None, "raw/9": "row 9\n"}, push=False)
    start(project, "train")
    set_params(project, lr=2)
    finish(project, "train", push=False)
    start(project, "report")
    set_params(project, n=2)
    finish(project, "report", push=False)
    start(project, "score")
    project.write("dvc.yaml", DVC_YAML + EXTRA)
    finish(project, "score", push=False)
    # What `dvc push` on each of them would do, before there are branches whose data stays here.
    kept, remote = (project.root / ".dvc/cache", project.home / "remote")
    shutil.copytree(kept / "files", remote / "files", dirs_exist_ok=True)
    for name, files in (
        ("mine", {"raw/2": "mine 2\n", "raw/5": "row 5\n"}),
        ("yours", {"raw/2": "your 2\n", "raw/6": "row 6\n"}),
        ("file", {"raw/n": "n\n"}),
        ("folder", {"raw/n/x": "x\n"}),
    ):
        start(project, name)
        change(project, files)
        project.commit(name)
    project.git("switch", "--quiet", "main")
    project.dvc("checkout", "--quiet", "--force")


def branch(project: Project, name: str, files: dict[str, str | None], *, push: bool = True) -> None:
    """A branch whose folder has other files, reproduced, committed and, unless told otherwise, pushed."""
    start(project, name)
    change(project, files)
    finish(project, name, push=push)


def change(project: Project, files: Mapping[str, str | None]) -> None:
    for path, text in files.items():
        (project.root / path).unlink(missing_ok=True)
        if text is not None:
            project.write(path, text)
    project.dvc("add", "--quiet", "raw")


def start(project: Project, name: str) -> None:
    project.git("switch", "--quiet", "--create", name, "main")
    project.dvc("checkout", "--quiet", "--force")


def finish(project: Project, message: str, *, push: bool = True) -> None:
    project.dvc("repro", "--quiet")
    if push:
        project.dvc("push", "--quiet")
    project.commit(message)


def set_params(project: Project, *, lr: int = 1, n: int = 1) -> None:
    project.write("params.yaml", f"train: {{lr: {lr}}}\n# far\n# apart\n# for\n# git\nreport: {{n: {n}}}\n")


def install(project: Project) -> str:
    ended = project.mergegate("merge-driver", "install")
    assert ended.code == 0, ended.err
    return ended.out
