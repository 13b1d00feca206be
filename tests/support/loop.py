"""A small project in the pull-request loop: a model, this repository's own workflows, and a host.

def test_a_change_is_judged(scene):
    stage = scene()                                  # `main` as in the template, hosted
    pull = stage.propose("bad")                      # push a branch, open a pull request; all runs have ended
    assert stage.runs()[0] == ("review.yml", "opened", "failure"), stage.log()
    assert stage.status(pull).state == "failure"
    assert len(stage.comments(pull)) == 1            # at its end a scene finds no token in anything written

Changes of one's own: `branch`, edit `project`, `reproduce(project)`, `project.commit`, `push`, `open`.
People's doings are methods of `hosting`, what GitHub knows is in `server`, and `runner` can hold a run,
cancel it, run it again, or call the test before a job (`before`) and after the last one (`after`).
"""

import io
import json
import os
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mergegate import bundle
from support.actions.hosting import Hosting
from support.actions.runner import Records
from support.github.state import Comment, Pull, Status
from support.projects import Project

TOP = Path(__file__).parents[2]

REVIEW = ".github/workflows/review.yml"

TRAIN = """\
import json
import pathlib
import shutil

import pyarrow.parquet as pq

from mergegate import bundle, predictions

variant = pathlib.Path("params.yaml").read_text().split("variant:")[1].split()[0]
place = pathlib.Path("models/bundle")
shutil.rmtree(place, ignore_errors=True)
shutil.copytree(pathlib.Path("variants", variant), place)
# Quicker to import than what reads a whole dataset.
rows = pq.ParquetFile("data/evaluation.parquet").read()
predicted = bundle.load(place).predict(rows)
pathlib.Path("reports").mkdir(exist_ok=True)
predictions.write(
    "reports/predictions.parquet",
    row_id=rows["row_id"],
    y_true=rows["late"].to_numpy(),
    y_pred=predicted.y_pred,
    probabilities={"0": predicted.probabilities[:, 0], "1": predicted.probabilities[:, 1]},
)
pathlib.Path("reports/metrics.json").write_text(json.dumps({"rows": len(rows)}))
"""

DVC_YAML = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, variants, data/evaluation.parquet]
    params: [train]
    outs: [models/bundle, reports/predictions.parquet]
    metrics:
      - reports/metrics.json: {cache: false}
"""

ROWS_TEST = """\
import json
import pathlib


def test_rows() -> None:
    assert json.loads(pathlib.Path("reports/metrics.json").read_text())["rows"] >= 30
"""

POLICY = """\
version: 1
min_rows: 30
models:
  late:
    bundle: models/bundle
    evaluation:
      task: binary
      positive: "1"
      predictions: reports/predictions.parquet
      inputs: data/evaluation.parquet
      metrics: reports/metrics.json
    gates:
      metrics:
        - {name: roc_auc, min: 0.6, max_regression: 0.05}
datasets:
  - {path: data/evaluation.parquet, key: row_id, label: late}
