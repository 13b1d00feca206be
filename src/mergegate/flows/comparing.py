"""Two listings of a dataset compared: only files that differ are opened, and the data room does the rest."""

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from mergegate.amounts import list_some
from mergegate.dataset.privacy import Mask
from mergegate.dataset.question import Question, Sides
from mergegate.dataset.source import READS, Source, SourceFile, format_of, holds_rows
from mergegate.dataset.tree import TreeDiff, diff_trees
from mergegate.errors import ContractError, MergegateError, ObjectError
from mergegate.flows.dataroom import open_room
from mergegate.flows.listings import Listing
from mergegate.records.data import DatasetReview, Fact

MOST_REFERENCE_FILES = 12
"""Files alike on both sides that new rows are held against: the last by name, a year of months."""

MOST_KEY_FILES = 400
MOST_KEY_BYTES = 2_000_000_000
MOST_KEY_TEXT_BYTES = 200_000_000
"""Files alike on both sides where keys of new rows are looked for, the last by name; text is read whole."""

MOST_NAMED = 5


def compare_listings(
    path: str,
    old: Listing | None,
    new: Listing | None,
    question: Question,
    progress: Callable[[str], None] = lambda step: None,
) -> DatasetReview:
    """Compare two sides of a dataset; None for one that lacks it.

    Raises ContractError for a file that can't be read, ObjectError for one that can't be had. No message
    tells a private value that stands in a folder's name.
    """
    mask = Mask.of(question.private, *(side.files if side else () for side in (old, new)))
    with _hidden_in_errors(mask):
        return _compare(path, old, new, question, mask, progress)


def _compare(
    path: str,
    old: Listing | None,
    new: Listing | None,
    question: Question,
    mask: Mask,
    progress: Callable[[str], None],
) -> DatasetReview:
    whole = diff_trees(old.files if old else {}, new.files if new else {})
    if not whole.entries():
        return DatasetReview(path=path, changed=False, files_skipped=len(new.files) if new else 0)
    before, after = _of_rows(old), _of_rows(new)
    tree = diff_trees(before, after)
    same = sorted(before.keys() & after.keys() - set(tree.changed))
    notes = (*_tell_foreign(whole, {*before, *after}, mask), *_tell_moved(tree, before, after, mask))
    if not tree.entries():
        _refuse_nothing(old, new, same)
        return DatasetReview(path=path, changed=False, files_skipped=len(same), notes=notes)
    progress(f"fetching what differs in {path}")
    reference = open_source(old, _choose_reference(old, same, MOST_REFERENCE_FILES if question.shift else 1))
    sides = Sides(
        old=open_source(old, (*tree.removed, *tree.changed)),
        new=open_source(new, (*tree.added, *tree.changed)),
        reference=reference,
        alike=lambda: _open_alike(old, same, reference),
    )
    progress(f"comparing {path}")
    with open_room()() as room:
        found = room.compare(path, sides, question)
    return msgspec.structs.replace(
        found,
        files_skipped=len(same),
        facts=(*_tell_lost(tree, before, after, mask), *found.facts),
        notes=(*notes, *found.notes),
        problem=mask.text(found.problem),
        hint=mask.text(found.hint),
    )


@contextmanager
def _hidden_in_errors(mask: Mask) -> Iterator[None]:
    try:
        yield
    except MergegateError as error:
        error.message, error.hint = mask.text(error.message), mask.text(error.hint)
        error.args = (error.message,)
        if isinstance(error, ContractError):
            error.file, error.reason = mask.text(error.file), mask.text(error.reason)
        raise


def open_source(listing: Listing | None, names: Collection[str] | None = None) -> Source | None:
    """Files of a listing, opened, all without `names`; None for none. Files of no rows are left alone."""
    if listing is None or not listing.files:
        return None
    wanted = [name for name in listing.files if names is None or name in names]
    if "" in listing.files:
        return _open_file(listing) if wanted else None
    rows = list(filter(holds_rows, wanted))
    if not rows and names is not None:
        return None
    source = Source.of(listing.name, listing.open(rows) if rows else _unopened(wanted))
    return replace(source, part=len(rows) < len(listing.files))


