"""How far a metric lies apart between the levels of a column, in base and in head on the same rows."""

from collections.abc import Sequence

import msgspec
import numpy as np
from msgspec.structs import replace
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


_GONE = "enough rows carry {} in base where {} is {}, and too few in head"


class _Level(msgspec.Struct, frozen=True):
    text: str
    base: float | None
    head: float | None


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
    of the same groups. `problem` says why there is none, or names a level that too few carry in head alone.
    """
    told = Gap(metric=metric, column=column, min_rows=min_rows)
    options = options or Options()
    try:
        greater = find(metric, head.task, options).greater_is_better
        levels = levels or _cut(base, head, paired, column)
        measured = _measure(base, head, paired, metric, levels, min_rows, options)
    except UndefinedError as error:
        return replace(told, problem=str(error))
    found = [
        (each.text, each.base, each.head)
        for each in measured
        if each.base is not None and each.head is not None
    ]
    gone = [each.text for each in measured if each.base is not None and each.head is None]
    problem = _GONE.format(metric, column, gone[0]) if gone else ""
    if len(found) < 2:
        few = _ONE_LEVEL if found else _NO_LEVELS
        short = few.format(found[0][0] if found else column, min_rows, metric)
        return replace(told, levels=len(found), problem=problem or short)
    texts, old, new = zip(*found, strict=True)
    base_worst, base_best = _ends(old, greater=greater)
    head_worst, head_best = _ends(new, greater=greater)
    return replace(
        told,
        base=abs(old[base_best] - old[base_worst]),
        head=abs(new[head_best] - new[head_worst]),
        base_worst=texts[base_worst],
        base_best=texts[base_best],
        head_worst=texts[head_worst],
        head_best=texts[head_best],
        levels=len(found),
        problem=problem,
    )


def _cut(base: Predictions, head: Predictions, paired: Paired, column: str) -> Levels:
    found = cut_paired(base, head, paired, column)
    if isinstance(found, Skipped):
        raise UndefinedError(f"the column {found}")
    return found.levels


def _ends(values: Sequence[float], *, greater: bool) -> tuple[int, int]:
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
) -> list[_Level]:
    """Both sides' values at each level, in the levels' order."""
    classes = joint_classes(base, head) or None
    sides = [Sample(side, rows, classes=classes) for side, rows in ((base, paired.base), (head, paired.head))]
    design = Design(len(levels.codes), weight=paired.weight)
    partition = Partition(levels.codes, len(levels.texts))
    parts, every = [side.split(partition) for side in sides], partition.rows

    def at(place: int) -> _Level:
        rows = every[place].astype(np.int64)
        old, new = (_value(part(place, rows), design, rows, metric, min_rows, options) for part in parts)
        return _Level(levels.texts[place], old, new)

    return threads.each(at, range(len(levels.texts)), rows=design.rows)


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
