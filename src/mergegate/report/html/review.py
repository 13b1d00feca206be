"""A review as a page of its own: one file that loads nothing, at most 2 MB, from the record alone."""

from collections.abc import Iterator, Sequence

from mergegate.records.review import Review
from mergegate.report import wording
from mergegate.report.data.markup import VOICE
from mergegate.report.html import changes
from mergegate.report.html.bounds import MAX_BYTES, Bounds, fit
from mergegate.report.html.datasets import Told, datasets, tell_all
from mergegate.report.html.frame import Section, collect, draw_page
from mergegate.report.html.gates import gates
from mergegate.report.html.header import draw_footer, draw_header, review_cards
from mergegate.report.html.markup import join, listed, paragraph
from mergegate.report.html.models import models
from mergegate.report.html.reading import reading
from mergegate.report.numbers import plural


def render(review: Review, *, limit: int = MAX_BYTES) -> str:
    """The page: UTF-8, at most `limit` bytes: of long lists as many rows as fit, the rest counted."""
    told = tell_all(review)
    return fit(lambda bounds, room: _page(review, told, bounds, room), limit=limit)


def _page(review: Review, told: Sequence[Told], bounds: Bounds, room: int) -> str:
    found = collect(_sections(review, told, bounds), room)
    places = {section.key for section in found}
    linked = {section.reading for section in found} | {"how-strength"}
    found.append(reading(linked, data="data" in places))
    title = f"{wording.opening(review)}: {review.verdict.headline}"
    header = draw_header(review, review_cards(review, places), bounds)
    return draw_page(title, header, found, draw_footer(review), scripted=True)


def _sections(review: Review, told: Sequence[Told], bounds: Bounds) -> Iterator[Section]:
    """Every part that there is something to show of, in the order of reading."""
    yield from gates(review, bounds)
    yield from changes.lock(review, bounds)
    yield from models(review, bounds)
    yield from datasets(told, bounds)
    yield from changes.other_data(review, bounds)
    yield from changes.changes(review, bounds)
    yield from changes.reported(review, bounds)
    if review.notes:
        shown = review.notes[: bounds.rows]
        rest = len(review.notes) - len(shown)
        more = paragraph(f"{plural(rest, 'more note')}, {bounds.where}.", kind="note") if rest else ""
        yield Section("notes", "Notes", "Notes", join(listed(map(VOICE.text, shown)), more))
