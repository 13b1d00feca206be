"""Tell two bundles apart by what they do: importances and time per row, measured in a child process."""

import math
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pyarrow as pa

from mergegate.bundle import scoring_process
from mergegate.bundle.scoring import Limits
from mergegate.bundle.scoring_messages import (
    ASKED,
    LONGEST_PROBLEM,
    Files,
    Job,
    Measured,
    Measures,
    Shuffled,
    Turns,
)
from mergegate.errors import BrokenError

__all__ = ["LIMITS", "Measured", "Placed", "Shuffled", "Turns", "measure"]

LIMITS = Limits(seconds=180.0)
METRICS = frozenset({"roc_auc", "log_loss", "accuracy", "root_mean_squared_error"})


class Placed(msgspec.Struct, frozen=True):
    """A bundle at hand: its folder, what people call it and its files, how many inputs it has."""

    folder: Path
    files: Files
    inputs: int


def measure(
    head: Placed,
    base: Placed | None,
    *,
    task: str,
    rows: pa.Table,
    positive: str | None,
    inputs: Files,
    importance: bool,
    latency: bool,
    confidence: float = 0.95,
    limits: Limits = LIMITS,
) -> Measured:
    """Measure head's bundle beside base's on some of head's evaluation rows.

    `rows` has the columns row_id and y_true, labels as text; `inputs` are Parquet files with row_id and the
    columns of both models. Raises ContractError for head's bundle, a file that won't do, or a limit that was
    hit; BrokenError where onnxruntime is not installed or the child can't be run.
    """
    with tempfile.TemporaryDirectory(prefix="mergegate-") as name:
        folder = Path(name).resolve()
        with pa.OSFile(str(folder / ASKED), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)
        job = Job(
            bundle=str(head.folder.resolve()),
            files=head.files,
            task=task,
            asked="head's predictions",
            inputs=inputs,
            without=None,
            seconds=math.ceil(limits.seconds),
            memory=limits.memory,
            output=limits.output,
            measures=Measures(
                base=None if base is None else str(base.folder.resolve()),
                base_files=None if base is None else base.files,
                importance=importance,
                latency=latency,
                positive=positive,
                confidence=confidence,
            ),
        )
        measured = scoring_process.run(job, folder, seconds=limits.seconds).measured
    if measured is None or not _is_plausible(measured, head, base, len(rows)):
        raise BrokenError(
            "the process that ran two bundles gave measures that do not fit together",
            hint="run this again; if it stays, look at the bundles before anything else",
        )
    return measured


def _is_plausible(found: Measured, head: Placed, base: Placed | None, rows: int) -> bool:
    """Whether what the child says is of the right size; it ran what a pull request brought."""
    of_base = base.inputs if base is not None else 0
    return (
        len(found.head) in (0, head.inputs)
        and len(found.base) in (0, of_base)
        and 0 <= found.rows <= rows
        and (found.metric in METRICS or not found.head)
        and len(found.problem) <= LONGEST_PROBLEM
        and _are_finite(number for each in (*found.head, *found.base) for number in (each.mean, each.spread))
        and (found.latency is None or _are_times(found.latency))
    )


def _are_times(found: Turns) -> bool:
    numbers = (found.base, found.head, found.ratio, found.low, found.high)
    return _are_finite(numbers) and min(numbers) >= 0 and found.low <= found.ratio <= found.high


def _are_finite(numbers: Iterable[float]) -> bool:
    return all(map(math.isfinite, numbers))
