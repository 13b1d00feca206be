"""Small pictures beside numbers that say the same: the rows of both sides, edits as a matrix."""

from collections.abc import Iterable

from mergegate.records.data import DatasetReview, LabelChanges, RowChanges
from mergegate.report.data.markup import VOICE
from mergegate.report.html.markup import Markup, tag
from mergegate.report.html.tables import length, stretched
from mergegate.report.numbers import count

_MOST_LABELS = 12
_LEVELS = 5


def rows(dataset: DatasetReview) -> Markup:
    """Rows of base and of head as two stacked bars on one scale."""
    found = dataset.rows
    if found is None or not (found.old or found.new):
        return Markup()
    scale = max(found.old, found.new)
    return tag(
        "div",
        _stack("Base", (("removed", found.removed), *_kept(found)), scale),
        _stack("Head", (*reversed(_kept(found)), ("added", found.added)), scale),
        tag("p", *_legend(found), class_="legend"),
        class_="stacks",
    )


def _kept(found: RowChanges) -> tuple[tuple[str, int], ...]:
    return (("changed", found.changed), ("same", found.same))


def _stack(side: str, parts: tuple[tuple[str, int], ...], scale: int) -> Markup:
    drawn, at = [], 0.0
    for kind, number in parts:
        if number:
            width = length(number / scale)
            drawn.append(tag("rect", class_=kind, x=at, y=0, width=width, height=10))
            at += width
    return tag("div", tag("span", side), stretched(drawn, 10), class_="stack")


def _legend(found: RowChanges) -> list[Markup]:
    pairs = (
        ("removed", found.removed),
        ("changed", found.changed),
        ("same", found.same),
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


def _head(label: str | None, scope: str) -> Markup:
    return tag("th", VOICE.value(label), scope=scope)


def _edits(rows: int | None, most: int) -> Markup:
    level = 0 if not rows else max(1, round(_LEVELS * rows / most))
    return tag("td", count(rows) if rows else "·", class_=f"heat{level}")
