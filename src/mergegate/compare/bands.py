"""A column's values as few levels that people can read: as they stand, bins of numbers, parts of time."""

from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.arrays import filled, one_chunk, to_numpy
from mergegate.compare import columns, quantiles, times
from mergegate.compare.columns import MISSING, MOST_LEVELS, Levels
from mergegate.compare.times import Part
from mergegate.records.explain import Band
from mergegate.stats import UndefinedError

Kind = Literal["values", "bins", "time"]

FEW_NUMBERS = 12
"""Numbers of as many values are levels as they stand; those of more are cut into bins."""
MOST_BINS = 50
_FIRST = 8_192
"""Rows that show at once that a column has too many values."""


class Banded(msgspec.Struct, frozen=True, eq=False):
    """A column as levels, and how it was cut."""

    levels: Levels
    band: Band


class Skipped(msgspec.Struct, frozen=True):
    """A column that gives no levels, and why, as a sentence's end: `has one value, JFK`."""

    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.column} {self.reason}"


def cut(
    column: pa.ChunkedArray | pa.Array,
    name: str,
    *,
    kind: Kind | None = None,
    bins: int = 4,
    part: Part | None = None,
    most_values: int = MOST_LEVELS,
    like: pa.ChunkedArray | pa.Array | None = None,
) -> Banded | Skipped:
    """Cut a column (n,) into at least two levels; empty values and NaN are one of their own, the last.

    By default few values stand for themselves, other numbers fall into `bins` of about as many rows, and
    times (text too, where all of it is ISO 8601) into the `part` that suits their span. A bin of whole
    numbers is named by both its ends (`18 to 23`); any other holds its lower edge and not its upper (`below
    0.5`, `0.5 to 2`, `2 or more`). Edges are the roundest numbers near the quantiles, so that bins differ a
    little in size; with `like`, the bins are that column's. The levels do not depend on the rows' order.
    """
    try:
        pattern = None if like is None else _plain(one_chunk(like), name)
        return _cut(one_chunk(column), name, kind, bins, part, min(most_values, MOST_LEVELS), pattern)
    except UndefinedError as error:
        return Skipped(name, str(error).removeprefix(f"the column {name} "))
    except (pa.ArrowException, OverflowError) as error:
        return Skipped(name, f"can't be read: {str(error).splitlines()[0][:200]}")


def _cut(
    array: Any, name: str, kind: Kind | None, bins: int, part: Part | None, most: int, like: Any
) -> Banded | Skipped:
    array = _plain(array, name)
    if not len(array) or array.null_count == len(array):
        return Skipped(name, "is empty in every row" if len(array) else "has no rows")
    kind = kind or ("time" if part else _suited(array, most))
    if kind == "values":
        return _by_value(array, name, most)
    return _by_bins(array, name, bins, like) if kind == "bins" else _by_time(array, name, part, most)


def _plain(array: Any, name: str) -> Any:
    """The column with NaN as missing, and no dictionary of anything but text. Raises UndefinedError."""
    if pa.types.is_dictionary(array.type) and not _is_text(array.type.value_type):
        array = pc.cast(array, array.type.value_type)
    if pa.types.is_nested(array.type):
        raise UndefinedError(f"holds {array.type}, not one value a row")
    if pa.types.is_floating(array.type):
        array = pc.cast(array, pa.float64())
        # `pa.scalar` would import pandas.
        return pc.if_else(pc.is_nan(array), pa.nulls(1, pa.float64())[0], array)
    return array


def _suited(array: Any, most: int) -> Kind:
    kind = array.type
    if times.holds_time(kind):
        return "time"
    if _is_number(kind):
        return "bins" if _has_more(array, FEW_NUMBERS) else "values"
    # Dates that a text file brought.
    return (
        "time" if _is_text(kind) and _has_more(array, most) and times.parse(array) is not None else "values"
    )


def _has_more(array: Any, most: int) -> bool:
    """Whether a column has more than so many values, empty ones not counted."""
    if pa.types.is_dictionary(array.type):
        array = array.indices
    first = array.slice(0, _FIRST)
    return any(pc.count_distinct(some).as_py() > most for some in (first, array))


def _by_value(array: Any, name: str, most: int) -> Banded | Skipped:
    if _has_more(array, most):
        return Skipped(name, f"has more than {most} values")
    levels = columns.levels(array, name)
    if len(levels.texts) > 1 and MISSING in levels.texts and array.null_count:
        levels = _missing_last(levels)
    return _told(levels, Band(column=name, kind="values"))


def _missing_last(levels: Levels) -> Levels:
    texts = (*(text for text in levels.texts if text != MISSING), MISSING)
    table = np.array([texts.index(text) for text in levels.texts], np.uint8)
    return Levels(table.take(levels.codes), texts)


def _by_bins(array: Any, name: str, bins: int, like: Any = None) -> Banded | Skipped:
    if not _is_number(array.type):
        return Skipped(name, f"holds {_words(array)}, of which there are no bins")
    if not 2 <= bins <= MOST_BINS:
        return Skipped(name, f"can't be cut into {bins} bins: 2 to {MOST_BINS} can be had")
    numbers = to_numpy(pc.cast(array.drop_null(), pa.float64(), safe=False))
    pattern = numbers
    if like is not None and _is_number(like.type) and like.null_count < len(like):
        pattern = to_numpy(pc.cast(like.drop_null(), pa.float64(), safe=False))
    edges = quantiles.edges(pattern, bins)
    codes = np.searchsorted(np.array(edges.values), numbers, side="right").astype(np.uint8)
    band = Band(column=name, kind="bins", edges=edges.texts)
    return _told(_with_missing(codes, edges.names, array), band)


def _by_time(array: Any, name: str, part: Part | None, most: int) -> Banded | Skipped:
    moments = array if times.holds_time(array.type) else times.parse(array) if _is_text(array.type) else None
    if moments is None:
        return Skipped(name, f"holds {_words(array)}, not times")
    found = times.split(moments.drop_null(), part)
    if found is None:
        return Skipped(name, f"holds times of day, of which there is no {part}")
    if len(found.texts) > most:
        return Skipped(name, f"has more than {most} values")
    return _told(_with_missing(found.codes, found.texts, moments), Band(column=name, kind="time"))


def _with_missing(codes: NDArray[np.uint8], texts: tuple[str, ...], array: Any) -> Levels:
    """Levels (n,) from those of the rows that are not empty."""
    if not array.null_count:
        return Levels(codes, texts)
    known = filled(pc.cast(array.is_valid(), pa.int8()), 0) > 0
    every = np.full(len(array), len(texts), np.uint8)
    every[known] = codes
    return Levels(every, (*texts, MISSING))


def _told(levels: Levels, band: Band) -> Banded | Skipped:
    if len(levels.texts) < 2:
        return Skipped(band.column, f"has one value, {levels.texts[0]}")
    return Banded(levels, band)


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_text(kind: Any) -> bool:
    own = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(own) or pa.types.is_large_string(own) or pa.types.is_string_view(own))


def _words(array: Any) -> str:
    return "text" if _is_text(array.type) else str(array.type)
