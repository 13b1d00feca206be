"""A terminal's page: any width, any encoding, with or without colour; every text on it is inert."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mergegate.report import numbers, wording
from mergegate.report.escaping import visible
from mergegate.report.lines import SENTENCE, VALUE
from mergegate.report.script import UNIT, Script

Item = TypeVar("Item")

ROWS = 40
PARAGRAPH = 4000
_ASCII = str.maketrans(
    {"✗": "x", "✓": "+", "→": "->", "−": "-", "–": "-", "…": "...", "“": '"', "”": '"', "·": "|"}
)

SCRIPT = Script(
    name=lambda text: visible(text, VALUE),
    text=lambda text: visible(text, SENTENCE),
    unit=lambda text: visible(text, UNIT).strip(),
)
"""How plain text writes names and sentences of the pull request."""


class Page(msgspec.Struct, frozen=True):
    """The console. Every text becomes a `Text`, in which rich sees no markup, and is made visible before.

    `where` says, in our own words, where the rest of a list is that is too long to show.
    """

    console: Console
    where: str = "see review.json"

    def say(self, line: Text) -> None:
        """One paragraph."""
        self.console.print(line, highlight=False, overflow="fold")

    def text(self, value: str, style: str = "", limit: int = SENTENCE) -> Text:
        """Anything as inert text that this console's encoding can print."""
        shown = visible(value, limit)
        if not self.console.encoding.startswith("utf"):
            shown = shown.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")
        return Text(shown, style=style)

    def paragraph(self, value: str, style: str = "") -> None:
        """One paragraph of several sentences."""
        self.say(self.text(value, style, PARAGRAPH))

    def warn(self, sentence: Callable[[Item], str], items: Sequence[Item]) -> None:
        """Loud paragraphs, one for each of the first items."""
        if items:
            self.say(Text())
        for item in items[:ROWS]:
            loud = self.text(sentence(item), "bold", PARAGRAPH)
            self.say(Text.assemble(self.text("WARNING", "bold reverse"), " ", loud))
        self.count_rest(len(items) - ROWS, "warning")

    def section(
        self,
        title: str,
        items: Sequence[Item],
        row: Callable[[Item], tuple[Text, Text]],
        noun: str,
        total: int = 0,
    ) -> None:
        """A heading and a list in two columns, a row for each of the first items; nothing for no items.

        `total` counts the items where not all of them are at hand.
        """
        if not items:
            return
        self.say(Text())
        self.say(self.text(title, "bold underline"))
        self.list_rows([row(item) for item in items[:ROWS]])
        self.count_rest(wording.total(items, total) - len(items[:ROWS]), noun)

    def remarks(self, title: str, sentences: Sequence[str], noun: str) -> None:
        """A heading and a sentence on each line."""
        self.section(title, sentences, lambda each: (self.text("-"), self.text(each, limit=PARAGRAPH)), noun)

    def list_rows(self, rows: Sequence[tuple[Text, Text]]) -> None:
        """Two columns, or where a label would be split in them, each label above its text."""
        labels = max(label.cell_len for label, _ in rows)
        if labels > max(12, self.console.width // 2):
            for label, text in rows:
                self.console.print(Padding(label, (0, 0, 0, 2)))
                self.console.print(Padding(text, (0, 0, 0, 6)))
            return
        # Where it is told no width, Rich measures each word of a column.
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True, width=labels)
        grid.add_column(overflow="fold", width=max(self.console.width - labels - 4, 1))
        for label, text in rows:
            grid.add_row(label, text)
        self.console.print(Padding(grid, (0, 0, 0, 2)))

    def count_rest(self, number: int, noun: str) -> None:
        """The line that stands for what isn't shown."""
        if number > 0:
            self.say(self.text(f"  … and {numbers.plural(number, f'more {noun}')}, {self.where}"))
