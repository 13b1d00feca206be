"""Two predictions files compared, for a person at a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from mergegate.records.comparison import MetricComparison, RowCounts
from mergegate.records.explain import Flips, SegmentSearch
from mergegate.records.metrics import Task
from mergegate.report import comparison, metrics, numbers, tables, untold
from mergegate.report.data.terminal import FEW, VOICE, show_line, show_part
from mergegate.report.explain.flips import tell_flips
from mergegate.report.explain.segments import find_weak, tell_segments
from mergegate.report.page import SCRIPT, Page

SIDES = ("A", "B")
_TOLD = (
    ("worse", "worse in"),
    ("better", "better in"),
    ("no_evidence", "no evidence of a difference in"),
    ("insufficient", "can't tell in"),
)
_FEW = 4


def render(
    rows: RowCounts,
    found: tuple[MetricComparison, ...],
    *,
    task: Task,
    names: tuple[str, str],
    parts: tuple[Flips | None, SegmentSearch | None] = (None, None),
    notes: tuple[str, ...],
    confidence: float,
    console: Console,
) -> None:
    """Print B against A: what it comes to, the rows, one table, and what the data could not tell.

    `names` are the two files. `notes` are sentences, bounded by the caller's own number of them.
    """
    page = Page(console, where="see `--json`")
    page.say(page.text(headline(found), "bold"))
    a, b = (SCRIPT.name(name) for name in names)
    page.paragraph(f"A (base) is {a}, B (head) is {b}: {task} predictions. {comparison.rows(rows, SIDES)}")
    columns = metrics.columns(found, rows, confidence, SIDES)
    tables.show_metrics(page, _title(columns.layout, confidence), found, columns)
    unsure = [metric for metric in found if metric.outcome in {"no_evidence", "insufficient"}]
    if not alike(found):
        page.remarks(untold.TITLE, untold.of_metrics(unsure, SCRIPT), "sentence")
    flips, segments = parts
    if segments is not None and (lines := find_weak(segments, VOICE)):
        page.say(Text())
        page.list_rows([show_line(page, line) for line in lines])
    if flips is not None:
        show_part(page, tell_flips(flips, VOICE), FEW)
    if segments is not None:
        show_part(page, tell_segments(segments, VOICE), FEW)
    page.remarks("Notes", notes, "note")


def headline(found: Sequence[MetricComparison]) -> str:
    """B against A in a sentence: the metrics by name where they are few."""
    if alike(found):
        return "B against A: no metric differs."
    parts = []
    for outcome, words in _TOLD:
        named = [metric.name for metric in found if metric.outcome == outcome]
        if named:
            many = numbers.plural(len(named), "metric")
            parts.append(f"{words} {SCRIPT.names(named) if len(named) <= _FEW else many}")
    return f"B against A: {'; '.join(parts)}." if parts else "B against A: nothing could be judged."


def alike(found: Sequence[MetricComparison]) -> bool:
    """Whether every compared metric is the same on both sides, and no sample would tell them apart."""
    compared = [metric for metric in found if metric.difference is not None]
    return bool(compared) and all(map(comparison.unmoved, compared))


def _title(layout: comparison.Layout, confidence: float) -> str:
    if layout != "paired":
        return "Metrics, each on its own file's rows"
    sure = numbers.percent(confidence)
    return f"Metrics on the shared rows; each interval holds the true difference with {sure} confidence"
