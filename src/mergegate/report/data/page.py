"""A dataset as a page of its own: one file that loads nothing and runs nothing."""

from mergegate.records.data import DatasetReview
from mergegate.records.review import DataChange
from mergegate.report.data import charts
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Part, Telling
from mergegate.report.data.reading import READING
from mergegate.report.data.telling import behind, tell
from mergegate.report.html.bounds import MAX_BYTES
from mergegate.report.html.datasets import draw_findings
from mergegate.report.html.frame import Section, draw_page, note
from mergegate.report.html.markup import Markup, join, tag
from mergegate.report.html.tables import draw_table

__all__ = ["MAX_BYTES", "SECTIONS", "html_page"]

_ROWS = (500, 100, 20, 5)
"""Rows of a table: the first number that the page fits with, and the last fits whatever the data says."""
_FINDINGS = 100

SECTIONS: dict[str, tuple[str, str]] = {
    "rows": ("Rows", "Rows could not be compared."),
    "labels": ("Labels", "No label column is named, or there is nothing to tell of it."),
    "leaks": ("Leaks", "Leaks were not looked for: that needs an evaluation set beside its training set."),
    "schema": ("Schema", "No change of a column or its type was seen."),
    "cells": ("Changed cells", "No cell of a row that both sides have was seen to change."),
    "shift": ("Shift", "No added row was compared with base's."),
    "columns": ("Columns", "No column could be looked at."),
    "files": ("Files", "No list of files is at hand, or none changed."),
}
"""Each section's name in the contents, and what it says where there is nothing to show."""


def html_page(dataset: DatasetReview, change: DataChange | None = None, *, limit: int = MAX_BYTES) -> str:
    """The page: UTF-8, at most `limit` bytes, whole tables of fewer rows where there are too many."""
    page = ""
    for rows in _ROWS:
        page = _page(dataset, change, rows)
        if len(page.encode()) <= limit:
            break
    return page


def _page(dataset: DatasetReview, change: DataChange | None, rows: int) -> str:
    telling = tell(dataset, VOICE, change)
    parts = {part.key: part for part in behind(dataset, VOICE, change)}
    sections = [
        _findings(telling),
        *(_section(key, dataset, parts.get(key), rows) for key in SECTIONS),
        _reading(),
    ]
    footer = join("Written by mergegate. The page loads nothing and runs nothing.")
    return draw_page(f"Data review: {dataset.path}", _header(dataset, telling), sections, footer)


def _header(dataset: DatasetReview, telling: Telling) -> Markup:
    loud = "headline loud" if telling.notable else "headline"
    return tag(
        "header",
        tag("p", "Data review", class_="kind"),
        tag("h1", VOICE.name(dataset.path)),
        tag("p", f"{telling.headline[:1].upper()}{telling.headline[1:]}.", class_=loud),
        *(tag("p", Markup(sentence)) for sentence in telling.orientation),
    )


def _findings(telling: Telling) -> Section:
    listed = draw_findings(telling.lines, _FINDINGS, "see `--json`") or note("Nothing to point out.")
    return Section("findings", "Findings", "Findings", listed)


def _section(key: str, dataset: DatasetReview, part: Part | None, rows: int) -> Section:
    """A part under its title, or what there is to say where it has nothing."""
    name, nothing = SECTIONS[key]
    if dataset.problem:
        nothing = "Not looked at: the dataset can't be compared."
    drawn = Markup()
    if key == "rows":
        drawn = charts.rows(dataset)
    elif key == "labels" and dataset.labels:
        drawn = charts.matrix(dataset.labels)
    elif key == "shift":
        drawn = charts.shift(dataset)
    if part is None and not drawn:
        return Section(key, name, name, note(nothing))
    sentences = [tag("p", Markup(sentence)) for sentence in part.sentences] if part else []
    tables = [draw_table(table, rows) for table in part.tables] if part else []
    body = join(*sentences, drawn, tag("div", *tables, class_="tables"))
    return Section(key, name, part.title if part else name, body)


def _reading() -> Section:
    terms = (join(tag("dt", term), tag("dd", meaning)) for term, meaning in READING)
    title = "How to read each number"
    return Section("reading", title, title, tag("dl", *terms))
