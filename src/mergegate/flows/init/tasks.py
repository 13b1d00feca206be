"""What a predictions file says of its model's task; what it does not say is left open, never guessed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from mergegate.flows.init.tables import Table
from mergegate.predictions.contract import PROBABILITY, Y_PRED, Y_TRUE
from mergegate.records.metrics import Task

MOST_ROWS = 200_000
"""Rows that are looked at."""

_MOST_CLASSES = 50
_BATCH = 1 << 15

_NO = {"no", "n", "false", "f", "negative", "neg", "none", "0", "normal", "benign", "ham", "legit"}
_YES = {"yes", "y", "true", "t", "positive", "pos", "1"}


class Told(NamedTuple):
    """A task, and how it was told. `open_classes`: two classes of which none is known as the positive one."""

    task: Task
    positive: str | int | None
    reason: str
    open_classes: tuple[str, ...] = ()


def tell_task(place: Path, table: Table) -> Told | str:
    """The task of a predictions file, or the sentence that says why its columns don't tell."""
    truth, answer = (_values(place, table, name) for name in (Y_TRUE, Y_PRED))
    if truth is None or answer is None:
        return f"y_true has more than {_MOST_CLASSES} different values, and is no number"
    classes = sorted({*map(str, truth), *map(str, answer)})
    if table.probabilities:
        named = sorted({name.removeprefix(PROBABILITY) for name in table.probabilities} | set(classes))
        how = f"{len(table.probabilities)} columns proba_<class>"
        return _of_classes(named, how, truth)
    if any(isinstance(value, float) for value in (*truth, *answer)):
        return Told(
            "regression", None, "y_true or y_pred hold numbers with fractions, and there is no proba_"
        )
    if any(isinstance(value, str) for value in truth) or len(classes) <= 2:
        return _of_classes(classes, f"y_true holds {len(classes)} classes", truth)
    return (
        f"y_true holds {len(set(truth)):,} whole numbers: classes or amounts, the columns don't say "
        "(`--task multiclass` or `--task regression`)"
    )


def _of_classes(classes: list[str], how: str, truth: set[Any]) -> Told:
    if len(classes) != 2:
        return Told("multiclass", None, how)
    if set(classes) <= {"0", "1"} or all(isinstance(value, bool) for value in truth):
        return Told("binary", None, f"{how}: {classes[0]} and {classes[1]}")
    for positive, other in (classes, classes[::-1]):
        low = other.lower()
        negated = low in _NO or low in (
            f"not_{positive.lower()}",
            f"no_{positive.lower()}",
            f"non_{positive.lower()}",
        )
        if positive.lower() in _YES or negated:
            return Told("binary", positive, f"{how}; {positive} is the positive one, by its name")
    return Told(
        "multiclass", None, f"{how}; which of them is the positive one is written nowhere", tuple(classes)
    )


def _values(place: Path, table: Table, column: str) -> set[Any] | None:
    """The values of a column, numbers with fractions as one float; None for too many texts."""
    found: set[Any] = set()
    with pq.ParquetFile(place) as file:
        for piece in _pieces(file, column):
            if pa.types.is_floating(piece.type) or pa.types.is_decimal(piece.type):
                numbers = {float(value) for value in piece.to_pylist() if value is not None}
                if any(number != int(number) for number in numbers if abs(number) < 2**53):
                    return {0.5}
                found |= {int(number) for number in numbers if abs(number) < 2**53}
            else:
                found |= set(piece.to_pylist()) - {None}
            if len(found) > _MOST_CLASSES and any(isinstance(value, str) for value in found):
                return None
    return found


def _pieces(file: Any, column: str) -> Iterator[Any]:
    seen = 0
    for batch in file.iter_batches(_BATCH, columns=[column], use_threads=False):
        values = batch.column(0)
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        yield values.unique()
        seen += len(values)
        if seen >= MOST_ROWS:
            return
