"""Datasets in the comment: what a reader must see stands open, what is behind it folded."""

from collections.abc import Iterator, Sequence
from itertools import islice

from mergegate.records.data import DatasetReview
from mergegate.records.review import DataChange
from mergegate.report.blocks import Bounds, bold, fold, more, script, table
from mergegate.report.data.parts import Part, Table, Telling, text
from mergegate.report.data.telling import behind, tell
from mergegate.report.data.voice import MISSING, Voice
from mergegate.report.escaping import code, element
from mergegate.report.numbers import plural

_WIDE = Bounds(rows=80, folded=40, slices=20, models=20, value=120, sentence=400)


def markdown_section(
    datasets: Sequence[DatasetReview], changes: Sequence[DataChange] = (), bounds: Bounds = _WIDE
) -> Iterator[str]:
    """The section's blocks; `changes` are what git and DVC know of the same paths. None for no datasets."""
    if not datasets:
        return
    known = {change.path: change for change in changes}
    voice = markdown_voice(bounds)
    told = [(dataset, tell(dataset, voice, known.get(dataset.path))) for dataset in datasets]
    told.sort(key=lambda pair: (not pair[1].notable, pair[1].nothing))
    quiet = [pair for pair in told if pair[1].nothing]
    moved = [pair for pair in told if not pair[1].nothing]
    if moved:
        yield f"### Data: {plural(len(moved), 'dataset')} changed"
    for dataset, telling in moved[: bounds.models]:
        found = islice(behind(dataset, voice, known.get(dataset.path)), bounds.behind)
        yield from _dataset(dataset, telling, tuple(found), bounds)
    yield _rest(moved[bounds.models :], bounds)
    if quiet:
        names = "\n".join(f"- {code(dataset.path, bounds.value)}" for dataset, _ in quiet[: bounds.folded])
        rest = more(len(quiet) - bounds.folded, "dataset")
        which = "Data" if not moved else "Other data"
        title = f"{which}: {plural(len(quiet), 'dataset')} reviewed, nothing changed"
        yield fold(title, names + (f"\n\n{rest}" if rest else ""))


def markdown_voice(bounds: Bounds) -> Voice:
    """How Markdown writes what comes from data."""
    base = script(bounds)

    def value(cell: str | None) -> str:
        return f"*{MISSING}*" if cell is None else code(cell, bounds.value)

    return Voice(name=base.name, text=base.text, unit=base.unit, value=value, loud=bold)


def _dataset(
    dataset: DatasetReview, telling: Telling, found: Sequence[Part], bounds: Bounds
) -> Iterator[str]:
    """What a dataset comes to, its findings, and its tables; folded as one where nothing is notable."""
    parts = [fold_part(part, bounds) for part in found]
    findings = "\n".join(f"- {bold(line.what)}: {line.said}" for line in telling.lines[: bounds.rows])
    rest = more(len(telling.lines) - bounds.rows, "finding")
    opened = [" ".join(telling.orientation), findings, rest]
    if telling.notable:
        sign = "⚠️ "
        yield f"#### {sign}{code(dataset.path, bounds.value)}: {telling.headline}"
        yield from opened
        yield from parts
        return
    body = "\n\n".join(filter(None, [*opened, *parts]))
    yield fold(f"{element(dataset.path, bounds.value)}: {telling.headline}", body)


def fold_part(part: Part, bounds: Bounds) -> str:
    """What is behind the findings, folded."""
    body = [*part.sentences, *(_table(each, bounds) for each in part.tables)]
    return fold(part.title, "\n\n".join(body)) if body else ""


def _table(found: Table, bounds: Bounds) -> str:
    body = table(
        found.heads,
        found.rows,
        lambda row: [text(cell) for cell in row],
        limit=bounds.folded,
        noun=found.noun,
        total=found.total,
        at_hand=found.listed,
    )
    return f"{bold(found.title)}\n\n{body}" if found.title else body


def _rest(told: Sequence[tuple[DatasetReview, Telling]], bounds: Bounds) -> str:
    """The datasets that there is no room for, each in a line."""
    if not told:
        return ""
    return table(
        ("Data", "Change"),
        told,
        lambda pair: (code(pair[0].path, bounds.value), pair[1].headline),
        limit=bounds.rows,
        noun="dataset",
    )
