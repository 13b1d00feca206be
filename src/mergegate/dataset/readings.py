"""The ways to read a column: its values, and what its text may hide: numbers, an order, a length.

A number in a text, a list or a struct tells as much as one in a column of its own. What can be read in none
of these ways, such as bytes that are no text, is named: nobody knows what it tells.
"""

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir
import msgspec

from mergegate.dataset.engine import Engine

MOST_NUMBERS = 16
"""Numbers of one text that are read, each as a column; a list or struct of more is not read."""
_MOSTLY = 0.5
"""From this many values for each cell on, a text has an order that may tell."""
_FEWEST = 10
"""Cells that make a column one of lists: fewer are chance."""
_AT_ONCE = 50
_NESTED = ("[", "{")
_NO_TEXT = ("\\x", "\ufffd")
"""How engines write bytes that are no text."""


class Readings(msgspec.Struct, frozen=True):
    """`columns` says of which column each reading is; `values` makes those that `table` has not itself."""

    table: ir.Table
    columns: dict[str, str]
    values: dict[str, ir.Value]
    unread: tuple[str, ...]

    def with_columns(self, names: Sequence[str]) -> ir.Table:
        """The table with these readings as columns: with all, a query would take long to put into words."""
        made = {name: self.values[name] for name in names if name in self.values}
        return self.table.mutate(**made) if made else self.table


class _Text(msgspec.Struct, frozen=True):
    """A column as text: how many cells, distinct values and numbers; at most so many pieces."""

    text: ir.StringValue
    cells: int
    values: int
    numbers: int
    most: int


def read_columns(engine: Engine, table: ir.Table, columns: Sequence[str]) -> Readings:
    """Every way to read each of `columns`; the first is the column itself, or its text."""
    texts: dict[str, ir.StringValue] = {}
    unread: set[str] = set()
    for name in columns:
        kind = table[name].type()
        if kind.is_string():
            texts[name] = table[name]
        elif kind.is_nested():
            texts[name] = engine.text(table[name])
        elif kind.is_binary() or kind.is_json() or kind.is_uuid() or kind.is_time():
            texts[name] = table[name].cast("string")
        elif kind.is_unknown() or kind.is_geospatial() or kind.is_interval():
            unread.add(name)
    facts: dict[str, _Text | None] = {}
    for start in range(0, len(texts), _AT_ONCE):
        some = list(texts)[start : start + _AT_ONCE]
        facts |= _look(engine, table, {name: texts[name] for name in some})
    unread |= {name for name, fact in facts.items() if fact is None}
    readings: dict[str, ir.Value] = {}
    owners: dict[str, str] = {}
    for name in columns:
        fact = facts.get(name)
        ways = [] if fact is None else list(_ways(fact))
        if name not in unread and table[name].type().is_nested():
            ways.append(texts[name])
        elif name not in unread:
            owners[name] = name
        for way in ways:
            reading = f"mergegate_reading_{len(readings)}"
            readings[reading], owners[reading] = way, name
    return Readings(table, owners, readings, tuple(name for name in columns if name in unread))


def _look(engine: Engine, table: ir.Table, texts: dict[str, ir.StringValue]) -> dict[str, _Text | None]:
    """What there is in each text; None for one that can't be read."""
    asked: dict[str, ir.Value] = {}
    for at, (name, text) in enumerate(texts.items()):
        pieces = _pieces(text).length()
        signs, places = (_NO_TEXT, True) if table[name].type().is_binary() else (_NESTED, False)
        marked = ibis.or_(*(text.contains(sign) if places else text.startswith(sign) for sign in signs))
        odd = marked if places else marked & (pieces > MOST_NUMBERS)
        asked |= {
            f"cells{at}": text.count(),
            f"values{at}": text.nunique(),
            f"numbers{at}": text.try_cast("float64").count(),
            f"most{at}": text.re_search("[0-9]").ifelse(pieces, 0).max(),
            f"odd{at}": odd.cast("int64").sum(),
        }
    row = engine.fetch(table.aggregate(**asked)).to_pylist()[0]
    found: dict[str, _Text | None] = {}
    for at, (name, text) in enumerate(texts.items()):
        counts = [row[f"{part}{at}"] or 0 for part in ("cells", "values", "numbers", "most")]
        fewest = 1 if table[name].type().is_binary() else _FEWEST
        found[name] = None if (row[f"odd{at}"] or 0) >= fewest else _Text(text, *counts)
    return found


def _ways(fact: _Text) -> Iterator[ir.Value]:
    text = fact.text
    if fact.numbers:
        yield text.try_cast("float64")
    for place in range(min(fact.most, MOST_NUMBERS)):
        yield _pieces(text)[place].try_cast("float64")
    if fact.values >= _MOSTLY * fact.cells:
        yield text.length().cast("float64")
        rank = ibis.dense_rank().over(ibis.window(order_by=text)).cast("float64")
        yield text.notnull().ifelse(rank, ibis.null("float64"))


def _pieces(text: ir.StringValue) -> ir.ArrayValue:
    """What is written in digits, piece by piece."""
    digits: ir.StringValue = text.re_replace("[^0-9.+-]+", " ").strip()
    return digits.split(" ")
