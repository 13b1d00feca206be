"""The same comparison where a column has each of its values."""

from collections.abc import Iterator, Sequence

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
    parts = exam.parts(levels.codes, len(levels.texts))
    for level, part in zip(levels.texts, parts, strict=True):
        for ask in asks:
            yield Key(ask.name, name, column, level), compare_on(ask.name, part, options=options)
            if ask.relative:
                found = compare_on(ask.name, part, relative=ask.relative, options=options)
                yield Key(ask.name, name, column, level, relative=True), found


def evaluate_slices(
    sample: Sample, design: Design, column: str, levels: Levels, asks: Sequence[Ask], options: Options
) -> Found:
    """Head alone on the rows of each level, for each metric with a bar of its own."""
    partition = Partition(levels.codes, len(levels.texts))
    parts = zip(levels.texts, partition.rows, sample.parts(partition), strict=True)
    for level, rows, part in parts:
        weight = None if design.weight is None else design.weight[rows]
        cluster = None if design.cluster is None else design.cluster[rows]
        for ask in asks:
            value = evaluate(ask.name, part, weight=weight, cluster=cluster, options=options, interval=True)
            found = Measured(len(rows), head=value.number, estimate=value.estimate, head_reason=value.reason)
            yield Key(ask.name, "head", column, level), found
