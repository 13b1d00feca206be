"""Put objects of the cache where a stage reads them: as copies or links, never through a link of a commit."""

import contextlib
import fcntl
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from mergegate.errors import BrokenError, ObjectError, UsageError
from mergegate.repo.hashing import hash_file

_CLONE = 0x40049409  # FICLONE: two files that share their blocks until one is written
_CHUNK = 1024 * 1024


class Placed(msgspec.Struct, frozen=True):
    """An object that was put somewhere as a link, and what it looked like: `path` is in the cache."""

    path: Path
    md5: str
    legacy: bool
    size: int
    modified: int


def place(
    source: Path, root: Path, path: str, md5: str, *, links: Sequence[str], legacy: bool = False
) -> Placed:
    """Put a verified object at `path` below `root`, by the first of `links` that works there.

    What lies there goes. Raises UsageError where a symbolic link stands on the way, BrokenError for a full or
    read-only disk.
    """
    target = make_parents(root, path)
    try:
        _remove(target)
        about = source.stat()
        for kind in (*links, "copy"):
            if _link(kind, source, target):
                break
    except OSError as error:
        raise BrokenError(
            f"{path} can't be put into {root}: {error.strerror}", hint="free some space, and run this again"
        ) from error
    return Placed(source, md5, legacy, about.st_size, about.st_mtime_ns)


def clear(root: Path, path: str) -> None:
    """Remove what lies at `path` below `root`, if anything; raises as `place` does."""
    if os.path.lexists(root / path):
        target = make_parents(root, path)
        try:
            _remove(target)
        except OSError as error:
            raise BrokenError(
                f"{target} can't be removed: {error.strerror}", hint="look at the folder's permissions"
            ) from error


def _remove(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)


def make_parents(root: Path, path: str) -> Path:
    """`path` below `root`, the folders above it made; none of them may be a symbolic link."""
    place = root
    *folders, name = path.split("/")
    if "\0" in path or any(part in ("", ".", "..", ".git") for part in (*folders, name)):
        raise UsageError(f"{path[:200]!r} is no path inside the repository", hint="mend dvc.lock")
    for folder in folders:
        place = place / folder
        try:
            with contextlib.suppress(FileExistsError):
                place.mkdir()
            kind = place.lstat().st_mode
        except OSError as error:
            raise BrokenError(
                f"{place} can't be made: {error.strerror}", hint="free some space, and run this again"
            ) from error
        if not stat.S_ISDIR(kind):
            raise UsageError(
                f"{place.relative_to(root)} is a link or a file, and {path[:200]} should lie in it",
                hint="data is not put through links: remove the link from the commit",
                code="symbolic-link",
            )
    return place / name


def check_unharmed(placed: Mapping[str, Placed]) -> None:
    """Raise ObjectError when a stage wrote through a link into the cache; the damaged object is removed.

    `placed` maps the paths in the tree to what was put there.
    """
    for path, each in placed.items():
        with contextlib.suppress(FileNotFoundError):
            about = each.path.stat()
            if (about.st_size, about.st_mtime_ns) == (each.size, each.modified):
                continue
            if hash_file(each.path, legacy=each.legacy) != each.md5:
                each.path.unlink()
                raise ObjectError(
                    f"the stage wrote through {path} into DVC's cache, and damaged the object {each.md5}",
                    hint="it was removed from the cache: `dvc fetch` brings it back; let stages write only"
                    " their outputs, or set `dvc config cache.type copy`",
                    code="object-damaged",
                )


def _link(kind: str, source: Path, target: Path) -> bool:
    """Bring a file by one kind of link; whether that works here."""
    if kind == "copy":
        with source.open("rb") as original, target.open("xb") as copy:
            shutil.copyfileobj(original, copy, _CHUNK)
        return True
    try:
        if kind == "hardlink":
            os.link(source, target)
        elif kind == "symlink":
            target.symlink_to(source)
        else:
            _clone(source, target)
    except OSError:
        target.unlink(missing_ok=True)
        return False
    return True


def _clone(source: Path, target: Path) -> None:
    """Share the blocks of a file, where the file system can."""
    with source.open("rb") as original, target.open("xb") as copy:
        fcntl.ioctl(copy.fileno(), _CLONE, original.fileno())
