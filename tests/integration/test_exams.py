"""How often an evaluation set has judged, from real git histories and locks that DVC wrote."""

import hashlib
import time

import pytest

from mergegate import dag, repo
from mergegate.config.policy import Evaluation
from mergegate.flows import exams
from mergegate.flows.exams import Record, count_exams, find_md5
from support.projects import Project
from support.repositories import Repository

PREDICTIONS, INPUTS = "reports/predictions.parquet", "data/evaluation"


def count(
    project: repo.Project, *, inputs: str | None = INPUTS, predictions: str = PREDICTIONS
) -> int | None:
    evaluation = Evaluation(task="binary", predictions=predictions, inputs=inputs)
    with repo.open_workspace(project) as files:
        return count_exams(project, repo.resolve(project, "main"), evaluation, dag.read(files))


def md5(number: int) -> str:
    return hashlib.md5(str(number).encode()).hexdigest()


def lock(inputs: int, predictions: int) -> str:
    """A lock in which a folder is the evaluation set, and stands as another stage's dependency too."""
    return f"""\
schema: '2.0'
stages:
  split:
    cmd: python split.py
    outs:
    - path: data/evaluation
      hash: md5
      md5: '{md5(inputs)}.dir'
      size: 10
      nfiles: 2
  train:
    cmd: python train.py
    deps:
    - path: data/evaluation
      hash: md5
      md5: {md5(999)}.dir
    outs:
    - path: reports/metrics.json
      hash: md5
      md5: {md5(998)}
    - path: reports/predictions.parquet
      hash: md5
      md5: {md5(predictions)}
      size: 20
"""


DVC_YAML = """\
stages:
  split: {cmd: python split.py, outs: [data/evaluation]}
  train:
    cmd: python train.py
    deps: [data/evaluation]
    outs: [reports/metrics.json, reports/predictions.parquet]
"""


def history(repository: Repository, *states: tuple[int, int], folder: str = "") -> None:
    """One commit for each (inputs, predictions), and one that touches no lock between them."""
    start = f"{folder}/" if folder else ""
    repository.write(f"{start}mergegate.yaml", "version: 1\n")
    repository.write(f"{start}dvc.yaml", DVC_YAML)
    for number, (inputs, predictions) in enumerate(states):
        repository.write(f"{start}dvc.lock", lock(inputs, predictions))
        repository.commit()
        repository.write("README.md", f"{number}\n")
        repository.commit()


def test_versions_beside_heads_evaluation_set_are_counted_once_each(
    repository: Repository,
) -> None:
    history(repository, (1, 1), (1, 2), (2, 3), (2, 4), (2, 3), (3, 6), (2, 5))
    assert count(repository.project()) == 3


def test_a_set_that_only_head_has_has_judged_nothing(repository: Repository) -> None:
    history(repository, (1, 1), (1, 2))
    repository.write("dvc.lock", lock(7, 3))
    assert count(repository.project()) == 0


def test_a_branch_counts_by_what_its_merge_brought(repository: Repository) -> None:
    history(repository, (1, 1))
    repository.git("switch", "--quiet", "--create", "change")
    for predictions in (2, 3, 4):
        repository.write("dvc.lock", lock(1, predictions))
        repository.commit()
    repository.git("switch", "--quiet", "main")
    assert count(repository.project()) == 1
    repository.git("merge", "--quiet", "--no-ff", "--no-edit", "change")
    assert count(repository.project()) == 2


def test_a_project_below_the_top_is_counted_by_its_own_lock(repository: Repository) -> None:
    history(repository, (1, 1), (1, 2), (1, 3))
    history(repository, (1, 7), (2, 8), (1, 9), folder="models/late [a]*")
    assert count(repository.project("models/late [a]*")) == 2


@pytest.mark.parametrize("inputs", [None, "data/elsewhere", "data/evaluation/part.parquet"])
def test_nothing_is_said_of_inputs_that_no_lock_names(repository: Repository, inputs: str | None) -> None:
    history(repository, (1, 1))
    assert count(repository.project(), inputs=inputs) is None


def test_nothing_is_said_of_predictions_that_no_lock_names(repository: Repository) -> None:
    history(repository, (1, 1))
    assert count(repository.project(), predictions="reports/other.parquet") is None


