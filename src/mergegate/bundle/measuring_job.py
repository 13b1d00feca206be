"""What the child process does to tell two bundles apart: importances of their inputs, and time per row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mergegate.arrays import to_arrow
from mergegate.bundle import columns, contents, session
from mergegate.bundle.columns import Feed
from mergegate.bundle.importance import choose_metric, permute, rows_for, scorer
from mergegate.bundle.latency import Ask, time_in_turns
from mergegate.bundle.scoring_job import find_places, naming_files, open_bundle, read_tables
from mergegate.bundle.scoring_messages import (
    ASKED,
    LONGEST_PROBLEM,
    Job,
    Measured,
    Measures,
    Report,
    Shuffled,
    Turns,
)
from mergegate.bundle.session import Bundle, Predicted
from mergegate.bundle.tables import as_array, as_arrays
from mergegate.errors import ContractError

TIMED_ROWS = 100
"""Rows that the two are asked in turns."""


class _Side(msgspec.Struct, frozen=True, eq=False):
    """A bundle and the rows that it is asked: `feed` has m rows, `places` (m,) theirs among the asked."""

    job: Job
    model: Bundle
    feed: Feed
    places: NDArray[np.int64]

    def predict(self, feed: Feed) -> Predicted:
        """The answers, all of them finite."""
        with naming_files(self.job):
            found = session.run_batches(self.model.session, self.model.manifest, feed)
            self.model.refuse_nan(found)
            return found

    def first(self, rows: int) -> Feed:
        return {name: values[:rows] for name, values in self.feed.items()}


def run(job: Job, folder: Path) -> Report:
    """Do the job; raises ContractError for head's bundle, while base's fault is the report's `problem`."""
    measures = job.measures
    if measures is None:
        raise ValueError("the job asks for no measure")
    with pa.OSFile(str(folder / ASKED)) as source, pa.ipc.open_file(source) as file:
        table = file.read_all().combine_chunks()
    asked, truth = (table.column(place).chunk(0) for place in (0, 1))
    head = _open(job, asked)
    base, problem = _open_base(job, measures, asked)
    found = Measured(problem=problem)
    if measures.importance:
        found = _importances(head, base, as_array(truth), measures, problem)
    if measures.latency and base is not None:
        found = msgspec.structs.replace(found, latency=_time(head, base, measures))
    return Report(measured=found)


def _open(job: Job, asked: Any) -> _Side:
    """The job's bundle with its inputs of the asked rows, in the order asked."""
    model = open_bundle(job)
    places = find_places(asked, np.ones(len(asked), dtype=bool), job)
    parts = list(read_tables(model, places, job.inputs))
    if not parts:
        raise ContractError(
            "it holds none of the rows that the two bundles are to be asked",
            file=job.inputs.name,
            hint="run `dvc repro`, so that inputs and predictions are of the same rows",
        )
    found = np.concatenate([place for place, _ in parts])
    order = np.argsort(found, kind="stable")
    table = pa.concat_tables([part for _, part in parts]).combine_chunks().take(to_arrow(order))
    with naming_files(job):
        feed = columns.tensors(as_arrays(table), model.manifest.inputs)
    return _Side(job, model, feed, found[order])


def _open_base(job: Job, measures: Measures, asked: Any) -> tuple[_Side | None, str]:
    """Base's bundle on the same rows, or why it can't be run on them."""
    if measures.base is None or measures.base_files is None:
        return None, ""
    try:
        side = _open(msgspec.structs.replace(job, bundle=measures.base, files=measures.base_files), asked)
        side.predict(side.first(1))
    except ContractError as error:
        return None, error.message[:LONGEST_PROBLEM]
    return side, ""


def _importances(
    head: _Side, base: _Side | None, truth: NDArray[Any], measures: Measures, problem: str
) -> Measured:
    """Importances of head's and base's inputs, by one metric on the same rows."""
    sides = [head] if base is None else [head, base]
    rows = min(rows_for(len(side.model.manifest.inputs), len(side.places)) for side in sides)
    truth = truth[head.places[:rows]]
    known = all(side.model.manifest.outputs.probabilities is not None for side in sides)
    metric = choose_metric(head.job.task, truth, measures.positive, probabilities=known)

    def of(side: _Side) -> tuple[Shuffled, ...]:
        manifest = side.model.manifest
        score = scorer(metric, truth, manifest, measures.positive)
        return permute(side.predict, side.first(rows), manifest, score)

    theirs = of(head)
    ours: tuple[Shuffled, ...] = ()
    try:
        ours = of(base) if base is not None else ()
    except ContractError as error:  # only when it is asked about rows that are nobody's
        problem = error.message[:LONGEST_PROBLEM]
    return Measured(metric=metric, rows=rows, head=theirs, base=ours, problem=problem)


def _time(head: _Side, base: _Side, measures: Measures) -> Turns:
    rows = min(TIMED_ROWS, len(head.places))
    for side in (base, head):
        side.predict(side.first(rows))
    return time_in_turns(_opener(base, rows), _opener(head, rows), rows=rows, confidence=measures.confidence)


def _opener(side: _Side, rows: int) -> Callable[[], Ask]:
    """What opens the bundle anew, to be asked row by row as a server would."""
    manifest = side.model.manifest
    outputs = [name for name in (manifest.outputs.prediction, manifest.outputs.probabilities) if name]
    single = [{name: values[row : row + 1] for name, values in side.feed.items()} for row in range(rows)]
    files = side.model.contents

    def open_anew() -> Ask:
        opened = session.open_session(files.model, files.path / contents.MODEL, manifest)
        return lambda row: opened.run(outputs, single[row])

    return open_anew
