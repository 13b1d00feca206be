"""Many rows: the same numbers to the last bit with one thread or two, and bounded memory."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import predictions, threads
from mergegate.compare import Ask, Comparison, compare
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions

ROWS = 3 * threads.WORTHWHILE


def drawn(rows: int, seed: int, **columns: Any) -> dict[str, Any]:
    """Columns of one model; the rows and their truth are the same for every seed."""
    world, random = np.random.default_rng(1), np.random.default_rng(seed)
    signal = world.normal(size=rows)
    true = signal + world.normal(size=rows) > 1
    late = np.round(1 / (1 + np.exp(1 - signal - 0.3 * random.normal(size=rows))), 5)
    return {
        "row_id": [f"flight-{number}" for number in range(rows)],
        "y_true": true,
        "y_pred": late > 0.5,
        "probabilities": {True: late, False: 1 - late},
        "columns": {"origin": pa.array([f"o{n % 7 // 2}" for n in range(rows)]), "day": np.arange(rows) % 60}
        | columns,
    }


def model(seed: int, task: Task = "binary") -> Predictions:
    weight = np.random.default_rng(2).integers(0, 5, ROWS) + 0.5
    given = drawn(ROWS, seed, weight=weight)
    if task == "regression":
        given = {**given, "y_true": given["y_true"] * 1.0, "y_pred": given.pop("probabilities")[True]}
    return predictions.build(task=task, **given)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_two_threads_give_the_numbers_of_one_to_the_last_bit(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("root_mean_squared_error",) if task == "regression" else ("log_loss", "accuracy")
    asks = [Ask(name, bars=True, slices=("origin", "day")) for name in names]

    def found(processors: int) -> Comparison:
        monkeypatch.setattr(threads, "_processors", lambda: processors)
        return compare(model(1, task), model(2, task), asks=asks)

    one, two = found(1), found(2)
    assert one.metrics == two.metrics
    assert list(one.evidence) == list(two.evidence)
    assert one.notes == two.notes
    for key, alone in one.evidence.items():
        other = two.evidence[key]
        assert (alone.base, alone.head) == (other.base, other.head)
        if alone.estimate is not None:
            assert other.estimate is not None
            assert alone.estimate.interval() == other.estimate.interval()


PEAK = """
import sys
from pathlib import Path
from mergegate.flows.diff import Request, diff_predictions
base, head = map(Path, sys.argv[1:])
diff_predictions(Request(base=base, head=head, task="binary", slices=("origin", "day")), lambda said: None)
# Not ru_maxrss, which a child inherits from its parent.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peak(folder: Path, rows: int) -> int:
    """Highest memory in bytes of a process that compares two files of so many rows."""
    folder.mkdir()
    order = pa.array(np.random.default_rng(0).permutation(rows))
    for name, seed in (("base", 1), ("head", 2)):
        predictions.write(folder / f"{name}.parquet", **drawn(rows, seed))
    head = pq.read_table(folder / "head.parquet").take(order)
    pq.write_table(head, folder / "head.parquet", row_group_size=rows // 4)
    command = [sys.executable, "-c", PEAK, str(folder / "base.parquet"), str(folder / "head.parquet")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    return int(done.stdout) * 1024


def test_a_row_more_takes_at_most_three_hundred_bytes(tmp_path: Path) -> None:
    few, many = 200_000, 1_000_000
    assert (peak(tmp_path / "many", many) - peak(tmp_path / "few", few)) / (many - few) < 300
