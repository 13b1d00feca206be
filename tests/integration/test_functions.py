"""A team's own metric: base's code alone judges, in a child that can harm neither answer nor caller."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from mergegate import predictions, repo
from mergegate.config.policy import OwnFunction
from mergegate.flows.evidence import Reading
from mergegate.flows.functions import OwnResult, Part, run
from mergegate.records.pipeline import Pipeline
from mergegate.records.predictions import Predictions
from mergegate.records.review import Side
from support.repositories import Repository

EVERY = slice(None)
ROWS = 200
SHARED = [Part(base=EVERY, head=EVERY)]

ACCURACY = """\
import numpy as np


def metric(*, y_true, y_pred, probabilities, sample_weight):
    return np.average(y_true == y_pred, weights=sample_weight)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path, dvc=False)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def reading(stack: ExitStack, repository: Repository, side: Side, name: str, folder: str = ".") -> Reading:
    project = repository.project(folder)
    revision = repo.resolve(project, name)
    return Reading(side, revision, stack.enter_context(repo.open_commit(project, revision)), Pipeline())


def model(share: float, rows: int = ROWS, seed: int = 1) -> Predictions:
    """Predictions of which about `share` are right."""
    random = np.random.default_rng(seed)
    truth = np.where(random.random(rows) < 0.4, "late", "in time")
    wrong = np.where(truth == "late", "in time", "late")
    right = np.random.default_rng(int(share * 1000)).random(rows) < share
    answers = np.where(right, truth, wrong)
    return predictions.build(
        row_id=[f"flight {index}" for index in range(rows)],
        y_true=truth.tolist(),
        y_pred=answers.tolist(),
        task="binary",
        positive="late",
        probabilities={"late": (answers == "late") * 0.5 + 0.25, "in time": 0.75 - (answers == "late") * 0.5},
    )


def judge(
    stack: ExitStack,
    repository: Repository,
    function: str = "metrics:metric",
    *,
    parts: list[Part] | None = None,
    old: Predictions | None = None,
    new: Predictions | None = None,
    timeout: float = 60.0,
) -> OwnResult:
    own = OwnFunction(name="mine", function=function, timeout=timeout)
    base = reading(stack, repository, "base", "main")
    head = reading(stack, repository, "head", "HEAD")
    return run(own, base, head, old or model(0.8), new or model(0.9), parts or SHARED)[0]


def test_base_and_head_are_judged_by_bases_code(repository: Repository, stack: ExitStack) -> None:
    repository.write("src/metrics.py", ACCURACY)
    repository.commit()
    repository.git("switch", "--quiet", "--create", "change")
    repository.write("src/metrics.py", "def metric(**_): return 1.0\n")
    repository.commit()
    old, new = model(0.8), model(0.9)
    result = judge(stack, repository, old=old, new=new)
    assert (result.problem, result.skipped) == ("", False)
    assert result.base is not None
    assert result.head is not None
    assert result.base == np.mean(old.y_true == old.y_pred)
    assert result.head == np.mean(new.y_true == new.y_pred)
    assert result.difference is not None
    assert result.difference.value == result.head - result.base
    assert result.difference.problem == ""
    apart = (new.y_true == new.y_pred).astype(float) - (old.y_true == old.y_pred)
    expected = apart.std(ddof=1) / ROWS**0.5
    assert result.difference.standard_error == pytest.approx(expected, rel=0.1)
