"""A small real project under git and DVC: one tracked file, one stage that writes predictions, one policy."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from support import warm

BINARY = Path(sys.executable).parent

TRAIN = """\
import json
import pathlib

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

strength = float(pathlib.Path("params.yaml").read_text().split("strength:")[1].split()[0])
rows = pyarrow.csv.read_csv("data/rows.csv").to_pylist()
signs = [(1 if row["late"] == "yes" else -1) * (1 if row["id"] % 5 else -1) for row in rows]
scores = [0.5 + 0.4 * strength * sign for sign in signs]
pathlib.Path("reports").mkdir(exist_ok=True)
table = pa.table(
    {
        "row_id": [row["id"] for row in rows],
        "y_true": [row["late"] for row in rows],
        "y_pred": ["yes" if score >= 0.5 else "no" for score in scores],
        "proba_yes": scores,
        "proba_no": [1 - score for score in scores],
    }
)
pq.write_table(table, "reports/predictions.parquet")
pathlib.Path("reports/metrics.json").write_text(json.dumps({"seconds": strength}))
"""

DVC_YAML = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, data/rows.csv]
    params: [train]
    outs: [reports/predictions.parquet]
    metrics:
      - reports/metrics.json: {cache: false}
"""

POLICY = """\
version: 1
min_rows: 30
models:
  late:
    evaluation:
      task: binary
      positive: "yes"
      predictions: reports/predictions.parquet
      metrics: reports/metrics.json
    gates:
      metrics:
        - {name: roc_auc, min: 0.6}
datasets:
  - {path: data/rows.csv, key: id, label: late}
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A working copy; `root` is the project's folder, `home` holds everything a user's machine would."""

    root: Path
    home: Path

    def run(self, *command: str, env: dict[str, str] | None = None) -> Ended:
        """Run a command in the project, whatever its exit code."""
        environment = {**self.environment(), **(env or {})}
        if command[0] in warm.PROGRAMS:
            warmed = warm.run(command, self.root, environment)
            return Ended(warmed.returncode, warmed.stdout, warmed.stderr)
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def must(self, *command: str) -> str:
        """Run a command that has to succeed; its stdout."""
        ended = self.run(*command)
        assert ended.code == 0, f"{command}: {ended.code}\n{ended.out}\n{ended.err}"
        return ended.out

    def git(self, *arguments: str) -> str:
        return self.must("git", *arguments)

    def dvc(self, *arguments: str) -> str:
        return self.must("dvc", *arguments)

    def mergegate(self, *arguments: str, env: dict[str, str] | None = None) -> Ended:
        return self.run("mergegate", *arguments, env=env)

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def commit(self, message: str) -> str:
        """Commit everything; the commit's name."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def set_strength(self, value: float) -> None:
        self.write("params.yaml", f"train:\n  strength: {value}\n")

    def copy(self, root: Path) -> Self:
        """The same project elsewhere, DVC's cache and remote included."""
        shutil.copytree(self.home, root, symlinks=True)
        return type(self)(root / self.root.relative_to(self.home), root)

    def clone(self, name: str, *options: str) -> Self:
        """A fresh clone beside: git's files, nothing of DVC's cache."""
        target = self.home / name
        self.must("git", "clone", "--quiet", *options, self.root.as_uri(), str(target))
        return type(self)(target, self.home)

    def environment(self) -> dict[str, str]:
        """Nothing of the real home reaches git or DVC, and nothing of theirs reaches it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "DVC_"))}
        return {
            **kept,
            "PATH": f"{BINARY}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.invalid",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.invalid",
            "DVC_NO_ANALYTICS": "1",
            "DVC_GLOBAL_CONFIG_DIR": str(self.home / "dvc-global"),
            "DVC_SYSTEM_CONFIG_DIR": str(self.home / "dvc-system"),
            "DVC_SITE_CACHE_DIR": str(self.home / "dvc-site"),
        }


def build_project(home: Path, *, folder: str = "project", subfolder: str = "") -> Project:
    """Build the project on `main`, reproduced and pushed; `subfolder` makes it a monorepo."""
    top = Project(home / folder, home)
    top.root.mkdir(parents=True)
    top.git("init", "--quiet", "--initial-branch", "main")
    project = Project(top.root / subfolder, home) if subfolder else top
    project.root.mkdir(parents=True, exist_ok=True)
    project.dvc("init", "--quiet", *(["--subdir"] if subfolder else []))
    (home / "remote").mkdir()
    # Relative, so that a copy of the whole home has a remote of its own.
    project.dvc(
        "remote", "add", "--quiet", "--default", "store", os.path.relpath(home / "remote", project.root)
    )
    project.write("data/rows.csv", rows(100))
    project.dvc("add", "--quiet", "data/rows.csv")
    project.write("train.py", TRAIN)
    project.write("dvc.yaml", DVC_YAML)
    project.write("mergegate.yaml", POLICY)
    project.set_strength(0.5)
    project.dvc("repro", "--quiet")
    project.dvc("push", "--quiet")
    project.commit("Start")
    return project


def rows(count: int) -> str:
    """A table of `count` rows with a label that every third row bears."""
    return "id,late\n" + "".join(f"{i},{'yes' if i % 3 == 0 else 'no'}\n" for i in range(count))


def review(project: Project, *options: str) -> dict[str, Any]:
    """The review as data; it must have come to a verdict."""
    ended = project.mergegate("review", "--json", *options)
    assert ended.code in (0, 1), ended.err
    result: dict[str, Any] = json.loads(ended.out)
    assert (result["verdict"]["outcome"] == "failed") == (ended.code == 1)
    return result


def gates(result: dict[str, Any]) -> dict[str, str]:
    """Gate → outcome."""
    return {gate["id"]: gate["outcome"] for gate in result["gates"]}
