"""What a column's type is, and the one type in which two columns can be held against each other."""

from functools import reduce

import ibis.expr.datatypes as dt
import pyarrow as pa

_INTEGER_DIGITS = 19
_DECIMAL_DIGITS = 38
_NANO = 9


def kind_of(type: pa.DataType) -> dt.DataType:
    """The type of a Parquet column as queries see it; `null` for a column without any value.

    Dictionaries are their values, times of a zone are UTC, durations are whole numbers; nested and unknown
    types are text.
    """
    while pa.types.is_dictionary(type) or isinstance(type, pa.BaseExtensionType):
        type = type.value_type if pa.types.is_dictionary(type) else type.storage_type
    for test, kind in _PLAIN:
        if test(type):
            return kind
    if pa.types.is_timestamp(type):
        scale = {"s": 0, "ms": 3, "us": 6, "ns": 9}[type.unit]
        return dt.Timestamp(timezone="UTC" if type.tz else None, scale=max(scale, 6))
    if pa.types.is_decimal(type) and 0 <= type.scale <= type.precision <= _DECIMAL_DIGITS:
        return dt.Decimal(type.precision, type.scale)
    return dt.string


def settle(*kinds: dt.DataType) -> dt.DataType:
    """The type that holds what all of `kinds` hold: a wider number, a finer time; text where none does."""
    return reduce(_settle, kinds, dt.null)


def portable(kind: dt.DataType) -> dt.DataType:
    """What a column is read as: not all engines have unsigned numbers; one without a value is text."""
    return _PORTABLE.get(kind, kind)


def told_kind(kind: dt.DataType) -> str:
    """A type as people write it: `timestamp (UTC)`, `text`."""
    if kind.is_timestamp():
        more = [*([kind.timezone] if kind.timezone else []), *(["ns"] if kind.scale == _NANO else [])]
        return f"timestamp ({', '.join(more)})" if more else "timestamp"
    if kind.is_decimal():
        return f"decimal({kind.precision}, {kind.scale})"
    return _NAMES.get(type(kind), type(kind).__name__.lower())


def is_nested(type: pa.DataType) -> bool:
    """Whether cells are lists, structs or maps: they are compared as text."""
    return pa.types.is_nested(type) and not pa.types.is_dictionary(type)


def _settle(left: dt.DataType, right: dt.DataType) -> dt.DataType:
    if left == right or right.is_null():
        return left
    if left.is_null():
        return right
    if left.is_numeric() and right.is_numeric() and not (left.is_boolean() or right.is_boolean()):
        return _number(left, right)
    if left.is_timestamp() and right.is_timestamp() and left.timezone == right.timezone:
        return dt.Timestamp(timezone=left.timezone, scale=max(left.scale or 6, right.scale or 6))
    if left.is_date() and right.is_timestamp() and right.timezone is None:
        return right
    if right.is_date() and left.is_timestamp() and left.timezone is None:
        return left
    return dt.string


def _number(left: dt.DataType, right: dt.DataType) -> dt.DataType:
    if left.is_floating() or right.is_floating():
        return dt.float64
    if not (left.is_decimal() or right.is_decimal() or dt.uint64 in (left, right)):
        return dt.int64
    scale = max(_scale(left), _scale(right))
    whole = max(_precision(left) - _scale(left), _precision(right) - _scale(right))
    return dt.Decimal(whole + scale, scale) if whole + scale <= _DECIMAL_DIGITS else dt.float64


def _scale(kind: dt.DataType) -> int:
    return int(kind.scale or 0) if kind.is_decimal() else 0


def _precision(kind: dt.DataType) -> int:
    if kind.is_decimal():
        return int(kind.precision or _DECIMAL_DIGITS)
    return _INTEGER_DIGITS + 1


_PORTABLE = {
    dt.null: dt.string,
    dt.uint8: dt.int16,
    dt.uint16: dt.int32,
    dt.uint32: dt.int64,
    dt.uint64: dt.Decimal(_INTEGER_DIGITS + 1, 0),
}

_NAMES = {dt.String: "text", dt.Null: "empty"}

_PLAIN = (
    (pa.types.is_null, dt.null),
    (pa.types.is_boolean, dt.boolean),
    (pa.types.is_int8, dt.int8),
    (pa.types.is_int16, dt.int16),
    (pa.types.is_int32, dt.int32),
    (pa.types.is_int64, dt.int64),
    (pa.types.is_uint8, dt.uint8),
    (pa.types.is_uint16, dt.uint16),
    (pa.types.is_uint32, dt.uint32),
    (pa.types.is_uint64, dt.uint64),
    (pa.types.is_duration, dt.int64),
    (pa.types.is_float64, dt.float64),
    (pa.types.is_floating, dt.float32),
    (pa.types.is_date, dt.date),
    (pa.types.is_time, dt.time),
    (pa.types.is_binary, dt.binary),
    (pa.types.is_large_binary, dt.binary),
    (pa.types.is_fixed_size_binary, dt.binary),
)
