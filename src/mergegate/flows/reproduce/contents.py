"""How far two files are apart by what they hold: tables row by row, metrics key by key."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mergegate.amounts import list_some
from mergegate.flows.reproduce import graphs
from mergegate.records.predictions import Predictions
from mergegate.records.reproduce import Kind

Source = Path | bytes

MOST_NAMED = 20
"""Columns or keys that are named."""

_MOST_CELLS = 20_000_000

_ROUNDING = 1e-9
"""Distances that another order of adding numbers explains."""

_TIMES = re.compile(
    r"(\w*_)?(seconds|secs|duration|elapsed|time|timestamp|date|created(_at)?|run_id)(_(s|ms|sec|seconds|utc))?",
    re.IGNORECASE,
)
"""Names of leaves that tell when or how long."""

_Key = tuple[str | int, ...]


class Apart(msgspec.Struct, frozen=True):
    """What two files hold differently: `within` the tolerance, or the `kind` of what is beyond it."""

    kind: Kind
    message: str
    columns: tuple[str, ...] = ()
    rows: int | None = None
    largest: float | None = None
    likely: str = ""
    within: bool = False


def compare_predictions(old: Predictions, new: Predictions, tolerance: float) -> Apart | None:
    """Two predictions files by row_id; None where they hold the same in any order.

    Numbers may be `tolerance` apart, absolutely or as a share of the larger; all else must be equal.
    """
    if old.rows != new.rows or old.row_id.type != new.row_id.type:
        return Apart(
            "rows", f"{new.rows:,} rows where dvc.lock's has {old.rows:,}", rows=abs(new.rows - old.rows)
        )
    order = _align(old.row_id, new.row_id)
    if order is None:
        gone = int(pc.sum(pc.invert(pc.is_in(old.row_id, value_set=new.row_id))).as_py() or 0)
        return Apart("rows", f"{gone:,} of {old.rows:,} rows are others", rows=gone)
    names = set(old.columns) ^ set(new.columns)
    if names or (old.probabilities is None) != (new.probabilities is None):
        return Apart("columns", "other columns", columns=tuple(sorted(names))[:MOST_NAMED])
    return _sum_up(_columns(old, new, order), old.rows, tolerance)


def _align(old: Any, new: Any) -> Any:
    """For each old row the place of the new one, None where they are not the same rows."""
    if old.equals(new):
        return None if len(old) == 0 else slice(None)
    found = pc.index_in(old, value_set=new)
    return None if found.null_count else found.to_numpy()


def _columns(old: Predictions, new: Predictions, order: Any) -> Iterator[tuple[str, Any, Any]]:
    """The pairs of columns, in the order of old's rows."""
    for name in ("y_true", "y_pred"):
        before, after = getattr(old, name), getattr(new, name)[order]
        if old.task == "regression":
            yield name, before, after
        else:
            yield (
                name,
                np.array(old.classes, dtype=object)[before],
                np.array(new.classes, dtype=object)[after],
            )
    if old.probabilities is not None and new.probabilities is not None:
        for index, label in enumerate(old.classes):
            here = new.classes.index(label) if label in new.classes else None
            after = np.full(old.rows, np.nan) if here is None else new.probabilities[order, here]
            yield f"proba_{label}", old.probabilities[:, index], after
    for name in old.columns:
        yield name, *(_values(old.columns[name], slice(None)), _values(new.columns[name], order))


