"""Rows that came, went and changed, and how they were told apart."""

from collections.abc import Iterator, Sequence

from mergegate.records.data import DatasetReview, RowChanges
from mergegate.report.data.amounts import joined, listed, none, of
from mergegate.report.data.parts import Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import count, plural

_KEY = 8
"""Columns of a key that are named."""


def orientation(dataset: DatasetReview, voice: Voice) -> str:
    """Which rows were compared, how, and what came of it; empty where rows could not be compared."""
    rows = dataset.rows
    if rows is None:
        return ""
    many, counted = dataset.files_skipped, _counted(rows, altered=bool(dataset.schema))
    if many:
        of = "" if dataset.rows_skipped is None else f" with {plural(dataset.rows_skipped, 'row')}"
        verb = "is" if many == 1 else "are"
        alike = f"{plural(many, 'file')}{of} {verb} the same on both sides and not read"
        counted = f"{alike}. In the others {counted}"
    return f"{counted}. {_matched(rows, voice, part=many > 0)}"


def _counted(rows: RowChanges, *, altered: bool) -> str:
    """What became of the rows."""
    if not rows.added and not rows.removed and not rows.changed:
        where = ", in the columns that both sides have" if altered else ""
        return f"all {count(rows.new)} rows are the same{where}" if rows.new else "there is no row"
    if not rows.old:
        return f"there are {plural(rows.new, 'row')}, all new"
    if not rows.new:
        return f"there were {plural(rows.old, 'row')}, all gone"
    changed = f"{none(rows.changed)} changed, " if rows.key else ""
    counts = f"{none(rows.added)} added, {none(rows.removed)} removed, {changed}{none(rows.same)} the same"
    if rows.old == rows.new:
        return f"there are {plural(rows.new, 'row')} on both sides: {counts}"
    return f"there were {count(rows.old)} rows, now there are {count(rows.new)}: {counts}"


def _matched(rows: RowChanges, voice: Voice, *, part: bool) -> str:
    """By what rows of one side were found on the other; in a `part` of the files only."""
    if not rows.key:
        return "There is no key, so whole rows are compared: an edited row counts as removed and added."
    key = listed([voice.name(column) for column in rows.key], _KEY)
    if rows.guessed:
        where = " in the files that differ" if part else ""
        return (
            f"Rows are matched by {key}: nobody named a key, and this one is unique and never missing{where}."
        )
    return f"Rows are matched by {key}."


def lines(dataset: DatasetReview, voice: Voice) -> Iterator[Line]:
    """Rows that are gone, and rows that can't be told apart."""
    rows = dataset.rows
    if rows is None:
        return
    if rows.removed:
        yield Line("Rows removed", f"{_of_base(dataset, rows)}{_some(rows.removed_keys, voice)}.")
    key = "equal rows" if not rows.key else "rows whose key another row has"
    if rows.duplicates_new:
        yield Line(
            "Duplicates",
            f"{_against(rows.duplicates_new, rows.duplicates_old)} {key}.",
            loud=rows.duplicates_new > rows.duplicates_old,
        )
    if rows.keyless_new or rows.keyless_old:
        yield Line(
            "Key missing",
            f"{_against(rows.keyless_new, rows.keyless_old)} rows without a value in the key.",
            loud=rows.keyless_new > rows.keyless_old,
        )


def _of_base(dataset: DatasetReview, rows: RowChanges) -> str:
    """Of all rows of base; where those of unread files are not counted, of the others."""
    if dataset.files_skipped and dataset.rows_skipped is None:
        return f"{of(rows.removed, rows.old)} of base's files that differ"
    return f"{of(rows.removed, rows.old + (dataset.rows_skipped or 0))} of base"


def _against(new: int, old: int) -> str:
    return f"head has {count(new)}, base has {none(old)},"


def _some(keys: Sequence[tuple[str, ...]], voice: Voice) -> str:
    return f", such as {joined([voice.key(key) for key in keys[:2]])}" if keys else ""


def part(dataset: DatasetReview, voice: Voice) -> Part | None:
    """Examples of rows that came and went."""
    rows = dataset.rows
    if rows is None:
        return None
    tables = [
        Table(
            title,
            tuple(map(voice.name, rows.key)),
            tuple(tuple(map(voice.value, key)) for key in keys if len(key) == len(rows.key)),
            "row",
            total,
        )
        for title, keys, total in (
            ("Rows removed", rows.removed_keys, rows.removed),
            ("Rows added", rows.added_keys, rows.added),
        )
        if keys and rows.key
    ]
    if not tables and not voice.wide:
        return None
    return Part("rows", f"Rows: {none(rows.added)} added, {none(rows.removed)} removed", (), tuple(tables))
