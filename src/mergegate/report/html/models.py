"""One model's sections, from what a reader must know to what an auditor looks up."""

from collections.abc import Collection, Iterator, Sequence

from mergegate.records.comparison import MetricComparison
from mergegate.records.explain import Confusion
from mergegate.records.review import ModelReview, Review
from mergegate.records.verdict import GateResult
from mergegate.report import comparison, numbers, untold, wording
from mergegate.report.data.markup import VOICE
from mergegate.report.explain.golden import tally
from mergegate.report.html import metrics
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.bundles import draw_model
from mergegate.report.html.confusion import draw_confusion
from mergegate.report.html.curves import draw_curves
from mergegate.report.html.flips import draw_flips
from mergegate.report.html.frame import Section
from mergegate.report.html.golden import draw_golden
from mergegate.report.html.markup import Markup, join, listed, paragraph
from mergegate.report.html.segments import draw_gaps, draw_segments
from mergegate.report.numbers import plural

PARTS = {
    "flips": "changed answers",
    "curves": "curves",
    "segments": "weak segments",
    "golden": "golden rows",
    "model": "what the model depends on",
}
"""What a review may not have looked at, by the record's name."""


def models(review: Review, bounds: Bounds) -> Iterator[Section]:
    """The sections of each model; with several, each below a heading of its own."""
    many = len(review.models) > 1
    for number, model in enumerate(review.models[: bounds.models]):
        if not many:
            yield from draw_sections(model, review.gates, bounds, sentences=untold_of(review, model))
            continue
        prefix, found = f"m{number + 1}-", comparison.finding(model)
        title = join("Model ", VOICE.name(model.name), f": {found}" if found else "")
        body = paragraph(Markup(comparison.placed(model, VOICE)))
        yield Section(f"m{number + 1}", f"Model {number + 1}", title, body)
        inner = draw_sections(
            model, review.gates, bounds, prefix=prefix, level=3, sentences=untold_of(review, model)
        )
        yield from inner
    rest = len(review.models) - bounds.models
    if rest > 0:
        words = paragraph(f"{plural(rest, 'more model')}, {bounds.where}.")
        yield Section("models", "More models", "More models", words)


def untold_of(review: Review, model: ModelReview) -> list[str]:
    """What the data could not tell of a model of a review."""
    gated, margins = comparison.gated(review, model), comparison.margins(review, model)
    return untold.of_model(model, gated, VOICE, margins=margins)


def draw_sections(
    model: ModelReview,
    gates: Sequence[GateResult],
    bounds: Bounds,
    *,
    prefix: str = "",
    level: int = 2,
    sentences: Sequence[str] = (),
    sought: Collection[str] = tuple(PARTS),
) -> Iterator[Section]:
    """What there is to show of a model, each part with its heading; last, which of `sought` is not there."""
    exams, limits = metrics.exams(model), metrics.bars(gates, model.name)

    def section(key: str, name: str, title: str, body: Markup, reading: str = "") -> Section:
        return Section(f"{prefix}{key}", name, title, body, reading, level)

    if exams or model.bundle or (model.rescored and model.rescored.problem):
        found = comparison.finding(model)
        title = f"Metrics: {found}" if found and level == 2 else "Metrics"
        body = metrics.draw_metrics(model, exams, limits, bounds)
        yield section("metrics", "Metrics", title, body, "how-metrics")
    if drawn := draw_curves(model.curves, _on_the_same_rows(model), bounds):
        numeric = model.task == "regression"
        name = "Errors" if numeric else "Curves"
        yield section("curves", name, name, drawn, "how-errors" if numeric else "how-curves")
    if drawn := metrics.draw_slices(exams, limits, bounds):
        yield section("slices", "Slices", "Slices", drawn, "how-slices")
    if model.segments is not None:
        weak = max(len(model.segments.found), model.segments.found_total)
        title = f"Weak segments: {weak:,}" if weak else "Weak segments: none found"
        title = "Weak segments" if model.segments.problem else title
        yield section(
            "segments", "Weak segments", title, draw_segments(model.segments, bounds), "how-segments"
        )
    if model.gaps:
        yield section("gaps", "Gaps", "Gaps between groups", draw_gaps(model.gaps, bounds), "how-gaps")
    if model.confusion:
        compared = model.flips.rows if model.flips is not None else model.rows.compared
        drawn = draw_confusion(model.confusion, compared)
        yield section("confusion", "Confusion", _confused(model.confusion), drawn, "how-confusion")
    if model.flips is not None:
        title = (
            f"Changed answers: {model.flips.changed:,}" if model.flips.changed else "Changed answers: none"
        )
        yield section("flips", "Changed answers", title, draw_flips(model.flips, bounds), "how-flips")
    if model.golden is not None:
        title = f"Golden rows: {tally(model.golden)}"
        yield section(
            "golden",
            "Golden rows",
            title,
            draw_golden(model.golden, bounds, numeric=model.task == "regression"),
            "how-golden",
        )
    if model.model is not None:
        title = "What the model depends on"
        yield section("model", "Model", title, draw_model(model.model, bounds), "how-model")
    if model.reported:
        count = wording.total(model.reported, model.reported_total)
        title = f"{numbers.plural(count, 'metric')} as the pipeline reports, not judged"
        yield section("reported", "Reported", title, metrics.draw_reported(model, bounds))
    rest = _unsaid(model, sentences, sought, bounds)
    if rest:
        yield section("untold", "Not told", untold.TITLE, rest)


def _on_the_same_rows(model: ModelReview) -> Sequence[MetricComparison]:
    """The metrics of the rows that curves are drawn of."""
    rerun = model.flips is not None and model.flips.exam == "rescored"
    return model.rescored.metrics if rerun and model.rescored is not None else model.metrics


def _confused(cells: Sequence[Confusion]) -> str:
    """By how many answers more, or fewer, are right."""
    moved = sum(cell.head - cell.base for cell in cells if cell.truth == cell.answer)
    which = "more right answer" if moved > 0 else "fewer right answer"
    return (
        f"Confusion: {plural(abs(moved), which)}" if moved else "Confusion: as many right answers as before"
    )


def _unsaid(model: ModelReview, sentences: Sequence[str], sought: Collection[str], bounds: Bounds) -> Markup:
    """What could not be told, notes, and what the review did not look at."""
    missing = [PARTS[field] for field in sought if not getattr(model, field)]
    absent = f"Not looked at: {', '.join(missing)}." if missing else ""
    notes = [VOICE.text(each) for each in model.notes[: bounds.rows]]
    more = len(model.notes) - len(notes)
    return join(
        listed(map(Markup, sentences[: bounds.rows])),
        listed(notes),
        paragraph(f"{plural(more, 'more note')}, {bounds.where}." if more > 0 else "", kind="note"),
        paragraph(absent, kind="note"),
    )
