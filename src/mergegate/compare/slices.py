"""The same comparison where a column has each of its values."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from mergegate import threads
from mergegate.compare.columns import Levels
from mergegate.compare.exam import Exam
from mergegate.compare.measured import Ask, ExamName, Key, Measured
from mergegate.compare.metrics import compare_on, evaluate
from mergegate.compare.own import Options
from mergegate.compare.sample import Sample
from mergegate.stats import Design, Partition

Found = Iterator[tuple[Key, Measured]]


def compare_slices(
    exam: Exam, name: ExamName, column: str, levels: Levels, asks: Sequence[Ask], options: Options
) -> Found:
    """Base and head on the rows of each level (n rows in all), for each metric asked of the column."""
    part = exam.split(levels.codes, len(levels.texts))

    def compare_level(place: int) -> list[tuple[Key, Measured]]:
        own, level, found = part(place), levels.texts[place], []
        for ask in asks:
            found.append((Key(ask.name, name, column, level), compare_on(ask.name, own, options=options)))
            if ask.relative:
                key = Key(ask.name, name, column, level, relative=True)
                found.append((key, compare_on(ask.name, own, relative=ask.relative, options=options)))
        return found

    return chain.from_iterable(threads.each(compare_level, range(len(levels.texts)), rows=exam.rows))


def evaluate_slices(
    sample: Sample, design: Design, column: str, levels: Levels, asks: Sequence[Ask], options: Options
) -> Found:
    """Head alone on the rows of each level, for each metric with a bar of its own."""
    partition = Partition(levels.codes, len(levels.texts))
    part, every = sample.split(partition), partition.rows

    def evaluate_level(place: int) -> list[tuple[Key, Measured]]:
        rows, found = every[place].astype(np.int64), []
        own = part(place, rows)
        weight = None if design.weight is None else design.weight[rows]
        cluster = None if design.cluster is None else design.cluster[rows]
        for ask in asks:
            value = evaluate(ask.name, own, weight=weight, cluster=cluster, options=options, interval=True)
            measured = Measured(
                len(rows), head=value.number, estimate=value.estimate, head_reason=value.reason
            )
            found.append((Key(ask.name, "head", column, levels.texts[place]), measured))
        return found

    return chain.from_iterable(threads.each(evaluate_level, range(len(levels.texts)), rows=sample.rows))
