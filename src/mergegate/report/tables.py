"""Metrics and slices on a terminal's page: in columns where they fit, one below the other where not."""

from collections.abc import Sequence
from textwrap import wrap

from msgspec.structs import replace
from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mergegate.records.comparison import MetricComparison, SliceComparison
from mergegate.report import comparison, metrics
from mergegate.report.lines import SENTENCE
from mergegate.report.metrics import IN_WORDS, Columns
from mergegate.report.numbers import UNKNOWN
from mergegate.report.page import ROWS, SCRIPT, Page

SLICES = 8
"""Slices of one metric that are shown, the worst first."""
_ENDLESS = 10_000
_REMARK = 17
"""A remark is wrapped below its metric's name, but not into less than this."""
_NARROWEST = 11
"""What the column of words may shrink to."""

Row = tuple[Text, list[str]]
"""A name, and the cells behind it."""


def show_metrics(page: Page, title: str, found: Sequence[MetricComparison], columns: Columns) -> None:
    """The metrics under their title, then each one's slices; nothing for no metrics."""
    if not found:
        return
    page.say(Text())
    page.say(page.text(title, "bold", SENTENCE))
    shown = found[:ROWS]
    # Head on all its rows stands with the gates too: it goes first where the width is not enough.
    ways = [columns, replace(columns, own=False)]
    _show(page, "metric", [(way.heads, [_metric(page, each, way) for each in shown]) for way in ways])
    page.count_rest(len(found) - ROWS, "metric")
    if comparison.worded(found):
        page.paragraph(comparison.LEGEND, "dim")
    for metric in shown:
        _show_slices(page, metric, columns)


def _show_slices(page: Page, metric: MetricComparison, columns: Columns) -> None:
    """One metric in its slices, the worst first."""
    if not metric.slices:
        return
    page.say(Text())
    page.say(page.text(f"{SCRIPT.name(metric.name)} in {metrics.slice_title(metric)}", "bold", SENTENCE))
    shown = metrics.worst_first(metric)[:SLICES]
    _show(
        page,
        "slice",
        [(columns.slice_heads, [_slice(page, each, metric) for each in shown])],
    )
    page.count_rest(len(metric.slices) - SLICES, "slice")


def _metric(page: Page, metric: MetricComparison, columns: Columns) -> Row:
    """A metric's name with what there is to say about it, and its cells."""
    return _named(page, metric.name, comparison.better(metric), metric.note), columns.cells(metric, SCRIPT)


def _slice(page: Page, part: SliceComparison, metric: MetricComparison) -> Row:
    """A slice by column and level, and its cells."""
    name = f"{SCRIPT.name(part.column)} = {SCRIPT.name(part.level)}"
    return _named(page, name, part.note), metrics.slice_cells(part, metric, SCRIPT)


def _named(page: Page, name: str, *remarks: str) -> Text:
    """A name, and below it the remarks on it, no wider than it has to be."""
    shown = page.text(name, limit=SENTENCE)
    for remark in filter(None, remarks):
        words = f"({page.text(remark).plain})"
        for line in wrap(words, max(_REMARK, shown.cell_len), break_long_words=False):
            shown.append_text(Text(f"\n{line}", style="dim"))
    return shown


def _show(page: Page, what: str, ways: Sequence[tuple[list[str], list[Row]]]) -> None:
    """The first way that fits the width, or the first one as a list."""
    for heads, rows in ways:
        # Most tables don't fit by their headings alone: to have each cell measured takes longer.
        least = len(what) + _NARROWEST + sum(len(head) + 1 for head in heads if head != IN_WORDS)
        if least > page.console.width:
            continue
        if _width(page, _table(page, what, heads, rows, words=_NARROWEST)) <= page.console.width:
            page.console.print(Padding(_table(page, what, heads, rows), (0, 0, 0, 2)))
            return
    page.console.print(_list(page, *ways[0]))


def _table(page: Page, what: str, heads: list[str], rows: list[Row], *, words: int | None = None) -> Table:
    """In columns; only that of words is wrapped."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column(what, no_wrap=True)
    for head in heads:
        wordy = head == IN_WORDS
        width = words if wordy else None
        table.add_column(head, justify="left" if wordy else "right", no_wrap=not wordy, max_width=width)
    for name, cells in rows:
        table.add_row(name, *(page.text(cell) for cell in cells))
    return table


def _width(page: Page, table: Table) -> int:
    """How wide the table is by itself, with its margin."""
    return page.console.measure(table, options=page.console.options.update(width=_ENDLESS)).maximum + 2


def _list(page: Page, heads: list[str], rows: list[Row]) -> Group:
    """One below the other, for a narrow terminal."""
    parts = []
    for name, cells in rows:
        said = [
            cell if head == IN_WORDS else f"{head} {cell}"
            for head, cell in zip(heads, cells, strict=True)
            if cell not in {"", UNKNOWN}
        ]
        parts.append(Padding(Text(" ").join(name.split("\n")), (0, 0, 0, 2)))
        parts.append(Padding(page.text("; ".join(said), limit=SENTENCE), (0, 0, 0, 6)))
    return Group(*parts)