def _open_alike(listing: Listing | None, same: Sequence[str], opened: Source | None) -> Source | None:
    """Files that are alike on both sides: those opened already, and the last that are here, unfetched."""
    if listing is None or opened is None:
        return None
    places = {file.name: file.path for file in opened.files}
    left = MOST_KEY_BYTES if opened.format == "parquet" else MOST_KEY_TEXT_BYTES
    for inside in reversed(same):
        if inside in places:
            continue
        if len(places) >= MOST_KEY_FILES:
            break
        with suppress(ContractError, ObjectError):  # one that can't be had is not looked at
            size = listing.size(inside)
            if size is not None and size <= left:
                places |= listing.open([inside])
                left -= size
    return replace(Source.of(listing.name, places), part=True)


def _open_file(listing: Listing) -> Source:
    found = format_of(listing.file)
    if found is None:
        raise ContractError("is no file of rows that can be read", file=listing.name, hint=READS)
    return Source(listing.name, (SourceFile(listing.file, listing.open([""])[""]),), found)


def _of_rows(listing: Listing | None) -> Mapping[str, str]:
    """A side's files of rows. Raises ContractError for several formats, whichever differ."""
    if listing is None or "" in listing.files:
        return listing.files if listing else {}
    found = {inside: md5 for inside, md5 in listing.files.items() if holds_rows(inside)}
    if found:
        Source.of(listing.name, _unopened(found))
    return found


def _refuse_nothing(old: Listing | None, new: Listing | None, same: Sequence[str]) -> None:
    """Raise ContractError where neither side has a file of rows."""
    listing = new or old
    if listing is not None and not same:
        Source.of(listing.name, _unopened(listing.files))


def _unopened(names: Collection[str]) -> dict[str, Path]:
    """Names alone tell whether a source can be made of files."""
    return {inside: Path(inside) for inside in names}


def _choose_reference(old: Listing | None, same: Sequence[str], most: int) -> list[str]:
    """The last files that are at hand; one is fetched where none is, to say what the columns were."""
    at_hand = (name for name in reversed(same) if old is not None and old.size(name) is not None)
    return sorted(itertools.islice(at_hand, most)) or list(same[-1:])


def _tell_lost(
    tree: TreeDiff, before: Mapping[str, str], after: Mapping[str, str], mask: Mask
) -> Iterator[Fact]:
    """A folder that loses files: DVC says nothing of it."""
    kept = set(after.values())
    lost = [name for name in tree.removed if before[name] not in kept]
    # A folder that became one file, or the other way round, is told by its rows.
    if lost and "" not in {*before, *after}:
        are = "is" if len(lost) == 1 else "are"
        sentence = f"{len(lost):,} of base's {len(before):,} files {are} gone: {_some(map(mask.name, lost))}."
        yield Fact(kind="files_lost", sentence=sentence, loud=True)


def _tell_moved(
    tree: TreeDiff, before: Mapping[str, str], after: Mapping[str, str], mask: Mask
) -> Iterator[str]:
    """Files under another name: what they hold is not lost, though their folders may say otherwise."""
    names = {after[name]: name for name in tree.added if name}
    moved = [
        f"{mask.name(name)} → {mask.name(names[before[name]])}"
        for name in tree.removed
        if name and before[name] in names
    ]
    if moved:
        yield f"Files of the same bytes have other names in head: {_some(moved)}."


def _tell_foreign(whole: TreeDiff, rows: Collection[str], mask: Mask) -> Iterator[str]:
    """Files that differ and that nobody reads."""
    foreign = [name for name, _ in whole.entries() if name not in rows]
    if foreign:
        yield f"Not read, since they hold no rows: {_some(map(mask.name, foreign))}."


def _some(found: Iterable[str]) -> str:
    return list_some((name[:100] for name in found), MOST_NAMED)
