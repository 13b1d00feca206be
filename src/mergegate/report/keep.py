"""What `mergegate keep` and `mergegate backup` answer, as lines for people."""

from collections.abc import Iterator

from mergegate.records.keep import BackupAnswer, KeepAnswer, Lost, Source
from mergegate.report.escaping import visible
from mergegate.report.numbers import plural, size

_TEXT = 500
_SHOWN = 10


def keep_lines(answer: KeepAnswer) -> Iterator[str]:
    """What the remote holds, must keep, and need not."""
    yield f"{visible(answer.remote, _TEXT)} holds {plural(answer.held, 'object')}, {size(answer.held_bytes)}"
    for source in answer.sources:
        yield f"  asked {_source(source)}"
    yield f"  needed: {plural(answer.needed, 'object')}, {size(answer.needed_bytes)}"
    yield f"  named by nobody: {plural(answer.unneeded, 'object')}, {size(answer.unneeded_bytes)}"
    if answer.young:
        yield f"  named by nobody, and too young to go: {plural(answer.young, 'object')}"
    if answer.other_files:
        yield f"  no DVC objects, left alone: {plural(answer.other_files, 'file')}"
    yield from _lost(answer.lost, answer.lost_total, answer.lost_lists)
    yield from _unread(answer.unread)
    yield from _notes(answer.notes)


def deleted_lines(answer: KeepAnswer) -> Iterator[str]:
    """What was deleted."""
    yield f"deleted {plural(answer.deleted, 'object')}, {size(answer.deleted_bytes)}"
    yield from _failed(answer.failed)


def backup_lines(answer: BackupAnswer) -> Iterator[str]:
    """What was copied, and is there by its md5."""
    yield (
        f"copied {plural(answer.copied, 'object')}, {size(answer.copied_bytes)}, "
        f"to {visible(answer.target, _TEXT)}"
    )
    yield f"  needed: {answer.needed:,}; there before: {answer.present:,}; read back: {answer.checked:,}"
    yield from _failed(answer.failed)
    yield from _lost(answer.lost, answer.lost_total, answer.lost_lists)
    yield from _unread(answer.unread)
    yield from _notes(answer.notes)


def _source(source: Source) -> str:
    name = "this repository" if source.repository == "." else visible(source.repository, _TEXT)
    return f"{name}: {plural(source.refs, 'ref')}, {plural(source.files, 'version')} of DVC's files"


def _failed(sentences: tuple[str, ...]) -> Iterator[str]:
    for sentence in sentences[:_SHOWN]:
        yield f"  FAILED: {visible(sentence, _TEXT)}"
    if len(sentences) > _SHOWN:
        yield f"  and {len(sentences) - _SHOWN:,} more"


def _lost(lost: tuple[Lost, ...], total: int, lists: tuple[str, ...]) -> Iterator[str]:
    """What is needed and not there."""
    if total:
        yield f"  LOST: {plural(total, 'object')} that somebody needs can't be had here:"
        for each in lost[:_SHOWN]:
            yield f"    {each.md5} of {visible(each.by, _TEXT)}"
        if total > _SHOWN:
            yield f"    and {total - _SHOWN:,} more"
        yield "    next: `mergegate push REV` where the data is"
    if lists:
        yield f"  LOST: {plural(len(lists), 'folder list')} that nobody has; what they name can't be known:"
        for name in lists[:_SHOWN]:
            yield f"    {name}"
        yield "    next: push it where it is, or give it up with `--without ID`"


def _unread(versions: tuple[str, ...]) -> Iterator[str]:
    """Versions of DVC's files that can't be understood."""
    if versions:
        yield f"  UNREAD: {plural(len(versions), 'version')} of DVC's files whose needs can't be known:"
        for name in versions[:_SHOWN]:
            yield f"    {name}"
        if len(versions) > _SHOWN:
            yield f"    and {len(versions) - _SHOWN:,} more"
        yield "    next: look with `git cat-file blob ID`: Git LFS, a filter, or a link that leads nowhere?"


def _notes(notes: tuple[str, ...]) -> Iterator[str]:
    for note in notes:
        yield f"  note: {visible(note, _TEXT)}"