def _values(column: Any, order: Any) -> Any:
    """A further column as numbers where it is one, else as Python's own values."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return pc.cast(column, pa.float64()).to_numpy()[order]
    # np.array would make a table of lists of one length.
    return np.fromiter(column.to_pylist(), dtype=object, count=len(column))[order]


def _sum_up(pairs: Iterator[tuple[str, Any, Any]], rows: int, tolerance: float) -> Apart | None:
    """What all pairs of columns come to."""
    beyond = np.zeros(rows, dtype=bool)
    named: list[str] = []
    drifted: list[str] = []
    largest, texts = 0.0, False
    for name, before, after in pairs:
        if before.dtype == object or after.dtype == object:
            differs = np.asarray(before != after, dtype=bool)
            texts = texts or bool(differs.any())
        else:
            apart = _distances(before, after)
            differs = apart > tolerance * np.maximum(1.0, np.maximum(np.abs(before), np.abs(after)))
            differs |= (np.isnan(before) != np.isnan(after)) | np.isinf(apart)
            here = float(apart.max(initial=0.0))
            largest = max(largest, here)
            if here > 0 and not differs.any():
                drifted.append(name)
        if differs.any():
            named.append(name)
            beyond |= differs
    if named:
        count = int(beyond.sum())
        kind: Kind = "classes" if texts else "numbers"
        message = f"{count:,} of {rows:,} rows differ in {', '.join(named[:MOST_NAMED])}"
        message += f", by up to {largest:.3g}" if largest else ""
        likely = guess_from_numbers(largest, count, rows)
        return Apart(kind, message, tuple(named[:MOST_NAMED]), count, largest or None, likely)
    if drifted:
        message = f"the same rows, numbers up to {largest:.3g} apart"
        return Apart("numbers", message, tuple(drifted[:MOST_NAMED]), None, largest, _THREADS, within=True)
    return None


def _distances(before: Any, after: Any) -> Any:
    """Absolute distances; 0 where both are missing or the same infinity."""
    with np.errstate(invalid="ignore"):
        apart = np.abs(before - after)
    apart[(before == after) | (np.isnan(before) & np.isnan(after))] = 0.0
    return np.where(np.isnan(apart), np.inf, apart) if np.isnan(apart).any() else apart


def compare_json(
    old: Source,
    new: Source,
    tolerance: float,
    *,
    passing: re.Pattern[str] | None = None,
    times: bool = True,
) -> Apart:
    """Two JSON files of other bytes by their leaves; what `passing` matches, and with `times` what tells the
    time, is let pass.
    """
    try:
        before, after = (dict(_leaves(json.loads(read_bytes(side)))) for side in (old, new))
    except (ValueError, RecursionError):
        return Apart("bytes", "other bytes", likely=guess_from_bytes(old, new))
    beyond: list[str] = []
    passed: list[str] = []
    clocks = 0
    largest = 0.0
    for key in dict.fromkeys((*before, *after)):
        both = key in before and key in after
        apart = _leaf_distance(before[key], after[key]) if both else math.inf
        if math.isfinite(apart) and apart <= tolerance * _scale(before[key], after[key]):
            largest = max(largest, apart)
            continue
        name = _dotted(key)
        clock = times and bool(key) and _TIMES.fullmatch(str(key[-1])) is not None
        if both and (clock or (passing is not None and passing.fullmatch(name))):
            clocks += clock
            passed.append(name)
        else:
            beyond.append(name)
            largest = max(largest, apart) if math.isfinite(apart) else largest
    if beyond:
        named, said = tuple(beyond[:MOST_NAMED]), f"{list_some(beyond, 3)} differ"
        return Apart("numbers", said, named, None, largest or None)
    if passed:
        likely = "time: what it holds is another at each run" if clocks == len(passed) else ""
        named = tuple(passed[:MOST_NAMED])
        return Apart("numbers", f"only {list_some(passed, 3)} differ", named, None, None, likely, within=True)
    if largest:
        message = f"numbers up to {largest:.3g} apart"
        return Apart("numbers", message, (), None, largest, _THREADS, within=True)
    return Apart("bytes", "the same values in other bytes", within=True)


def compare_graphs(old: Source, new: Source, tolerance: float) -> Apart:
    """Two ONNX files of other bytes, node by node."""
    apart = graphs.distance(read_bytes(old), read_bytes(new), tolerance)
    if apart is None:
        return Apart("numbers", "another graph, or weights further apart than the tolerance")
    return Apart(
        "numbers", f"the same graph, weights up to {apart:.3g} apart", (), None, apart, _THREADS, within=True
    )


def _scale(old: Any, new: Any) -> float:
    numbers = [abs(side) for side in (old, new) if isinstance(side, int | float)]
    return max(1.0, *map(float, numbers)) if numbers and all(map(math.isfinite, numbers)) else 1.0


def _leaves(value: Any, key: _Key = ()) -> Iterator[tuple[_Key, Any]]:
    if isinstance(value, dict) and value:
        for part, child in value.items():
            yield from _leaves(child, (*key, part))
    elif isinstance(value, list) and value:
        for index, child in enumerate(value):
            yield from _leaves(child, (*key, index))
    else:
        yield key, value


def _dotted(key: _Key) -> str:
    """A leaf's key as people write it: `a.b[0]`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return "".join(parts).removeprefix(".")


def _leaf_distance(old: Any, new: Any) -> float:
    """How far two leaves are apart: 0 for equal ones, infinite for others than numbers."""
    if type(old) is type(new) and (old == new or (old != old and new != new)):
        return 0.0
    if any(isinstance(side, bool) or not isinstance(side, int | float) for side in (old, new)):
        return math.inf
    try:
        return abs(float(old) - float(new))
    except OverflowError:  # whole numbers larger than any float
        return math.inf


_THREADS = "rounding: another number of threads, machine or library version adds in another order"
_SEED = "randomness: a seed that is not set"


def guess_from_numbers(largest: float, rows: int, of: int) -> str:
    """What numbers so far apart in so many rows may come from."""
    if 0 < largest <= _ROUNDING:
        return _THREADS
    return _SEED if rows * 2 >= of else ""


_CLOCK = re.compile(rb"20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]")


def guess_from_bytes(old: Source, new: Source) -> str:
    """What other bytes of two files that are no tables may come from."""
    before, after = read_bytes(old), read_bytes(new)
    if _CLOCK.sub(b"", before) == _CLOCK.sub(b"", after):
        return "time: it holds when it was written"
    if sorted(before.splitlines()) == sorted(after.splitlines()):
        return "order: the same lines in another order"
    return ""


def compare_tables(old: Source, new: Source, tolerance: float) -> Apart:
    """Two Parquet files row by row, by their row_id if they have one; only to say how they differ."""
    try:
        before, after = (pq.read_table(pa.BufferReader(read_bytes(side))) for side in (old, new))
        if before.schema.names != after.schema.names:
            names = sorted(set(before.schema.names) ^ set(after.schema.names))
            return Apart("columns", "other columns, or in another order", tuple(names[:MOST_NAMED]))
        if before.num_rows != after.num_rows:
            rows = abs(after.num_rows - before.num_rows)
            message = f"{after.num_rows:,} rows where dvc.lock's has {before.num_rows:,}"
            return Apart("rows", message, rows=rows)
        if before.num_rows * before.num_columns > _MOST_CELLS:
            return Apart("bytes", "other bytes, too many to be compared by what they hold")
        pairs = (
            (name, _values(before[name], slice(None)), _values(after[name], slice(None)))
            for name in before.schema.names
            if not before[name].equals(after[name])
        )
        same = Apart("bytes", "the same rows in other bytes", within=True)
        return _sum_up(pairs, before.num_rows, tolerance) or same
    except (pa.ArrowException, OSError, ValueError, TypeError):
        return Apart("bytes", "other bytes")


def read_bytes(source: Source) -> bytes:
    """All bytes of a file."""
    return source if isinstance(source, bytes) else source.read_bytes()


def size(source: Source) -> int:
    """Bytes of a file."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size
