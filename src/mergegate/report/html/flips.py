"""Answers that changed: how many, for the better or the worse, where, and the rows that tell most."""

from mergegate.records.explain import FlipCount, FlipInput, FlipRow, Flips, FlipSlice
from mergegate.report import numbers
from mergegate.report.data.amounts import share
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Bar, Cell
from mergegate.report.explain.flips import MOST_KINDS, ON, became, kinds, weigh
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.markup import Markup, join, paragraph, plain, tag
from mergegate.report.html.tables import WORDS, draw_rows, length, stretched
from mergegate.report.numbers import count, plural

_INPUTS = 40


def draw_flips(found: Flips, bounds: Bounds) -> Markup:
    """What it comes to, where the changed answers are, and the rows that tell most."""
    if not found.changed:
        return paragraph(f"No answer changed on the {plural(found.rows, 'row')} {ON[found.exam]}.")
    numeric = found.tolerance is not None
    return join(
        paragraph(said(found)),
        _bar(found),
        paragraph(_fair(found)),
        _telling(found, bounds, numeric=numeric),
        _matrix(found, bounds) if found.matrix else "",
        _slices(found, bounds) if found.slices else "",
    )


def said(found: Flips) -> str:
    """How many answers changed, in a sentence."""
    changed = f"Of the {plural(found.rows, 'row')} {ON[found.exam]}, {count(found.changed)}"
    part = f"({share(found.changed, found.rows)})"
    if found.tolerance is not None:
        return f"{changed} {part} moved by more than {numbers.bar(found.tolerance)}."
    return f"{changed} {part} got another answer."


def _bar(found: Flips) -> Markup:
    """The changed answers as one bar, split into what they were good for."""
    worse, better = ("worse", "better") if found.tolerance is not None else ("broke", "mended")
    other = max(0, found.changed - found.broke - found.mended)
    parts = [(worse, found.broke, "removed"), (better, found.mended, "added")]
    parts += [("neither", other, "same")] if other else []
    drawn, at = [], 0.0
    for _, rows, look in parts:
        wide = length(rows / found.changed)
        drawn.append(tag("rect", class_=look, x=at, y=0, width=wide, height=10))
        at += wide
    legend = [
        tag("span", tag("i", class_=f"swatch {look}"), f"{count(rows)} {word} ({share(rows, found.changed)})")
        for word, rows, look in parts
    ]
    picture = tag("div", stretched(drawn, 10), class_="stack whole")
    return tag("div", picture, tag("p", *legend, class_="legend"), class_="stacks")


def _fair(found: Flips) -> str:
    """What the split says, and how surprising it is."""
    words = "Broke: right in base and wrong in head. Mended: wrong in base and right in head."
    if found.tolerance is not None:
        words = (
            "Worse: head is further off than base by more than the tolerance. Better: base is. Neither: the "
            "answer moved, but is about as far off."
        )
    return f"{words} {weigh(found)}".rstrip()


def _telling(found: Flips, bounds: Bounds, *, numeric: bool) -> Markup:
    if not found.telling:
        return Markup()
    inputs = any(row.inputs for row in found.telling)
    score = ("Error in base:", "Error in head:") if numeric else ("P(truth) in base:", "P(truth) in head:")
    heads = ("Row", "Truth", "Base", "Head", *score, "Worse by:", *((f"Inputs{WORDS}",) if inputs else ()))
    table = draw_rows(
        found.telling,
        lambda row: _flip(row, inputs=inputs),
        heads,
        "row",
        bounds,
        title="The rows that tell most",
        sortable=True,
    )
    why = (
        paragraph("Without their inputs: ", VOICE.text(found.without_inputs)) if found.without_inputs else ""
    )
    return join(table, why)


def _flip(row: FlipRow, *, inputs: bool) -> tuple[Cell, ...]:
    common = numbers.scale((row.base_score, row.head_score), row.move)
    return (
        VOICE.name(row.row_id),
        VOICE.value(row.truth),
        VOICE.value(row.base),
        VOICE.value(row.head),
        common.number(row.base_score),
        common.number(row.head_score),
        common.signed(row.move),
        *((draw_inputs(row.inputs),) if inputs else ()),
    )


def draw_inputs(found: tuple[FlipInput, ...]) -> Markup:
    """A row's inputs by name; private ones are hidden."""
    shown = [
        tag(
            "span",
            plain(each.name),
            " ",
            tag("span", "hidden", class_="none") if each.hidden else VOICE.value(each.value),
        )
        for each in found[:_INPUTS]
    ]
    rest = len(found) - len(shown)
    more = [tag("span", f"and {rest:,} more", class_="none")] if rest else []
    # A blank between them, so that words are found one by one.
    return tag("div", *(part for each in (*shown, *more) for part in (each, " ")), class_="inputs")


def _matrix(found: Flips, bounds: Bounds) -> Markup:
    """From which answer to which, by truth; the largest first."""
    title, cells = kinds(found)
    heads = ("Truth", "Base", "Head", "Which", "Rows:")
    most = min(MOST_KINDS, bounds.rows)
    return draw_rows(cells, _kind, heads, "kind", bounds, title=title, sortable=True, most=most)


def _kind(cell: FlipCount) -> tuple[Cell, ...]:
    return *map(VOICE.value, (cell.truth, cell.base, cell.head)), became(cell), count(cell.rows)


def _slices(found: Flips, bounds: Bounds) -> Markup:
    """Where answers changed, most lost on balance first."""
    heads = ("Slice", "Rows:", "Changed:", "Share:", "Broke:", "Mended:")
    whole, title = found.share, "Changed answers by slice, most lost on balance first"
    return draw_rows(
        found.slices, lambda part: _slice(part, whole), heads, "slice", bounds, title=title, sortable=True
    )


def _slice(part: FlipSlice, whole: float) -> tuple[Cell, ...]:
    own = part.changed / part.rows if part.rows else 0.0
    return (
        join(VOICE.name(part.column), " = ", VOICE.name(part.level)),
        count(part.rows),
        count(part.changed),
        Bar(share(part.changed, part.rows), own, whole),
        count(part.broke),
        count(part.mended),
    )
