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
    rows = tuple(_row(each, old, new, voice) for each in dataset.profiles)
    heads = ("Column", "Type", "Missing:", "NaN:", "Distinct:", "Lowest", "Highest")
    hidden = [voice.name(each.column) for each in dataset.profiles if each.private]
    sentences = (f"Private, so no value is shown: {listed(hidden, 8)}.",) if hidden else ()
    return Part(
        "columns", f"All {plural(len(rows), 'column')}", sentences, (Table("", heads, rows, "column"),)
    )


def _row(each: ColumnProfile, old: int, new: int, voice: Voice) -> tuple[Cell, ...]:
    low, high = ((each.low_old, each.low_new), (each.high_old, each.high_new))
    return (
        voice.name(each.column),
        _step(each.type_old, each.type_new, voice),
        _missing(each, old, new),
        _counts(each.nan_old, each.nan_new),
        _counts(each.distinct_old, each.distinct_new),
        "private" if each.private else _step(*low, voice),
        "private" if each.private else _step(*high, voice),
    )


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
    """Missing cells of either side as shares, NaN apart."""
    before, after = each.missing_old, each.missing_new
    if not (old or before is None) or not (new or after is None) or (before is None and after is None):
        return _counts(before, after)
    parts = [share(number, rows) for number, rows in ((before, old), (after, new)) if number is not None]
    words = parts[0] if len(set(parts)) == 1 else f" {ARROW} ".join(parts)
    shares = [None if number is None else number / rows for number, rows in ((before, old), (after, new))]
    return Bar(words, shares[0] or 0.0 if shares[1] is None else shares[1], shares[0])
