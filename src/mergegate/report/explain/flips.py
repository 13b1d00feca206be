"""Answers that changed: how many, for the better or the worse, where, and the rows that tell most."""

from mergegate.records.explain import FlipCount, FlipInput, FlipRow, Flips
from mergegate.report import numbers
from mergegate.report.data.amounts import p_value, share
from mergegate.report.data.parts import Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import UNKNOWN, count, plural

MOST_CLASSES = 20
MOST_KINDS = 40
"""Kinds of change in a table: of twenty classes there are thousands."""
_INPUTS = 12
"""Inputs of a row that fit into a line; the HTML report has them all."""
ON = {"shared": "that both judged", "rescored": "of head that base's model was run on"}


def tell_flips(found: Flips, voice: Voice) -> Part:
    """The part, whether or not an answer changed."""
    on = f"{plural(found.rows, 'row')} {ON[found.exam]}"
    if not found.changed:
        return Part("flips", f"No answer changed on the {on}")
    title = f"Changed answers: {count(found.changed)} of the {on} ({share(found.changed, found.rows)})"
    tables = (_slices(found, voice), _matrix(found, voice), _rows(found, voice))
    sentences = tuple(_sentences(found, voice))
    return Part("flips", title, sentences, tuple(each for each in tables if each.rows))


def split(found: Flips) -> str:
    """How many changed for the worse, how many for the better."""
    if found.tolerance is not None:
        return (
            f"{count(found.broke)} moved away from the truth by more than {numbers.bar(found.tolerance)}, "
            f"{count(found.mended)} came closer by more"
        )
    return f"{count(found.broke)} were right and are wrong now, {count(found.mended)} the other way round"


def weigh(found: Flips) -> str:
    """How surprising the split is; empty where it was not asked."""
    if found.p is None or not found.broke + found.mended:
        return ""
    fair, test = "both models equally often right", "McNemar's exact test"
    if found.tolerance is not None:
        fair, test = "worse and better equally likely", "sign test"
    return (
        f"Were {fair}, a split as uneven would come about by chance with {p_value(found.p)} ({test}, rows "
        "taken as independent)."
    )


def kinds(found: Flips) -> tuple[str, list[FlipCount]]:
    """What the table of changed answers is called, and its rows, the most frequent first."""
    cells = [cell for cell in found.matrix if cell.base != cell.head]
    cells.sort(key=lambda cell: -cell.rows)
    title = "From which answer to which"
    if found.classes_total > MOST_CLASSES:
        title = f"{title}, among the {MOST_CLASSES} most frequent of {count(found.classes_total)} classes"
    return title, cells


def became(cell: FlipCount) -> str:
    """What a change of the answer was good for."""
    if cell.head == cell.truth:
        return "mended"
    return "broke" if cell.base == cell.truth else "still wrong"


def _sentences(found: Flips, voice: Voice) -> list[str]:
    said = [f"{split(found)}. {weigh(found)}".rstrip()]
    if found.without_inputs and found.telling:
        said.append(f"Rows stand without their inputs: {voice.sentence(found.without_inputs)}")
    return said


def _slices(found: Flips, voice: Voice) -> Table:
    rows = tuple(
        (
            f"{voice.name(each.column)} = {voice.name(each.level)}",
            count(each.rows),
            f"{count(each.changed)} ({share(each.changed, each.rows)})",
            count(each.broke),
            count(each.mended),
        )
        for each in found.slices
        if each.changed
    )
    heads = ("Slice", "Rows:", "Changed:", "Broke:", "Mended:")
    return Table("By slice, most lost on balance first", heads, rows, "slice")


def _matrix(found: Flips, voice: Voice) -> Table:
    title, cells = kinds(found)
    rows = tuple(
        (*map(voice.value, (cell.truth, cell.base, cell.head)), became(cell), count(cell.rows))
        for cell in cells[:MOST_KINDS]
    )
    heads = ("Truth", "Base said", "Head says", "Which", "Rows:")
    return Table(title, heads, rows, "kind", len(cells), len(cells))


def _rows(found: Flips, voice: Voice) -> Table:
    numeric = found.tolerance is not None
    scored = any(row.base_score is not None for row in found.telling)
    with_inputs = any(row.inputs for row in found.telling)
    scores = ("Error in base:", "Error in head:") if numeric else ("P(truth) in base:", "P(truth) in head:")
    heads = (
        "Row",
        "Truth",
        "Base",
        "Head",
        *(scores if scored else ()),
        *(("Inputs",) if with_inputs else ()),
    )
    rows = tuple(_row(row, voice, scored=scored, with_inputs=with_inputs) for row in found.telling)
    return Table("Rows that tell most", heads, rows, "row", found.changed)


def _row(row: FlipRow, voice: Voice, *, scored: bool, with_inputs: bool) -> tuple[str, ...]:
    common = numbers.scale((row.base_score, row.head_score), row.move)
    scores = (common.number(row.base_score), common.number(row.head_score)) if scored else ()
    inputs = (tell_inputs(row.inputs, voice),) if with_inputs else ()
    return (
        voice.name(row.row_id),
        voice.value(row.truth),
        voice.value(row.base),
        voice.value(row.head),
        *scores,
        *inputs,
    )


def tell_inputs(found: tuple[FlipInput, ...], voice: Voice) -> str:
    """The first inputs of a row, in a line."""
    shown = [
        f"{voice.name(each.name)} {'hidden' if each.hidden else voice.value(each.value)}"
        for each in found[:_INPUTS]
    ]
    rest = len(found) - len(shown)
    return (", ".join(shown) + (f" and {rest:,} more" if rest else "")) or UNKNOWN
