"""The plain project, and four ways of keeping it: by DVC 2, by .dvc files alone, imported, on Windows."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support.adopters import Shape, overwrite, replace
from support.projects import Project
from support.shapes import rows

COUNT, MORE = 300, 360


def start(project: Project, *, end: str = "\n") -> None:
    """All that is no data."""
    project.write("fit.py", rows.script(end))
    project.write("params.yaml", rows.PARAMS.replace("\n", end))
    project.write("requirements.txt", "dvc==2.58.2\n")
    project.write("dvc.yaml", rows.DVC_YAML.replace("\n", end))


def add(project: Project, count: int, *, end: str = "\n") -> None:
    """Rows that DVC tracks, and what the pipeline makes of them."""
    overwrite(project, "data/customers.csv", rows.table(count, end=end))
    project.dvc("add", "--quiet", "data/customers.csv")
    project.dvc("repro", "--quiet")


def steepen(project: Project) -> None:
    replace(project, "params.yaml", "0.2", "0.6")
    project.dvc("repro", "--quiet")


# ---- DVC 2: no `hash: md5` in any record, and objects at the top of cache and remote ----


def write_dvc2(project: Project) -> None:
    start(project)
    add(project, COUNT)
    age(project)


def age(project: Project) -> None:
    """Turn what DVC 3 recorded and kept into what DVC 2 would have; text with `\\n` has the same checksum."""
    for path in ("dvc.lock", "data/customers.csv.dvc"):
        project.write(path, re.sub(r" *hash: md5\n", "", project.read(path)))
    cache = project.root / ".dvc/cache"
    for folder in (cache / "files/md5").iterdir():
        shutil.move(folder, cache / folder.name)
    shutil.rmtree(cache / "files")


DVC2 = Shape("dvc2", write_dvc2, lambda project: add(project, MORE), steepen)


# ---- Only .dvc files: a notebook makes the rest ----

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def run_notebook(project: Project, count: int = 0) -> None:
    """What a person does by hand: runs the notebook, adds what it wrote."""
    if count:
        overwrite(project, "data/customers.csv", rows.table(count))
    for made in ("out/predictions.csv", "out/model.json"):
        (project.root / made).unlink(missing_ok=True)
    subprocess.run([sys.executable, "-c", rows.script()], cwd=project.root, check=True, timeout=60)
    project.dvc("add", "--quiet", "data/customers.csv", "out/model.json", "out/predictions.csv")


def write_tracked(project: Project) -> None:
    project.write("churn.ipynb", NOTEBOOK)
    project.write("params.yaml", rows.PARAMS)
    run_notebook(project, COUNT)


def change_tracked(project: Project) -> None:
    replace(project, "params.yaml", "0.2", "0.6")
    run_notebook(project)


TRACKED = Shape("tracked", write_tracked, lambda project: run_notebook(project, MORE), change_tracked)


# ---- Data that `dvc import-url` brought from elsewhere ----


def bucket(project: Project) -> Path:
    """Where the data comes from, which is none of the project's."""
    return project.home / "bucket/customers.csv"


def write_imported(project: Project) -> None:
    start(project)
    bucket(project).parent.mkdir()
    bucket(project).write_text(rows.table(COUNT))
    (project.root / "data").mkdir()
    project.dvc("import-url", "--quiet", str(bucket(project)), "data/customers.csv")
    project.dvc("repro", "--quiet")


def update_imported(project: Project) -> None:
    bucket(project).write_text(rows.table(MORE))
    project.dvc("update", "--quiet", "data/customers.csv.dvc")
    project.dvc("repro", "--quiet")


IMPORTED = Shape("imported", write_imported, update_imported, steepen)


# ---- A team on Windows that commits what its editors write ----

TEXTS = (
    ".dvcignore",
    ".dvc/config",
    ".gitignore",
    "data/.gitignore",
    "data/customers.csv.dvc",
    "dvc.lock",
    "out/.gitignore",
)


def carriage(project: Project) -> None:
    """Give all that DVC and the script wrote the line ends of Windows, as git has it without autocrlf."""
    for path in TEXTS:
        file = project.root / path
        if file.is_file():
            file.write_bytes(file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def write_windows(project: Project) -> None:
    project.write(".gitignore", "__pycache__/\r\n*.tmp\r\n")
    project.write(".gitattributes", "*.png binary\r\n")
    start(project, end="\r\n")
    add(project, COUNT, end="\r\n")
    carriage(project)


def change_windows(project: Project) -> None:
    add(project, MORE, end="\r\n")
    carriage(project)


def steepen_windows(project: Project) -> None:
    steepen(project)
    carriage(project)


WINDOWS = Shape("windows", write_windows, change_windows, steepen_windows)


# ---- No DVC at all: everything is in git ----


def run_script(project: Project, count: int = 0) -> None:
    if count:
        project.write("data/customers.csv", rows.table(count))
    subprocess.run([sys.executable, "fit.py"], cwd=project.root, check=True, timeout=60)


def write_git(project: Project) -> None:
    project.write("fit.py", rows.script())
    project.write("params.yaml", rows.PARAMS)
    run_script(project, COUNT)


def change_git(project: Project) -> None:
    replace(project, "params.yaml", "0.2", "0.6")
    run_script(project)


GIT = Shape("git", write_git, lambda project: run_script(project, MORE), change_git, dvc=False)
