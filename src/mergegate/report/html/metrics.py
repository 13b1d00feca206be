"""Metrics, and each one's slices: differences with their intervals beside what may be lost."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from mergegate.records.comparison import Finding, MetricComparison, Paired, RowCounts, SliceComparison
from mergegate.records.review import ModelReview, ReportedMetric
from mergegate.records.verdict import GateResult
from mergegate.report import comparison, methods, metrics, numbers
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Cell
from mergegate.report.escaping import visible
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.intervals import Kind, Stretch, draw_interval, gains, reach
from mergegate.report.html.markup import Markup, folded, join, paragraph, tag
from mergegate.report.html.tables import PICTURE, WORDS, draw_rows, stacked
from mergegate.report.metrics import IN_WORDS, Columns

Bars = Mapping[tuple[str, str, str, str], float]
"""What a difference may fall to: by exam, metric, column and level, in the metric's own units."""

_KIND: dict[Finding | None, Kind] = {
    "better": "better",
    "worse": "worse",
    "no_evidence": "even",
    "insufficient": "untold",
    None: "even",
}
_SEEN = "worse | better"
_SCALES = "Each picture has a scale of its own: right of the line in the middle head is better."
_SHADED = " Where it is shaded, head has lost more than its gate allows."
_FAR = 2.5
"""A scale reaches so many times as far as the middle one of its intervals, and cuts longer ones off."""


class Exam(msgspec.Struct, frozen=True):
    """Metrics on one and the same rows."""

    word: str
    title: str
    metrics: Sequence[MetricComparison]
    rows: RowCounts
    confidence: float

    @property
    def columns(self) -> Columns:
        """Which columns a table of these metrics has."""
        return metrics.columns(self.metrics, self.rows, self.confidence)


def exams(model: ModelReview) -> list[Exam]:
    """The comparison on the rows that both judged, and the one with base's model run on head's rows."""
    found = []
    if model.metrics and model.rows.head is not None:
        title = comparison.title(model)
        found.append(Exam("shared", title, model.metrics, model.rows, model.confidence))
    other = model.rescored
    if other is not None and other.metrics:
        rows = RowCounts(base=other.rows, head=other.rows, shared=other.rows)
        title = comparison.rescored(other)
        found.append(Exam("rescored", title, other.metrics, rows, model.confidence))
    return found


def bars(gates: Sequence[GateResult], model: str) -> Bars:
    """What the gates of a model let its differences fall to."""
    found: dict[tuple[str, str, str, str], float] = {}
    for gate in gates:
        measured = gate.measured
        if gate.subject != model or measured is None or gate.bar is None or measured.exam == "head":
            continue
        times = 1.0 if not measured.relative else abs(measured.base or 0.0)
        if times:
            found[measured.exam, measured.metric, measured.column, measured.level] = gate.bar * times
    return found


def draw_metrics(model: ModelReview, found: Sequence[Exam], limits: Bars, bounds: Bounds) -> Markup:
    """Each comparison's table, what speaks against it, and how its intervals were made."""
    other = model.rescored
    return join(
        *(_metrics(exam, limits, bounds) for exam in found),
        paragraph(Markup(comparison.unscored(other, VOICE))) if other and other.problem else "",
        paragraph(comparison.astray(other), kind="warning") if other else "",
        paragraph(Markup(comparison.bundle(model.bundle, VOICE))) if model.bundle else "",
        *(_methods(exam, bounds) for exam in found),
    )


def _metrics(exam: Exam, limits: Bars, bounds: Bounds) -> Markup:
    columns = exam.columns

    def row(metric: MetricComparison) -> tuple[Cell, ...]:
        lower = comparison.better(metric)
        name = join(
            VOICE.name(metric.name),
            *([tag("div", lower, class_="note")] if lower else []),
            *([tag("div", VOICE.text(metric.note), class_="note")] if metric.note else []),
        )
        seen = _seen(metric, metric, limits.get((exam.word, metric.name, "", "")))
        return name, *_cells(columns.cells(metric, VOICE), columns, _picture(seen, metric), stack=True)

    heads = ("Metric", *_heads(columns.heads, columns, stack=True))
    return join(
        draw_rows(exam.metrics, row, heads, "metric", bounds, title=exam.title),
        paragraph(comparison.LEGEND, kind="note") if comparison.worded(exam.metrics) else "",
        paragraph(_SCALES + (_SHADED if limits else ""), kind="note") if columns.layout == "paired" else "",
    )


def _heads(heads: Sequence[str], columns: Columns, *, stack: bool = False) -> Iterator[str]:
    """Headings, with a picture behind the interval; this one joins the difference if they are stacked."""
    found = [_capital(head) + WORDS if head == IN_WORDS else f"{_capital(head)}:" for head in heads]
    if columns.layout != "paired":
        yield from found
        return
    base, head, difference, interval, *rest = found
    joined = (f"{difference.removesuffix(':')}, {interval}",) if stack else (difference, interval)
    yield from (base, head, *joined, _SEEN + PICTURE, *rest)


def _cells(cells: Sequence[str], columns: Columns, picture: Markup, *, stack: bool = False) -> Iterator[Cell]:
    """Cells below these headings."""
    if columns.layout != "paired":
        yield from cells
        return
    base, head, difference, interval, *rest = cells
    below = "" if interval == numbers.UNKNOWN else interval
    joined = (stacked(difference, below),) if stack else (difference, interval)
    yield from (base, head, *joined, picture, *(map(_stacked, rest) if stack else rest))


