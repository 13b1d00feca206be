"""The task that predictions files are of, told from their columns where nobody names it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mergegate.amounts import amount
from mergegate.arrays import to_numpy
from mergegate.predictions.contract import PROBABILITY, Y_PRED, Y_TRUE, is_text
from mergegate.records.metrics import Task

MOST_CODES = 20
"""Whole numbers with at most as many different values are taken for classes, with more for quantities."""

Kind = Literal["probabilities", "labels", "whole numbers", "fractions", "unknown"]
Chunks = Callable[[str], Iterable[Any]]
"""Gives a column, by its name, piece by piece as Arrow arrays."""


class Clue(msgspec.Struct, frozen=True):
    """What one file says of its task: `kind` of its answers, and the `values` that were seen.

    Of labels and whole numbers there may be more `values`: reading stops where no more are needed.
    """

    kind: Kind
    values: frozenset[str] = frozenset()

    @property
    def sentence(self) -> str:
        """What the file holds, in words."""
        match self.kind:
            case "probabilities":
                return f"has probabilities of {amount(len(self.values), 'class', 'classes')}"
            case "fractions":
                return "has numbers with fractions in y_true or y_pred"
            case "labels" | "whole numbers" if len(self.values) > MOST_CODES:
                return f"has more than {MOST_CODES} different {self.kind} in y_true and y_pred"
            case "labels" | "whole numbers":
                many = amount(len(self.values), self.kind.removesuffix("s"), f"different {self.kind}")
                return f"has {many} in y_true and y_pred"
            case _:
                return "has no y_true and y_pred that say it"


@dataclass(frozen=True)
class Guess:
    """The task of some files together, None where they contradict each other or say nothing."""

    clues: Sequence[Clue]

    @cached_property
    def task(self) -> Task | None:
        """What definite clues say; whole numbers alone are told by how many different ones there are."""
        kinds = {clue.kind for clue in self.clues}
        classes = bool(kinds & {"probabilities", "labels"})
        if kinds == {"unknown"} or (classes and "fractions" in kinds):
            return None
        values = frozenset().union(*(clue.values for clue in self.clues))
        if "fractions" in kinds or (not classes and len(values) > MOST_CODES):
            return "regression"
        return "binary" if len(values) <= 2 else "multiclass"

    @property
    def contradicts_itself(self) -> bool:
        """Whether some files are surely of classes and others surely of quantities."""
        return self.task is None and any(clue.kind != "unknown" for clue in self.clues)


def look(names: Sequence[str], chunks: Chunks) -> Clue:
    """What a file says of its task by the names of its columns and, where these don't, its answers.

    Answers are read only as far as they are needed. Raises what `chunks` raises.
    """
    probabilities = [name.removeprefix(PROBABILITY) for name in names if name.startswith(PROBABILITY)]
    if probabilities:
        return Clue("probabilities", frozenset(probabilities))
    kind: Kind = "unknown"
    values: frozenset[str] = frozenset()
    for column in (Y_TRUE, Y_PRED):
        if column not in names:
            return Clue("unknown")
        for chunk in chunks(column):
            found = _look_at(chunk)
            if found.kind in {"fractions", "unknown"}:
                return found
            kind = found.kind if kind in {"unknown", found.kind} else "labels"
            values |= found.values
            if len(values) > MOST_CODES:
                break
    return Clue(kind, values)


def name_kind(kind: Any) -> str:
    """What people call an Arrow type of labels; "" for a type that holds none."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    if is_text(value):
        return "text"
    if pa.types.is_boolean(value):
        return "booleans"
    return "whole numbers" if pa.types.is_integer(value) or pa.types.is_floating(value) else ""


def _look_at(chunk: Any) -> Clue:
    """What some values (n,) say."""
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary.take(pc.unique(chunk.indices).drop_null())
    kind = chunk.type
    if pa.types.is_decimal(kind):
        return Clue("fractions")
    if pa.types.is_floating(kind):
        numbers = to_numpy(chunk.drop_null())
        numbers = numbers[np.isfinite(numbers)]
        if np.any(numbers != np.trunc(numbers)) or np.any(np.abs(numbers) > 2**53):
            return Clue("fractions")
        found = np.unique(numbers)[: MOST_CODES + 1]
        return Clue("whole numbers", frozenset(str(int(value)) for value in found))
    if not (pa.types.is_integer(kind) or pa.types.is_boolean(kind) or is_text(kind)):
        return Clue("unknown")
    unique = pc.unique(chunk).drop_null()[: MOST_CODES + 1]
    values = frozenset(str(value) for value in unique.to_pylist())
    return Clue("whole numbers" if pa.types.is_integer(kind) else "labels", values)
