"""Base and head by every metric: paired on the rows they share, and each on all of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from mergegate import threads
from mergegate.compare.columns import Levels
from mergegate.compare.counting import count_rows
from mergegate.compare.exam import Exam
from mergegate.compare.groups import GapAsk, measure_gap
from mergegate.compare.measured import (
    Ask,
    Evidence,
    ExamName,
    Key,
    Measured,
    Overall,
    finite,
    overall,
    paired_fields,
)
from mergegate.compare.measures import ByRows
from mergegate.compare.metrics import Value, compare_on, evaluate, find, shown
from mergegate.compare.pairing import pair
from mergegate.compare.sides import Paired, Setting, Sides
from mergegate.compare.slices import compare_slices, evaluate_slices
from mergegate.records.comparison import MetricComparison, RowCounts, SliceComparison
from mergegate.records.metrics import MEAN_COST, Task, greater_is_better, split_class
from mergegate.records.predictions import Predictions
from mergegate.stats import Design, Estimate, UndefinedError

HEADLINE: dict[Task, tuple[str, ...]] = {
    "binary": ("roc_auc", "log_loss", "accuracy"),
    "multiclass": ("log_loss", "accuracy"),
    "regression": ("root_mean_squared_error", "mean_absolute_error"),
}
"""What head is called better or worse by where no gate names a metric."""


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """Base against head: counts of rows, a record for each metric, and what gates judge by.

    `finding` is the whole in a word; `paired` are the rows compared; `notes` are what a reader must know
    about the columns used. `levels` cuts a slice column on these rows, or raises UndefinedError.
    """

    rows: RowCounts
    metrics: tuple[MetricComparison, ...] = ()
    evidence: Evidence = msgspec.field(default_factory=dict)
    finding: Overall | None = None
    identical: bool = False
    paired: Paired | None = None
    notes: tuple[str, ...] = ()
    levels: Callable[[str], Levels] | None = None


def compare(
    base: Predictions | None,
    head: Predictions | None,
    *,
    metrics: Iterable[str] | None = None,
    asks: Sequence[Ask] = (),
    gaps: Sequence[GapAsk] = (),
    setting: Setting | None = None,
    exam: ExamName = "shared",
) -> Comparison:
    """Compare two sets of predictions of one task; either may be missing.

    `metrics` are names, by default all of the task and the team's own; `asks` are added, and say what gates
    need, as `gaps` do. Shared rows whose y_true differs are counted and left out. A note says why a number is
    missing.
    """
    setting = setting or Setting()
    known = head or base
    if known is None:
        return Comparison(RowCounts(base=None, head=None))
    pairing = pair(base, head) if base and head else None
    names = tuple(shown(known.task, known.classes, setting.options) if metrics is None else metrics)
    names = tuple(dict.fromkeys((*names, *(ask.name for ask in asks))))
    work = _Work(Sides(base, head, pairing, setting), exam, {ask.name: ask for ask in asks})
    for name in names:
        work.measure(name)
    work.measure_slices()
    work.look_up_base()
    work.evidence |= {gap.key: measure_gap(work.sides, gap) for gap in gaps}
    gated = [ask.name for ask in asks] or [name for name in HEADLINE[known.task] if name in names]
    return Comparison(
        rows=count_rows(base, head, pairing),
        metrics=tuple(work.record(name) for name in names),
        evidence=work.evidence,
        finding=work.find(gated),
        identical=work.sides.exam is not None and work.sides.exam.identical,
        paired=work.sides.paired(),
        notes=tuple(dict.fromkeys(work.sides.notes)),
        levels=work.sides.slicing.levels,
    )


class _Work:
    """One comparison under way: what is measured, by key, and the values of each side's own rows."""

    def __init__(self, sides: Sides, exam: ExamName, asks: dict[str, Ask]) -> None:
        self.sides, self.exam, self.asks = sides, exam, asks
        self.setting = sides.setting
        self.evidence: dict[Key, Measured] = {}
        self._own: dict[tuple[str, str], Value] = {}

    def measure(self, name: str) -> None:
        """One metric on the shared rows, and on all rows of each side."""
        options, ask = self.setting.options, self.asks.get(name)
        exam = self.sides.exam
        if exam is not None:
            exam.keeps_alone = ask is not None  # to be looked up
            self.evidence[Key(name, self.exam)] = compare_on(name, exam, options=options)
            if ask and ask.relative:
                found = compare_on(name, exam, relative=ask.relative, options=options)
                self.evidence[Key(name, self.exam, relative=True)] = found
        for side in ("base", "head"):
            self._own[name, side] = self._evaluate(name, side, interval=bool(ask and ask.bars))
        if ask and ask.bars and self.exam == "shared":
            own = self._own[name, "head"]
            rows = self.sides.head.rows if self.sides.head else 0
            found = Measured(rows, head=own.number, estimate=own.estimate, head_reason=own.reason)
            self.evidence[Key(name, "head")] = found

    def _evaluate(self, name: str, side: str, *, interval: bool) -> Value:
        """A metric on all rows of a side; head's with its interval where a bar asks for it."""
        sample = self.sides.whole(side)
        if sample is None or (side == "base" and self.exam != "shared"):
            return Value(None)
        paired = self.evidence.get(Key(name, self.exam))
        interval = interval and side == "head"
        if paired is not None and not interval and self.sides.covers(side):
            number = paired.base if side == "base" else paired.head
            return Value(number, paired.base_reason if side == "base" else paired.head_reason)
        try:
            weight = self.sides.weight(side)
            cluster = self.sides.cluster() if interval else None
        except UndefinedError as error:
            return Value(None, str(error))
        options = self.setting.options
        return evaluate(name, sample, weight=weight, cluster=cluster, options=options, interval=interval)

    def measure_slices(self) -> None:
        """What gates ask of slices: paired on the shared rows, and head's own where a bar is one value."""
        columns = list(dict.fromkeys(column for ask in self.asks.values() for column in ask.slices))
        rows = self.sides.exam.rows if self.sides.exam else 0
        for found in threads.each(self._measure_column, columns, rows=rows):
            self.evidence.update(found)
        moved = self.sides.slicing.moved
        self.sides.notes += [moved[column] for column in columns if column in moved]

    def _measure_column(self, column: str) -> dict[Key, Measured]:
        asks = [ask for ask in self.asks.values() if column in ask.slices]
        found: dict[Key, Measured] = {}
        try:
            if self.sides.exam is not None:
                self._measure_shared_slices(found, self.sides.exam, column, asks)
            if self.exam == "shared":
                self._measure_own_slices(found, column, [ask for ask in asks if ask.bars])
        except UndefinedError as error:
            unknown = Measured(0, head_reason=str(error))
            found.update(dict.fromkeys(self._keys(asks, column), unknown))
        return found

    def _measure_shared_slices(
        self, into: dict[Key, Measured], exam: Exam, column: str, asks: Sequence[Ask]
    ) -> None:
        levels, options = self.sides.slicing.levels(column), self.setting.options
        into.update(compare_slices(exam, self.exam, column, levels, asks, options))
        if self.exam == "shared":
            for level in self.sides.slicing.gone_levels(column, levels):
                gone = Measured(0, head_reason="no row of it that both judged is left")
                into.update(dict.fromkeys(self._keys(asks, column, level), gone))

    def _keys(self, asks: Sequence[Ask], column: str, level: str = "") -> Iterator[Key]:
        """Every number that gates ask of a slice."""
        for ask in asks:
            yield Key(ask.name, self.exam, column, level)
            if ask.relative:
                yield Key(ask.name, self.exam, column, level, relative=True)
            if ask.bars and self.exam == "shared":
                yield Key(ask.name, "head", column, level)

    def _measure_own_slices(self, into: dict[Key, Measured], column: str, asks: Sequence[Ask]) -> None:
        sample = self.sides.whole("head")
        if sample is None or not asks:
            return
        design = Design(sample.rows, weight=self.sides.weight("head"), cluster=self.sides.cluster())
        levels = self.sides.slicing.own_levels(column)
        into.update(evaluate_slices(sample, design, column, levels, asks, self.setting.options))

    def look_up_base(self) -> None:
        """What base alone could tell: where head can't, and of all rows, whose noise head may have made."""
        asked = [
            (key, found, ask)
            for key, found in self.evidence.items()
            if (ask := self.asks.get(key.metric)) and (key.exam == self.exam or self.exam == "shared")
        ]
        rows = self.sides.exam.rows if self.sides.exam else 0
        every = threads.each(
            lambda one: self._base_alone(one[0], one[1], self._min_rows(one[2])), asked, rows=rows
        )
        for (key, found, _), alone in zip(asked, every, strict=True):
            if alone is not None:
                self.evidence[key] = msgspec.structs.replace(found, base_alone=alone)

    def _base_alone(self, key: Key, found: Measured, enough: int) -> Estimate | None:
        estimate = found.estimate
        if estimate is not None and not estimate.problem and estimate.carried >= enough:
            paired = not key.column and key.exam != "head" and self.sides.exam is not None
            return self._alone_on_the_same_rows(key.metric) if paired else None
        told = estimate is not None and bool(estimate.problem)
        if self.exam != "shared" or (self._same_in_base(key) and not told):
            return None
        return self.sides.base_alone(key.metric, key.column, key.level)

    def _alone_on_the_same_rows(self, name: str) -> Estimate | None:
        exam, options = self.sides.exam, self.setting.options
        if exam is None:
            return None
        measure = find(name, exam.base.task, options).measure
        if isinstance(measure, ByRows) and measure.influence in exam.alone:
            return exam.alone[measure.influence]
        design = exam.design
        value = evaluate(
            name, exam.base, weight=design.weight, cluster=design.cluster, options=options, interval=True
        )
        return value.estimate

    def _same_in_base(self, key: Key) -> bool:
        """Whether as few of base's own rows carry a metric: all are shared, and its truth decides."""
        answered = split_class(key.metric)[0] in ("precision", "f1")  # by rows that a model calls so
        return key.exam == "shared" and self.sides.covers("base") and not answered

    def record(self, name: str) -> MetricComparison:
        """One metric's record, its slices included."""
        ask, found = self.asks.get(name), self.evidence.get(Key(name, self.exam), Measured(0))
        base, head = self._own[name, "base"], self._own[name, "head"]
        own = None if head.estimate is None or head.estimate.problem else head.estimate
        limits = own.interval(self.setting.confidence) if own else None
        return MetricComparison(
            name=name,
            greater_is_better=self._greater(name),
            base_all=base.number,
            head_all=head.number,
            head_low=finite(limits.low) if limits else None,
            head_high=finite(limits.high) if limits else None,
            unit=self.setting.options.unit if name == MEAN_COST else "",
            slices=tuple(self._slices(name, ask)) if ask else (),
            note=_note(self.sides.why, found, base.reason, head.reason),
            **self._paired(name, found),
        )

    def _slices(self, name: str, ask: Ask) -> Iterator[SliceComparison]:
        for key, found in self.evidence.items():
            if (key.metric, key.exam, key.relative) == (name, self.exam, False) and key.column:
                yield SliceComparison(
                    column=key.column,
                    level=key.level,
                    rows=found.rows,
                    min_rows=self._min_rows(ask),
                    note=_note("", found, "", ""),
                    **self._paired(name, found),
                )

    def _paired(self, name: str, found: Measured) -> dict[str, Any]:
        ask = self.asks.get(name)
        return paired_fields(
            found,
            greater_is_better=self._greater(name),
            confidence=self.setting.confidence,
            min_rows=self._min_rows(ask),
        )

    def find(self, names: Iterable[str]) -> Overall | None:
        """The comparison in a word, by the metrics named."""
        found = [(self.evidence.get(Key(name, self.exam)), self._greater(name)) for name in names]
        known = [(measured, greater) for measured, greater in found if measured is not None]
        return overall(known, confidence=self.setting.confidence, min_rows=self.setting.min_rows)

    def _greater(self, name: str) -> bool:
        options = self.setting.options
        return options.losses[name][1] if name in options.losses else greater_is_better(name)

    def _min_rows(self, ask: Ask | None) -> int:
        return self.setting.min_rows if ask is None or ask.min_rows is None else ask.min_rows


def _note(why: str, found: Measured, base: str, head: str) -> str:
    """Everything that a reader must know about a missing number, each reason once."""
    parts = [why] if why else []
    for side, whole, shared in (("base", base, found.base_reason), ("head", head, found.head_reason)):
        if whole:
            parts.append(f"{side}: {whole}")
        elif shared:
            parts.append(f"{side}, on the shared rows: {shared}")
    return "; ".join(dict.fromkeys(parts))
