"""Whether the exam is honest: rows, groups, times and columns that let a model know the answers."""

from collections.abc import Iterator, Sequence

import ibis.expr.types as ir

from mergegate.dataset import leaks_columns, leaks_rows, leaks_time
from mergegate.dataset.engine import Engine
from mergegate.dataset.leaks import Search
from mergegate.records.data import Leak


def find_leaks(
    engine: Engine,
    *,
    evaluation: ir.Table,
    train: ir.Table | None,
    base_evaluation: ir.Table | None,
    base_train: ir.Table | None,
    key: Sequence[str],
    label: str | None,
    group: str | None,
    time: str | None,
    known_later: Sequence[str],
    inputs: Sequence[str],
    private: Sequence[str] = (),
    strong: float | None = None,
) -> tuple[Leak, ...]:
    """Everything that was looked for in an evaluation set, found or not, base's value beside.

    A table that is None is not there. `inputs` are the columns a model sees; none: every one but key and
    label. `strong` is the AUC or eta² from which on one column alone is a leak. A leak that nobody asked for
    (no group, no time, no late columns, no base) is not in the answer; one that was asked for and can't be
    told is in it, not judged.
    """
    search = Search(
        engine=engine,
        evaluation=evaluation,
        train=train,
        base_evaluation=base_evaluation,
        base_train=base_train,
        key=tuple(key),
        label=label,
        group=group,
        time=time,
        known_later=tuple(known_later),
        inputs=tuple(inputs),
        private=tuple(private),
        strong=strong,
    )
    return tuple(_look(search))


def _look(search: Search) -> Iterator[Leak]:
    yield leaks_rows.by_key(search)
    yield leaks_rows.by_content(search)
    if search.group is not None:
        yield leaks_rows.by_group(search, search.group)
    if search.time is not None:
        yield leaks_time.by_time(search, search.time)
    if search.base_train is not None:
        yield leaks_rows.of_base_training(search)
    yield from leaks_columns.known_later(search)
    yield from leaks_columns.single_features(search)
    if search.base_evaluation is not None:
        yield leaks_rows.gone(search)
