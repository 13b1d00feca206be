"""Golden rows as the model takes them: typed by the bundle's manifest, each misfit a problem of its row."""

import math
from collections.abc import Collection, Sequence

import msgspec

from mergegate.amounts import list_some
from mergegate.errors import ContractError
from mergegate.golden.row import KEYS, Cell, Row, is_missing, shown, to_number, to_text
from mergegate.records.manifest import InputColumn, Manifest

LARGEST = 3.4028234663852886e38
"""The largest number of float32."""

_NAMED = 5


class Fitted(msgspec.Struct, frozen=True):
    """The rows that a model can be asked.

    `asked` (m,) are their places among the given ones. `numbers` and `texts` hold a list (m,) per input, NaN
    and "" for missing. `problems` says, by place, why a row can't be asked, without a full stop.
    """

    asked: tuple[int, ...]
    numbers: dict[str, list[float]]
    texts: dict[str, list[str]]
    problems: dict[int, str]


class _MisfitError(Exception):
    """Why a row can't be asked."""


def fit(rows: Sequence[Row], manifest: Manifest, *, private: Collection[str] = ()) -> Fitted:
    """Type the inputs of `rows` by the manifest; values of `private` columns are in no problem."""
    asked = []
    problems = {}
    numbers: dict[str, list[float]] = {each.name: [] for each in manifest.inputs if each.kind == "number"}
    texts: dict[str, list[str]] = {each.name: [] for each in manifest.inputs if each.kind == "category"}
    for place, row in enumerate(rows):
        try:
            found = _inputs(row, manifest, private)
        except _MisfitError as misfit:
            problems[place] = str(misfit)
            continue
        asked.append(place)
        for name, value in found.items():
            if isinstance(value, str):
                texts[name].append(value)
            else:
                numbers[name].append(value)
    return Fitted(tuple(asked), numbers, texts, problems)


def refuse_unknown(rows: Sequence[Row], manifest: Manifest) -> None:
    """Raise ContractError for an input that the model does not take: it may be a misspelt key."""
    taken = {column.name for column in manifest.inputs}
    for row in rows:
        for name in row.inputs:
            if name not in taken:
                raise ContractError(
                    f"{row.place} ({shown(row.name)}) has {shown(name)}, which is no input of the model and "
                    "no key of a golden row",
                    file=row.file,
                    hint=f"remove it, or mend its name; the keys are {', '.join(KEYS)}",
                )


def _inputs(row: Row, manifest: Manifest, private: Collection[str]) -> dict[str, float | str]:
    absent = [column.name for column in manifest.inputs if column.name not in row.inputs]
    if absent:
        named = list_some(map(shown, absent), _NAMED)
        clash = any(name in KEYS for name in absent)
        hint = "; write the row as YAML, whose `inputs:` has room for such names" if clash else ""
        raise _MisfitError(f"it lacks the input {named}, which the model takes{hint}")
    return {
        column.name: (_number if column.kind == "number" else _text)(
            row.inputs[column.name], column, typed=row.typed, secret=column.name in private
        )
        for column in manifest.inputs
    }


def _number(cell: Cell, column: InputColumn, *, typed: bool, secret: bool) -> float:
    if is_missing(cell):
        _refuse_missing(column)
        return math.nan
    value = to_number(cell, typed=typed)
    found = "" if secret else f", and is {shown(cell)}"
    if value is None:
        raise _MisfitError(f"{shown(column.name)} must be a finite number{found}")
    if abs(value) > LARGEST:
        raise _MisfitError(f"{shown(column.name)} must be a number that float32 can hold{found}")
    return value


def _text(cell: Cell, column: InputColumn, *, typed: bool, secret: bool) -> str:
    if is_missing(cell):
        _refuse_missing(column)
        return ""
    if isinstance(cell, float) and not math.isfinite(cell):
        raise _MisfitError(f"{shown(column.name)} is not finite; leave it out if it is missing")
    value = to_text(cell)
    if value not in column.categories and not column.unseen:
        found = "a value" if secret else f"the value {shown(value)}"
        raise _MisfitError(
            f"{shown(column.name)} has {found} that training did not show, and the model takes none"
        )
    return value


def _refuse_missing(column: InputColumn) -> None:
    if not column.missing:
        raise _MisfitError(f"{shown(column.name)} is missing, and the model takes no missing values there")
