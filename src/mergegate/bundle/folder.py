"""A bundle's folder: read without following a link or trusting a size, written whole or not at all."""

import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from mergegate.errors import ContractError, UsageError

MAX_FILES = 64
"""More entries than any bundle has; the rest is not even listed."""


def names(path: Path) -> tuple[str, ...]:
    """Names of the files in a bundle's folder, sorted.

    Raises UsageError when there is no such folder, ContractError for a link, a subfolder or a special file.
    """
    try:
        if not stat.S_ISDIR(path.lstat().st_mode):
            raise UsageError(
                f"{path} is not a folder", hint="name the bundle's folder, for instance models/bundle"
            )
        with os.scandir(path) as entries:
            found = []
            for entry in entries:
                if not entry.is_file(follow_symlinks=False):
                    raise ContractError(
                        f"`{printable(entry.name)}` is a link, a folder or a device",
                        file=path,
                        hint="a bundle holds plain files only; with DVC's symlink cache, `dvc unprotect` it",
                    )
                found.append(entry.name)
                if len(found) > MAX_FILES:
                    raise ContractError(f"it holds more than {MAX_FILES} files", file=path)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"there is no bundle at {path}", hint="run `dvc repro`, or `dvc pull` to fetch it"
        ) from None
    return tuple(sorted(found))


def read_file(path: Path, *, limit: int) -> bytes:
    """A plain file of at most `limit` bytes; ContractError for a link, a pipe or a larger one."""
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ContractError("the file is missing", file=path, hint="fetch the bundle again") from None
    except OSError as error:
        raise ContractError(f"it can't be opened: {error.strerror}", file=path) from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ContractError("it is not a plain file", file=path)
        if status.st_size > limit:
            raise ContractError(f"it has {status.st_size:,} bytes; at most {limit:,} are read", file=path)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ContractError(f"it grew beyond {limit:,} bytes while it was read", file=path)
    return content


def write(path: Path, files: Mapping[str, bytes]) -> None:
    """Replace the bundle at `path` by `files`: it appears complete or the old one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = path.with_name(f".{path.name}.new"), path.with_name(f".{path.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        fresh.mkdir()
        for name in sorted(files):
            with (fresh / name).open("wb") as file:
                file.write(files[name])
                file.flush()
                os.fsync(file.fileno())
        if path.exists():
            path.rename(old)
        fresh.rename(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def printable(text: str) -> str:
    """Hostile text as one short printable line."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:80])
