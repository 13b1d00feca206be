"""Times as the months, weekdays, days or hours that they fall into."""

from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.arrays import to_numpy

Part = Literal["year", "month", "weekday", "day", "hour"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday
_DAY = 86_400
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_FIRST = 64
_FEW_DAYS, _FEW_MONTHS = 14, 48
_MOST_TEXTS = 255
Seconds = NDArray[np.int64]


class Split(msgspec.Struct, frozen=True, eq=False):
    """Times (n,) as codes into texts, in the calendar's order."""

    codes: NDArray[np.uint8]
    texts: tuple[str, ...]


def holds_time(kind: Any) -> bool:
    """Whether a column of this Arrow type holds times."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind))


def parse(texts: Any) -> Any | None:
    """Text (n,) as times, where every one that is not missing is ISO 8601; else None."""
    if pa.types.is_dictionary(texts.type):
        texts = pc.cast(texts, texts.type.value_type)
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            # Arrow goes on to the last row however early one fails.
            pc.cast(texts.slice(0, _FIRST), kind)
            return pc.cast(texts, kind)
        except pa.ArrowException:
            continue
    return None


def split(moments: Any, part: Part | None) -> Split | None:
    """Times (n,), none missing, by a part of them; None where they have no such part.

    Where none is asked: the hour within two days, the day within two weeks, the weekday within two months,
    the month within four years, else the year. Zoned times are split by their own zone's clock.
    """
    if pa.types.is_time(moments.type):
        return _by_hour(_seconds(moments)) if part in (None, "hour") else None
    seconds = _seconds(_local(moments))
    part = part or _suited(seconds)
    days = seconds // _DAY
    if part == "hour":
        return _by_hour(seconds)
    if part == "weekday":
        return _coded((days + _EPOCH_WEEKDAY) % 7, WEEKDAYS.__getitem__)
    if part == "day":
        return _coded(days, lambda day: str(np.datetime64(day, "D")))
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    if part == "month":
        return _coded(months, lambda month: str(np.datetime64(month, "M")))
    return _coded(months // 12, lambda year: str(np.datetime64(year, "Y")))


def _suited(seconds: Seconds) -> Part:
    days = (int(seconds.max()) // _DAY) - (int(seconds.min()) // _DAY) + 1
    if days <= 2:
        return "hour"
    if days <= _FEW_DAYS:
        return "day"
    if days <= 62:
        return "weekday"
    return "month" if days <= _FEW_MONTHS * 31 else "year"


def _by_hour(seconds: Seconds) -> Split:
    return _coded(seconds % _DAY // 3_600, lambda hour: f"{hour:02d}:00")


def _coded(values: Seconds, text: Any) -> Split:
    """Codes by value; the texts of more values than a level's code can tell are not written."""
    least = int(values.min())
    span = int(values.max()) - least + 1
    if span <= 4 * len(values) + _MOST_TEXTS:
        occurs = np.flatnonzero(np.bincount(values - least, minlength=span)) + least
    else:
        occurs = np.unique(values)
    if len(occurs) > _MOST_TEXTS:
        return Split(np.zeros(0, np.uint8), tuple("" for _ in range(_MOST_TEXTS + 1)))
    codes = np.searchsorted(occurs, values).astype(np.uint8)
    return Split(codes, tuple(text(int(value)) for value in occurs))


def _local(moments: Any) -> Any:
    """Zoned times by the clock of their zone; by UTC's where nobody knows the zone."""
    if not pa.types.is_timestamp(moments.type) or moments.type.tz is None:
        return moments
    try:
        return pc.local_timestamp(moments)
    except pa.ArrowException:
        return pc.cast(moments, pa.timestamp(moments.type.unit))


def _seconds(moments: Any) -> Seconds:
    """Whole seconds (n,) since 1970, or since midnight."""
    kind = moments.type
    if pa.types.is_date32(kind):
        return to_numpy(moments.view(pa.int32())).astype(np.int64) * _DAY
    if pa.types.is_date64(kind):
        return to_numpy(moments.view(pa.int64())) // 1_000
    wide = pa.int32() if kind in (pa.time32("s"), pa.time32("ms")) else pa.int64()
    return to_numpy(moments.view(wide)).astype(np.int64) // _PER_SECOND[kind.unit]
