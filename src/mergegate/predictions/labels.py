"""Class labels as codes: text, whole numbers and booleans become text once per class, never once per row."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.arrays import occurrences, one_chunk, recode, to_numpy
from mergegate.predictions.contract import BreachError, Limits, is_text, listing, show
from mergegate.records.metrics import Task

_WHOLE = re.compile(r"-?\d{1,18}")
QUANTITIES = "if these are quantities, name the task regression: in the policy, or by `--task`"
"""What to do about labels that look like none."""
_DEFAULT_POSITIVE = ({"0", "1"}, {"False", "True"})


class Labels(msgspec.Struct, frozen=True, eq=False):
    """One column of labels: `codes` (n,) int32 into `texts`, the labels that occur; `kind` for people."""

    codes: NDArray[np.int32]
    texts: tuple[str, ...]
    kind: str


def encode(column: Any, *, name: str, limits: Limits) -> Labels:
    """Encode a column (chunked array, n rows) of labels.

    Raises BreachError for nulls, types that can't be labels, too many classes, labels that are too long.
    """
    column, kind = _labelled(column, name)
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    chunks = column.unify_dictionaries().chunks
    dictionary = chunks[0].dictionary
    if column.null_count or dictionary.null_count:
        count = column.null_count or dictionary.null_count
        raise BreachError(f"has {count:,} empty {name}", _hint_empty(name))
    pieces = [to_numpy(chunk.indices) for chunk in chunks]
    try:
        counts = sum(occurrences(piece, len(dictionary)) for piece in pieces)
    except IndexError:
        message = f"has a {name} outside its own list of values"
        raise BreachError(message, "write the file again") from None
    occurring = np.flatnonzero(counts)
    if len(occurring) > limits.classes:
        message = f"has {len(occurring):,} classes in {name}, more than {limits.classes:,}"
        raise BreachError(message, QUANTITIES)
    texts = [_text(dictionary[int(i)], name, limits) for i in occurring]
    # A writer may repeat a value in its dictionary.
    unique = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    final = np.zeros(len(dictionary), np.int32)
    final[occurring] = [unique[text] for text in texts]
    codes = np.empty(len(column), np.int32)
    start = 0
    for piece in pieces:
        start += len(recode(piece, final, into=codes[start : start + len(piece)]))
    return Labels(codes, tuple(unique), kind)


def _labelled(array: Any, name: str) -> tuple[Any, str]:
    """The chunked array in a type that labels may have, and what people call the type."""
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if is_text(kind):
        return array, "text"
    if pa.types.is_boolean(kind):
        return array, "booleans"
    if pa.types.is_integer(kind):
        return array, "whole numbers"
    if pa.types.is_floating(kind) and not pa.types.is_dictionary(array.type):
        return pa.chunked_array([_whole(one_chunk(array), name)]), "whole numbers"
    if pa.types.is_null(kind):
        raise BreachError(f"has only empty {name}", _hint_empty(name))
    raise BreachError(f"has a {name} of type {show(kind)}", "write labels as text, whole numbers or booleans")


def _whole(array: Any, name: str) -> Any:
    """Floats that are whole numbers as integers: pandas turns a column of integers into floats on a merge."""
    if array.null_count:
        raise BreachError(f"has {array.null_count:,} empty {name}", _hint_empty(name))
    values = to_numpy(array)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        raise BreachError(f"has {len(wrong):,} {name} that are NaN or infinite", _hint_empty(name))
    wrong = np.flatnonzero((values != np.trunc(values)) | (np.abs(values) > 2**53))
    if len(wrong):
        value = float(values[wrong[0]])
        message = f"has {name} {value!r} in row {wrong[0] + 1:,}, which is no class label"
        raise BreachError(message, f"write whole numbers or text; {QUANTITIES}")
    return pc.cast(array, pa.int64())


def _text(scalar: Any, name: str, limits: Limits) -> str:
    """One label as text."""
    if not is_text(scalar.type):
        return str(scalar.as_py())
    data = bytes(scalar.as_buffer()[: limits.label * 4 + 1])
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
        if len(text) <= limits.label:
            raise BreachError(
                f"has a label in {name} that is not UTF-8: {show(text)}", "write text as UTF-8"
            ) from None
    if len(text) > limits.label:
        message = f"has a label in {name} longer than {limits.label} characters: {show(text)}"
        raise BreachError(message, "write short class names")
    return text


def _hint_empty(name: str) -> str:
    return (
        f"every evaluated row needs a {name}: leave out rows whose truth is not known yet"
        if name == "y_true"
        else "the model must answer for every evaluated row: see why it gave none"
    )


def check_same_kind(truth: Labels, answer: Labels) -> None:
    """Raise BreachError when y_true and y_pred hold labels of different types, which are never equal."""
    if truth.kind != answer.kind:
        message = f"holds {truth.kind} in y_true and {answer.kind} in y_pred"
        raise BreachError(message, "write both with the same labels")


def in_order(texts: Iterable[str]) -> list[str]:
    """Labels sorted, whole numbers by value."""
    unique = set(texts)
    if all(_WHOLE.fullmatch(text) for text in unique):
        return sorted(unique, key=lambda text: (int(text), text))
    return sorted(unique)


def classes_of(texts: Iterable[str], *, task: Task, positive: str | int | bool | None) -> tuple[str, ...]:
    """The classes in order; for a binary task the positive one last.

    Raises BreachError when a binary task has more than two classes, or the positive one can't be told.
    """
    classes = in_order(texts)
    if task != "binary":
        return tuple(classes)
    if len(classes) > 2:
        message = f"has {len(classes):,} classes where the task is binary: {listing(classes)}"
        raise BreachError(
            message, "write two classes, or name the task multiclass: in the policy, or by `--task`"
        )
    if positive is None:
        for pair in _DEFAULT_POSITIVE:
            if pair.issuperset(classes):
                return tuple(sorted(pair))
        message = f"has the classes {listing(classes)}, and nothing says which is positive"
        raise BreachError(message, "name the positive one: as `positive` in the policy, or by `--positive`")
    wanted = str(positive)
    others = [text for text in classes if text != wanted]
    if len(others) > 1:
        hint = "name one of them: as `positive` in the policy, or by `--positive`"
        if isinstance(positive, bool):
            hint += (
                '; YAML reads yes, no, on, off as true and false: put the label in quotes, `positive: "yes"`'
            )
        raise BreachError(
            f"has the classes {listing(classes)}; the positive class {show(wanted)} is none of them", hint
        )
    return (*others, wanted)
