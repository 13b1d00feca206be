"""From Arrow columns to checked Predictions: one set of rules for reading and for writing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.predictions import labels, probabilities
from mergegate.predictions.arrays import one_chunk
from mergegate.predictions.contract import ROW_ID, Y_PRED, Y_TRUE, BreachError, Limits
from mergegate.predictions.keys import check_unique, row_keys
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions

Load = Callable[[str], Any]
"""Gives a column, by its name, as an Arrow chunked array (n rows); called once for each."""


def assemble(
    load: Load,
    names: Sequence[str],
    *,
    task: Task,
    positive: str | int | bool | None,
    columns: Mapping[str, Any],
    limits: Limits,
) -> Predictions:
    """Check the contract's columns, one after the other, and turn them into arrays.

    `names` are the columns that there are to load; one at a time is held beside its array.
    Raises BreachError with the first rule that is broken.
    """
    row_id = _ids(load(ROW_ID), limits)
    row_key = row_keys(row_id)
    check_unique(row_id, row_key)
    if task == "regression":
        return Predictions(
            task=task,
            row_id=row_id,
            row_key=row_key,
            y_true=probabilities.numbers(load(Y_TRUE), name=Y_TRUE),
            y_pred=probabilities.numbers(load(Y_PRED), name=Y_PRED),
            columns=columns,
        )
    truth = labels.encode(load(Y_TRUE), name=Y_TRUE, limits=limits)
    answer = labels.encode(load(Y_PRED), name=Y_PRED, limits=limits)
    labels.check_same_kind(truth, answer)
    given = probabilities.class_names(names)
    probabilities.check_cover(given, labels.in_order({*truth.texts, *answer.texts}))
    classes = labels.classes_of([*truth.texts, *answer.texts, *given], task=task, positive=positive)
    if given:
        probabilities.check_cover(given, classes)
    if len(classes) > limits.classes:
        hint = "is the task a regression? then say `task: regression` in the policy"
        raise BreachError(f"has {len(classes):,} classes, more than {limits.classes:,}", hint)
    return Predictions(
        task=task,
        row_id=row_id,
        row_key=row_key,
        y_true=_codes(truth, classes),
        y_pred=_codes(answer, classes),
        classes=classes,
        probabilities=probabilities.matrix(load, classes, rows=len(row_id)) if given else None,
        columns=columns,
    )


def _ids(column: Any, limits: Limits) -> Any:
    """The ids as one array of int64 or large_string, without nulls."""
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if column.null_count:
        hint = "row_id must name one evaluated example: build it from every column of the example's key"
        raise BreachError(f"has {column.null_count:,} empty row_id", hint)
    whole = pa.types.is_integer(column.type)
    ids = one_chunk(pc.cast(column, pa.int64() if whole else pa.large_string()))
    if not whole:
        check_length(ids, limits)
    return ids


def check_length(ids: Any, limits: Limits) -> None:
    """Raise BreachError when a text id (Arrow array) is longer than the limit; numbers pass."""
    if pa.types.is_integer(ids.type):
        return
    longest = pc.max(pc.binary_length(ids)).as_py() or 0
    if longest > limits.row_id:
        message = f"has a row_id of {longest:,} bytes, more than {limits.row_id:,}"
        raise BreachError(message, "write a short id, such as the columns of the key joined by a dash")


def _codes(column: labels.Labels, classes: tuple[str, ...]) -> NDArray[np.int32]:
    """The column's codes, into `classes`."""
    place = {text: number for number, text in enumerate(classes)}
    return np.array([place[text] for text in column.texts], np.int32)[column.codes]
