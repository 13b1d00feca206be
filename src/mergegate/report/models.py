"""One model as Markdown: what the data could not tell, its metrics, slices, rescored comparison, bundle."""

from collections.abc import Iterator, Sequence

from mergegate.records.comparison import MetricComparison, RowCounts, SliceComparison
from mergegate.records.review import ModelReview, Problem, ReportedMetric, Review
from mergegate.report import comparison, explain, metrics, numbers, untold, wording
from mergegate.report.blocks import Bounds, bold, bullets, fold, listed, more, script, table, value, warn
from mergegate.report.data.markdown import fold_part, markdown_voice
from mergegate.report.escaping import code, element, prose
from mergegate.report.metrics import Columns


def model(review: Review, found: ModelReview, bounds: Bounds) -> Iterator[str]:
    """One model, from what a reader must know to what an auditor looks up."""
    said = comparison.finding(found)
    yield f"### Model {code(found.name, bounds.value)}" + (f": {said}" if said else "")
    if len(review.models) > 1:
        yield comparison.placed(found, script(bounds))
    voice = markdown_voice(bounds)
    # What a reader must see, for whom and on which rows; the parts behind it are folded below.
    lines = [f"{bold(line.what)}: {line.said}" for line in explain.findings(found, voice)]
    yield listed(lines, bounds, "finding") if lines else ""
    gated = comparison.gated(review, found)
    sentences = untold.of_model(found, gated, script(bounds), margins=comparison.margins(review, found))
    if sentences:
        yield f"**{untold.TITLE}**\n\n{listed(sentences, bounds, 'sentence')}"
    yield from _comparisons(found, bounds, folded=bool(gated))
    if found.bundle:
        yield comparison.bundle(found.bundle, script(bounds))
    for part in explain.behind(found, voice):
        yield fold_part(part, bounds)
    yield bullets(found.notes, bounds, "note")
    if found.reported:
        count = wording.total(found.reported, found.reported_total)
        yield fold(
            f"{numbers.plural(count, 'metric')} as the pipeline reports, not judged", _reported(found, bounds)
        )


def problems(found: tuple[Problem, ...], bounds: Bounds) -> Iterator[str]:
    """Files that can't be used, loud."""
    for problem in found[: bounds.rows]:
        what = f"**{problem.side.capitalize()}'s {code(problem.path, bounds.value)} can't be used:**"
        hint = f" Next: {prose(problem.hint, bounds.sentence)}" if problem.hint else ""
        message = prose(f"{problem.clause}.", bounds.sentence)
        yield warn(f"{what} {message}{hint}")
    yield more(len(found) - bounds.rows, "problem")


def _comparisons(found: ModelReview, bounds: Bounds, *, folded: bool) -> Iterator[str]:
    """The metrics on the shared rows, then on base's rescored ones, each under the words that say which."""
    other = found.rescored
    if found.metrics and found.rows.head is not None:
        title = comparison.title(found)
        yield from _compared(title, found.metrics, found.rows, found.confidence, bounds, folded=folded)
    if other is None:
        return
    if other.problem:
        yield comparison.unscored(other, script(bounds))
    if astray := comparison.astray(other):
        yield warn(astray)
    if other.metrics:
        rows = RowCounts(base=other.rows, head=other.rows, shared=other.rows)
        title = comparison.rescored(other)
        yield from _compared(title, other.metrics, rows, found.confidence, bounds, folded=folded)


def _compared(
    title: str,
    found: Sequence[MetricComparison],
    rows: RowCounts,
    confidence: float,
    bounds: Bounds,
    *,
    folded: bool,
) -> Iterator[str]:
    """A table of metrics, its slices, and how its intervals were made."""
    columns = metrics.columns(found, rows, confidence)
    written = script(bounds)

    def cells(metric: MetricComparison) -> Sequence[str]:
        note = f"<br>{prose(metric.note, bounds.sentence)}" if metric.note else ""
        lower = comparison.better(metric)
        name = code(metric.name, bounds.value) + (f" ({lower})" if lower else "")
        return name + note, *columns.cells(metric, written)

    heads = [_head(name) for name in columns.heads]
    limit = bounds.folded if folded else bounds.rows
    body = table(("Metric", *heads), found, cells, limit=limit, noun="metric")
    if comparison.worded(found):
        body = f"{body}\n\n{comparison.LEGEND}"
    yield fold(title, body) if folded else f"**{title}**\n\n{body}"
    sliced = [metric for metric in found if metric.slices]
    for metric in sliced[: bounds.slices]:
        yield _slices(metric, columns, bounds)
    yield more(len(sliced) - bounds.slices, "metric in slices", many="metrics in slices")
    yield _methods(found, bounds)


def _slices(metric: MetricComparison, columns: Columns, bounds: Bounds) -> str:
    """One metric in its slices, the worst first."""
    written = script(bounds)

    def cells(part: SliceComparison) -> Sequence[str]:
        note = f"<br>{prose(part.note, bounds.sentence)}" if part.note else ""
        name = f"{code(part.column, bounds.value)} = {code(part.level, bounds.value)}{note}"
        return name, *metrics.slice_cells(part, metric, written)

    heads = [_head(name) for name in columns.slice_heads]
    body = table(("Slice", *heads), metrics.worst_first(metric), cells, limit=bounds.folded, noun="slice")
    return fold(f"{element(metric.name, bounds.value)} in {metrics.slice_title(metric)}", body)


def _methods(found: Sequence[MetricComparison], bounds: Bounds) -> str:
    """How each interval was computed, for whoever checks it."""
    known = [metric for metric in found if metric.method and not comparison.unmoved(metric)]
    if not known:
        return ""
    written = script(bounds)
    decided = any(metric.discordant is not None for metric in known)
    grouped = any(metric.clusters is not None for metric in known)

    def cells(metric: MetricComparison) -> Sequence[str]:
        common = numbers.scale((), metric.standard_error, unit=written.unit(metric.unit))
        carried = None if metric.carried is None else round(metric.carried)
        return (
            code(metric.name, bounds.value),
            prose(metric.method, bounds.sentence),
            common.number(metric.standard_error),
            numbers.count(carried),
            *([numbers.count(metric.discordant)] if decided else []),
            *([numbers.count(metric.clusters)] if grouped else []),
        )

    columns = ["Metric", "Method", "Standard error:", "Rows that carry it:"]
    columns += ["Decided differently:"] * decided + ["Clusters:"] * grouped
    body = table(columns, known, cells, limit=bounds.folded, noun="metric")
    return fold("How each interval was computed", body)


def _head(name: str) -> str:
    """A heading; numbers are aligned right."""
    return name[:1].upper() + name[1:] + ("" if name == metrics.IN_WORDS else ":")


def _reported(found: ModelReview, bounds: Bounds) -> str:
    """What the pipeline says of itself."""

    def cells(metric: ReportedMetric) -> Sequence[str]:
        return code(metric.name, bounds.value), value(metric.base, bounds), value(metric.head, bounds)

    columns = ("Metric", "Base:", "Head:")
    return table(
        columns, found.reported, cells, limit=bounds.folded, noun="metric", total=found.reported_total
    )
