"""Which rows are for evaluation: decided from each row alone, so that adding rows moves no other row."""

import hashlib
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.stage import StageError

SCALE = 2.0**64


def by_time(times: pa.ChunkedArray, boundary: date | float) -> pa.ChunkedArray:
    """True from `boundary` on. Days and moments take a date (midnight in their zone), numbers a number.

    StageError for a row without time, or when the two can't be compared.
    """
    if times.null_count:
        have = "rows have" if times.null_count > 1 else "row has"
        raise StageError(
            f"{times.null_count:,} {have} no time, so no side", hint="mend them, or split by hash or group"
        )
    try:
        if isinstance(boundary, date) and pa.types.is_timestamp(times.type) and times.type.tz:
            times = pc.local_timestamp(times)
        bar = pa.scalar(boundary)
        return pc.greater_equal(times, bar.cast(times.type) if isinstance(boundary, date) else bar)
    except pa.ArrowException as error:
        raise StageError(
            f"params.yaml, split.time: {boundary} can't be compared with a column of {times.type}",
            hint="give a date for a date column, a number for a numeric one",
        ) from error


def by_hash(keys: pa.ChunkedArray, share: float, salt: str) -> pa.Array:
    """True for the keys whose hash, with `salt`, is in the first `share` (0 to 1) of all hashes."""
    side: dict[str | None, bool] = {key: _fraction(salt, key) < share for key in pc.unique(keys).to_pylist()}
    return pa.array([side[key] for key in keys.to_pylist()], pa.bool_())


def _fraction(salt: str, key: str) -> float:
    """A key's place from 0 to 1, the same on every machine and in every run."""
    seed = hashlib.blake2b(salt.encode(), digest_size=16).digest()
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8, salt=seed).digest()) / SCALE