def _stacked(cell: str) -> str:
    """`0.6582 (0.6121 to 0.7015)` with its interval below; words as they are."""
    number, _, interval = cell.partition(" (")
    return stacked(number, interval[:-1]) if interval.endswith(")") and "<" not in cell else cell


def _seen(paired: Paired, metric: MetricComparison, bar: float | None) -> Stretch | None:
    """The difference as a gain of head over base."""
    if comparison.unmoved(paired):
        return None
    return gains(
        paired.difference,
        paired.low,
        paired.high,
        bar=bar,
        upward=metric.greater_is_better,
        kind=_KIND[paired.outcome],
    )


def _picture(seen: Stretch | None, paired: Paired, within: float = 0.0) -> Markup:
    if seen is None:
        return Markup()
    common = numbers.scale((), paired.difference, paired.low, paired.high)
    known = (paired.low, paired.high) != (None, None) or paired.outcome in {"better", "worse"}
    interval = f"interval {common.interval(paired.low, paired.high)}" if known else "no interval"
    label = f"difference {common.signed(paired.difference)}, {interval}"
    return draw_interval(seen, label, within=within)


def draw_slices(found: Sequence[Exam], limits: Bars, bounds: Bounds) -> Markup:
    """A forest for each metric: every slice's difference on one scale, the worst first; nothing for none."""
    sliced = [(exam, metric) for exam in found for metric in exam.metrics if metric.slices]
    drawn = [_forest(exam, metric, limits, bounds) for exam, metric in sliced[: bounds.metrics]]
    rest = len(sliced) - len(drawn)
    more = f"{rest:,} more {'metric' if rest == 1 else 'metrics'} in slices, {bounds.where}." if rest else ""
    return join(*drawn, paragraph(more, kind="note"))


def _forest(exam: Exam, metric: MetricComparison, limits: Bars, bounds: Bounds) -> Markup:
    columns, shown = exam.columns, metrics.worst_first(metric)[: bounds.slices]
    every = limits.get((exam.word, metric.name, "", ""))

    def seen(part: SliceComparison) -> Stretch | None:
        return _seen(part, metric, limits.get((exam.word, metric.name, part.column, part.level)))

    within = _within([each for each in map(seen, shown) if each is not None])

    def row(part: SliceComparison) -> tuple[Cell, ...]:
        count, *cells = metrics.slice_cells(part, metric, VOICE)
        remark = [tag("div", VOICE.text(part.note), class_="note")] if part.note else []
        name = join(VOICE.name(part.column), " = ", VOICE.name(part.level), *remark)
        return name, count, *_cells(cells, columns, _picture(seen(part), part, within))

    count, *heads = columns.slice_heads
    table = draw_rows(
        shown,
        row,
        ("Slice", f"{_capital(count)}:", *_heads(heads, columns)),
        "slice",
        bounds,
        total=len(metric.slices),
        label=f"Slices of {visible(metric.name, 60)}",
        sortable=True,
        most=bounds.slices,
    )
    lower = comparison.better(metric)
    where = " (base's model run on head's rows)" if exam.word == "rescored" else ""
    title = f" in {metrics.slice_title(metric)}{where}{f'; {lower}' if lower else ''}"
    return join(
        tag("h3", VOICE.name(metric.name), title),
        paragraph(f"May be lost over all: {numbers.bar(abs(every))}.", kind="note") if every else "",
        table,
    )


def _within(seen: Sequence[Stretch]) -> float:
    """How far the common scale of some slices reaches: a wild one does not press the others together."""
    if not seen:
        return 0.0
    reaches = sorted(reach([each]) for each in seen)
    return min(reaches[-1], _FAR * reaches[len(reaches) // 2]) or reaches[-1]


def _methods(exam: Exam, bounds: Bounds) -> Markup:
    """How each interval was computed, for whoever checks it."""
    known = [each for each in exam.metrics if each.method and not comparison.unmoved(each)]
    if not known:
        return Markup()
    heads = ("Metric", f"Method{WORDS}", "Standard error:", "Rows that carry it:", "Decided differently:")
    table = draw_rows(known, _method, (*heads, "Clusters:"), "metric", bounds, label="Methods")
    where = "" if exam.word == "shared" else ", on head's rows"
    return folded(f"How each interval was computed{where}", table)


def _method(metric: MetricComparison) -> tuple[Cell, ...]:
    common = numbers.scale((), metric.standard_error, unit=VOICE.unit(metric.unit))
    source = methods.source(metric.method)
    return (
        VOICE.name(metric.name),
        join(VOICE.text(metric.method), f": {source}" if source else ""),
        common.number(metric.standard_error),
        numbers.count(None if metric.carried is None else round(metric.carried)),
        numbers.count(metric.discordant),
        numbers.count(metric.clusters),
    )


def draw_reported(model: ModelReview, bounds: Bounds) -> Markup:
    """What the pipeline says of itself: shown, not judged."""
    heads, total = ("Metric", "Base:", "Head:"), model.reported_total
    return draw_rows(
        model.reported, _reported, heads, "metric", bounds, total=total, label="Reported metrics"
    )


def _reported(each: ReportedMetric) -> tuple[Cell, ...]:
    base, head = (numbers.UNKNOWN if side is None else VOICE.value(side) for side in (each.base, each.head))
    return VOICE.name(each.name), base, head


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
