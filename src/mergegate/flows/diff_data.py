"""Compare two datasets with each other: files, folders, or what a revision had at a path."""

import importlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from mergegate import __version__
from mergegate.dataset.question import Question
from mergegate.dataset.source import Source, holds_rows
from mergegate.flows.comparing import compare_listings
from mergegate.flows.listings import Listing, Place, find_place, list_places, show_path
from mergegate.records.diff import DataDiff
from mergegate.records.review import Side


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Two places, each a path or `REV:path`, and how to compare what is there."""

    base: str
    head: str
    key: tuple[str, ...] = ()
    label: str | None = None
    slices: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    shift: bool = True
    rows_only: bool = False


def diff_data(request: Request, progress: Callable[[str], None]) -> DataDiff:
    """Compare B with A. `progress` is told what is being done.

    Raises UsageError for a place or an option that can't be used, ContractError for a file that can't be
    read, ObjectError for one that can't be had.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mergegate-")))
        progress("looking at both sides")
        old, new = _list_both(stack, request, folder)
        for side in (old, new):
            _refuse_rowless(side)
        question = Question(
            key=request.key,
            label=request.label,
            slices=request.slices,
            private=request.private,
            shift=request.shift,
            rows_only=request.rows_only,
            strict=True,
        )
        base, head = show_path(request.base), show_path(request.head)
        found = compare_listings(f"{base} → {head}", old, new, question, progress)
        return DataDiff(mergegate=__version__, base=base, head=head, dataset=found)


def _list_both(stack: ExitStack, request: Request, into: Path) -> tuple[Listing, Listing]:
    """The files of both sides; those on disk are held against each other, else all go by md5."""
    names = (request.base, request.head)
    old, new = (find_place(Path(name), name=name) if _on_disk(name) else None for name in names)
    if old is not None and new is not None:
        return list_places(old, new)
    # Only here git and DVC are needed, which take a tenth of a second to import.
    tracked = importlib.import_module("mergegate.flows.tracked")
    sides: tuple[tuple[Place | None, Side], ...] = ((old, "base"), (new, "head"))
    base, head = (
        tracked.list_revision(stack, name, side, into) if place is None else tracked.list_place(place)
        for name, (place, side) in zip(names, sides, strict=True)
    )
    return base, head


def _on_disk(place: str) -> bool:
    """Whether it is a path; one that is there is a path, whatever its name looks like."""
    revision, colon, path = place.partition(":")
    return Path(place).exists() or not colon or not revision or not path


def _refuse_rowless(listing: Listing) -> None:
    """Raise ContractError for a folder in which no file holds rows; in a review its rows are gone."""
    if "" not in listing.files and not any(map(holds_rows, listing.files)):
        Source.of(listing.name, {inside: Path(inside) for inside in listing.files})
