"""Score a bundle on evaluation inputs, in a child process: a hostile graph burns no more than its limits."""

import math
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mergegate.bundle import folder as disk
from mergegate.bundle import scoring_process
from mergegate.bundle.scoring_messages import ANSWERS, ASKED, PROBABILITIES, ROWS, Files, Job, Report
from mergegate.errors import BrokenError, ContractError

__all__ = ["Files", "Limits", "Scores", "score"]

MAX_CLASSES = 2_000


class Limits(msgspec.Struct, frozen=True):
    """What one run may take: seconds of wall clock, bytes of memory, bytes of each file of `output`."""

    seconds: float = 300.0
    memory: int = 4_000_000_000
    output: int = 2_000_000_000


class Scores(msgspec.Struct, frozen=True, eq=False):
    """A bundle's answers for m of n asked rows.

    `rows` (m,) int64 are their places among the asked ones, ascending. `y_pred` (m,): int32 codes into
    `classes`, float64 for regression. `probabilities` (m, k) float64 in the order of `classes`, or None.
    `left_out` counts the asked rows that were not to be answered, `missing` those without inputs.
    """

    rows: NDArray[np.int64]
    y_pred: NDArray[Any]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64] | None
    left_out: int
    missing: int


def score(
    bundle: Path,
    *,
    files: Files,
    task: str,
    row_id: pa.Array,
    asked: str,
    inputs: Files,
    without: Files | None = None,
    limits: Limits | None = None,
    seed: int | None = None,
    refused: tuple[str, ...] = (),
) -> Scores:
    """Run the bundle in the folder `bundle` on the rows `row_id` (n,) int64 or large_string, unique.

    `files` say what people call the bundle and its files, `asked` whose row_ids these are. `inputs` are
    Parquet files with row_id and the model's columns; rows whose row_id is in the Parquet files `without` are
    left out. With a `seed` the rows are asked in another order and other numbers at a time than those of the
    files, which no honest model heeds; a bundle that takes one of the columns `refused` is not run. Raises
    ContractError for a bundle or file that won't do, or a limit that was hit; BrokenError
    where onnxruntime is not installed or the child can't be run.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="mergegate-") as name:
        folder = Path(name).resolve()
        _write_asked(folder / ASKED, row_id)
        job = Job(
            bundle=str(bundle.resolve()),
            files=files,
            task=task,
            asked=asked,
            inputs=inputs,
            without=without,
            seconds=math.ceil(limits.seconds),
            memory=limits.memory,
            output=limits.output,
            seed=seed,
            refused=refused,
        )
        report = scoring_process.run(job, folder, seconds=limits.seconds)
        return _read(folder, report, len(row_id))


def _write_asked(path: Path, row_id: pa.Array) -> None:
    table = pa.Table.from_arrays([row_id], names=["row_id"])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _read(folder: Path, report: Report, asked: int) -> Scores:
    """The answers, believed only as far as they are arrays of the right size with plausible values."""
    rows, classes = report.rows, len(report.classes)
    if not 0 <= rows <= asked or not 0 <= report.left_out <= asked - rows or classes > MAX_CLASSES:
        raise _implausible()
    places = _array(folder / ROWS, "<i8", rows)
    y_pred = _array(folder / ANSWERS, "<i4" if classes else "<f8", rows)
    probabilities = None
    if report.probabilities:
        probabilities = _array(folder / PROBABILITIES, "<f8", rows * classes).reshape(rows, classes)
    order = np.argsort(places, kind="stable")
    places = places[order]
    if rows and not (places[0] >= 0 and places[-1] < asked and (np.diff(places) > 0).all()):
        raise _implausible()
    if classes and rows and not 0 <= int(y_pred.min()) <= int(y_pred.max()) < classes:
        raise _implausible()
    return Scores(
        rows=places,
        y_pred=y_pred[order],
        classes=report.classes,
        probabilities=None if probabilities is None else probabilities[order],
        left_out=report.left_out,
        missing=asked - rows - report.left_out,
    )


def _array(path: Path, kind: str, count: int) -> NDArray[Any]:
    dtype = np.dtype(kind)
    try:
        content = disk.read_file(path, limit=count * dtype.itemsize)
    except ContractError as error:
        raise _implausible() from error
    if len(content) != count * dtype.itemsize:
        raise _implausible()
    return np.frombuffer(content, dtype)


def _implausible() -> BrokenError:
    return BrokenError(
        "the process that ran a bundle gave answers that do not fit together",
        hint="run this again; if it stays, look at the bundle before anything else",
    )
