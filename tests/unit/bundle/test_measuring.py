"""Two bundles are measured beside each other in a child process, whatever either of them is."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from mergegate import bundle
from mergegate.bundle import scoring_process
from mergegate.bundle.columns import tensors
from mergegate.bundle.importance import permute, scorer
from mergegate.bundle.measuring import Measured, Placed, Shuffled, measure
from mergegate.bundle.scoring import Limits
from mergegate.bundle.scoring_messages import Report, Turns
from mergegate.bundle.session import run_batches
from mergegate.errors import BrokenError, ContractError
from support import bundles, scoring

ROWS = 400


def placed(path: Path, *, name: str = "models/bundle") -> Placed:
    return Placed(path, scoring.of_bundle(path, name), len(bundle.read(path).manifest.inputs))


def run(head: Path, base: Path | None, inputs: Path, rows: pa.Table, **options: Any) -> Measured:
    return measure(
        placed(head),
        None if base is None else placed(base, name="models/bundle at main"),
        rows=rows,
        inputs=scoring.files(inputs, name="data/evaluation"),
        **{
            "task": "binary",
            "positive": "late",
            "importance": True,
            "latency": False,
            "confidence": 0.9999,
            "limits": scoring.QUICK,
            **options,
        },
    )


def flights(rows: int = ROWS) -> pa.Table:
    labels = bundles.late(bundles.flights())[:rows].tolist()
    return pa.table({"row_id": scoring.ids(rows), "y_true": pa.array(labels, pa.large_string())})


def line(path: Path, rows: int = 60) -> tuple[Path, pa.Table]:
    """Inputs and truths of the one-number bundles."""
    x = np.linspace(-2.0, 2.0, rows)
    pq.write_table(pa.table({"row_id": scoring.ids(rows), "x": x}), path)
    return path, pa.table({"row_id": scoring.ids(rows), "y_true": 2.0 * x + 1.0})


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundles.write(tmp_path_factory.mktemp("late") / "bundle")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scoring.inputs(tmp_path_factory.mktemp("inputs") / "all.parquet")


def test_importances_are_those_of_the_bundle_on_the_asked_rows_in_whatever_order(
    late: Path, tmp_path: Path
) -> None:
    table = pq.read_table(scoring.inputs(tmp_path / "all.parquet"))
    pq.write_table(table.take(np.random.default_rng(3).permutation(600)), tmp_path / "mixed.parquet")

    found = run(late, late, tmp_path / "mixed.parquet", flights())

    model = bundle.load(late)
    labels = bundles.late(bundles.flights())[:ROWS]
    expected = permute(
        lambda feed: run_batches(model.session, model.manifest, feed),
        tensors(bundles.flights().iloc[:ROWS], model.manifest.inputs),
        model.manifest,
        scorer("roc_auc", labels, model.manifest, "late"),
    )
    assert found == Measured(metric="roc_auc", rows=ROWS, head=expected, base=expected)
    most = model.manifest.inputs[int(np.argmax([each.mean for each in found.head]))]
    assert most.name == "wind speed"


def test_rows_without_inputs_are_left_out(late: Path, inputs: Path) -> None:
    labels = pa.array(["late", "on_time"] * 350, pa.large_string())
    rows = pa.table({"row_id": scoring.ids(700), "y_true": labels})
    assert run(late, None, inputs, rows).rows == 600


def test_without_a_base_head_alone_is_measured(late: Path, inputs: Path) -> None:
    found = run(late, None, inputs, flights(), latency=True)
    assert (len(found.head), found.base, found.latency, found.problem) == (4, (), None, "")


def test_a_base_that_can_not_be_run_leaves_head_measured_and_says_why(
    late: Path, inputs: Path, tmp_path: Path
) -> None:
    other = scoring.write(tmp_path / "line", "numbers 0 and 1")
    found = run(late, other, inputs, flights(), latency=True)
    assert (len(found.head), found.base, found.latency) == (4, (), None)
    assert found.problem == "data/evaluation/all.parquet: it lacks `x`"


def test_models_of_other_tasks_are_measured_by_a_metric_of_theirs(tmp_path: Path) -> None:
    straight = scoring.write(tmp_path / "straight", "regression")
    path, rows = line(tmp_path / "line.parquet")
    found = run(straight, straight, path, rows, task="regression", positive=None)
    assert (found.metric, found.rows) == ("root_mean_squared_error", 60)
    assert found.head[0].mean > 1.0

    several = scoring.write(tmp_path / "several", "integers")
    texts = np.where(rows["y_true"].to_numpy() > 3, "15", np.where(rows["y_true"].to_numpy() > -1, "10", "5"))
    rows = rows.set_column(1, "y_true", pa.array(texts.tolist(), pa.large_string()))
    found = run(several, None, path, rows, task="multiclass", positive=None)
    assert (found.metric, found.head[0].mean > 0.1) == ("log_loss", True)


def test_without_probabilities_both_are_measured_by_accuracy(tmp_path: Path) -> None:
    labels = scoring.write(tmp_path / "labels", "labels only")
    path, rows = line(tmp_path / "line.parquet")
    texts = np.where(rows["y_true"].to_numpy() > 2.0, "late", "on_time")
    rows = rows.set_column(1, "y_true", pa.array(texts.tolist(), pa.large_string()))
    found = run(labels, labels, path, rows)
    assert (found.metric, found.head == found.base) == ("accuracy", True)


def test_a_slowed_bundle_is_called_slower_and_the_same_one_is_not(tmp_path: Path) -> None:
    straight = scoring.write(tmp_path / "straight", "regression")
    slowed = scoring.slow(tmp_path / "slowed", turns=200)
    path, rows = line(tmp_path / "line.parquet")
    options: dict[str, Any] = {"task": "regression", "positive": None, "importance": False, "latency": True}

    slower = run(slowed, straight, path, rows, **options).latency
    assert slower is not None
    assert 1.0 < slower.low < slower.ratio < slower.high
    assert 0 < slower.base < slower.head < 0.1
    assert slower.rows == 60

    equal = run(straight, straight, path, rows, **options).latency
    assert equal is not None
    assert equal.low < 1.0 < equal.high


def test_a_fault_of_heads_bundle_names_it(late: Path, inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as error:
        run(scoring.write(tmp_path / "line", "numbers 0 and 1"), late, inputs, flights())
    assert error.value.message == "data/evaluation/all.parquet: it lacks `x`"
    with pytest.raises(ContractError) as error:
        run(late, None, inputs, pa.table({"row_id": scoring.ids(5, start=900), "y_true": ["late"] * 5}))
    assert "none of the rows" in error.value.message


def test_a_graph_without_end_is_ended(tmp_path: Path) -> None:
    path, rows = line(tmp_path / "line.parquet")
    with pytest.raises(ContractError, match="took longer than 2 s"):
        run(
            scoring.slow(tmp_path / "slow"), None, path, rows,
            task="regression", positive=None, limits=Limits(seconds=2.0),
        )  # fmt: skip


TIMED = Turns(base=1.0, head=1.0, ratio=1.0, low=0.9, high=1.1, rows=5, repeats=3)
SOUND = Measured(
    metric="roc_auc",
    rows=5,
    head=(Shuffled(0.1, 0.0),) * 4,
    latency=TIMED,
)


@pytest.mark.parametrize(
    "told",
    [
        None,
        replace(SOUND, metric="trust me"),
        replace(SOUND, rows=6),
        replace(SOUND, head=SOUND.head[:3]),
        replace(SOUND, base=SOUND.head),
        replace(SOUND, head=(Shuffled(float("inf"), 0.0),) * 4),
        replace(SOUND, problem="x" * 1_001),
        replace(SOUND, latency=replace(TIMED, low=1.05)),
        replace(SOUND, latency=replace(TIMED, base=-1.0)),
    ],
)
def test_measures_that_can_not_be_are_not_believed(
    told: Measured | None, late: Path, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A graph that took over the child could write any report.
    monkeypatch.setattr(scoring_process, "run", lambda *_, **__: Report(measured=told))
    with pytest.raises(BrokenError, match="do not fit together"):
        run(late, None, inputs, flights(5))
    monkeypatch.setattr(scoring_process, "run", lambda *_, **__: Report(measured=SOUND))
    assert run(late, None, inputs, flights(5)) == SOUND
