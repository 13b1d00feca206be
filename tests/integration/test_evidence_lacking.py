"""Whoever runs a review chooses what to upload: nothing that is left out makes a verdict better."""

from pathlib import Path

import pytest

from mergegate.records.review import Review
from support import evidence
from support.projects import Project, review

POLICY = """\
version: 1
min_rows: 30
models:
  late:
    bundle: models/bundle
    evaluation:
      task: binary
      positive: late
      predictions: reports/predictions.parquet
      inputs: data/evaluation
    gates:
      metrics:
        - {name: roc_auc, max_regression: 0.2}
      evaluation: {max_rows_gone: 1.0}
"""
WAIVED = """\
waivers:
  - {gate: evidence/complete, reason: the disk is gone, by: Ada, expires: "2999-01-01"}
"""


def name_of(project: Project, revision: str) -> str:
    """The md5 of the predictions at a revision."""
    return project.git("show", f"{revision}:reports/predictions.parquet.dvc").split("md5: ")[1].split()[0]


def judge_without(project: Project, name: str, tmp_path: Path) -> Review:
    """What the trusted job says of the evidence less one object."""
    head = project.git("rev-parse", "HEAD").strip()
    tmp_path.mkdir(exist_ok=True)
    folder, into = tmp_path / "evidence", tmp_path / "judge"
    review(project, "--head", head, "--evidence", str(folder))
    if name:
        (folder / "objects/files/md5" / name[:2] / name[2:]).unlink()
    into.mkdir()
    return evidence.judge(evidence.open_all(project.root, folder, head, into), head, judging=True)


@pytest.fixture(scope="session")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A change that passes; never to be changed."""
    project = evidence.begin(tmp_path_factory.mktemp("lacking") / "home", policy=POLICY)
    evidence.move_on(project)
    return project


def test_base_predictions_that_are_left_out_do_not_spare_the_comparison(
    moved: Project, tmp_path: Path
) -> None:
    assert judge_without(moved, "", tmp_path / "whole").verdict.outcome == "passed"
    name = name_of(moved, "main")
    judged = judge_without(moved, name, tmp_path / "part")
    assert judged.verdict.outcome == "failed"
    assert [(gate.id, gate.sentence) for gate in judged.gates if gate.blocking] == [
        (
            "evidence/complete",
            f"the evidence lacks {name}, which base or head names, so that not all was compared; push it by "
            "`mergegate push` and run the review workflow again, or, where it is lost for good, waive "
            "evidence/complete first, in the target's policy.",
        )
    ]


def test_a_base_that_is_lost_for_good_can_be_waived_by_the_target(moved: Project, tmp_path: Path) -> None:
    project = moved.copy(tmp_path / "home")
    name = name_of(project, "main")
    project.git("switch", "--quiet", "main")
    project.write("mergegate.yaml", POLICY + WAIVED)
    project.commit("Waive")
    project.git("switch", "--quiet", "change")
    judged = judge_without(project, name, tmp_path)
    assert judged.verdict.outcome == "passed"
    assert [(waiver.gate, waiver.state) for waiver in judged.waivers] == [("evidence/complete", "applied")]


def test_an_old_commit_that_can_not_be_read_is_no_base_to_begin_at(moved: Project, tmp_path: Path) -> None:
    project = moved.copy(tmp_path / "home")
    project.git("switch", "--quiet", "main")
    project.write("extra.dvc", "outs: [\n")
    project.commit("Break")
    project.git("switch", "--quiet", "--create", "mending")
    project.git("rm", "--quiet", "extra.dvc")
    project.git("commit", "--quiet", "--message", "Mend")
    assert judge_without(project, "", tmp_path / "before").verdict.outcome == "passed"
    project.git("switch", "--quiet", "main")
    project.git("rm", "--quiet", "extra.dvc")
    project.git("commit", "--quiet", "--message", "Mend it here too")
    project.git("switch", "--quiet", "mending")
    judged = judge_without(project, "", tmp_path / "after")
    (blocking,) = [gate for gate in judged.gates if gate.blocking]
    assert blocking.id == "base/readable"
    assert blocking.sentence.startswith(
        "the commit that this change began at is none to compare with: extra.dvc at "
    )
    assert blocking.sentence.endswith("; merge the target into the branch, then run `dvc repro`.")


def test_a_commit_from_before_the_model_is_no_base_where_the_target_has_it(
    moved: Project, tmp_path: Path
) -> None:
    project = moved.copy(tmp_path / "home")
    file = "reports/predictions.parquet.dvc"
    old, new = (project.git("show", f"{revision}:{file}") for revision in ("main", "change"))
    project.git("switch", "--quiet", "main")
    project.git("rm", "--quiet", file)
    project.git("commit", "--quiet", "--message", "Before")
    project.git("switch", "--quiet", "--create", "early")
    project.git("checkout", "--quiet", "change", "--", ".")
    project.write(file, new)
    project.commit("Bring another one")
    project.git("switch", "--quiet", "main")
    project.write(file, old)
    project.commit("Bring the model")
    project.git("switch", "--quiet", "early")
    judged = judge_without(project, "", tmp_path / "judged")
    assert [gate.sentence for gate in judged.gates if gate.id == "base/readable"] == [
        "the commit that this change began at is none to compare with: reports/predictions.parquet is not "
        "there yet, and at origin/main it is; merge the target into the branch, then run `dvc repro`."
    ]
    assert judged.verdict.outcome == "failed"
