"""What the child process does: read Parquet, run the bundle batch by batch, write plain arrays."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mergegate.amounts import list_some
from mergegate.arrays import filled, to_arrow
from mergegate.bundle.folder import printable
from mergegate.bundle.scoring_messages import ANSWERS, ASKED, PROBABILITIES, ROWS, Files, Job, Report
from mergegate.bundle.session import Bundle, Predicted, load
from mergegate.bundle.tables import as_arrays, mask
from mergegate.errors import ContractError, UsageError

ROW_ID = "row_id"
BATCH = 65_536
MOST_AT_ONCE = 4_096
"""Rows of the largest piece that is asked where the order is another: no export calls its graph so."""

MAX_ROWS = 50_000_000
_AGAIN = "run `dvc repro` to write it again, and `dvc push`"


def run(job: Job, folder: Path) -> Report:
    """Do the job; raises ContractError that names the file as people call it."""
    model = open_bundle(job)
    _refuse(model, job)
    with pa.OSFile(str(folder / ASKED)) as source, pa.ipc.open_file(source) as asked_file:
        asked = pa.concat_arrays(asked_file.read_all().column(0).chunks)
    wanted = np.ones(len(asked), dtype=bool)
    if job.without is not None:
        wanted = ~_are_in(asked, _ids(job.without, asked.type, job.asked))
    places = find_places(asked, wanted, job)
    rows = 0
    with (
        (folder / ROWS).open("wb") as positions,
        (folder / ANSWERS).open("wb") as answers,
        (folder / PROBABILITIES).open("wb") as probabilities,
    ):
        for place, table in _in_order(read_tables(model, places, job.inputs), job.seed):
            predicted = _predict(model, table, job)
            place.astype("<i8").tofile(positions)
            _write(model, predicted, len(place), answers, probabilities, job)
            rows += len(place)
    return Report(
        rows=rows,
        left_out=int(np.count_nonzero(~wanted)),
        classes=model.manifest.classes,
        probabilities=model.manifest.outputs.probabilities is not None,
    )


def _refuse(model: Bundle, job: Job) -> None:
    """Refuse a bundle that is told which row it answers, or what the answer is."""
    refused = {name.casefold() for name in job.refused}
    told = [column.name for column in model.manifest.inputs if column.name.casefold() in refused]
    if told:
        raise ContractError(
            f"it takes `{printable(told[0])}`, by which it can know the answer instead of predicting it",
            file=job.files.name,
            hint="train without that column",
        )


def _in_order(
    parts: Iterator[tuple[NDArray[np.int64], Any]], seed: int | None
) -> Iterator[tuple[NDArray[np.int64], Any]]:
    """The parts as they come; with a `seed` the rows of each shuffled, and cut into pieces of any size."""
    if seed is None:
        yield from parts
        return
    random = np.random.default_rng(seed)
    for place, table in parts:
        order = random.permutation(len(place))
        largest = min(MOST_AT_ONCE, max(1, len(place) // 3))
        start = 0
        while start < len(order):
            piece = order[start : start + int(random.integers(1, largest, endpoint=True))]
            start += len(piece)
            yield place[piece], table.take(to_arrow(piece))


def open_bundle(job: Job) -> Bundle:
    """The job's bundle. Raises ContractError for one that won't do, or of another task."""
    try:
        model = load(job.bundle)
    except ContractError as error:
        raise _named(error, job) from error
    task = model.manifest.task
    if task != job.task:
        raise ContractError(
            f"it is a {task} model, and the policy says {job.task}",
            file=job.files.name,
            hint="train for the task of the policy, or mend the policy",
        )
    return model


def _named(error: ContractError, job: Job) -> ContractError:
    """The same error about the file as people call it."""
    names = {Path(path).name: name for name, path in job.files.parts.items()}
    return ContractError(error.reason, file=names.get(Path(error.file).name, job.files.name), hint=error.hint)


def _ids(files: Files, kind: Any, asked: str) -> Any:
    """The row_ids of all files, in their order, as an array of the type `kind`."""
    chunks = []
    rows = 0
    for name, path in files.parts.items():
        with _parquet(path, name, (ROW_ID,)) as file:
            rows += file.metadata.num_rows
            if rows > MAX_ROWS:
                raise ContractError(f"it has more than {MAX_ROWS:,} rows", file=files.name)
            try:
                chunks += file.read([ROW_ID]).column(0).chunks
            except (pa.ArrowException, OSError, ValueError) as error:
                raise _damaged(name, error) from error
    try:
        return pa.concat_arrays(
            [_plain(chunk, kind, files.name, asked) for chunk in chunks] or [pa.nulls(0, kind)]
        )
    except pa.ArrowException as error:
        raise _damaged(files.name, error) from error


def _plain(ids: Any, kind: Any, name: str, asked: str) -> Any:
    """A chunk of row_ids in the type of the asked ones."""
    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(ids.type.value_type)
    whole = pa.types.is_integer(kind)
    if whole != pa.types.is_integer(ids.type) or not (whole or _is_text(ids.type)):
        found = (
            "whole numbers"
            if pa.types.is_integer(ids.type)
            else "text"
            if _is_text(ids.type)
            else str(ids.type)
        )
        raise ContractError(
            f"its row_id holds {printable(found)}, that of {asked} {'whole numbers' if whole else 'text'}",
            file=name,
            hint="write row_id with one type everywhere",
        )
    return ids.cast(kind)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _are_in(ids: Any, others: Any) -> NDArray[np.bool_]:
    return mask(pc.is_in(ids, value_set=others))


def find_places(asked: Any, wanted: NDArray[np.bool_], job: Job) -> NDArray[np.int64]:
    """For each row of the inputs its place among the asked ones, -1 where it is not wanted."""
    ids = _ids(job.inputs, asked.type, job.asked)
    found: NDArray[np.int64] = filled(pc.index_in(ids, value_set=asked), -1).astype(np.int64)
    found[(found >= 0) & ~wanted[found]] = -1
    counts = np.bincount(found[found >= 0], minlength=len(asked))
    twice = np.flatnonzero(counts > 1)
    if len(twice):
        first = printable(_shown(asked[int(twice[0])]))
        raise ContractError(
            f"{len(twice):,} row_id stand in more than one row, first `{first}`",
            file=job.inputs.name,
            hint="row_id must name one evaluated example",
        )
    return found


def _shown(row_id: Any) -> str:
    """A row_id for a message; text that is no UTF-8 with replacement signs."""
    if pa.types.is_integer(row_id.type):
        return str(row_id.as_py())
    return bytes(row_id.as_buffer()).decode(errors="replace")


def read_tables(
    model: Bundle, places: NDArray[np.int64], files: Files
) -> Iterator[tuple[NDArray[np.int64], Any]]:
    """The wanted rows, some at a time: their places, and the columns that the model takes."""
    names = [column.name for column in model.manifest.inputs]
    start = 0
    for name, path in files.parts.items():
        with _parquet(path, name, names) as file:
            try:
                for batch in file.iter_batches(BATCH, columns=names, use_threads=False):
                    place = places[start : start + batch.num_rows]
                    start += batch.num_rows
                    kept = place >= 0
                    if kept.any():
                        yield place[kept], pa.Table.from_batches([batch]).filter(to_arrow(kept))
            except (pa.ArrowException, OSError, ValueError) as error:
                raise _damaged(name, error) from error


def _parquet(path: str, name: str, columns: Any) -> Any:
    """A Parquet file with `columns`, to be closed by the caller."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(name, error) from error
    there = set(file.schema_arrow.names)
    missing = [column for column in columns if column not in there]
    if missing:
        file.close()
        lacking = list_some((f"`{printable(column)}`" for column in missing), 5)
        raise ContractError(
            f"it lacks {lacking}",
            file=name,
            hint="write row_id and every column that the model takes (`mergegate bundle show` lists them)",
        )
    return file


