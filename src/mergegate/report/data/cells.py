"""Cells that changed in rows that both sides have."""

from collections.abc import Iterator, Sequence

from mergegate.records.data import ColumnChange, DatasetReview
from mergegate.report.data.amounts import figure, listed, of, share
from mergegate.report.data.parts import Bar, Cell, Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import UNKNOWN, count, plural

_NAMED = 5
"""Columns that have a sentence of their own."""


def shared(dataset: DatasetReview) -> int:
    """Rows that both sides have."""
    return dataset.rows.changed + dataset.rows.same if dataset.rows else 0


def lines(dataset: DatasetReview, voice: Voice) -> Iterator[Line]:
    """What was edited: a pattern that all changed cells share before anything else."""
    found = sorted(_told(dataset), key=lambda change: (not change.pattern, -change.changed))
    both = shared(dataset)
    for change in found[:_NAMED]:
        yield Line("Cells changed", _sentence(change, both, voice))
    if len(found) > _NAMED:
        yield Line("Cells changed", f"in {plural(len(found) - _NAMED, 'more column')}.")


def _told(dataset: DatasetReview) -> list[ColumnChange]:
    """The columns, without the label's where its edits are told by themselves."""
    label = dataset.labels.column if dataset.labels and dataset.labels.edits else None
    return [change for change in dataset.columns if change.column != label]


def ruled(dataset: DatasetReview) -> int:
    """Columns in which every changed cell follows one rule."""
    return sum(bool(change.pattern) for change in _told(dataset))


def _sentence(change: ColumnChange, both: int, voice: Voice) -> str:
    rows = of(change.changed, both, "shared rows")
    parts = [f"{voice.name(change.column)} in {rows}"]
    if change.pattern:
        parts.append(f"every one by {voice.text(change.pattern)}")
    parts += _gaps(change)
    if change.mean is not None and not change.pattern:
        parts.append(f"by {_signed(change.mean)} on average")
    example = change.examples[0] if change.examples and not change.private else None
    if example:
        parts.append(f"such as {voice.step(example.old, example.new)}")
    return ", ".join(parts) + "."


def _gaps(change: ColumnChange) -> list[str]:
    pairs = ((change.emptied, "went missing"), (change.filled, "were missing before"))
    return [f"{count(number)} {words}" for number, words in pairs if number]


def _signed(number: float) -> str:
    return f"+{figure(number)}" if number > 0 else figure(number)


def part(dataset: DatasetReview, voice: Voice) -> Part | None:
    """Every column with changed cells, and examples."""
    changes = _told(dataset)
    if not changes:
        return None
    both = shared(dataset)
    tables = [_table(changes, both, voice)]
    examples = [(change, cell) for change in changes if not change.private for cell in change.examples]
    if examples:
        shown = tuple(
            (voice.name(change.column), voice.key(cell.key), voice.value(cell.old), voice.value(cell.new))
            for change, cell in examples
        )
        tables.append(Table("Examples", ("Column", "Row", "Base", "Head"), shown, "example"))
    hidden = [voice.name(change.column) for change in changes if change.private]
    sentences = (f"Private, so no value is shown: {listed(hidden, 8)}.",) if hidden else ()
    return Part("cells", f"Changed cells in {plural(len(changes), 'column')}", sentences, tuple(tables))


def _table(changes: Sequence[ColumnChange], both: int, voice: Voice) -> Table:
    """A row for each column; what no column has is left out."""
    heads = ["Column", "Changed:", "Share:"]
    gaps = any(change.emptied or change.filled for change in changes)
    moves = any(change.mean is not None or change.largest is not None for change in changes)
    rules = any(change.pattern for change in changes)
    heads += ["Emptied:", "Filled:"] * gaps + ["Mean move:", "Largest:"] * moves + ["In common"] * rules
    rows = []
    for change in changes:
        row: list[Cell] = [
            voice.name(change.column),
            count(change.changed),
            Bar(share(change.changed, both), change.changed / both if both else 0),
        ]
        if gaps:
            row += [count(change.emptied), count(change.filled)]
        if moves:
            row += [UNKNOWN if change.mean is None else _signed(change.mean), figure(change.largest)]
        if rules:
            row.append(voice.text(change.pattern) if change.pattern else UNKNOWN)
        rows.append(tuple(row))
    return Table("", tuple(heads), tuple(rows), "column")
