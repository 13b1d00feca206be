"""From Arrow columns to checked Predictions: one set of rules for reading and for writing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mergegate.arrays import recode
from mergegate.predictions import labels, probabilities
from mergegate.predictions.contract import Y_PRED, Y_TRUE, BreachError, Limits
from mergegate.predictions.keys import check_unique, index_rows
from mergegate.records.metrics import Task
from mergegate.records.predictions import Predictions

Load = Callable[[str], Any]
"""Gives a column, by its name, as an Arrow chunked array (n rows); called once for each.

One that must hold numbers may come as a Stream.
"""


def assemble(
    row_id: Any,
    load: Load,
    names: Sequence[str],
    *,
    task: Task,
    positive: str | int | bool | None,
    columns: Mapping[str, Any],
    limits: Limits,
) -> Predictions:
    """Check the contract's columns, one after the other, and turn them into arrays.

    `row_id` as `ids.to_ids` gives it; `names` are the columns that there are to load, of which one at a time
    is held beside its array.
    Raises BreachError with the first rule that is broken.
    """
    rows = len(row_id)
    row_index = index_rows(row_id)
    check_unique(row_id, row_index)
    if task == "regression":
        return Predictions(
            task=task,
            row_id=row_id,
            row_index=row_index,
            y_true=probabilities.numbers(load(Y_TRUE), name=Y_TRUE, rows=rows),
            y_pred=probabilities.numbers(load(Y_PRED), name=Y_PRED, rows=rows),
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
        message = f"has {len(classes):,} classes, more than {limits.classes:,}"
        raise BreachError(message, labels.QUANTITIES)
    return Predictions(
        task=task,
        row_id=row_id,
        row_index=row_index,
        y_true=_codes(truth, classes),
        y_pred=_codes(answer, classes),
        classes=classes,
        probabilities=probabilities.matrix(load, classes, rows=rows) if given else None,
        columns=columns,
    )


def _codes(column: labels.Labels, classes: tuple[str, ...]) -> NDArray[np.int32]:
    """The column's codes, into `classes`."""
    place = {text: number for number, text in enumerate(classes)}
    table = np.array([place[text] for text in column.texts], np.int32)
    same = np.array_equal(table, np.arange(len(table)))
    return column.codes if same else recode(column.codes, table)
