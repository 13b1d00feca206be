"""The files of a dataset on one side, by what their bytes are, and how to get at those that are needed.

Two sides are held against each other by their lists alone: a file with the same bytes is neither fetched nor
opened.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from mergegate.errors import BrokenError, UsageError

MOST_FILES = 100_000
_CHUNK = 256 * 1024
_AT_ONCE = 4

Open = Callable[[Collection[str]], Mapping[str, Path]]


class Listing(msgspec.Struct, frozen=True):
    """One side: `name` as people call it, `files` {path inside the folder: content}, "" for a file itself,
    which is called `file`.

    Files of two sides have the same bytes where their contents are equal: md5s, or what stands for these.
    `open(paths)` fetches those files, believes them by their md5 alone, and says where each lies; it raises
    ObjectError for one that can't be had, ContractError for one that can't be read. `size(path)` is a file's
    bytes, None for one that would have to be fetched.
    """

    name: str
    file: str
    files: Mapping[str, str]
    open: Open
    size: Callable[[str], int | None] = lambda inside: None


class Place(msgspec.Struct, frozen=True):
    """A file or folder on disk: `name` as people call it, `file` its own, `files` {path inside: where}."""

    name: str
    file: str
    files: Mapping[str, Path]

    def listed(self, contents: Mapping[str, str]) -> Listing:
        """The listing, by the content of each file."""
        files = self.files
        return Listing(
            self.name,
            self.file,
            contents,
            lambda wanted: {inside: files[inside] for inside in wanted},
            lambda inside: files[inside].stat().st_size,
        )


def find_place(path: Path, *, name: str) -> Place:
    """A file or folder on disk, hidden files left out.

    Raises UsageError for neither, or a folder without files or with something else in it, BrokenError unread.
    """
    if name != show_path(name):
        # Arrow opens no other.
        raise UsageError(f"the name {show_path(name)} is not UTF-8", hint="rename the file or folder")
    if not path.exists():
        raise UsageError(f"there is no file or folder {name}", hint="name a file, a folder, or REV:path")
    with refuse_unread(name):
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
    return Place(name, path.name, found)


def list_places(old: Place, new: Place) -> tuple[Listing, Listing]:
    """Both sides on disk, of whose files only those are read that may have the same bytes.

    Raises BrokenError for a file that can't be read.
    """
    sizes = []
    for place in (old, new):
        with refuse_unread(place.name):
            sizes.append({inside: _size(file) for inside, file in place.files.items()})
    before, after = sizes
    # Under another name only a file that is gone is looked for.
    moved = {size for inside, size in before.items() if inside not in after} & set(after.values())
    contents: list[dict[str, str]] = []
    for side, place, own in (("old", old, before), ("new", new, after)):
        with refuse_unread(place.name):
            contents.append(
                {
                    inside: _digest(file) if own[inside] in moved else f"{side} {inside}"
                    for inside, file in place.files.items()
                }
            )
    with refuse_unread(new.name):
        same = [
            inside
            for inside in old.files.keys() & new.files.keys()
            if before[inside] == after[inside] not in moved
        ]
        # More at once: to read, not to think, is what takes the time.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            alike = pool.map(lambda inside: _alike(old.files[inside], new.files[inside]), same)
            contents[1] |= {
                inside: contents[0][inside] for inside, is_so in zip(same, alike, strict=True) if is_so
            }
    return old.listed(contents[0]), new.listed(contents[1])


@contextmanager
def refuse_unread(name: str) -> Iterator[None]:
    """Raise BrokenError for a file that can't be read; `name` where the error names none."""
    try:
        yield
    except OSError as error:
        told = show_path(str(error.filename or name))
        raise BrokenError(
            f"{told} can't be read: {error.strerror}", hint="mend this and run the command again"
        ) from error


def show_path(name: str) -> str:
    """A path as people see it: bytes that are no text are escaped."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _size(file: Path) -> int:
    """Bytes of a file that can be opened."""
    with file.open("rb") as stream:
        return os.fstat(stream.fileno()).st_size


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _alike(left: Path, right: Path) -> bool:
    """Whether two files of one size have the same bytes."""
    if left.samefile(right):
        return True
    with left.open("rb") as one, right.open("rb") as other:
        while chunk := one.read(_CHUNK):
            if chunk != other.read(_CHUNK):
                return False
    return True


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
