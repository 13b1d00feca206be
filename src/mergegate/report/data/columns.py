"""What each column holds on either side: type, missing, distinct values, range."""

from mergegate.records.data import ColumnProfile, DatasetReview
from mergegate.report.data.amounts import listed, share
from mergegate.report.data.parts import Bar, Cell, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import ARROW, UNKNOWN, count, plural


def part(dataset: DatasetReview, voice: Voice) -> Part | None:
    """Every column of either side."""
    if not dataset.profiles:
        return None
    old = dataset.rows.old if dataset.rows else 0
    new = dataset.rows.new if dataset.rows else 0
    nan = any(each.nan_old or each.nan_new for each in dataset.profiles)
    both = any(each.type_old and each.type_new for each in dataset.profiles)
    rows = tuple(_row(each, old, new, voice, nan=nan, both=both) for each in dataset.profiles)
    heads = ("Column", "Type", "Missing:", *(("NaN:",) if nan else ()), "Distinct:", "Lowest", "Highest")
    hidden = [voice.name(each.column) for each in dataset.profiles if each.private]
    sentences = (
        *(("Of the files that differ.",) if dataset.files_skipped else ()),
        *((f"Private, so no value is shown: {listed(hidden, 8)}.",) if hidden else ()),
    )
    return Part(
        "columns", f"All {plural(len(rows), 'column')}", sentences, (Table("", heads, rows, "column"),)
    )


def _row(each: ColumnProfile, old: int, new: int, voice: Voice, *, nan: bool, both: bool) -> tuple[Cell, ...]:
    low, high = ((each.low_old, each.low_new), (each.high_old, each.high_new))
    return (
        voice.name(each.column),
        _type(each, voice) if both else _step(each.type_old, each.type_new, voice),
        _missing(each, old, new),
        *((_counts(each.nan_old, each.nan_new),) if nan else ()),
        _counts(each.distinct_old, each.distinct_new),
        "private" if each.private else _step(*low, voice),
        "private" if each.private else _step(*high, voice),
    )


def _type(each: ColumnProfile, voice: Voice) -> str:
    """The type where both sides have rows: a column that one of them lacks is seen to come or go."""
    if each.type_old == each.type_new:
        return voice.value(each.type_new)
    old, new = (UNKNOWN if kind is None else voice.value(kind) for kind in (each.type_old, each.type_new))
    return f"{old} {ARROW} {new}"


def _step(old: str | None, new: str | None, voice: Voice) -> str:
    """Both sides, or one where they agree or only one has it."""
    if old is None and new is None:
        return UNKNOWN
    if old is None or new is None or old == new:
        return voice.value(old if new is None else new)
    return voice.step(old, new)


def _counts(old: int | None, new: int | None) -> str:
    if old is None or new is None or old == new:
        return count(old if new is None else new)
    return f"{count(old)} {ARROW} {count(new)}"


def _missing(each: ColumnProfile, old: int, new: int) -> Cell:
    """Missing cells of either side as shares of the rows that were read there."""
    before = None if each.missing_old is None or not old else each.missing_old / old
    after = None if each.missing_new is None or not new else each.missing_new / new
    known = [found for found in (before, after) if found is not None]
    if not known:
        return _counts(each.missing_old, each.missing_new)
    words = list(dict.fromkeys(map(share, known)))
    return Bar(f" {ARROW} ".join(words), known[-1], before)
