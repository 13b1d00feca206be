"""Tables: each scrolls in a box of its own that the keyboard reaches, and says what it leaves out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from mergegate.report import wording
from mergegate.report.data.parts import Bar, Cell, Table
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.markup import Markup, join, paragraph, tag
from mergegate.report.metrics import IN_WORDS
from mergegate.report.numbers import plural

Item = TypeVar("Item")

WORDS, PICTURE = "~", "="
"""End the heading of a column that holds sentences, or pictures, as `:` ends that of one with numbers."""


def draw_table(
    found: Table,
    most: int,
    *,
    where: str = "",
    sortable: bool = False,
    label: str = "",
    listed: int = 0,
) -> Markup:
    """The first `most` rows; `sortable` ones can be sorted and filtered. Cells are markup already.

    `where` says where the rest stands, so far as it is `listed` there; `label` names a table without title.
    """
    looks = [_look(head) for head in found.heads]
    head = tag("tr", *(_cell("th", Markup(_bare(name)), look, scope="col") for name, look in _pairs(found)))
    rows = found.rows[:most]
    body = [_row(row, looks) for row in rows]
    caption = [tag("caption", found.title)] if found.title else []
    look = {"class_": "sortable"} if sortable and len(rows) > 1 else {}
    table = tag("table", *caption, tag("thead", head), tag("tbody", *body), **look)
    named = label or found.title or f"Table of each {found.noun}"
    more = _rest(found, len(rows), listed or len(found.rows), where)
    scroll = tag("div", table, class_="scroll", tabindex=0, role="group", aria_label=named)
    return tag("div", scroll, paragraph(more, kind="note"), class_="table")


def draw_rows(
    items: Sequence[Item],
    row: Callable[[Item], tuple[Cell, ...]],
    heads: tuple[str, ...],
    noun: str,
    bounds: Bounds,
    *,
    total: int = 0,
    title: str = "",
    label: str = "",
    sortable: bool = False,
    most: int | None = None,
) -> Markup:
    """A table with a row for each of the first items, as many as the bounds let it have, or `most`.

    `total` counts the items where not all of them are at hand.
    """
    shown = items[: bounds.rows if most is None else most]
    table = Table(title, heads, tuple(map(row, shown)), noun, wording.total(items, total))
    return draw_table(
        table, len(shown), where=bounds.where, sortable=sortable, label=label, listed=len(items)
    )


def stacked(number: str, interval: str) -> Markup:
    """A number with its interval below; both are markup already."""
    below = [tag("div", Markup(interval), class_="note")] if interval else []
    return join(Markup(number), *below)


def _rest(found: Table, shown: int, listed: int, where: str) -> str:
    """What is left out, and where it stands, if anywhere."""
    rest = wording.total(found.rows, found.total) - shown
    if rest <= 0:
        return ""
    more = plural(rest, f"more {found.noun}")
    if not where:
        return f"{more}."
    return f"{more}, {where}." if listed > shown else f"{more} not listed."


def _pairs(found: Table) -> list[tuple[str, str]]:
    return [(name, _look(name)) for name in found.heads]


def _bare(head: str) -> str:
    return head.removesuffix(":").removesuffix(WORDS).removesuffix(PICTURE)


def _row(row: tuple[Cell, ...], looks: list[str]) -> Markup:
    """A row under its name."""
    cells = list(zip(row, looks, strict=True))
    first = [_cell("th", _drawn(cell), look, scope="row") for cell, look in cells[:1]]
    return tag("tr", *first, *(_cell("td", _drawn(cell), look) for cell, look in cells[1:]))


def _cell(kind: str, content: Markup, look: str, scope: str = "") -> Markup:
    written = (f' class="{look}"' if look else "") + (f' scope="{scope}"' if scope else "")
    return Markup(f"<{kind}{written}>{content}</{kind}>")


def _look(head: str) -> str:
    """The class of a column's cells."""
    if head.endswith(":"):
        return "number"
    if head.endswith(PICTURE):
        return "picture"
    return "words" if head == IN_WORDS or head.endswith(WORDS) else ""


def _drawn(cell: Cell) -> Markup:
    return draw_bar(cell) if isinstance(cell, Bar) else Markup(cell)


WIDTH = 100.0
_THIN = 0.6
"""What is there is seen, however little it is."""


def draw_bar(found: Bar) -> Markup:
    """The number, and below it a bar; a line across it is where the other side's would end."""
    parts = [
        tag("rect", class_="track", x=0, y=0, width=WIDTH, height=6),
        tag("rect", class_="fill", x=0, y=0, width=length(found.share), height=6),
    ]
    if found.beside is not None and (found.beside or found.share):
        at = min(WIDTH - 1, max(1.0, WIDTH * min(1.0, found.beside)))
        parts.append(tag("line", class_="beside", x1=at, x2=at, y1=0, y2=6))
    return join(Markup(found.text), stretched(parts, 6))


def stretched(parts: list[Markup], height: int) -> Markup:
    """A picture that stretches with the page; a screen reader has the numbers beside it."""
    box = f"0 0 {WIDTH:g} {height}"
    return tag("svg", *parts, viewBox=box, preserveAspectRatio="none", aria_hidden="true", focusable="false")


def length(share: float) -> float:
    """Of the whole width; nothing only for nothing."""
    return max(_THIN, WIDTH * min(1.0, share)) if share > 0 else 0.0
