"""What there is to tell of a dataset, whoever draws it.

Texts are the renderer's own writing already: whatever came from the data went through its voice.
"""

import msgspec


class Bar(msgspec.Struct, frozen=True):
    """A number that may be drawn: `share` of its length, 0 to 1; `beside` the same of the other side."""

    text: str
    share: float
    beside: float | None = None


Cell = str | Bar


class Line(msgspec.Struct, frozen=True):
    """One finding: what it is, in a word or two of ours, and the sentence; `loud`: a reader must see it."""

    what: str
    said: str
    loud: bool = True


class Table(msgspec.Struct, frozen=True):
    """Rows under `heads`; a head `Name:` is of numbers. `total` counts the rows where not all are at hand.

    `listed` counts those that the record has, where it has more than are here.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    noun: str
    total: int = 0
    listed: int = 0


class Part(msgspec.Struct, frozen=True):
    """One side of the dataset: `key` is a stable word, `title` our own words without any markup."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


class Telling(msgspec.Struct, frozen=True):
    """What it comes to, where the numbers are from, the findings with the loud ones first."""

    headline: str
    changed: bool
    orientation: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to say of it."""
        return not self.changed and not self.lines

    @property
    def notable(self) -> bool:
        """Whether a reader must see something of it."""
        return any(line.loud for line in self.lines)


def text(cell: Cell) -> str:
    """The cell in words and figures."""
    return cell.text if isinstance(cell, Bar) else cell
