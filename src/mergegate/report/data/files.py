"""What git and DVC say of a dataset: files, rows, bytes of the whole path."""

from collections.abc import Callable

from mergegate.records.data import DatasetReview
from mergegate.records.review import DataChange, FileChange
from mergegate.report import numbers, wording
from mergegate.report.data.parts import Part, Table
from mergegate.report.data.voice import Voice


def orientation(dataset: DatasetReview, change: DataChange | None) -> str:
    """Files, rows and bytes in a sentence; empty where they are not known."""
    if change is None:
        return ""
    files = numbers.step(change.files_old, change.files_new, numbers.count)
    counts = wording.file_counts(change)
    parts = [f"files {files}" + (f", {counts}" if counts else "")]
    # Where every file was read, the rows are told with what became of them.
    if dataset.rows is None or dataset.files_skipped:
        parts.append(_step("rows", change.rows_old, change.rows_new, numbers.count))
    parts.append(_step("size", change.bytes_old, change.bytes_new, numbers.size))
    known = [part for part in parts if numbers.UNKNOWN not in part]
    return f"{'; '.join(known)}." if known else ""


def _step(what: str, old: int | None, new: int | None, show: Callable[[int | None], str]) -> str:
    """Both sides; a side that is known alone is named."""
    side = " in base" if new is None else " in head" if old is None else ""
    return f"{what} {numbers.step(old, new, show)}{side}"


def part(change: DataChange | None, voice: Voice) -> Part | None:
    """The files that changed inside."""
    if change is None or not change.files:
        return None
    total = max(change.files_added + change.files_removed + change.files_changed, len(change.files))
    rows = tuple(_row(change, file, voice) for file in change.files)
    table = Table("", ("File", "Change", "Rows:", "Size:"), rows, "file", total)
    return Part("files", f"{numbers.plural(total, 'file')} changed inside", (), (table,))


def _row(change: DataChange, file: FileChange, voice: Voice) -> tuple[str, ...]:
    return (
        voice.name(wording.inside(change, file)),
        file.change,
        numbers.step(file.rows_old, file.rows_new, numbers.count),
        numbers.step(file.bytes_old, file.bytes_new, numbers.size),
    )
