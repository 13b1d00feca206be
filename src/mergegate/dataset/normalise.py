"""Two columns in forms of one type, that are equal exactly where their values are.

Missing equals missing; NaN equals NaN and −0.0 is 0.0 to every engine, its row hash included. Whole numbers
against floats are compared as numbers, without the rounding of a cast; other types that differ, as text.
"""

import math
from decimal import Decimal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from mergegate.dataset.kinds import portable, settle

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
    if _is_unsigned(before) and after.is_floating():
        return _whole_unsigned(old), _split_unsigned(new)
    if before.is_floating() and _is_unsigned(after):
        return _split_unsigned(old), _whole_unsigned(new)
    kind = settle(before, after)
    if kind.is_null():
        kind = dt.string
    return (_as(old, kind),), (_as(new, kind),)


def _as(column: ir.Column, kind: dt.DataType) -> ir.Value:
    return column if column.type().copy(nullable=True) == kind else column.cast(kind)


def _whole(column: ir.Column) -> Forms:
    """A whole number beside the float that is no whole number, which it never has."""
    return column.cast("int64"), ibis.null("float64")


def _split(column: ir.Column) -> Forms:
    """A float as the whole number that it is, or as itself."""
    value = column.cast("float64")
    inside = (value >= -_BEYOND) & (value < _BEYOND)
    whole = (inside & (value == inside.ifelse(value, 0.0).floor())).fill_null(False)
    rest = whole.ifelse(ibis.null("float64"), value)
    return whole.ifelse(whole.ifelse(value, 0.0).cast("int64"), ibis.null("int64")), rest


def _is_unsigned(kind: dt.DataType) -> bool:
    """Whether it is what unsigned numbers of 64 bits are read as."""
    return bool(kind == portable(dt.uint64))


def _whole_unsigned(column: ir.Column) -> Forms:
    """The lower 63 bits, whether the number is beyond them, and the float that it never is."""
    beyond = ibis.literal(Decimal(2**63), type=column.type().copy(nullable=True))
    big = column >= beyond
    return big.ifelse(column - beyond, column).cast("int64"), big, ibis.null("float64")


def _split_unsigned(column: ir.Column) -> Forms:
    """A float as the whole number that it is, in the same parts, or as itself."""
    value = column.cast("float64")
    big = ((value >= _BEYOND) & (value < 2 * _BEYOND)).fill_null(False)
    number, rest = _split(big.ifelse(value - _BEYOND, value))
    return number, number.notnull().ifelse(big, ibis.null("boolean")), rest


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
