"""Two columns in forms of one type, that are equal exactly where their values are.

Missing equals missing; NaN equals NaN and −0.0 is 0.0 to every engine, its row hash included. Whole numbers
against floats are compared as numbers, without the rounding of a cast; other types that differ, as text.
"""

import math

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from mergegate.dataset.kinds import settle

Forms = tuple[ir.Value, ...]

# Floats from here on have no 64-bit whole number; 2**63 itself is a float.
_BEYOND = float(2**63)


def align(old: ir.Column, new: ir.Column) -> tuple[Forms, Forms]:
    """Both columns as equally many values of equal types: rows agree where all of them do."""
    before, after = (side.type().copy(nullable=True) for side in (old, new))
    if before.is_integer() and after.is_floating():
        return _whole(old), _split(new)
    if before.is_floating() and after.is_integer():
        return _split(old), _whole(new)
    kind = settle(before, after)
    if kind.is_null():
        kind = dt.string
    return (_as(old, kind),), (_as(new, kind),)


def _as(column: ir.Column, kind: dt.DataType) -> ir.Value:
    return column if column.type().copy(nullable=True) == kind else column.cast(kind)


def _whole(column: ir.Column) -> Forms:
    """A whole number beside the float that is no whole number, which it never has."""
    if column.type().copy(nullable=True) == dt.uint64:
        # What no signed number holds can't equal one of `_split` either: it stays what it is, as a float.
        big = column >= 2**63
        small = big.ifelse(ibis.null("int64"), column.cast("int64"))
        return small, big.ifelse(column.cast("float64"), ibis.null("float64"))
    return column.cast("int64"), ibis.null("float64")


def _split(column: ir.Column) -> Forms:
    """A float as the whole number that it is, or as itself."""
    value = column.cast("float64")
    inside = (value >= -_BEYOND) & (value < _BEYOND)
    whole = (inside & (value == inside.ifelse(value, 0.0).floor())).fill_null(False)
    rest = whole.ifelse(ibis.null("float64"), value)
    return whole.ifelse(whole.ifelse(value, 0.0).cast("int64"), ibis.null("int64")), rest


def differs(old: Forms, new: Forms) -> ir.BooleanValue:
    """Whether the values differ; never missing."""
    result: ir.BooleanValue = ibis.or_(*(~a.identical_to(b) for a, b in zip(old, new, strict=True)))
    return result


def finite(value: ir.NumericValue) -> ir.BooleanValue:
    """Whether a number is neither missing nor NaN nor infinite; never missing."""
    as_float = value.cast("float64")
    result: ir.BooleanValue = as_float.between(-_LARGEST, _LARGEST).fill_null(False)
    return result


_LARGEST = math.nextafter(math.inf, 0)
