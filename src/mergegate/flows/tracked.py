"""A dataset of a revision or the workspace, listed by DVC's md5s; and one on disk, to be held against it."""

import os
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

from mergegate import dag, repo
from mergegate.errors import ContractError, UsageError
from mergegate.flows.evidence import Reading, name_in_errors
from mergegate.flows.folders import fetch, list_files, read_plain
from mergegate.flows.listings import Listing, Place, refuse_unread
from mergegate.records.review import Side
from mergegate.repo.hashing import hash_file

WORKSPACE = "workspace"


def list_place(place: Place) -> Listing:
    """A file or folder on disk by md5, as DVC has it. Raises BrokenError for a file that can't be read."""
    with refuse_unread(place.name):
        return place.listed({inside: hash_file(file) for inside, file in place.files.items()})


def list_revision(stack: ExitStack, place: str, side: Side, into: Path) -> Listing:
    """What `REV:path` names in the repository here; `stack` holds it open.

    Raises UsageError outside of a repository or for no path inside it, and as `list_side` does.
    """
    revision, _, path = place.partition(":")
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


def list_side(reading: Reading, objects: repo.Objects, path: str, into: Path) -> Listing:
    """A dataset of a revision or the workspace; what git holds is written into the folder `into` when opened.

    Raises ContractError when there is nothing, ObjectError when a folder's list can't be had.
    """
    listed = list_files(reading, objects, path)
    hashes = {}
    for inside, found in listed.items():
        whole = f"{path}/{inside}" if inside else path
        own = found.md5 if found is not None else reading.files.md5(whole)
        if own is None:
            raise ContractError("the file is missing", file=reading.name(whole), hint="run `dvc repro`")
        # DVC 2's checksum of a text is not that of its bytes: the two kinds never stand for each other.
        hashes[inside] = f"legacy {own}" if found is not None and found.legacy else own

    def open_files(wanted: Collection[str]) -> Mapping[str, Path]:
        fetch(objects, {inside: listed[inside] for inside in wanted})
        places = {}
        for inside in wanted:
            found = listed[inside]
            if found is not None:
                places[inside] = objects.open(found)
                continue
            places[inside] = target = Path(mkdtemp(dir=into)) / "file"
            target.write_bytes(read_plain(reading, f"{path}/{inside}" if inside else path))
        return places

    def size(inside: str) -> int | None:
        found = listed[inside]
        if found is not None:
            return objects.size(found)
        return len(read_plain(reading, f"{path}/{inside}" if inside else path))

    return Listing(reading.name(path), path.rsplit("/", 1)[-1], hashes, open_files, size)


def _inside(project: repo.Project, path: str) -> str:
    """A path from the project's root on, as git and DVC write it; one that begins with a dot starts here."""
    root = project.root.resolve()
    start = Path.cwd() if path.split("/")[0] in (".", "..") else root
    whole = Path(os.path.normpath(start / path))
    if whole == root or not whole.is_relative_to(root):
        hint = "name a file or folder inside it, such as main:data/raw"
        raise UsageError(f"{path} is no path inside the project {root}", hint=hint)
    return whole.relative_to(root).as_posix()
