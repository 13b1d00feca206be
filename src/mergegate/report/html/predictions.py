"""Two predictions files compared, as a page of its own: the parts of a review's page that need no policy."""

from typing import Any, TypeVar

from mergegate.records.comparison import MetricComparison, Paired, RowCounts, SliceComparison
from mergegate.records.diff import Compared, MetricDiff, PredictionsDiff, SliceDiff
from mergegate.records.review import ModelReview
from mergegate.report import comparison, predictions, untold
from mergegate.report.data.markup import VOICE
from mergegate.report.html.bounds import MAX_BYTES, Bounds, fit
from mergegate.report.html.frame import collect, draw_page
from mergegate.report.html.header import draw_cards, model_cards
from mergegate.report.html.markup import Markup, join, paragraph, tag
from mergegate.report.html.models import draw_sections
from mergegate.report.html.reading import reading

Known = TypeVar("Known", bound=Paired)

_SOURCE = "--json"
_SOUGHT = ("flips", "curves", "segments")
_ROWS = ("base", "head", "shared", "new", "gone", "labels_changed")


def render_predictions(
    diff: PredictionsDiff, *, names: tuple[str, str] = ("A", "B"), limit: int = MAX_BYTES
) -> str:
    """The page: UTF-8, at most `limit` bytes. `names` are the two files, which become base and head.

    Whatever the diff holds under the name of a part of `records.review.ModelReview` is shown as there.
    """
    model = _model(diff)
    return fit(lambda bounds, room: _page(diff, model, names, bounds, room), limit=limit, source=_SOURCE)


def _page(
    diff: PredictionsDiff, model: ModelReview, names: tuple[str, str], bounds: Bounds, room: int
) -> str:
    unsure = [each for each in model.metrics if each.outcome in {"no_evidence", "insufficient"}]
    sentences = [] if predictions.alike(model.metrics) else untold.of_metrics(unsure, VOICE)
    found = collect(draw_sections(model, (), bounds, sentences=sentences, sought=_SOUGHT), room)
    places = {section.key for section in found}
    found.append(reading({section.reading for section in found}))
    base, head = map(VOICE.name, names)
    header = tag(
        "header",
        paragraph("Two predictions files", kind="kind"),
        tag("h1", predictions.headline(model.metrics)),
        paragraph(
            "Base (A) is ", base, ", head (B) is ", head, f": {diff.task} predictions. ",
            Markup(comparison.placed(model, VOICE)),
        ),
        draw_cards([card for card in model_cards(model) if card.place in places]),
    )  # fmt: skip
    footer = join(
        paragraph("mergegate ", VOICE.text(diff.mergegate)),
        paragraph("The page is one file. It loads nothing; its one script sorts and filters tables."),
    )
    return draw_page(f"{names[1]} against {names[0]}", header, found, footer, scripted=True)


def _model(diff: PredictionsDiff) -> ModelReview:
    """The diff as a model's review: what both know by the same name, and rows and metrics by theirs."""
    same = set(ModelReview.__struct_fields__) & set(diff.__struct_fields__) - {"metrics", "rows"}
    return ModelReview(
        **{name: getattr(diff, name) for name in same},
        name="",
        predictions="",
        rows=RowCounts(**{name: getattr(diff.rows, name) for name in _ROWS}),
        metrics=tuple(map(_metric, diff.metrics)),
    )


def _metric(found: MetricDiff) -> MetricComparison:
    return _as(MetricComparison, found, name=found.metric, slices=tuple(map(_slice, found.slices)))


def _slice(found: SliceDiff) -> SliceComparison:
    return _as(SliceComparison, found)


def _as(kind: type[Known], found: Compared, **more: Any) -> Known:
    """A record of another kind, with what both have by the same name."""
    same = set(kind.__struct_fields__) & set(found.__struct_fields__) - more.keys()
    return kind(**{name: getattr(found, name) for name in same}, **more)
