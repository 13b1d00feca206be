"""Base and head on the same rows, as data: metrics, their differences, and how far these can be trusted."""

from typing import Literal

from mergegate.records.record import Record

Finding = Literal["better", "worse", "no_evidence", "insufficient"]
"""Head against base, from the interval of their difference."""


class RowCounts(Record, frozen=True, kw_only=True):
    """Evaluated rows: in base, in head, shared by both, new in head, gone from base.

    `labels_changed` counts shared rows whose `y_true` differs: they are left out, so that differences are of
    shared less labels_changed rows. `gone_most` and `labels_changed_most` are the largest shares of these
    within a class of base's `y_true`: of its rows, and of its shared rows; 0 for regression.
    """

    base: int | None
    head: int | None
    shared: int = 0
    new: int = 0
    gone: int = 0
    labels_changed: int = 0
    gone_most: float = 0.0
    labels_changed_most: float = 0.0

    @property
    def compared(self) -> int:
        """Shared rows with one and the same label: what differences are of."""
        return self.shared - self.labels_changed


class Paired(Record, frozen=True, kw_only=True):
    """A metric of base and head on the same rows, and what the sample says about the difference.

    `low` and `high` are the limits of `difference` (head less base), None where unbounded or unknown.
    `detectable` is the smallest loss that this sample would call with 80 % power, in the metric's units.
    `carried` counts the (effective) rows that carry the metric, `discordant` those decided differently,
    `clusters` the groups of dependent rows. `problem` says why the sample can't tell.
    """

    base: float | None = None
    head: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    outcome: Finding | None = None
    standard_error: float | None = None
    detectable: float | None = None
    carried: float | None = None
    discordant: int | None = None
    clusters: int | None = None
    method: str = ""
    problem: str = ""


class SliceComparison(Paired, frozen=True, kw_only=True):
    """A metric where `column` has the value `level`: `rows` compared, and the least that the policy asks."""

    column: str
    level: str
    rows: int
    min_rows: int = 0
    note: str = ""


class MetricComparison(Paired, frozen=True, kw_only=True):
    """One metric on the compared rows; `base_all`, `head_all` on all rows of each side.

    `head_low` and `head_high` are the limits of head_all, where a bar asks for them. `training_noise` is the
    standard deviation over `trainings` reported re-trainings. `unit` is that of a cost.
    """

    name: str
    greater_is_better: bool
    base_all: float | None = None
    head_all: float | None = None
    head_low: float | None = None
    head_high: float | None = None
    training_noise: float | None = None
    trainings: int = 0
    unit: str = ""
    slices: tuple[SliceComparison, ...] = ()
    note: str = ""


class Rescored(Record, frozen=True, kw_only=True):
    """Base's bundle, run on head's evaluation inputs, against head's predictions of the same rows.

    `rows` are compared; `trained_on` rows were left out because base was trained on them, `missing` ones
    because head's inputs lack them. `furthest` is the
    largest distance between these and base's own predictions, on the rows that base predicted itself.
    `finding` is this comparison in a word, as the model's own. `problem` says why it could not be done.
    """

    rows: int = 0
    trained_on: int = 0
    missing: int = 0
    finding: Finding | Literal["mixed"] | None = None
    furthest: float | None = None
    metrics: tuple[MetricComparison, ...] = ()
    problem: str = ""


class BundleFacts(Record, frozen=True, kw_only=True):
    """Head's bundle: `size` in bytes; `parity` the largest distance of its answers from the predictions.

    `rows` were asked for it; in `labels_differ` of them y_pred is another label than its answer, which is a
    distance of 1. `scored`: they were asked in another order and number, and in `differ` of them the answer
    is another by more than `tolerance`. `problem` says why the bundle could not be run.
    """

    size: int | None = None
    parity: float | None = None
    rows: int = 0
    labels_differ: int = 0
    scored: bool = False
    differ: int = 0
    tolerance: float | None = None
    problem: str = ""
