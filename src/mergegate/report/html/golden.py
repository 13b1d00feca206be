"""The golden set: rows that must come out as someone wrote down, each failing one whole."""

from mergegate.records.explain import Golden, GoldenRow
from mergegate.report import numbers
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Cell
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.flips import draw_inputs
from mergegate.report.html.markup import Markup, between, join, paragraph, tag
from mergegate.report.html.tables import WORDS, draw_rows
from mergegate.report.numbers import plural

_FILES = 8


def said(found: Golden) -> str:
    """How many rows fail, in words."""
    if found.problem:
        return "could not be asked"
    return (
        f"{found.failed:,} of {plural(found.rows, 'row')} fail"
        if found.failed
        else f"all {plural(found.rows, 'row')} hold"
    )


def draw_golden(found: Golden, bounds: Bounds) -> Markup:
    """Each failing row with what was required, why, and both models' answers."""
    files = between(", ", map(VOICE.name, found.files[:_FILES]))
    more = len(found.files) - _FILES
    where = join("From ", files, f" and {more:,} more." if more > 0 else ".") if found.files else ""
    if found.problem:
        return join(
            paragraph("The golden rows could not be asked: ", VOICE.text(found.problem)), paragraph(where)
        )
    if not found.failures:
        return paragraph(f"{said(found).capitalize()}. ", where)
    heads = ("Row", "Required", "Base", "Head", f"Why it is golden{WORDS}", "By", f"Inputs{WORDS}")
    table = draw_rows(
        found.failures, _row, heads, "failing row", bounds, total=found.failed, label="Failing golden rows"
    )
    return join(paragraph(where), table)


def _row(row: GoldenRow) -> tuple[Cell, ...]:
    return (
        join(VOICE.name(row.name), tag("div", "in ", VOICE.name(row.file), class_="note")),
        _required(row),
        VOICE.value(row.base) if row.base is not None else numbers.UNKNOWN,
        VOICE.value(row.head) if row.head is not None else numbers.UNKNOWN,
        join(
            VOICE.text(row.reason),
            *([tag("div", VOICE.text(row.problem), class_="warning")] if row.problem else []),
        ),
        VOICE.name(row.author) if row.author else numbers.UNKNOWN,
        draw_inputs(row.inputs) if row.inputs else numbers.UNKNOWN,
    )


def _required(row: GoldenRow) -> Markup:
    wanted = VOICE.value(row.expected) if row.expected is not None else Markup()
    within = f" within {numbers.bar(row.tolerance)}" if row.tolerance is not None else ""
    if row.not_worse:
        return join("no worse than base", *([" on the way to ", wanted, within] if wanted else []))
    return join(wanted or numbers.UNKNOWN, within)
