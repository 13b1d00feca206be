"""A dataset for a person at a terminal."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from mergegate.records.data import DatasetReview
from mergegate.records.review import DataChange
from mergegate.report.data.parts import Line, Part, Table, Telling, text
from mergegate.report.data.telling import behind, tell
from mergegate.report.data.voice import MISSING, Voice
from mergegate.report.escaping import visible
from mergegate.report.lines import VALUE, names
from mergegate.report.numbers import UNKNOWN
from mergegate.report.page import PARAGRAPH, ROWS, SCRIPT, Page
from mergegate.report.wording import total

_OURS = frozenset({MISSING, "hidden", UNKNOWN})
_ENDLESS = 10_000
_DATASETS = 10
FEW = 8
"""Rows of a table inside a review; `diff data` shows more."""


def render_terminal(console: Console, dataset: DatasetReview, change: DataChange | None = None) -> None:
    """Print one dataset: what it comes to, findings, the tables behind them."""
    page = Page(console, where="see `--json`")
    _show(page, dataset, tell(dataset, VOICE, change), behind(dataset, VOICE, change), rows=ROWS)


def show_datasets(page: Page, datasets: Sequence[DatasetReview], changes: Sequence[DataChange]) -> None:
    """Print the datasets of a review in short, what is notable first; of the others what they come to."""
    known = {change.path: change for change in changes}
    told = [(each, tell(each, VOICE, known.get(each.path))) for each in datasets]
    told.sort(key=lambda pair: not pair[1].notable)
    quiet = [each.path for each, telling in told if telling.nothing]
    told = [pair for pair in told if not pair[1].nothing]
    for dataset, telling in told[:_DATASETS]:
        page.say(Text())
        found = behind(dataset, VOICE, known.get(dataset.path)) if telling.notable else ()
        _show(page, dataset, telling, found, rows=FEW)
    page.count_rest(len(told) - _DATASETS, "dataset")
    if quiet:
        page.say(Text())
        page.paragraph(f"Reviewed, and nothing changed: {names(quiet)}.")


def _show(page: Page, dataset: DatasetReview, telling: Telling, found: Iterable[Part], *, rows: int) -> None:
    """One dataset with at most so many rows of each table behind it."""
    style = "bold yellow" if telling.notable else "bold"
    page.say(page.text(f"{VOICE.name(dataset.path)}: {telling.headline}", style, PARAGRAPH))
    for sentence in telling.orientation:
        page.paragraph(sentence)
    lines = [show_line(page, line) for line in telling.lines[:ROWS]]
    if lines:
        page.list_rows(lines)
    page.count_rest(len(telling.lines) - ROWS, "finding")
    for part in found:
        show_part(page, part, rows)


def show_line(page: Page, line: Line) -> tuple[Text, Text]:
    """A finding as a row of two columns."""
    label = page.text(f"{'!' if line.loud else '-'} {line.what}", "bold" if line.loud else "dim")
    return label, page.text(line.said, limit=PARAGRAPH)


def show_part(page: Page, part: Part, rows: int) -> None:
    """Print what is behind the findings, with at most so many rows of each table."""
    if not part.sentences and not part.tables:
        return
    page.say(Text())
    page.say(page.text(part.title, "bold underline", PARAGRAPH))
    for sentence in part.sentences:
        page.paragraph(sentence)
    for table in part.tables:
        if table.title:
            page.say(page.text(table.title, "bold"))
        _table(page, table, rows)


def _table(page: Page, table: Table, rows: int) -> None:
    """In columns where they fit, one row below the other where not."""
    shown = [[text(cell) for cell in row] for row in table.rows[:rows]]
    grid = Grid(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for head in table.heads:
        right = head.endswith(":")
        grid.add_column(page.text(head.removesuffix(":")), justify="right" if right else "left", no_wrap=True)
    for row in shown:
        grid.add_row(*(page.text(cell, limit=VALUE) for cell in row))
    options = page.console.options.update(width=_ENDLESS)
    if page.console.measure(grid, options=options).maximum + 2 <= page.console.width:
        page.console.print(Padding(grid, (0, 0, 0, 2)))
    else:
        _list(page, table, shown)
    page.count_rest(total(table.rows, table.total) - len(shown), table.noun)


def _list(page: Page, table: Table, rows: Sequence[Sequence[str]]) -> None:
    for name, *cells in rows:
        heads = [_inside(head.removesuffix(":")) for head in table.heads[1:]]
        said = [f"{head} {cell}" for head, cell in zip(heads, cells, strict=True) if cell != UNKNOWN]
        page.console.print(Padding(page.text(name, limit=VALUE), (0, 0, 0, 2)))
        page.console.print(Padding(page.text("; ".join(said), limit=PARAGRAPH), (0, 0, 0, 6)))


def _inside(head: str) -> str:
    """A heading inside a sentence; PSI and NaN stay what they are."""
    return head.lower() if head[1:].islower() else head


def _value(cell: str | None) -> str:
    """A value as it is; in quotes where it could be taken for a word of ours, or for nothing."""
    if cell is None:
        return MISSING
    shown = visible(cell, VALUE)
    return f'"{shown}"' if shown in _OURS or shown != shown.strip() or not shown else shown


VOICE = Voice(name=SCRIPT.name, text=SCRIPT.text, unit=SCRIPT.unit, value=_value, loud=str)
"""The terminal's way: nothing but text."""
