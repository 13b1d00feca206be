"""Leaks that two files tell at once: training rows in the exam by key, and columns that are known too late.

Only of exams that moved, from DVC's cache alone, and of Parquet: the review looks for all kinds.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mergegate import repo
from mergegate.config.datasets import key_columns, leakage_level
from mergegate.errors import MergegateError
from mergegate.flows.hook.exams import Exam
from mergegate.records.pipeline import ObjectHash, Pipeline

MOST_ROWS = 1_000_000
"""Rows of both sides together that are held against each other."""

_SUFFIXES = (".parquet", ".pq")


def find_leaks(exams: Sequence[Exam], objects: repo.Objects, head: Pipeline) -> list[tuple[str, str]]:
    """(`leak` or `note`, a sentence) for each exam."""
    found: list[tuple[str, str]] = []
    for exam in exams:
        try:
            found += [("leak", sentence) for sentence in _leaks(exam, objects, head)]
        except (MergegateError, OSError, pa.ArrowException, LookupError) as error:
            why = error.args[0] if isinstance(error, LookupError) else "it can't be read here"
            found.append(("note", f"leaks of {exam.dataset.path} were not looked for: {why}"))
    return found


def _leaks(exam: Exam, objects: repo.Objects, head: Pipeline) -> Iterator[str]:
    dataset, train, gates = exam.dataset, exam.train, exam.gates
    evaluated = _files(objects, head, dataset.path)
    names = list(dict.fromkeys(name for file in evaluated for name in pq.read_schema(file).names))
    inputs = dataset.inputs or names
    late = [name for name in dataset.known_later if name in inputs and name in names]
    if late and leakage_level(gates, "known_later") != "ignore":
        yield f"{dataset.path} has {', '.join(late[:5])} among its inputs, known only after the outcome"
    key = list(key_columns(dataset))
    if key and set(key) <= set(names) and leakage_level(gates, "key") != "ignore":
        trained = _files(objects, head, train)
        rows = sum(pq.read_metadata(file).num_rows for file in (*evaluated, *trained))
        if rows > MOST_ROWS:
            raise LookupError(f"together they have {rows:,} rows")
        left, right = _read(evaluated, key), _read(trained, key)
        shared = left.join(right.group_by(key).aggregate([]), keys=key, join_type="left semi").num_rows
        if shared:
            are = "is a training row" if shared == 1 else "are training rows"
            yield f"{shared:,} of {left.num_rows:,} rows of {dataset.path} {are} of {train} too, by key"


def _read(files: list[Path], key: list[str]) -> pa.Table:
    """The key of every row that has one."""
    table = pa.concat_tables(
        [pq.read_table(file, columns=key) for file in files], promote_options="permissive"
    )
    return table.drop_null()


def _files(objects: repo.Objects, pipeline: Pipeline, path: str) -> list[Path]:
    """The Parquet files of a path, in DVC's cache. Raises LookupError where they are not all here."""
    found = pipeline.hash_of(path)
    if found is None:
        raise LookupError(f"{path} is not tracked by itself")
    names = {path: found.md5} if not found.is_dir else dict(objects.tree(found))
    wanted = [
        ObjectHash(md5=md5, legacy=found.legacy) for name, md5 in names.items() if name.endswith(_SUFFIXES)
    ]
    if not wanted:
        raise LookupError(f"{path} holds no Parquet")
    if not all(objects.have(name) for name in wanted):
        raise LookupError(f"{path} is not in this machine's cache")
    return [objects.open(name) for name in wanted]