"""

VARIANTS = {"good": 1.0, "better": 1.5, "bad": -1.0}
"""Models by how well they follow the wind: of two inputs, the second is noise."""


def evaluation(rows: int, *, seed: int = 0) -> pa.Table:
    """Rows to judge on: the first of them are the same for every number."""
    random = np.random.default_rng(seed)
    wind, noise, chance = random.normal(size=(5000, 3))[:rows].T
    late = (wind + 0.7 * chance > 0.3).astype(int)
    names = [f"r{number:05d}" for number in range(rows)]
    return pa.table({"row_id": names, "wind": wind, "noise": noise, "late": late})


@dataclass
class Template:
    """The project that scenes copy: `main` trains `good`, and a branch of its name each other variant.

    `records` are runs of review.yml that some scene already made, for the same commit, event and base.
    """

    project: Project
    records: Records = field(default_factory=dict)


def build(home: Path) -> Template:
    """The project, reproduced and committed; its DVC remote is a folder of the repository."""
    project = Project(home / "project", home)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet", "--initial-branch", "main")
    project.dvc("init", "--quiet")
    project.dvc("remote", "add", "--quiet", "--default", "embedded", "data/remote")
    for name, slope in VARIANTS.items():
        _save_variant(project.root / "variants" / name, slope)
    write_rows(project, 400)
    project.write("train.py", TRAIN)
    project.write("dvc.yaml", DVC_YAML)
    project.write("mergegate.yaml", POLICY)
    project.write("README.md", "# Late flights\n")
    project.write("tests/unit/pipeline/test_rows.py", ROWS_TEST)
    set_variant(project, "good")
    for path in (".github", "action.yml", "requirements", "pyproject.toml"):
        source = TOP / path
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, project.root / path)
    (project.root / ".github/workflows/ci.yml").unlink()
    reproduce(project)
    project.commit("Start")
    for name in ("better", "bad"):
        project.git("switch", "--quiet", "--create", name, "main")
        set_variant(project, name)
        reproduce(project)
        project.commit(f"Train the {name} variant")
    project.git("switch", "--quiet", "main")
    project.dvc("checkout", "--quiet")
    return Template(project)


def _save_variant(folder: Path, slope: float) -> None:
    random = np.random.default_rng(7)
    frame = bundle.prepare(pd.DataFrame({"wind": random.normal(size=300), "noise": random.normal(size=300)}))
    weight = 1.0 if slope > 1 else 0.4
    late = slope * (weight * frame["wind"] + (1 - weight) * frame["noise"]) > 0
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame, late.astype(int))
    bundle.save(folder, fitted, name="late", task="binary", target="late", X=frame)


def write_rows(project: Project, rows: int, *, seed: int = 0) -> None:
    """Write the evaluation rows, tracked by DVC."""
    file = project.root / "data/evaluation.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    pq.write_table(evaluation(rows, seed=seed), file)
    project.dvc("add", "--quiet", "data/evaluation.parquet")


def set_variant(project: Project, name: str) -> None:
    project.write("params.yaml", f"train:\n  variant: {name}\n")


def reproduce(project: Project) -> None:
    """Run the pipeline and push what it wrote."""
    project.dvc("repro", "--quiet")
    project.dvc("push", "--quiet")


class Scene:
    """One test's own copy of the project, hosted: `project` is Ada's clone.

    `fresh` runs review.yml even where the same commit was reviewed already in another scene. Without `begins`
    nobody hears that a run begins, so that no status is pending. `site` are fields of Site: secrets,
    variables, `image` (environment of every step), `programs` (on PATH), roles.
    """

    def __init__(
        self, template: Template, folder: Path, *, fresh: bool = False, begins: bool = True, **site: Any
    ) -> None:
        site["image"] = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **site.get("image", {})}
        self.hosting = Hosting(folder / "hosted", **site)
        self.server, self.runner = self.hosting.server, self.hosting.runner
        self.runner.records = template.records
        if not fresh:
            self.runner.replayed.add(REVIEW)
        if not begins:
            self.runner.unheard.add("requested")
        self.project = template.project.copy(folder / "home")
        self.hosting.seed(self.project.root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """End the scene, whatever it was about: no token and no secret stands anywhere."""
        self.hosting.__exit__(*error)
        self.hosting.assert_secret()

    def branch(self, name: str, start: str = "main") -> None:
        """Begin a branch in the clone, with the files that DVC keeps."""
        self.project.git("switch", "--quiet", "--create", name, start)
        self.project.dvc("checkout", "--quiet")

    def train(self, variant: str) -> str:
        """Change the params, reproduce, commit; the commit's name."""
        set_variant(self.project, variant)
        reproduce(self.project)
        return self.project.commit(f"Train the {variant} variant")

    def revise(self, policy: str) -> None:
        """Have `main` move on to another policy, which nobody is told; the clone is at `main` then."""
        self.project.git("switch", "--quiet", "main")
        self.project.write("mergegate.yaml", policy)
        self.project.commit("Revise the policy")
        self.hosting.seed(self.project.root)

    def judgements(self) -> list[dict[str, Any]]:
        """What the jobs that judge found, in order."""
        kept = [run.artifacts["mergegate-judgement"] for run in self.runner.runs if "judge" in run.jobs]
        return [json.loads(zipfile.ZipFile(io.BytesIO(data)).read("judgement.json")) for data in kept]

    def push(self, branch: str, *, to: str = "", by: str = "ada") -> str:
        """Push HEAD to a branch, of a fork where `to` names one."""
        return self.hosting.push(self.project.root, branch, to=to, by=by)

    def open(self, branch: str, **asked: Any) -> Pull:
        """Open a pull request; see Hosting.open."""
        return self.hosting.open(branch, **asked)

    def propose(self, variant: str = "better", *, branch: str = "change", **asked: Any) -> Pull:
        """A pull request that trains another variant, `better` or `bad`."""
        self.project.git("switch", "--quiet", "--create", branch, variant)
        fork = asked.get("fork", "")
        self.push(branch, to=fork, by=asked.get("by", "ada"))
        return self.open(branch, **asked)

    def comments(self, pull: Pull) -> list[Comment]:
        return self.hosting.comments(pull)

    def status(self, pull: Pull, context: str = "mergegate") -> Status:
        """The newest status of a pull request's head."""
        return self.hosting.statuses(pull.head_sha)[context]

    def history(self, sha: str) -> list[tuple[str, str]]:
        """(context, state) of every status that a commit was given, in order."""
        return [(each.context, each.state) for each in self.server.statuses if each.sha == sha]

    def runs(self) -> list[tuple[str, str, str | None]]:
        """(workflow, event or what of a run was told, conclusion) of every run, in order."""
        return [
            (run.path.rpartition("/")[2], str(run.payload.get("action", run.event)), run.conclusion)
            for run in self.runner.runs
        ]

    def log(self) -> str:
        """All that all jobs wrote, for a failed test's reader."""
        return os.linesep.join(run.log for run in self.runner.runs)
