"""Stage split: training and evaluation rows, each a folder of Parquet files named like those it reads.

A row's side follows from the row alone (its time, key or group), never from its place or from other rows:
adding rows moves no old row. Rows without a label are left out and counted.
"""

import json
import logging
from datetime import date
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import stage, tables
from pipeline.assignment import by_hash, by_time
from pipeline.stage import Section, StageError

DATA = Path("data/interim/rows")
VALIDATION = Path("reports/validation.json")
TRAIN = Path("data/model/train")
EVALUATION = Path("data/model/evaluation")
ROW_ID = "row_id"


class ByTime(Section, frozen=True):
    """Rows whose `column` is `evaluation_from` or later are for evaluation."""

    column: str
    evaluation_from: date | int | float


class ByHash(Section, frozen=True):
    """The rows whose key in `column` hashes into the first `share`, 0 to 1; another `salt` chooses others.

    As `group`, the column is one that rows share; a row without group goes by its `row_id`.
    """

    share: float
    column: str = ROW_ID
    salt: str = ""


class Label(Section, frozen=True):
    """The label: `column` as it is, or with `at_least` the word `above` from there on, `below` under it."""

    name: str
    column: str
    at_least: float | None = None
    above: str | None = None
    below: str | None = None


class Split(Section, frozen=True):
    """`method` says which of `time`, `hash`, `group` counts.

    `inputs` are the model's columns, `keep` those that slices and clusters need, `later` those that nobody
    knows when a prediction is asked for: they are never written.
    """

    method: Literal["time", "hash", "group"]
    label: Label
    inputs: tuple[str, ...]
    keep: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    time: ByTime | None = None
    hash: ByHash | None = None
    group: ByHash | None = None

    @property
    def rule(self) -> ByTime | ByHash | None:
        """The rule that `method` names."""
        return {"time": self.time, "hash": self.hash, "group": self.group}[self.method]


def split(params: Split, log: logging.Logger) -> str:
    """Write both folders. StageError on invalid data, a leak, or an empty side."""
    check_params(params)
    files = tables.partitions(DATA)
    check_validated(files)
    train: dict[str, pa.Table] = {}
    evaluation: dict[str, pa.Table] = {}
    without_label = 0
    for path in files:
        table = tables.read(path)
        labelled = add_label(table, params)
        without_label += table.num_rows - labelled.num_rows
        chosen = in_evaluation(labelled, params)
        for side, mask in ((train, pc.invert(chosen)), (evaluation, chosen)):
            if (rows := labelled.filter(mask)).num_rows:
                side[path.stem] = rows.select([ROW_ID, *params.inputs, *params.keep, params.label.name])
        log.info("%s: %s rows, %s with a label", path.name, f"{table.num_rows:,}", f"{labelled.num_rows:,}")
    rows_train, rows_evaluation = (
        sum(part.num_rows for part in side.values()) for side in (train, evaluation)
    )
    if not rows_train or not rows_evaluation:
        raise StageError(
            f"{rows_train:,} rows to train on and {rows_evaluation:,} to evaluate",
            hint=f"both sides need rows: look at params.yaml, split.{params.method}",
        )
    tables.write_folder(train, TRAIN)
    tables.write_folder(evaluation, EVALUATION)
    return (
        f"{rows_train:,} rows to train on, {rows_evaluation:,} to evaluate, "
        f"{without_label:,} without a label left out"
    )


def check_params(params: Split) -> None:
    """StageError for params that contradict each other, or let the model see what is known only later."""
    rule, label = params.rule, params.label
    if rule is None:
        raise StageError(f"params.yaml, split.{params.method} is missing", hint="the method needs it")
    if isinstance(rule, ByHash) and not 0 < rule.share < 1:
        raise StageError(f"params.yaml, split.{params.method}.share is {rule.share}, not between 0 and 1")
    if len({part is None for part in (label.at_least, label.above, label.below)}) > 1:
        raise StageError("params.yaml, split.label needs all of at_least, above and below, or none of them")
    names = [ROW_ID, *params.inputs, *params.keep, label.name]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise StageError(f"params.yaml, split names {', '.join(twice)} twice", hint="name each column once")
    later = {*params.later, label.column} - {label.name}
    if leaks := sorted(later & set(names)):
        raise StageError(
            f"params.yaml, split: nobody knows {', '.join(leaks)} when a prediction is asked for",
            hint="take it out of split.inputs and split.keep",
        )


def check_validated(files: list[Path]) -> None:
    """StageError unless validation.json says that exactly these files are valid."""
    again = "run `dvc repro validate`"
    try:
        report = json.loads(VALIDATION.read_bytes())
        valid = report["valid"] is True
        known = {name: file["md5"] for name, file in report["files"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StageError(f"{VALIDATION} can't be read: {error}", hint=again) from error
    if not valid:
        raise StageError(
            f"{VALIDATION} says that the data is not valid", hint="reports/validation.txt says why"
        )
    if known != {path.name: tables.md5(path) for path in files}:
        raise StageError(f"{VALIDATION} is about other data than {DATA} holds", hint=again)


def add_label(table: pa.Table, params: Split) -> pa.Table:
    """The rows that have a label, with it as a column of its own."""
    label = params.label
    tables.require(table, (ROW_ID, *params.inputs, *params.keep, label.column), "split")
    table = table.filter(pc.invert(pc.is_null(table[label.column], nan_is_null=True)))
    values = table[label.column]
    if label.at_least is not None:
        values = pc.if_else(pc.greater_equal(values, label.at_least), label.above, label.below)
    elif label.name == label.column:
        return table
    return table.append_column(label.name, values)


def in_evaluation(table: pa.Table, params: Split) -> pa.Array | pa.ChunkedArray:
    """Per row, whether it is for evaluation."""
    rule = params.rule
    if rule is None:
        raise StageError(f"params.yaml, split.{params.method} is missing")
    tables.require(table, (rule.column,), f"split.{params.method}")
    if isinstance(rule, ByTime):
        return by_time(table[rule.column], rule.evaluation_from)
    keys = pc.coalesce(table[rule.column].cast(pa.string()), table[ROW_ID])
    return by_hash(keys, rule.share, rule.salt)


if __name__ == "__main__":
    raise SystemExit(stage.run("split", Split, split))
