"""Small pictures beside numbers that say the same: the rows of both sides, edits as a matrix."""

from collections.abc import Iterable

from mergegate.records.data import DatasetReview, LabelChanges, RowChanges, Shift
from mergegate.report.data.amounts import effect, moved
from mergegate.report.data.markup import VOICE
from mergegate.report.escaping import visible
from mergegate.report.html.markup import Markup, join, plain, tag
from mergegate.report.html.tables import WIDTH, length, stretched
from mergegate.report.numbers import count

_MOST_LABELS = 12
_LEVELS = 5
_LEVEL = 40
_MULTIPLES = 24


def rows(dataset: DatasetReview) -> Markup:
    """Rows of base and of head as two stacked bars on one scale; those of files alike are the same."""
    found = dataset.rows
    if found is None or not (found.old or found.new):
        return Markup()
    alike = dataset.rows_skipped or 0
    same = found.same + alike
    scale = max(found.old, found.new) + alike
    kept = (("changed", found.changed), ("same", same))
    return tag(
        "div",
        _stack("Base", (("removed", found.removed), *kept), scale),
        _stack("Head", (*reversed(kept), ("added", found.added)), scale),
        tag("p", *_legend(found, same), class_="legend"),
        class_="stacks",
    )


def _stack(side: str, parts: tuple[tuple[str, int], ...], scale: int) -> Markup:
    drawn, at = [], 0.0
    for kind, number in parts:
        if number:
            width = length(number / scale)
            drawn.append(tag("rect", class_=kind, x=at, y=0, width=width, height=10))
            at += width
    return tag("div", tag("span", side), stretched(drawn, 10), class_="stack")


def _legend(found: RowChanges, same: int) -> list[Markup]:
    pairs = (
        ("removed", found.removed),
        ("changed", found.changed),
        ("same", same),
        ("added", found.added),
    )
    return [
        tag("span", tag("i", class_=f"swatch {kind}"), f"{count(number)} {kind}")
        for kind, number in pairs
        if kind != "changed" or found.key
    ]


def matrix(found: LabelChanges) -> Markup:
    """Edits from base's label (row) to head's (column); empty where there are too many labels to see."""
    old, new = _ordered(edit.old for edit in found.edits), _ordered(edit.new for edit in found.edits)
    if not old or max(len(old), len(new)) > _MOST_LABELS:
        return Markup()
    cells = {(edit.old, edit.new): edit.rows for edit in found.edits}
    most = max(cells.values())
    head = tag("tr", tag("th", "base ↓ head →", scope="col"), *(_head(label, "col") for label in new))
    body = [
        tag("tr", _head(label, "row"), *(_edits(cells.get((label, other)), most) for other in new))
        for label in old
    ]
    caption = tag("caption", "Edits from base's label to head's")
    table = tag("table", caption, tag("thead", head), tag("tbody", *body), class_="matrix")
    return tag("div", table, class_="scroll", tabindex=0, role="group", aria_label="Edits as a matrix")


def _ordered(labels: Iterable[str | None]) -> list[str | None]:
    """Each label once, in the same order on both sides, a missing one last."""
    return sorted(set(labels), key=lambda label: (label is None, label or ""))


def shift(dataset: DatasetReview) -> Markup:
    """A small bar for each column: how far the added rows are from base's, the furthest first."""
    found = [each for each in dataset.shift if each.jensen_shannon is not None]
    if not found:
        return Markup()
    found.sort(key=lambda each: (not each.notable, -(each.jensen_shannon or 0)))
    words = "How far the added rows are from base's, column by column: 0 is alike, 1 has nothing in common"
    rest = len(found) - _MULTIPLES
    more = f"; {count(rest)} more in the table below" if rest > 0 else ""
    return join(
        tag("p", f"{words} (Jensen–Shannon distance{more}).", class_="note"),
        tag("ul", *map(_multiple, found[:_MULTIPLES]), class_="multiples"),
    )


def _multiple(each: Shift) -> Markup:
    distance = min(1.0, max(0.0, each.jensen_shannon or 0.0))
    look = "notable" if each.notable else "fill"
    drawn = [
        tag("rect", class_="track", x=0, y=0, width=WIDTH, height=6),
        tag("rect", class_=look, x=0, y=0, width=length(distance), height=6),
    ]
    means = "" if each.mean_old is None else f" {moved(each.mean_old, each.mean_new, by=False)}"
    where = f" ({visible(each.slice_level, _LEVEL)})" if each.slice_column else ""
    return tag(
        "li",
        tag("span", plain(each.column), where, tag("span", means, class_="note"), " "),
        tag("span", effect(distance), class_="number"),
        stretched(drawn, 6),
    )


def _head(label: str | None, scope: str) -> Markup:
    return tag("th", VOICE.value(label), scope=scope)


def _edits(rows: int | None, most: int) -> Markup:
    level = 0 if not rows else max(1, round(_LEVELS * rows / most))
    return tag("td", count(rows) if rows else "·", class_=f"heat{level}")
