"""A change with all that a review opens, the evidence of it, and the judging of that evidence alone."""

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mergegate import bundle, predictions
from mergegate.flows.judging.archive import open_evidence
from mergegate.flows.judging.repository import Wanted, open_repository
from mergegate.flows.review import Request, review_project
from mergegate.records.review import Review
from mergegate.repo import Project as Found
from support import bundles, scoring
from support.projects import Project

POLICY = """\
version: 1
min_rows: 30
models:
  late:
    bundle: models/bundle
    golden: golden.yaml
    evaluation:
      task: binary
      positive: late
      predictions: reports/predictions.parquet
      inputs: data/evaluation
      training_rows: data/train
    gates:
      metrics:
        - {name: roc_auc, min: 0.5, max_regression: 0.2}
      evaluation: {max_rows_gone: 1.0}
datasets:
  - {path: data/raw.csv, key: id}
  - {path: data/evaluation, key: row_id, label: delayed}
dataset_gates: {leakage: forbid, max_removed_share: 1.0}
"""

GOLDEN = """\
- name: the one that called
  expected: %s
  reason: Somebody called.
  author: Ada
  inputs: %s
"""

PATHS = ("models/bundle", "data/evaluation", "data/train", "data/raw.csv", "reports/predictions.parquet")


def write_exam(project: Project, start: int, stop: int, *, shift: float = 0.0) -> None:
    """Rows `start` to `stop` of the flights as evaluation, and predictions `shift` off the bundle."""
    frame = bundles.flights().iloc[start:stop]
    found = bundle.load(project.root / "models/bundle").predict(frame)
    assert found.probabilities is not None
    late, on_time = (found.probabilities + np.array([shift, -shift])).clip(0, 1).T
    truth = bundles.late(bundles.flights())[start:stop]
    predictions.write(
        project.root / "reports/predictions.parquet",
        row_id=scoring.ids(stop - start, start=start),
        y_true=truth,
        y_pred=np.where(late >= 0.5, "late", "on_time"),
        probabilities={"late": late, "on_time": on_time},
    )
    row_id = scoring.ids(stop - start, start=start)
    table = pa.table({"row_id": row_id, **frame.to_dict("list"), "delayed": truth})
    folder = project.root / "data/evaluation"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pq.write_table(table.slice(0, 70), folder / "1.parquet")
    pq.write_table(table.slice(70), folder / "2.parquet")


def write_training(project: Project, start: int, stop: int) -> None:
    """Rows `start` to `stop` as those that the model was trained on."""
    file = project.root / "data/train/rows.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"row_id": scoring.ids(stop - start, start=start)}), file)


def track(project: Project) -> None:
    """Put all data under DVC, and send it to the remote."""
    project.dvc("add", "--quiet", *PATHS)
    project.dvc("push", "--quiet")


def begin(home: Path, *, subfolder: str = "", policy: str = POLICY) -> Project:
    """Base, on `main`: it judges rows 0 to 199, and was trained on rows 250 to 599."""
    top = Project(home / "project", home)
    top.root.mkdir(parents=True)
    top.git("init", "--quiet", "--initial-branch", "main")
    project = Project(top.root / subfolder, home) if subfolder else top
    project.root.mkdir(parents=True, exist_ok=True)
    project.dvc("init", "--quiet", *(["--subdir"] if subfolder else []))
    (home / "remote").mkdir()
    project.dvc(
        "remote", "add", "--quiet", "--default", "store", os.path.relpath(home / "remote", project.root)
    )
    bundles.write(project.root / "models/bundle")
    write_exam(project, 0, 200)
    write_training(project, 250, 600)
    project.write("data/raw.csv", "id,x\n1,2\n")
    row = bundles.flights().iloc[3]
    answer = bundle.load(project.root / "models/bundle").predict(bundles.flights().iloc[3:4]).y_pred[0]
    inputs = {name: value if isinstance(value, str) else float(value) for name, value in row.items()}
    project.write("golden.yaml", GOLDEN % (json.dumps(str(answer)), json.dumps(inputs)))
    project.write("mergegate.yaml", policy)
    track(project)
    project.commit("Start")
    return project


def move_on(project: Project, *, shift: float = 0.0) -> str:
    """Head, on `change`: rows 100 to 299 are judged, other rows are trained on, the raw data grows."""
    project.git("switch", "--quiet", "--create", "change")
    write_exam(project, 100, 300, shift=shift)
    write_training(project, 300, 600)
    project.write("data/raw.csv", "id,x\n1,2\n2,3\n")
    track(project)
    return project.commit("Move on")


def pack(folder: Path, into: Path) -> Path:
    """A folder of evidence as the zip that GitHub makes of it."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return into


def open_all(remote: Path, evidence: Path, head: str, into: Path, *, prefix: str = "") -> Found:
    """The project that the trusted job has: a bare repository, and the evidence as its cache."""
    opened = open_evidence(pack(evidence, into / "evidence.zip"), into)
    wanted = Wanted(default="main", commits=(head,))
    return open_repository(remote.as_uri(), wanted, into, cache=opened.cache, prefix=prefix, local=True)


def judge(project: Found, head: str, **asked: Any) -> Review:
    """Review head from what the trusted job has."""
    return review_project(project, Request(target="origin/main", head=head, score=True, **asked))


def as_data(review: Review) -> Any:
    """A review as a reader of review.json sees it, less what `plain` leaves out."""
    return plain(json.loads(msgspec.json.encode(review)))


def plain(review: Any) -> Any:
    """A review less the last digits of a model's answers: rows are asked in another order every time."""
    for model in review["models"]:
        if model["bundle"] is not None and model["bundle"]["scored"]:
            assert model["bundle"].pop("parity") < 1e-6
    for gate in review["gates"]:
        if gate["kind"] == "strength" and gate["value"] is not None:
            assert gate.pop("value") < 1e-6
    return review
