"""What a column of text holds: numbers, truths, times; one cell that differs makes it text."""

from collections.abc import Callable, Sequence

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import msgspec

# Up to 15 digits before the point: more don't fit a double, and are rather names than numbers.
# A leading zero makes a name too: 007 is not 7.
_NUMBER = (
    r"(?i)^(nan|[+-]?(inf|infinity|"
    r"((0|[1-9][0-9]{0,14})(\.[0-9]*)?|\.[0-9]+)(e[+-]?([0-9]{1,2}|[12][0-9]{2}|30[0-7]))?))$"
)
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


class Cells(msgspec.Struct, frozen=True):
    """A text column: `text` of each cell, None for missing; `quoted` where a format tells text apart."""

    text: ir.StringValue
    quoted: ir.BooleanValue | None = None

    def fits(self, kind: dt.DataType) -> ir.BooleanValue:
        """Whether a cell is written as `kind` is; None for a missing cell."""
        fits = _TESTS[kind](self.text)
        if self.quoted is None:
            return fits
        return fits & (self.quoted if kind.is_temporal() else ~self.quoted)


def value_of(text: ir.StringValue, kind: dt.DataType) -> ir.Value:
    """A cell that fits, as a value."""
    if kind.is_string():
        return text
    if kind.is_boolean():
        return text.lower() == "true"
    return text.cast(kind)


ZONED = dt.Timestamp(timezone="UTC", scale=6)
PLAIN = dt.Timestamp(scale=6)
LADDERS: Sequence[tuple[dt.DataType, ...]] = (
    (dt.boolean,),
    (dt.int64, dt.float64),
    (dt.date, PLAIN),
    (ZONED,),
)
"""Kinds from narrow to wide; what fits none of a ladder is text."""


def _is_whole(text: ir.StringValue) -> ir.BooleanValue:
    return text.try_cast(dt.int64).cast(dt.string).fill_null("") == text


def _is_number(text: ir.StringValue) -> ir.BooleanValue:
    return text.re_search(_NUMBER)


def _is_date(text: ir.StringValue) -> ir.BooleanValue:
    return text.re_search(f"{_DAY}$") & text.try_cast(dt.date).notnull()


def _is_time(text: ir.StringValue) -> ir.BooleanValue:
    return text.re_search(f"{_DAY}({_CLOCK})?$") & text.try_cast(PLAIN).notnull()


def _is_zoned(text: ir.StringValue) -> ir.BooleanValue:
    return text.re_search(f"{_DAY}{_CLOCK}{_ZONE}$") & text.try_cast(ZONED).notnull()


_TESTS: dict[dt.DataType, Callable[[ir.StringValue], ir.BooleanValue]] = {
    dt.boolean: lambda text: text.lower().isin(("true", "false")),
    dt.int64: _is_whole,
    dt.float64: _is_number,
    dt.date: _is_date,
    PLAIN: _is_time,
    ZONED: _is_zoned,
    dt.string: lambda text: text.notnull(),
}