def test_only_the_newest_changes_are_looked_at(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(repository, *((1, number) for number in range(6)))
    assert count(repository.project()) == 6
    monkeypatch.setattr(exams, "MOST_CHANGES", 2)
    assert count(repository.project()) == 2
    monkeypatch.setattr(exams, "MOST_COMMITS", 4)
    assert count(repository.project()) == 2
    # The newest commit touches no lock, and what stands at it counts all the same.
    monkeypatch.setattr(exams, "MOST_COMMITS", 1)
    assert count(repository.project()) == 1


def test_a_shallow_clone_counts_what_it_has(repository: Repository) -> None:
    history(repository, (1, 1), (1, 2), (1, 3))
    clone = repository.clone(repository.home / "clone", "--depth", "3")
    assert count(clone.project()) == 2


def test_evaluation_data_and_predictions_in_two_records_are_put_together(repository: Repository) -> None:
    repository.write("mergegate.yaml", "version: 1\n")
    repository.write("model/dvc.yaml", "stages:\n  train: {cmd: x, wdir: ../work, outs: [p.parquet]}\n")
    # What changed: the evaluation set, then the predictions, then both.
    for inputs, predictions in ((None, 1), (1, None), (None, 2), (2, None), (1, 3), (None, 4)):
        if inputs is not None:
            text = f"outs:\n- md5: '{md5(inputs)}'\n  size: 3\n  hash: md5\n  path: evaluation.parquet\n"
            repository.write("data/evaluation.parquet.dvc", text)
        if predictions is not None:
            outs = f"    - path: p.parquet\n      hash: md5\n      md5: '{md5(predictions)}'\n"
            repository.write(
                "model/dvc.lock",
                f"schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n{outs}",
            )
        repository.commit()
    found = count(repository.project(), inputs="data/evaluation.parquet", predictions="work/p.parquet")
    # Beside set 1 stood 1 and 2, then 3 and 4; beside set 2 only 2.
    assert found == 4


LONG = "long name " * 12 + "x.parquet"
SUBFOLDER = f"""\
stages:
  '1':
    cmd:
    - "true   # a command that looks like a lock: outs: [x]"
    - |
      mkdir -p "eval set's"
      true 'outs:
      - path: x'
    - echo one > "eval set's/a"
    wdir: work
    outs: ["eval set's"]
  predict:
    foreach: [x]
    do:
      cmd: cp ../strength "{LONG}"
      wdir: work
      deps: ["eval set's", ../strength]
      outs: ["{LONG}"]
"""


def test_what_dvc_itself_writes_is_read(project: Project) -> None:
    project.write("sub/dvc.yaml", SUBFOLDER)
    project.write("sub/work/.gitkeep", "")
    for strength in (0.6, 0.7):
        project.set_strength(strength)
        project.write("sub/strength", str(strength))
        project.dvc("repro", "--quiet", "--all-pipelines")
        project.commit("Train")
    located = repo.locate(project.root)
    assert count(located, inputs="data/rows.csv") == 3
    assert count(located, inputs="sub/work/eval set's", predictions=f"sub/work/{LONG}") == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("stages: [\n", None),
        ("stages:\n  train:\n    outs:\n    - path: p\n", None),
        ("stages:\n  other:\n    outs:\n    - path: p\n      md5: a\n", None),
        ("stages:\n  train:\n    deps:\n    - path: p\n      md5: a\n", None),
        ("stages:\n  train:\n    outs:\n    - path: p\n      md5: a", "a"),
        ("stages:\r\n  train:\r\n    outs:\r\n    - path: p\r\n      md5: a\r\n", "a"),
        ('stages:\n  "train":\n    outs:\n    - md5: "1e3"\n      path: "p"\n', "1e3"),
        ("stages:\n  train:\n    outs:\n    - path: p q\n      md5: a\n    - path: p\n      md5: b\n", "b"),
        (
            "stages:\n  train:\n    outs:\n    - path: p\n      files:\n      - relpath: x\n        md5: c\n",
            None,
        ),
    ],
)
def test_a_lock_is_read_line_by_line(text: str, found: str | None) -> None:
    assert find_md5(text, Record("dvc.lock", "train", "p")) == found


def test_a_long_history_is_counted_in_a_moment(repository: Repository) -> None:
    history(repository, (1, 0))
    stream = [b"reset refs/heads/main\nfrom refs/heads/main^0\n\n"]
    for number in range(600):
        data = lock(1, number).encode()
        stream.append(
            b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata 0\n"
            % (1_800_000_000 + number)
            + (b"from refs/heads/main^0\n" if not number else b"")
            + b"M 100644 inline dvc.lock\ndata %d\n%s\n" % (len(data), data)
        )
    repository.write("../stream", b"".join(stream))
    repository.run("sh", "-c", "git fast-import --quiet < ../stream")
    begun = time.perf_counter()
    assert count(repository.project()) == 500
    assert time.perf_counter() - begun < 5


@pytest.fixture
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository.create(tmp_path_factory.mktemp("exams"))
