"""The golden set: rows that must come out as someone wrote down, each failing one whole."""

from mergegate.records.explain import Golden, GoldenRow
from mergegate.report import numbers
from mergegate.report.data.amounts import figure
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Cell
from mergegate.report.explain.golden import required, tally, tell_changed
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.flips import draw_inputs
from mergegate.report.html.markup import Markup, between, join, listed, paragraph, tag
from mergegate.report.html.tables import WORDS, draw_rows

_NAMED = 8


def draw_golden(found: Golden, bounds: Bounds, *, numeric: bool) -> Markup:
    """Each failing row with what was required, why, and both models' answers, numbers or classes."""
    files = between(", ", map(VOICE.name, found.files[:_NAMED]))
    more = len(found.files) - _NAMED
    where = (
        paragraph("From ", files, f" and {more:,} more." if more > 0 else ".") if found.files else Markup()
    )
    beside = join(
        where,
        paragraph(Markup(tell_changed(found, VOICE, _NAMED))),
        listed(map(VOICE.text, found.notes[:_NAMED])),
    )
    if found.problem:
        return join(paragraph("The golden rows could not be asked: ", VOICE.text(found.problem)), beside)
    if not found.failures:
        return join(paragraph(f"{tally(found).capitalize()}."), beside)
    heads = ("Row", "Required", "Base", "Head", f"Why it is golden{WORDS}", "By", f"Inputs{WORDS}")
    table = draw_rows(
        found.failures,
        lambda row: _row(row, numeric=numeric),
        heads,
        "failing row",
        bounds,
        total=found.failed,
        label="Failing golden rows",
    )
    return join(beside, table)


def _row(row: GoldenRow, *, numeric: bool) -> tuple[Cell, ...]:
    of = "error" if numeric else "P(required)"
    owed = [tag("div", VOICE.text(words), class_="warning") for words in (row.fault, row.problem) if words]
    return (
        join(VOICE.name(row.name), tag("div", "in ", VOICE.name(row.file), class_="note")),
        Markup(required(row, VOICE)),
        _answer(row.base, row.base_score, of),
        _answer(row.head, row.head_score, of),
        join(*([VOICE.text(row.reason)] if row.reason else []), *owed) or numbers.UNKNOWN,
        VOICE.name(row.author) if row.author else numbers.UNKNOWN,
        draw_inputs(row.inputs) if row.inputs else numbers.UNKNOWN,
    )


def _answer(answer: str | None, score: float | None, of: str) -> Markup:
    """What a model answered; below it how much it gave to what is required, or how far off it is."""
    if answer is None:
        return join(numbers.UNKNOWN)
    if score is None:
        return join(VOICE.value(answer))
    return join(VOICE.value(answer), tag("div", f"{of} {figure(score)}", class_="note"))
