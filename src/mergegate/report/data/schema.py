"""Columns that came, went, and are no longer what they were."""

from collections.abc import Iterator

from mergegate.records.data import DatasetReview, SchemaChange, SchemaKind
from mergegate.report.data.parts import Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import UNKNOWN, plural

KIND: dict[SchemaKind, str] = {
    "added": "added",
    "removed": "removed",
    "renamed": "renamed, as it seems",
    "retyped": "another type",
    "nullability": "missing values",
    "categories": "categories",
    "moved": "another place",
}


def broken(dataset: DatasetReview) -> list[SchemaChange]:
    """What a reader of the old schema can't bear."""
    return [change for change in dataset.schema if not change.additive]


def lines(dataset: DatasetReview, voice: Voice) -> Iterator[Line]:
    """A sentence for each change, what breaks readers first."""
    for change in sorted(dataset.schema, key=lambda change: change.additive):
        what = "Schema" if change.additive else "Schema break"
        yield Line(what, _sentence(change, voice), loud=not change.additive)


def _sentence(change: SchemaChange, voice: Voice) -> str:
    if change.sentence:
        return voice.sentence(change.sentence)
    step = f": {voice.step(change.old or None, change.new or None)}" if change.old or change.new else ""
    return f"{voice.name(change.column)} {KIND[change.kind]}{step}."


def part(dataset: DatasetReview, voice: Voice) -> Part | None:
    """Every change with both sides."""
    if not dataset.schema:
        return None
    changes = sorted(dataset.schema, key=lambda change: change.additive)
    rows = tuple(
        (
            voice.name(change.column),
            KIND[change.kind],
            voice.value(change.old) if change.old else UNKNOWN,
            voice.value(change.new) if change.new else UNKNOWN,
            "yes" if change.additive else voice.loud("no"),
        )
        for change in changes
    )
    table = Table("", ("Column", "Change", "Base", "Head", "Old readers still work"), rows, "change")
    return Part("schema", f"Schema: {plural(len(rows), 'change')}", (), (table,))
