"""How far a metric lies apart between the levels of a column, in base and in head on the same rows."""

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from mergegate import threads
from mergegate.compare.bands import Skipped
from mergegate.compare.columns import Levels
from mergegate.compare.metrics import evaluate, find
from mergegate.compare.own import Options
from mergegate.compare.paired_columns import cut_paired
from mergegate.compare.sample import Sample, joint_classes
from mergegate.compare.sides import Paired
from mergegate.records.explain import Gap
from mergegate.records.predictions import Predictions
from mergegate.stats import Design, Partition, UndefinedError

_NO_LEVELS = "no level of {} has {:,} rows that carry {}"
_ONE_LEVEL = "only {} has {:,} rows that carry {}: a gap needs two levels"


class _Level(msgspec.Struct, frozen=True):
    text: str
    base: float
    head: float


def measure_gaps(
    base: Predictions,
    head: Predictions,
    paired: Paired,
    metric: str,
    column: str,
    *,
    min_rows: int,
    levels: Levels | None = None,
    options: Options | None = None,
) -> Gap:
    """The largest difference of a metric between two levels of a column; at least 0, whatever is better.

    `levels` of the compared rows, where the column was cut already. Levels with fewer than `min_rows`
    (effective) rows that carry the metric, in base or in head, are left out of both, so that the two gaps are
    of the same groups. `problem` says why there is none.
    """
    told = Gap(metric=metric, column=column, min_rows=min_rows)
    options = options or Options()
    try:
        greater = find(metric, head.task, options).greater_is_better
        levels = levels or _cut(base, head, paired, column)
        found = list(_measure(base, head, paired, metric, levels, min_rows, options))
    except UndefinedError as error:
        return msgspec.structs.replace(told, problem=str(error))
    if len(found) < 2:
        problem = (
            _ONE_LEVEL.format(found[0].text, min_rows, metric)
            if found
            else _NO_LEVELS.format(column, min_rows, metric)
        )
        return msgspec.structs.replace(told, levels=len(found), problem=problem)
    base_worst, base_best = _ends([level.base for level in found], greater=greater)
    head_worst, head_best = _ends([level.head for level in found], greater=greater)
    return msgspec.structs.replace(
        told,
        base=abs(found[base_best].base - found[base_worst].base),
        head=abs(found[head_best].head - found[head_worst].head),
        base_worst=found[base_worst].text,
        base_best=found[base_best].text,
        head_worst=found[head_worst].text,
        head_best=found[head_best].text,
        levels=len(found),
    )


def _cut(base: Predictions, head: Predictions, paired: Paired, column: str) -> Levels:
    found = cut_paired(base, head, paired, column)
    if isinstance(found, Skipped):
        raise UndefinedError(f"the column {found}")
    return found.levels


def _ends(values: list[float], *, greater: bool) -> tuple[int, int]:
    """Places of the worst and of the best value; of equals the first."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    low, high = order[0], values.index(values[order[-1]])
    return (low, high) if greater else (high, low)


def _measure(
    base: Predictions,
    head: Predictions,
    paired: Paired,
    metric: str,
    levels: Levels,
    min_rows: int,
    options: Options,
) -> Iterator[_Level]:
    """Both sides' values at each level that enough rows carry the metric in, in the levels' order."""
    classes = joint_classes(base, head) or None
    sides = [Sample(side, rows, classes=classes) for side, rows in ((base, paired.base), (head, paired.head))]
    design = Design(len(levels.codes), weight=paired.weight)
    partition = Partition(levels.codes, len(levels.texts))
    parts, every = [side.split(partition) for side in sides], partition.rows

    def at(place: int) -> _Level | None:
        rows = every[place].astype(np.int64)
        values = [_value(part(place, rows), design, rows, metric, min_rows, options) for part in parts]
        old, new = values
        return None if old is None or new is None else _Level(levels.texts[place], old, new)

    for level in threads.each(at, range(len(levels.texts)), rows=design.rows):
        if level is not None:
            yield level


def _value(
    sample: Sample, design: Design, rows: NDArray[np.int64], metric: str, min_rows: int, options: Options
) -> float | None:
    """A metric on some rows; None where it has no value, or too few rows carry it."""
    weight = None if design.weight is None else design.weight[rows]
    if not len(rows) or (weight is not None and not weight.any()):
        return None
    found = evaluate(metric, sample, weight=weight, options=options, interval=True)
    carried = found.estimate.carried if found.estimate else Design(len(rows), weight=weight).effective()
    return found.number if carried >= min_rows else None