def _damaged(name: str, error: Exception) -> ContractError:
    lines = str(error).splitlines() or [type(error).__name__]
    return ContractError(f"it can't be read as Parquet: {printable(lines[0])}", file=name, hint=_AGAIN)


def _predict(model: Bundle, table: Any, job: Job) -> Predicted:
    with naming_files(job):
        return model.predict(as_arrays(table))


@contextmanager
def naming_files(job: Job) -> Iterator[None]:
    """What goes wrong with running the bundle is told of the files as people call them."""
    try:
        yield
    except ContractError as error:
        raise _named(error, job) from error
    except UsageError as error:
        raise ContractError(error.message, file=job.inputs.name, hint=error.hint) from error
    except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
        raise ContractError(
            f"it can't be run on {job.inputs.name}: {printable(str(error))}",
            file=job.files.name,
            hint="look at the columns that it takes (`mergegate bundle show`)",
        ) from error


def _write(
    model: Bundle, predicted: Predicted, rows: int, answers: BinaryIO, probabilities: BinaryIO, job: Job
) -> None:
    """Append a batch's answers: labels as places in the manifest's classes."""
    classes = model.manifest.classes
    found = predicted.probabilities
    if predicted.y_pred.shape != (rows,) or (found is not None and found.shape != (rows, len(classes))):
        raise _wrong(job, "another shape")
    if not classes:
        predicted.y_pred.astype("<f8").tofile(answers)
        return
    labels, inverse = np.unique(predicted.y_pred.astype(str), return_inverse=True)
    unknown = sorted(set(labels.tolist()) - set(classes))
    if unknown:
        raise _wrong(job, f"the label `{printable(unknown[0])}`")
    codes = np.array([classes.index(label) for label in labels.tolist()], "<i4")
    codes[inverse].tofile(answers)
    if found is not None:
        found.astype("<f8").tofile(probabilities)


def _wrong(job: Job, what: str) -> ContractError:
    return ContractError(
        f"its graph answers with what the manifest does not say: {what}",
        file=job.files.name,
        hint="export the model again with `mergegate.bundle.save`",
    )
