"""What `mergegate diff … --json` prints."""

from typing import Literal

from mergegate.records.comparison import Finding
from mergegate.records.data import DatasetReview
from mergegate.records.explain import Confusion, Curves, Flips, SegmentSearch
from mergegate.records.metrics import Task
from mergegate.records.record import Record

SCHEMA = 1
"""Raised when a reader of the old form would misread the new."""


class RowsDiff(Record, frozen=True, kw_only=True):
    """Rows of base and head, and of both: `compared` are the shared ones less those whose y_true differs."""

    base: int
    head: int
    shared: int
    new: int
    gone: int
    labels_changed: int
    compared: int


class Compared(Record, frozen=True, kw_only=True):
    """A metric on compared rows: the fields of comparison.Paired, after the metric's name.

    `outcome` is null where nothing can be compared, and `note` or `problem` says why.
    """

    metric: str
    base: float | None = None
    head: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    outcome: Finding | None = None
    greater_is_better: bool
    standard_error: float | None = None
    detectable: float | None = None
    carried: float | None = None
    discordant: int | None = None
    clusters: int | None = None
    method: str = ""
    problem: str = ""
    note: str = ""


class SliceDiff(Compared, frozen=True, kw_only=True):
    """A metric on the `rows` compared rows where `column` has the value `level`."""

    column: str
    level: str
    rows: int


class MetricDiff(Compared, frozen=True, kw_only=True):
    """A metric on all compared rows; `base_all` and `head_all` on all rows of each file."""

    base_all: float | None = None
    head_all: float | None = None
    slices: tuple[SliceDiff, ...] = ()


class PredictionsDiff(Record, frozen=True, kw_only=True):
    """Two predictions files compared: head against base.

    `positive` is the positive class of a binary task. `finding` is the whole in a word, by the task's first
    metrics or the ones that were named; null where nothing can be compared. `identical`: every compared row
    is answered alike. `flips` and what follows explain the difference, null or empty where nobody asked.
    """

    schema: int = SCHEMA
    mergegate: str
    task: Task
    positive: str | None
    confidence: float
    rows: RowsDiff
    finding: Literal["better", "worse", "mixed", "no_evidence", "insufficient"] | None
    identical: bool
    metrics: tuple[MetricDiff, ...]
    flips: Flips | None = None
    segments: SegmentSearch | None = None
    curves: tuple[Curves, ...] = ()
    confusion: tuple[Confusion, ...] = ()
    notes: tuple[str, ...]


class DataDiff(Record, frozen=True, kw_only=True):
    """Two datasets compared: what `base` and `head` name, as they were asked for."""

    schema: int = SCHEMA
    mergegate: str
    base: str
    head: str
    dataset: DatasetReview
