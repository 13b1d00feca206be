"""Compare two datasets with each other: files, folders, or what a revision had at a path."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from mergegate import __version__, dag, repo
from mergegate.dataset.question import Question
from mergegate.dataset.source import Source, holds_rows
from mergegate.errors import UsageError
from mergegate.flows.comparing import compare_listings
from mergegate.flows.evidence import Reading, name_in_errors
from mergegate.flows.listings import Listing, list_path, list_side, show_path
from mergegate.records.diff import DataDiff
from mergegate.records.review import Side

WORKSPACE = "workspace"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Two places, each a path or `REV:path`, and how to compare what is there."""

    base: str
    head: str
    key: tuple[str, ...] = ()
    label: str | None = None
    slices: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    shift: bool = True


def diff_data(request: Request, progress: Callable[[str], None]) -> DataDiff:
    """Compare B with A. `progress` is told what is being done.

    Raises UsageError for a place or an option that can't be used, ContractError for a file that can't be
    read, ObjectError for one that can't be had.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mergegate-")))
        progress("looking at both sides")
        old = _open(stack, request.base, "base", folder)
        new = _open(stack, request.head, "head", folder)
        for side in (old, new):
            _refuse_rowless(side)
        question = Question(
            key=request.key,
            label=request.label,
            slices=request.slices,
            private=request.private,
            shift=request.shift,
            strict=True,
        )
        base, head = show_path(request.base), show_path(request.head)
        found = compare_listings(f"{base} → {head}", old, new, question, progress)
        return DataDiff(mergegate=__version__, base=base, head=head, dataset=found)


def _open(stack: ExitStack, place: str, side: Side, into: Path) -> Listing:
    """The files at a place; a path that is there is a path, whatever its name looks like."""
    revision, colon, path = place.partition(":")
    if Path(place).exists() or not colon or not revision or not path:
        return list_path(Path(place), name=place)
    try:
        project = repo.locate(Path.cwd())
    except UsageError as error:
        raise UsageError(
            f"there is no file or folder {place}, and REV:path needs a repository: {error.message}",
            hint="name a file or folder, or run this in a git repository",
        ) from error
    path = _inside(project, path)
    found = repo.workspace_revision(project) if revision == WORKSPACE else repo.resolve(project, revision)
    files: repo.Snapshot = (
        repo.open_workspace(project) if found.workspace else repo.open_commit(project, found)
    )
    stack.enter_context(files)
    reading = Reading(side, found, files, dag.read(files, at=name_in_errors(found)))
    return list_side(reading, repo.Objects(project), path, into)


def _refuse_rowless(listing: Listing) -> None:
    """Raise ContractError for a folder in which no file holds rows; in a review its rows are gone."""
    if "" not in listing.files and not any(map(holds_rows, listing.files)):
        Source.of(listing.name, {inside: Path(inside) for inside in listing.files})


def _inside(project: repo.Project, path: str) -> str:
    """A path from the project's root on, as git and DVC write it; one that begins with a dot starts here."""
    root = project.root.resolve()
    start = Path.cwd() if path.split("/")[0] in (".", "..") else root
    whole = Path(os.path.normpath(start / path))
    if whole == root or not whole.is_relative_to(root):
        hint = "name a file or folder inside it, such as main:data/raw"
        raise UsageError(f"{path} is no path inside the project {root}", hint=hint)
    return whole.relative_to(root).as_posix()
