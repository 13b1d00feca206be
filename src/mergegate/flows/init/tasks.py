"""What a predictions file says of its model's task; what it does not say is told as open."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from mergegate.flows.init.tables import Table
from mergegate.predictions.contract import PROBABILITY
from mergegate.predictions.tasks import MOST_CODES, Clue, look
from mergegate.predictions.text import read_table
from mergegate.records.metrics import Task

_BATCH = 1 << 18
_NO = {"no", "n", "false", "f", "negative", "neg", "none", "0", "normal", "benign", "ham", "legit"}
_YES = {"yes", "y", "true", "t", "positive", "pos", "1"}
_READ_AS_BINARY = ({"0", "1"}, {"0"}, {"1"}, {"False", "True"}, {"False"}, {"True"})


class Told(NamedTuple):
    """A task, and how it was told.

    `open_classes`: two classes of which none is known as the positive one. `doubt`: a sentence about what
    else it could be.
    """

    task: Task
    positive: str | int | bool | None
    reason: str
    open_classes: tuple[str, ...] = ()
    doubt: str = ""


def tell_task(place: Path, table: Table) -> Told | str:
    """The task of a predictions file, or the sentence that says why its columns don't tell.

    Raises ContractError for text that can't be read, ArrowException and OSError for a damaged file.
    """
    clue = _look(place, table)
    match clue.kind:
        case "probabilities":
            how = f"{len(clue.values)} columns {PROBABILITY}<class>"
            return _of_classes(sorted(clue.values), how) if len(clue.values) > 1 else _of_one(clue)
        case "fractions":
            return Told("regression", None, f"y_true or y_pred hold fractions, and no {PROBABILITY} is there")
        case "labels" if len(clue.values) <= MOST_CODES:
            return _of_classes(sorted(clue.values), f"y_true and y_pred hold {len(clue.values)} labels")
        case "labels":
            return Told("multiclass", None, f"y_true and y_pred hold more than {MOST_CODES} labels")
        case "whole numbers" if len(clue.values) <= 2:
            return _of_classes(
                sorted(clue.values), f"y_true and y_pred hold {', '.join(sorted(clue.values))}"
            )
        case "whole numbers" if len(clue.values) <= MOST_CODES:
            told = f"y_true and y_pred hold {len(clue.values)} different whole numbers"
            doubt = (
                f"{table.path}: {len(clue.values)} different whole numbers are taken for classes; if they "
                "are amounts, say --task regression."
            )
            return Told("multiclass", None, told, doubt=doubt)
        case "whole numbers":
            return (
                "y_true and y_pred hold many whole numbers, classes or amounts: say --task multiclass or "
                "--task regression"
            )
        case _:
            return "y_true and y_pred are neither labels nor numbers"


def _look(place: Path, table: Table) -> Clue:
    """What the columns say; Parquet is read as far as that takes."""
    if table.format != "parquet":
        whole = read_table(place, name=table.path, called=PurePosixPath(table.path))
        return look(whole.column_names, lambda column: iter(whole.column(column).chunks))

    def chunks(column: str) -> Iterable[Any]:
        with pq.ParquetFile(place) as file:
            for batch in file.iter_batches(_BATCH, columns=[column], use_threads=False):
                yield batch.column(0)

    return look(table.columns, chunks)


def _of_one(clue: Clue) -> Told:
    """One probability: the other class has none of its own."""
    (positive,) = clue.values
    return Told("binary", positive, f"the one column {PROBABILITY}{positive}")


def _of_classes(classes: list[str], how: str) -> Told:
    if set(classes) in _READ_AS_BINARY:
        return Told("binary", None, how)
    if len(classes) != 2:
        return Told("multiclass", None, how)
    for positive, other in (classes, classes[::-1]):
        if positive.lower() in _YES or _negates(other.lower(), positive.lower()):
            return Told("binary", positive, f"{how}; {positive} is the positive one, by its name")
    reason = f"{how}; which of them is the positive one is written nowhere"
    return Told("multiclass", None, reason, tuple(classes))


def _negates(text: str, positive: str) -> bool:
    return text in _NO or text in (f"not_{positive}", f"no_{positive}", f"non_{positive}", f"not {positive}")
