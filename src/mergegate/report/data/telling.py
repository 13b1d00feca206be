"""A dataset's review in words: what it comes to, the findings with the loudest first, what is behind them."""

from collections.abc import Iterator

from mergegate.records.data import DatasetReview
from mergegate.records.review import DataChange
from mergegate.report import wording
from mergegate.report.data import cells, columns, files, labels, leaks, rows, schema, shift
from mergegate.report.data.parts import Line, Part, Telling
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import plural

UNCHANGED = "nothing changed"
# To tell of one more thing is to add its file here.
_LINES = (rows.lines, labels.lines, leaks.lines, schema.lines, cells.lines, shift.lines)
_PARTS = (labels.part, leaks.part, schema.part, cells.part, rows.part, shift.part, columns.part)


def tell(dataset: DatasetReview, voice: Voice, change: DataChange | None = None) -> Telling:
    """What there is to say, written by `voice`; `change` is what git and DVC know of the same path."""
    found = tuple(_lines(dataset, voice, change))
    orientation = (files.orientation(dataset, change), rows.orientation(dataset, voice))
    said = headline(dataset, change)
    return Telling(
        headline=said,
        changed=said != UNCHANGED,
        orientation=tuple(_capital(sentence) for sentence in orientation if sentence),
        lines=(*(line for line in found if line.loud), *(line for line in found if not line.loud)),
    )


def behind(dataset: DatasetReview, voice: Voice, change: DataChange | None = None) -> Iterator[Part]:
    """What is behind the findings, part by part: tables, and what they need to be read."""
    for part in _PARTS:
        if found := part(dataset, voice):
            yield found
    if listed := files.part(change, voice):
        yield listed


def headline(dataset: DatasetReview, change: DataChange | None = None) -> str:
    """What happened in a few words, what was lost first; nothing in it is the data's own text."""
    if dataset.problem:
        return "can't be compared"
    found = [words for words in _counted(dataset, change) if words]
    if found:
        return ", ".join(found)
    return "changed, but no row and no column" if dataset.changed else UNCHANGED


def _counted(dataset: DatasetReview, change: DataChange | None) -> Iterator[str]:
    yield wording.lost(change) if change else ""
    found = dataset.rows
    if found:
        yield _many(found.removed, "row", "removed")
    if dataset.labels:
        yield _many(dataset.labels.changed, "label", "edited")
    yield _many(sum(map(leaks.caught, dataset.leaks)), "leak", "found")
    yield _many(len(schema.broken(dataset)), "schema break", "")
    yield _many(cells.ruled(dataset), "column", "changed by one rule")
    if found:
        yield _many(found.changed, "row", "changed")
    yield _many(len(shift.notable(dataset)), "column", "shifted")
    if found:
        yield _many(found.added, "row", "added")
    yield _many(len(dataset.schema) - len(schema.broken(dataset)), "compatible schema change", "")


def _many(number: int, noun: str, what: str) -> str:
    return f"{plural(number, noun)} {what}".rstrip() if number else ""


def _lines(dataset: DatasetReview, voice: Voice, change: DataChange | None) -> Iterator[Line]:
    if dataset.problem:
        hint = f" Next: {voice.text(dataset.hint)}" if dataset.hint else ""
        yield Line("Can't be compared", f"{voice.text(dataset.problem)}{hint}")
    for fact in dataset.facts:
        gone = "lost" in fact.kind or "gone" in fact.kind
        what = "Lost" if fact.loud and gone else "Warning" if fact.loud else "Note"
        yield Line(what, voice.sentence(fact.sentence), loud=fact.loud)
    for lines in _LINES:
        yield from lines(dataset, voice)
    for note in dataset.notes:
        yield Line("Note", voice.sentence(note), loud=False)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
