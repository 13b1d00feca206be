"""A golden row as it is written: inputs, what the model owes for them, why, and who says so."""

import math
import re
from collections.abc import Mapping

import msgspec

from mergegate.errors import ContractError

Cell = str | int | float | bool | None
"""A value as a file holds it; None is missing."""

KEYS = ("name", "expected", "tolerance", "min_probability", "not_worse", "reason", "author")
"""What is not an input: every other column of a CSV or Parquet file is."""

LONGEST_NAME = 200
LONGEST_TEXT = 2_000
_SHOWN = 80
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_ASKS = "write what the model must answer, or `not_worse` for no worse than base"


class Record(msgspec.Struct, frozen=True):
    """One row as a format's reader found it: `place` is its line or number, `keys` those of KEYS.

    `typed`: the format tells numbers from text, so that a text is never read as a number.
    """

    place: str
    keys: Mapping[str, Cell]
    inputs: Mapping[str, Cell]
    typed: bool


class Row(msgspec.Struct, frozen=True):
    """One golden row. `expected` is a class or a number, as text; None asks for base's own answer."""

    file: str
    place: str
    name: str
    inputs: Mapping[str, Cell]
    typed: bool
    expected: str | None
    tolerance: float | None = None
    min_probability: float | None = None
    not_worse: bool = False
    reason: str = ""
    author: str = ""

    @property
    def owed(self) -> tuple[object, ...]:
        """What is asked of the model, in a form that does not depend on the file's format."""
        expected = None if self.expected is None else canonical(self.expected)
        return expected, self.tolerance, self.min_probability, self.not_worse


def to_row(record: Record, *, file: str) -> Row:
    """The row that a record says. Raises ContractError with its place for what no golden row may be."""
    keys = record.keys

    def fail(message: str, hint: str) -> ContractError:
        return ContractError(f"{record.place} {message}", file=file, hint=hint)

    texts = {}
    for key, most, hint in (
        ("name", LONGEST_NAME, "give every golden row a short name of its own"),
        ("reason", LONGEST_TEXT, "say why the model owes this answer: whoever breaks it reads that"),
        ("author", LONGEST_NAME, "say who to ask about the row"),
    ):
        text = to_text(keys.get(key)).strip()
        if not text:
            raise fail(f"has no `{key}`", hint)
        if len(text) > most:
            raise fail(f"has a `{key}` of {len(text):,} characters", f"use at most {most:,}")
        texts[key] = text
    numbers: dict[str, float | None] = {}
    for key in ("tolerance", "min_probability"):
        cell = keys.get(key)
        value = to_number(cell, typed=record.typed)
        if value is None and not is_missing(cell):
            raise fail(f"has the `{key}` {shown(cell)}, which is no number", "write a plain finite number")
        numbers[key] = value
    tolerance, chance = numbers["tolerance"], numbers["min_probability"]
    if tolerance is not None and tolerance < 0:
        raise fail("has a `tolerance` below 0", "write how far the answer may lie from `expected`")
    if chance is not None and not 0 < chance <= 1:
        raise fail(f"has the `min_probability` {chance:g}", "write a number above 0, up to 1")
    not_worse = _flag(keys.get("not_worse"), typed=record.typed)
    if not_worse is None:
        raise fail(f"has the `not_worse` {shown(keys.get('not_worse'))}", "write true or false")
    expected = keys.get("expected")
    if isinstance(expected, float) and not math.isfinite(expected):
        raise fail("expects a number that is not finite", _ASKS)
    if is_missing(expected) and not not_worse:
        raise fail("has no `expected`", _ASKS)
    if chance is not None and (not_worse or is_missing(expected)):
        hint = "keep one of the two: a bar of its own, or base as the bar"
        raise fail("has both `min_probability` and `not_worse`", hint)
    return Row(
        file=file,
        place=record.place,
        inputs=record.inputs,
        typed=record.typed,
        expected=None if is_missing(expected) else to_text(expected),
        tolerance=tolerance,
        min_probability=chance,
        not_worse=not_worse,
        **texts,
    )


def is_missing(cell: Cell) -> bool:
    """Whether a cell says nothing."""
    return cell is None or cell == ""


def to_text(cell: Cell) -> str:
    """A cell as the text that a category or class is compared by; whole numbers have no decimals."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def to_number(cell: Cell, *, typed: bool) -> float | None:
    """A cell as a finite number, None where it is none; text is read only where a format has nothing else."""
    if isinstance(cell, bool | int | float):
        number = float(cell) if abs(cell) < 1e300 else math.inf
    elif cell is None or typed or not _NUMBER.fullmatch(cell.strip()):
        return None
    else:
        number = float(cell)
    return number if math.isfinite(number) else None


def canonical(cell: Cell) -> Cell:
    """A cell in the one form that tells whether two files say the same."""
    if is_missing(cell):
        return None
    number = to_number(cell, typed=False)
    return to_text(cell) if number is None else number


def shown(cell: Cell) -> str:
    """A hostile value, quoted, on one line."""
    text = to_text(cell)
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return f"`{''.join(sign if sign.isprintable() else '�' for sign in cut)}`"


def _flag(cell: Cell, *, typed: bool) -> bool | None:
    """True or false, None for anything else; missing is false."""
    if isinstance(cell, bool) or is_missing(cell):
        return bool(cell)
    word = cell.strip().lower() if isinstance(cell, str) and not typed else None
    return {"true": True, "false": False}.get(word or "")
