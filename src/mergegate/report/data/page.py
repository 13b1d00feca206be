"""A dataset as a page of its own: one file that loads nothing and runs nothing."""

from mergegate.records.data import DatasetReview
from mergegate.records.review import DataChange
from mergegate.report.data import charts
from mergegate.report.data.markup import VOICE, Markup, join, tag
from mergegate.report.data.parts import Bar, Cell, Line, Part, Table, Telling
from mergegate.report.data.reading import READING
from mergegate.report.data.shift import IN_WORDS
from mergegate.report.data.style import CSS, POLICY
from mergegate.report.data.telling import behind, tell
from mergegate.report.escaping import visible
from mergegate.report.numbers import plural
from mergegate.report.wording import total

MAX_BYTES = 2_000_000
_ROWS = (500, 100, 20, 5)
"""Rows of a table: the first number that the page fits with, and the last fits whatever the data says."""
_FINDINGS = 100
_TITLE = 160

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
    body = tag(
        "body",
        tag("a", "Skip to the findings", class_="skip", href="#findings"),
        _header(dataset, telling),
        _contents(),
        tag(
            "main",
            _findings(telling),
            *(_section(key, dataset, parts.get(key), rows) for key in SECTIONS),
            _reading(),
        ),
        tag("footer", "Written by mergegate. The page loads nothing and runs nothing."),
    )
    return f"<!doctype html>\n{tag('html', _head(dataset), body, lang='en')}\n"


def _head(dataset: DatasetReview) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"Data review: {visible(dataset.path, _TITLE)}"),
        tag("style", Markup(CSS)),
    )


def _header(dataset: DatasetReview, telling: Telling) -> Markup:
    loud = "headline loud" if telling.notable else "headline"
    return tag(
        "header",
        tag("p", "Data review", class_="kind"),
        tag("h1", VOICE.name(dataset.path)),
        tag("p", f"{telling.headline[:1].upper()}{telling.headline[1:]}.", class_=loud),
        *(tag("p", Markup(sentence)) for sentence in telling.orientation),
    )


def _contents() -> Markup:
    names = {"findings": "Findings", **{key: name for key, (name, _) in SECTIONS.items()}}
    names["reading"] = "How to read each number"
    items = (tag("li", tag("a", name, href=f"#{key}")) for key, name in names.items())
    return tag("nav", tag("ul", *items), aria_label="Contents")


def _findings(telling: Telling) -> Markup:
    lines = telling.lines[:_FINDINGS]
    rest = len(telling.lines) - len(lines)
    listed = tag("ul", *map(_finding, lines), class_="findings") if lines else _note("Nothing to point out.")
    more = _note(f"{plural(rest, 'more finding')}, see `--json`.") if rest else Markup()
    return tag("section", tag("h2", "Findings"), listed, more, id="findings")


def _finding(line: Line) -> Markup:
    said = tag("span", Markup(line.said))
    return tag("li", tag("b", line.what), said, class_="loud" if line.loud else "quiet")


def _section(key: str, dataset: DatasetReview, part: Part | None, rows: int) -> Markup:
    """A part under its title, or what there is to say where it has nothing."""
    name, nothing = SECTIONS[key]
    if dataset.problem:
        nothing = "Not looked at: the dataset can't be compared."
    drawn = Markup()
    if key == "rows":
        drawn = charts.rows(dataset)
    elif key == "labels" and dataset.labels:
        drawn = charts.matrix(dataset.labels)
    if part is None and not drawn:
        return tag("section", tag("h2", name), _note(nothing), id=key)
    sentences = [tag("p", Markup(sentence)) for sentence in part.sentences] if part else []
    tables = [_table(table, rows) for table in part.tables] if part else []
    return tag(
        "section",
        tag("h2", part.title if part else name),
        *sentences,
        drawn,
        tag("div", *tables, class_="tables"),
        id=key,
    )


def _table(found: Table, most: int) -> Markup:
    looks = [_look(head) for head in found.heads]
    head = tag(
        "tr",
        *(
            _cell("th", Markup(name.removesuffix(":")), look=look, scope="col")
            for name, look in zip(found.heads, looks, strict=True)
        ),
    )
    rows = found.rows[:most]
    body = [
        tag("tr", *(_cell("td", _drawn(cell), look=look) for cell, look in zip(row, looks, strict=True)))
        for row in rows
    ]
    caption = [tag("caption", found.title)] if found.title else []
    table = tag("table", *caption, tag("thead", head), tag("tbody", *body))
    label = found.title or f"Table of each {found.noun}"
    rest = total(found.rows, found.total) - len(rows)
    more = _note(f"{plural(rest, f'more {found.noun}')}.") if rest > 0 else Markup()
    scroll = tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=label)
    return tag("div", scroll, more, class_="table")


def _cell(kind: str, content: Markup, *, look: str, **attributes: str) -> Markup:
    return tag(kind, content, **({"class_": look} if look else {}), **attributes)


def _look(head: str) -> str:
    """The class of a column's cells."""
    return "number" if head.endswith(":") else "words" if head == IN_WORDS else ""


def _drawn(cell: Cell) -> Markup:
    return charts.bar(cell) if isinstance(cell, Bar) else Markup(cell)


def _note(words: str) -> Markup:
    return tag("p", words, class_="note")


def _reading() -> Markup:
    terms = (join(tag("dt", term), tag("dd", meaning)) for term, meaning in READING)
    return tag("section", tag("h2", "How to read each number"), tag("dl", *terms), id="reading")
