"""The blocks a Markdown comment is built of; each is whole or shortened between rows, never cut inside.

What goes into a block is Markdown already: texts of the pull request pass `escaping` first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mergegate.report.escaping import code, prose

SEE_REST = "see `review.json`"


@dataclass(frozen=True)
class Bounds:
    """How much of a long review is shown: rows of a table, models, characters of a value and of a sentence.

    Tables longer than `open_rows` are folded.
    """

    rows: int
    models: int
    value: int
    sentence: int
    open_rows: int = 12


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, limit: int, noun: str) -> str:
    """A table of at most `limit` rows, and a line that counts the rest; `Name:` is aligned right."""
    heads = [column.removesuffix(":") for column in columns]
    rules = ["---:" if column.endswith(":") else "---" for column in columns]
    lines = [_row(heads), _row(rules), *(_row(row) for row in rows[:limit])]
    rest = more(len(rows) - limit, noun)
    return "\n".join(lines) + (f"\n\n{rest}" if rest else "")


def bullets(items: Sequence[str], *, limit: int, noun: str) -> str:
    """A list of at most `limit` items, and a line that counts the rest."""
    rest = more(len(items) - limit, noun)
    return "\n".join(f"- {item}" for item in items[:limit]) + (f"\n\n{rest}" if rest else "")


def more(number: int, noun: str) -> str:
    """The line that stands for what isn't shown; empty when everything is."""
    return f"*{number:,} more {noun}{'' if number == 1 else 's'}, {SEE_REST}.*" if number > 0 else ""


def fold(summary: str, body: str) -> str:
    """A section that opens on a click; the summary is HTML, so it holds only our own words and numbers."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def warn(*sentences: str) -> str:
    """A loud block, one line for each sentence."""
    return "\n> ".join(["> [!WARNING]", "<br>\n> ".join(sentences)])


def _row(cells: Sequence[str]) -> str:
    """A table's line."""
    return f"| {' | '.join(cells)} |"


def section(title: str, body: str, rows: int, bounds: Bounds) -> str:
    """A section under its heading, folded when it is long."""
    title = title[0].upper() + title[1:]
    return f"### {title}\n\n{body}" if rows <= bounds.open_rows else fold(title, body)


def mended(sentence: str, mend: str, bounds: Bounds) -> str:
    """A sentence, and below it the command that mends."""
    text = prose(sentence, bounds.sentence)
    return f"{text}<br>To mend: {code(mend, bounds.sentence)}" if mend else text


def value(text: str | None, bounds: Bounds) -> str:
    """A value as its file has it, or that there is none."""
    return "*absent*" if text is None else code(text, bounds.value)


def names(items: tuple[str, ...], bounds: Bounds) -> str:
    """Names as code."""
    return joined([code(item, bounds.value) for item in items], bounds)


def joined(items: list[str], bounds: Bounds) -> str:
    """A list in a cell: the first few, and how many more."""
    shown = items[: min(8, bounds.rows)]
    rest = len(items) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more, {SEE_REST}" if rest else "")
