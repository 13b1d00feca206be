"""The columns that two tables have in common, their cells plain numbers or short texts."""

from collections.abc import Sequence
from typing import Literal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import msgspec

Kind = Literal["number", "category", "time"]

LONGEST_TEXT = 256
"""Characters by which texts are told apart: a category's name, not a document."""


class Column(msgspec.Struct, frozen=True):
    """A column that both tables have in a kind that can be compared; `plain` is its name inside."""

    name: str
    kind: Kind
    plain: str

    @property
    def ordered(self) -> bool:
        """Whether its values are numbers: times are seconds."""
        return self.kind != "category"


def comparable(old: ir.Table, new: ir.Table, columns: Sequence[str]) -> tuple[Column, ...]:
    """Those of `columns` that both sides have with values of one kind; nested and binary ones have none."""
    found = []
    for place, name in enumerate(columns):
        if name not in old.columns or name not in new.columns:
            continue
        kinds = {kind_of(old[name].type()), kind_of(new[name].type())}
        kind = kinds.pop()
        if kind is not None and not kinds:
            found.append(Column(name, kind, f"c{place}"))
    return tuple(found)


def kind_of(type: dt.DataType) -> Kind | None:
    """What a type's values are to shift: numbers, categories, points in time, or None."""
    if type.is_boolean() or type.is_string() or type.is_uuid() or type.is_inet() or type.is_macaddr():
        return "category"
    if type.is_numeric():
        return "number"
    return "time" if type.is_timestamp() or type.is_date() else None


def plain_value(value: ir.Value, kind: Kind) -> ir.Value:
    """A cell as a number, of a time its seconds since 1970, or a text.

    What is no finite number is missing: NaN and the infinities have no place among the numbers.
    """
    if kind == "category":
        return _truth(value) if value.type().is_boolean() else _beginning(value.cast("string"))
    if kind == "time":
        # Whole ones: engines keep different parts of a second.
        return value.cast("timestamp").epoch_seconds().cast("float64").floor().cast("float64")
    number = value.cast("float64")
    if not value.type().is_floating():
        return number
    # Asked for NaN, an engine may answer from a file's lowest and highest value, which leave NaN out.
    return ibis.ifelse(number - number == 0, number, ibis.null("float64"))


def _truth(value: ir.Value) -> ir.StringValue:
    # Engines write truth values each in its own case.
    return ibis.cases((value, "true"), (~value, "false"), else_=ibis.null("string"))


def _beginning(text: ir.StringValue) -> ir.Value:
    # To cut every text, though hardly one is so long, costs more than to count most.
    return ibis.ifelse(text.length() <= LONGEST_TEXT, text, text.substr(0, LONGEST_TEXT))
