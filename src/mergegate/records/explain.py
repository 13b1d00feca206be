"""What a change does, for whom and on which rows: flips, segments, curves, golden rows."""

from typing import Literal

from mergegate.records.record import Record


class Band(Record, frozen=True, kw_only=True):
    """How a column's values became the levels of a slice: `bins` by quantiles, `time` by its parts.

    `edges` are the inner limits between bins, as text, lowest first.
    """

    column: str
    kind: Literal["values", "bins", "time"]
    edges: tuple[str, ...] = ()


class Condition(Record, frozen=True, kw_only=True):
    """One part of what makes a segment: `carrier` is `EV`, or a band of numbers (`hour` is `18 to 23`)."""

    column: str
    level: str


class Segment(Record, frozen=True, kw_only=True):
    """Rows on which head lost more than on the others: one condition, or two that hold together.

    `loss` is the mean change of the row-wise loss (`measure`, higher is worse) in the segment, `rest` on all
    other rows; `excess` is their difference with its interval. `p_adjusted` is after Holm over all `tried`.
    """

    conditions: tuple[Condition, ...]
    rows: int
    loss: float
    rest: float
    excess: float
    low: float | None = None
    high: float | None = None
    p_adjusted: float = 1.0


class SegmentSearch(Record, frozen=True, kw_only=True):
    """The weak-segment search: at most ten `found`, the largest loss first, of `tried` segments.

    `measure` is what is lost, by scikit-learn's name. `bands` say how columns were cut. `skipped` are columns
    that have too many values, one, or none. `problem` says why nothing was searched.
    """

    measure: str
    tried: int = 0
    min_rows: int = 0
    found: tuple[Segment, ...] = ()
    found_total: int = 0
    bands: tuple[Band, ...] = ()
    skipped: tuple[str, ...] = ()
    problem: str = ""


class Gap(Record, frozen=True, kw_only=True):
    """The largest difference of a metric between two levels of a column, in base and in head.

    Levels with fewer than `min_rows` rows that carry the metric are left out. `base` and `head` are on the
    compared rows; `head_all`, with its interval, is what the gate judges: on all of head's.
    """

    metric: str
    column: str
    base: float | None = None
    head: float | None = None
    base_worst: str = ""
    base_best: str = ""
    head_worst: str = ""
    head_best: str = ""
    levels: int = 0
    min_rows: int = 0
    problem: str = ""
    head_all: float | None = None
    head_low: float | None = None
    head_high: float | None = None


class FlipCount(Record, frozen=True, kw_only=True):
    """Rows of one truth that base called one class and head another (or the same)."""

    truth: str
    base: str
    head: str
    rows: int


class FlipSlice(Record, frozen=True, kw_only=True):
    """Flips where `column` is `level`: `changed` of `rows` got another answer; of these `broke`, `mended`."""

    column: str
    level: str
    rows: int
    changed: int
    broke: int = 0
    mended: int = 0


class FlipInput(Record, frozen=True, kw_only=True):
    """An input of a flipped row, as text; None where it is missing. `hidden`: the policy calls it private."""

    name: str
    value: str | None
    hidden: bool = False


class FlipRow(Record, frozen=True, kw_only=True):
    """One row whose answer changed. `base_score` and `head_score` are the probability of the row's own truth,
    or the absolute error for regression; `move` is how much worse head is by it, negative where better."""

    row_id: str
    truth: str
    base: str
    head: str
    base_score: float | None = None
    head_score: float | None = None
    move: float = 0.0
    inputs: tuple[FlipInput, ...] = ()


class Flips(Record, frozen=True, kw_only=True):
    """Answers that changed on the compared rows.

    Classifiers: `changed` got another class; `broke` were right in base and are wrong in head, `mended` the
    other way, `p` is McNemar's exact test of these two. Regression: `changed` moved by more than `tolerance`;
    `broke` are then worse by more than it, `mended` better by more than it, `p` the exact sign test.
    `matrix` counts truth × base × head, of at most 20 classes with the most rows. `telling` are the 20 rows
    that tell most; `without_inputs` says why they have no inputs. `exam`: on the rows that both judged, or on
    head's, which base's bundle was run on.
    """

    rows: int
    changed: int
    broke: int = 0
    mended: int = 0
    p: float | None = None
    tolerance: float | None = None
    matrix: tuple[FlipCount, ...] = ()
    classes_total: int = 0
    slices: tuple[FlipSlice, ...] = ()
    telling: tuple[FlipRow, ...] = ()
    without_inputs: str = ""
    exam: Literal["shared", "rescored"] = "shared"

    @property
    def share(self) -> float:
        """Changed rows among all, 0 to 1: the churn."""
        return self.changed / self.rows if self.rows else 0.0


class Point(Record, frozen=True, kw_only=True):
    """A point of a curve."""

    x: float
    y: float


class Reliability(Record, frozen=True, kw_only=True):
    """A bin of a calibration curve: mean predicted probability, observed share with its Wilson interval."""

    predicted: float
    observed: float
    low: float
    high: float
    rows: int


class Curves(Record, frozen=True, kw_only=True):
    """What the charts of one side draw, for one class against the others. At most 200 points each.

    `roc`: false positive rate → true positive rate; `precision_recall`: recall → precision. Regression has
    `errors` alone: absolute error → share of the rows up to it.
    """

    side: Literal["base", "head"]
    positive: str = ""
    rows: int = 0
    roc: tuple[Point, ...] = ()
    precision_recall: tuple[Point, ...] = ()
    calibration: tuple[Reliability, ...] = ()
    errors: tuple[Point, ...] = ()


class Confusion(Record, frozen=True, kw_only=True):
    """Rows of a truth that base and head gave one answer, on the compared rows; of at most 20 classes."""

    truth: str
    answer: str
    base: int
    head: int


class GoldenRow(Record, frozen=True, kw_only=True):
    """A golden row that failed, whole, or one that could not be asked (`problem`).

    `expected` is a class or a number with `tolerance`; `min_probability` asks for that much of the class,
    whichever is answered; `not_worse` asks only that head is no worse than base. `base` and `head` are the
    models' answers, None where they gave none; `base_score` and `head_score` the probability of `expected`,
    or the absolute error for regression. `fault` says what head owes, without a full stop.
    """

    file: str
    name: str
    expected: str | None
    tolerance: float | None = None
    min_probability: float | None = None
    not_worse: bool = False
    reason: str = ""
    author: str = ""
    base: str | None = None
    head: str | None = None
    base_score: float | None = None
    head_score: float | None = None
    inputs: tuple[FlipInput, ...] = ()
    fault: str = ""
    problem: str = ""


class Golden(Record, frozen=True, kw_only=True):
    """The golden set, scored by the bundles: `failed` rows of `rows`, at most 20 of them shown.

    `changed` are the rows that head alters or removes, at most 20 of `changed_total`: they are judged as the
    target has them. `notes` are sentences for people; `problem` says why nothing was judged.
    """

    files: tuple[str, ...] = ()
    rows: int = 0
    failed: int = 0
    failures: tuple[GoldenRow, ...] = ()
    changed: tuple[str, ...] = ()
    changed_total: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""
