"""Datasets: what each comes to, its findings, and the tables and small pictures behind them."""

from collections.abc import Iterator, Sequence

import msgspec

from mergegate.records.data import DatasetReview
from mergegate.records.review import DataChange, Review
from mergegate.report.data import charts
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Line, Part, Telling
from mergegate.report.data.telling import behind, tell
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.frame import Section
from mergegate.report.html.markup import Markup, folded, join, listed, paragraph, tag
from mergegate.report.html.tables import draw_table
from mergegate.report.numbers import plural


class Told(msgspec.Struct, frozen=True):
    """A dataset, what there is to say of it, and what git and DVC know of the same path."""

    dataset: DatasetReview
    telling: Telling
    change: DataChange | None


def tell_all(review: Review) -> list[Told]:
    """Every dataset of the review told, what is notable first."""
    known = {change.path: change for change in review.data}
    changes = [known.get(each.path) for each in review.datasets]
    told = [
        Told(each, tell(each, VOICE, change), change)
        for each, change in zip(review.datasets, changes, strict=True)
    ]
    return sorted(told, key=lambda each: (not each.telling.notable, each.telling.nothing))


def datasets(told: Sequence[Told], bounds: Bounds) -> Iterator[Section]:
    """The datasets that changed, the first of them whole; those that did not by name alone."""
    if not told:
        return
    moved = [each for each in told if not each.telling.nothing]
    quiet = [each.dataset for each in told if each.telling.nothing]
    shown, rest = moved[: bounds.datasets], moved[bounds.datasets :]
    left = len(rest) - bounds.rows
    body = join(
        *(_dataset(each, bounds) for each in shown),
        *(
            paragraph(VOICE.name(each.dataset.path), f": {each.telling.headline}.")
            for each in rest[: bounds.rows]
        ),
        paragraph(f"{plural(left, 'more dataset')}, {bounds.where}." if left > 0 else "", kind="note"),
        _quiet(quiet, bounds),
    )
    title = f"Data: {plural(len(moved), 'dataset')} changed" if moved else "Data: nothing changed"
    yield Section("data", "Data", title, body, "how-rows")


def _dataset(told: Told, bounds: Bounds) -> Markup:
    dataset, telling = told.dataset, told.telling
    parts = {part.key: part for part in behind(dataset, VOICE, told.change)}
    pictures = {
        "rows": charts.rows(dataset),
        "labels": charts.matrix(dataset.labels) if dataset.labels else Markup(),
        "shift": charts.shift(dataset),
    }
    keys = dict.fromkeys((*(key for key, drawn in pictures.items() if drawn), *parts))
    inside = [_part(parts.get(key), pictures.get(key, Markup()), bounds) for key in keys]
    loud = "headline loud" if telling.notable else "headline"
    return tag(
        "div",
        tag("h3", VOICE.name(dataset.path)),
        paragraph(f"{telling.headline[:1].upper()}{telling.headline[1:]}.", kind=loud),
        *(paragraph(Markup(sentence)) for sentence in telling.orientation),
        draw_findings(telling.lines, bounds.rows, bounds.where),
        *inside,
        class_="dataset",
    )


def _part(part: Part | None, picture: Markup, bounds: Bounds) -> Markup:
    """A part behind its title; a picture stands open."""
    if part is None:
        return picture
    body = [paragraph(Markup(sentence)) for sentence in part.sentences]
    tables = [draw_table(each, bounds.rows, where=bounds.where) for each in part.tables]
    inside = tag("div", *tables, class_="tables") if tables else Markup()
    return join(picture, folded(part.title, *body, inside))


def draw_findings(lines: Sequence[Line], most: int, where: str) -> Markup:
    """The first findings, each what it is and its sentence."""
    drawn = (
        tag(
            "li", tag("b", line.what), tag("span", Markup(line.said)), class_="loud" if line.loud else "quiet"
        )
        for line in lines[:most]
    )
    found = tag("ul", *drawn, class_="findings") if lines else Markup()
    rest = len(lines) - most
    return join(
        found, paragraph(f"{plural(rest, 'more finding')}, {where}." if rest > 0 else "", kind="note")
    )


def _quiet(found: Sequence[DatasetReview], bounds: Bounds) -> Markup:
    rest = len(found) - bounds.rows
    return folded(
        f"{plural(len(found), 'dataset')} reviewed, nothing changed",
        listed(VOICE.name(each.path) for each in found[: bounds.rows]),
        paragraph(f"{plural(rest, 'more dataset')}, {bounds.where}." if rest > 0 else "", kind="note"),
    )
