"""The files of a dataset on one side, by what their bytes hash to, and how to get at those that are needed.

Two sides are held against each other by their lists alone: a file with the same bytes is neither fetched nor
read.
"""

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from mergegate import repo
from mergegate.errors import BrokenError, ContractError, UsageError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import fetch, list_files, read_plain
from mergegate.repo.hashing import hash_file

MOST_FILES = 100_000

Open = Callable[[Collection[str]], Mapping[str, Path]]


class Listing(msgspec.Struct, frozen=True):
    """One side: `name` as people call it, `files` {path inside the folder: md5}, "" for a file itself,
    which is called `file`.

    `open(paths)` fetches those files, believes them by their md5 alone, and says where each lies; it raises
    ObjectError for one that can't be had, ContractError for one that can't be read. `size(path)` is a file's
    bytes, None for one that would have to be fetched.
    """

    name: str
    file: str
    files: Mapping[str, str]
    open: Open
    size: Callable[[str], int | None] = lambda inside: None


def list_path(path: Path, *, name: str) -> Listing:
    """A file or folder on disk, hidden files left out.

    Raises UsageError for neither, or a folder without files or with something else in it, BrokenError unread.
    """
    if name != show_path(name):
        # Arrow opens no other.
        raise UsageError(f"the name {show_path(name)} is not UTF-8", hint="rename the file or folder")
    if not path.exists():
        raise UsageError(f"there is no file or folder {name}", hint="name a file, a folder, or REV:path")
    try:
        found = _walk(path, name) if path.is_dir() else {"": path}
        if len(found) > MOST_FILES:
            raise UsageError(f"{name} holds more than {MOST_FILES:,} files", hint="name a folder inside it")
        if not found:
            hint = "name another; hidden files are not looked at"
            raise UsageError(f"the folder {name} is empty", hint=hint)
        for inside, file in found.items():
            # Opening a pipe would wait for whoever writes into it.
            if file.exists() and not file.is_file():
                raise UsageError(f"{_join(name, inside)} is no regular file", hint="name a file or a folder")
        hashes = {inside: hash_file(file) for inside, file in found.items()}
    except OSError as error:
        told = show_path(str(error.filename or name))
        raise BrokenError(
            f"{told} can't be read: {error.strerror}", hint="mend this and run the command again"
        ) from error
    return Listing(
        name,
        path.name,
        hashes,
        lambda wanted: {inside: found[inside] for inside in wanted},
        lambda inside: found[inside].stat().st_size,
    )


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


def show_path(name: str) -> str:
    """A path as people see it: bytes that are no text are escaped."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _walk(folder: Path, name: str) -> dict[str, Path]:
    """Files below a folder by their path inside it, sorted.

    Raises UsageError for a link to a folder, which is not followed, and for a name that is no text.
    """
    found = {}
    for place, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for inner in folders:
            if Path(place, inner).is_symlink():
                told = _join(name, Path(place, inner).relative_to(folder).as_posix())
                raise UsageError(f"{told} is a link to a folder, which is not followed", hint=_LINK_HINT)
        for file in sorted(files):
            if not file.startswith("."):
                whole = Path(place, file)
                inside = whole.relative_to(folder).as_posix()
                if inside != show_path(inside):
                    told = _join(name, inside)
                    raise UsageError(f"the name of {told} is not UTF-8", hint="rename it, or name one file")
                found[inside] = whole
    return found


_LINK_HINT = "name the folder that it leads to, or put the files in its place"


def _refuse(error: OSError) -> None:
    """A folder that can't be looked into is not an empty one."""
    raise error


def _join(name: str, inside: str) -> str:
    return show_path(f"{name.rstrip('/')}/{inside}" if inside else name)
