"""Both confusion matrices in one: head's rows, and by how many they differ from base's."""

from collections.abc import Sequence

from mergegate.records.explain import Confusion
from mergegate.report import numbers
from mergegate.report.data.amounts import share
from mergegate.report.data.markup import VOICE
from mergegate.report.html.markup import Markup, join, paragraph, tag
from mergegate.report.numbers import count

_CLASSES = 20
_LEVELS = 5


def draw_confusion(found: Sequence[Confusion], compared: int) -> Markup:
    """A matrix truth × answer; more right answers and fewer wrong ones are blue, the contrary orange."""
    every = list(dict.fromkeys([cell.truth for cell in found] + [cell.answer for cell in found]))
    classes = every[:_CLASSES]
    cells = {(cell.truth, cell.answer): cell for cell in found}
    most = max((abs(cell.head - cell.base) for cell in found), default=0)
    head = tag("tr", tag("th", "truth ↓ answer →", scope="col"), *(_class(each, "col") for each in classes))
    body = [
        tag(
            "tr",
            _class(truth, "row"),
            *(_cell(cells.get((truth, answer)), most, right=truth == answer) for answer in classes),
        )
        for truth in classes
    ]
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="matrix")
    return join(
        paragraph(_right(found)),
        tag("div", table, class_="scroll", tabindex=0, role="group", aria_label="Confusion matrix"),
        paragraph(_legend(found, compared, len(every)), kind="note"),
    )


def _right(found: Sequence[Confusion]) -> str:
    """How many answers are right on both sides."""
    base, head = (
        sum(getattr(cell, side) for cell in found if cell.truth == cell.answer) for side in ("base", "head")
    )
    total = sum(cell.head for cell in found)
    return f"Right answers: {numbers.step(base, head, count)} of {count(total)} rows ({share(head, total)})."


def _legend(found: Sequence[Confusion], compared: int, classes: int) -> str:
    said = (
        "Head's rows, and by how many they are more (+) or fewer (−) than base's. Blue: more right answers "
        "or fewer wrong ones. Orange: fewer right answers or more wrong ones."
    )
    left = compared - sum(cell.head for cell in found)
    rest = f" {numbers.plural(left, 'row')} of further classes are not in it." if left > 0 else ""
    cut = f" {classes - _CLASSES:,} more classes are not drawn." if classes > _CLASSES else ""
    return said + rest + cut


def _cell(cell: Confusion | None, most: int, *, right: bool) -> Markup:
    if cell is None:
        return tag("td", "·")
    moved = cell.head - cell.base
    sign = "+" if moved > 0 else numbers.MINUS
    moves = tag("div", f"{sign}{count(abs(moved))}" if moved else "±0", class_="moved")
    level = max(1, round(_LEVELS * abs(moved) / most)) if moved else 0
    look = ("good" if (moved > 0) == right else "bad") + str(level) if moved else "same0"
    return tag("td", count(cell.head), moves, class_=look)


def _class(label: str, scope: str) -> Markup:
    return tag("th", VOICE.value(label), scope=scope)
