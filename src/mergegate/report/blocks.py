"""The blocks a Markdown comment is built of; each is whole or shortened between rows, never cut inside.

What goes into a block is Markdown already: texts of the pull request pass `escaping` first.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from mergegate.report.escaping import code, prose
from mergegate.report.script import UNIT, Script

Item = TypeVar("Item")

SEE_REST = "see `review.json`"
_NAMES = 8


class Bounds(msgspec.Struct, frozen=True):
    """How much of a long review is shown: rows of an open and of a folded table, models, characters.

    `slices` counts the metrics whose slices are shown, `value` the characters of a name, `sentence` those of
    a sentence. Tables longer than `open_rows` are folded. `behind` counts the folds of one dataset.
    """

    rows: int
    folded: int
    slices: int
    models: int
    value: int
    sentence: int
    open_rows: int = 12
    behind: int = 8


def table(
    columns: Sequence[str],
    items: Sequence[Item],
    cells: Callable[[Item], Sequence[str]],
    *,
    limit: int,
    noun: str,
    total: int = 0,
    at_hand: int = 0,
) -> str:
    """A table with a row for each of the first `limit` items, and a line that counts the rest.

    A column `Name:` is aligned right. `total` counts the items where not all of them are at hand; `at_hand`
    those that the record has, where these are more than `items`.
    """
    heads = [column.removesuffix(":") for column in columns]
    rules = ["---:" if column.endswith(":") else "---" for column in columns]
    shown = items[:limit]
    lines = [_row(heads), _row(rules), *(_row(cells(item)) for item in shown)]
    known = max(at_hand, len(items))
    rest = more(max(total, known) - len(shown), noun, listed=known if total > known else None)
    return "\n".join(lines) + (f"\n\n{rest}" if rest else "")


def bullets(sentences: Sequence[str], bounds: Bounds, noun: str) -> str:
    """A list of the first sentences of the pull request, and a line that counts the rest."""
    return listed(
        [prose(sentence, bounds.sentence) for sentence in sentences[: bounds.rows]],
        bounds,
        noun,
        total=len(sentences),
    )


def listed(sentences: Sequence[str], bounds: Bounds, noun: str, *, total: int = 0) -> str:
    """A list of the first sentences, Markdown already, and a line that counts the rest."""
    rest = more(max(total, len(sentences)) - bounds.rows, noun)
    lines = [f"- {sentence}" for sentence in sentences[: bounds.rows]]
    return "\n".join(lines) + (f"\n\n{rest}" if rest else "")


def more(number: int, noun: str, *, many: str = "", listed: int | None = None) -> str:
    """The line that stands for what isn't shown; empty when everything is.

    `listed` says how many the record lists where it does not list all; `many` is a plural of its own.
    """
    where = SEE_REST if listed is None else f"`review.json` lists {listed:,} in all"
    return f"*{number:,} more {noun if number == 1 else many or f'{noun}s'}, {where}.*" if number > 0 else ""


def fold(summary: str, body: str) -> str:
    """A section that opens on a click; the summary is HTML: our own words, and what `element` made."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def warn(*sentences: str) -> str:
    """A loud block, one line for each sentence."""
    return "\n> ".join(["> [!WARNING]", "<br>\n> ".join(sentences)])


def bold(words: str) -> str:
    """Our own words, loud."""
    return f"**{words}**"


def script(bounds: Bounds) -> Script:
    """How Markdown writes names and sentences of the pull request."""
    return Script(
        name=lambda text: code(text, bounds.value),
        text=lambda text: prose(text, bounds.sentence),
        unit=lambda text: prose(text, UNIT),
    )


def _row(cells: Sequence[str]) -> str:
    """A table's line."""
    return f"| {' | '.join(cells)} |"


def mended(sentence: str, mend: str, bounds: Bounds) -> str:
    """A sentence, and below it the command that mends."""
    text = prose(sentence, bounds.sentence)
    return f"{text}<br>To mend: {code(mend, bounds.sentence)}" if mend else text


def value(text: str | None, bounds: Bounds) -> str:
    """A value as its file has it, or that there is none."""
    return "*absent*" if text is None else code(text, bounds.value)


def names(items: Sequence[str], bounds: Bounds, *, total: int = 0) -> str:
    """Names as code."""
    return joined(items, lambda item: code(item, bounds.value), bounds, total=total)


def joined(items: Sequence[Item], show: Callable[[Item], str], bounds: Bounds, *, total: int = 0) -> str:
    """A list in a cell: the first few, and how many more; `total` counts them where not all are at hand."""
    shown = [show(item) for item in items[: min(_NAMES, bounds.rows)]]
    rest = max(total, len(items)) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more, {SEE_REST}" if rest else "")
