"""What else changed about the model: size, parameters, what its answers depend on, how long they take."""

from mergegate.records.surroundings import Importance, ModelChange, ModelFacts
from mergegate.report import numbers
from mergegate.report.data.amounts import figure
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Bar, Cell, Table
from mergegate.report.explain.model import tell_latency
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.markup import Markup, between, join, paragraph
from mergegate.report.html.tables import draw_rows, draw_table
from mergegate.report.numbers import count, plural

_NAMED = 12


def draw_model(found: ModelChange, bounds: Bounds) -> Markup:
    """Facts of both bundles, importances with their ranks, latency."""
    return join(
        paragraph("Not all could be told: ", VOICE.text(found.problem)) if found.problem else "",
        draw_table(_facts(found), bounds.rows, label="Facts of both models")
        if found.base or found.head
        else "",
        _inputs(found.base, found.head),
        paragraph(Markup(tell_latency(found.latency, VOICE))) if found.latency else "",
        _importances(found, bounds),
    )


def _facts(found: ModelChange) -> Table:
    base, head = (side or ModelFacts() for side in (found.base, found.head))
    rows: list[tuple[Cell, ...]] = [
        ("Size", numbers.size(base.size), numbers.size(head.size), _moved(base.size, head.size)),
        (
            "Parameters",
            count(base.parameters),
            count(head.parameters),
            _moved(base.parameters, head.parameters),
        ),
        (
            "Inputs",
            count(len(base.inputs)),
            count(len(head.inputs)),
            "",
        ),
    ]
    if found.latency and not found.latency.problem:
        old, new = found.latency.base, found.latency.head
        rows.append(
            ("Time per row", numbers.duration(old), numbers.duration(new), _times(found.latency.ratio))
        )
    return Table("", ("Model", "Base:", "Head:", "Change:"), tuple(rows), "fact")


def _moved(old: int | None, new: int | None) -> str:
    if old is None or new is None:
        return numbers.UNKNOWN
    return "none" if old == new else _times(new / old) if old else numbers.UNKNOWN


def _times(ratio: float | None) -> str:
    return numbers.UNKNOWN if ratio is None else f"× {figure(ratio)}"


def _inputs(base: ModelFacts | None, head: ModelFacts | None) -> Markup:
    """Inputs that came and went."""
    if base is None or head is None:
        return Markup()
    new = [name for name in head.inputs if name not in set(base.inputs)]
    gone = [name for name in base.inputs if name not in set(head.inputs)]
    return join(
        *(
            paragraph(f"{words}: ", _names(names), ".")
            for words, names in (("New inputs", new), ("Inputs that are gone", gone))
            if names
        )
    )


def _names(found: list[str]) -> Markup:
    rest = len(found) - _NAMED
    return join(between(", ", map(VOICE.name, found[:_NAMED])), f" and {rest:,} more" if rest > 0 else "")


def _importances(found: ModelChange, bounds: Bounds) -> Markup:
    if not found.importance:
        return Markup()
    most = max((abs(each) for row in found.importance for each in (row.base, row.head) if each), default=1.0)
    heads = ("Input", "Rank in base:", "Rank in head:", "Moved:", "In base:", "In head:")
    title = "How much worse the metric is where one input is shuffled"
    table = draw_rows(
        found.importance,
        lambda row: _importance(row, most),
        heads,
        "input",
        bounds,
        title=title,
        sortable=True,
    )
    on = f" on {plural(found.importance_rows, 'row')}" if found.importance_rows else ""
    which = paragraph(
        "By ",
        VOICE.name(found.importance_metric or "the metric"),
        f"{on}; ± is the spread over repeats. The line across head's bar is base's.",
        kind="note",
    )
    return join(table, which)


def _importance(row: Importance, most: float) -> tuple[Cell, ...]:
    common = numbers.scale((), row.head_spread or row.base_spread or row.head or row.base)
    return (
        VOICE.name(row.name),
        count(row.base_rank),
        count(row.head_rank),
        _ranks(row),
        _spread(common, row.base, row.base_spread),
        Bar(
            _spread(common, row.head, row.head_spread),
            max(0.0, row.head or 0.0) / most,
            max(0.0, row.base or 0.0) / most,
        ),
    )


def _ranks(row: Importance) -> str:
    """How far it climbed or fell."""
    if row.base_rank is None or row.head_rank is None:
        return (
            "new" if row.base_rank is None and row.head_rank is not None else "gone" if row.base_rank else ""
        )
    climbed = row.base_rank - row.head_rank
    return "=" if not climbed else f"{'▲' if climbed > 0 else '▼'} {abs(climbed)}"


def _spread(common: numbers.Scale, value: float | None, spread: float | None) -> str:
    return common.number(value) + (
        f" ± {common.number(spread)}" if spread is not None and value is not None else ""
    )
