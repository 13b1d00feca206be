"""Where a remote keeps its objects: a folder, or any storage that DVC opens. Paths have `/` and start at the
remote's root."""

import os
import posixpath
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class Held(NamedTuple):
    """What a storage says of an object: bytes, and when it was last written, None where it can't tell.

    `readable` is False where a listing shows that it may not be read.
    """

    size: int
    modified: datetime | None = None
    readable: bool = True


class Storage(Protocol):
    """A place of objects.

    Methods raise FileNotFoundError where there is none of that name, else whatever the client raises.
    """

    def get(self, path: str, target: Path) -> None:
        """Copy one object into a file: one request."""

    def put(self, source: Path, path: str) -> None:
        """Copy a file to an object, whole or not at all."""

    def look(self, path: str) -> Held:
        """What the storage says of one object: one request, no bytes."""

    def walk(self, folder: str) -> Iterator[tuple[str, Held]]:
        """All objects below `folder`, by as few requests as the storage allows; none for no such folder."""

    def remove(self, path: str) -> None:
        """Delete one object."""


class Folder:
    """A folder on this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, path: str, target: Path) -> None:
        """Copy one object into a file."""
        shutil.copyfile(self.root / path, target)

    def put(self, source: Path, path: str) -> None:
        """Copy a file beside its place, then move it there."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{secrets.token_hex(8)}.tmp")
        try:
            shutil.copyfile(source, part)
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def look(self, path: str) -> Held:
        """Size and time of one object; FileNotFoundError for what is no file, PermissionError for one that
        may not be read: where several people push to one folder, whoever pushed may have kept it private.
        """
        place = self.root / path
        if not place.is_file():
            raise FileNotFoundError(path)
        if not _may_read(place):
            raise PermissionError(f"{path} may not be read")
        return _held(place.stat())

    def walk(self, folder: str) -> Iterator[tuple[str, Held]]:
        """All files below `folder`; what vanishes meanwhile is left out."""
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self.root / folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                path = posixpath.join(folder, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    yield from self.walk(path)
                elif entry.is_file():
                    with suppress(FileNotFoundError):
                        yield path, _held(entry.stat())._replace(readable=_may_read(entry.path))

    def remove(self, path: str) -> None:
        """Delete one file."""
        (self.root / path).unlink()


class Cloud:
    """Any other storage, through the file system that DVC makes for it."""

    def __init__(self, client: Any, root: str) -> None:
        self._client = client
        # Listed places are told apart from it by its length.
        self._root = root.rstrip("/")

    def get(self, path: str, target: Path) -> None:
        """Copy one object into a file: one GET."""
        self._client.get_file(self._place(path), str(target))

    def put(self, source: Path, path: str) -> None:
        """Copy a file to an object. An object store shows it whole or not at all; elsewhere it is moved."""
        place = self._place(path)
        if self._is_object_store:
            self._client.put_file(str(source), place)
            return
        parent = self._client.parent(place)
        self._client.makedirs(parent, exist_ok=True)
        part = self._client.join(parent, f"{self._client.name(place)}.{secrets.token_hex(8)}.tmp")
        try:
            self._client.put_file(str(source), part)
            self._client.move(part, place)
        except BaseException:
            with suppress(Exception):
                self._client.remove(part)
            raise

    def look(self, path: str) -> Held:
        """Size and time of one object: one HEAD."""
        return _told(self._client.fs.info(self._place(path)))

    def walk(self, folder: str) -> Iterator[tuple[str, Held]]:
        """All objects below `folder`; object stores list a thousand a request."""
        self._client.fs.invalidate_cache()
        top = self._place(folder)
        found: dict[str, Any] = self._client.fs.find(top, detail=True)
        # Whoever looks at an object later asks the storage, not this listing.
        self._client.fs.invalidate_cache()
        start = len(self._client._strip_protocol(top)) + 1
        for place, info in found.items():
            if info.get("type") == "file":
                yield posixpath.join(folder, place[start:]), _told(info)

    def remove(self, path: str) -> None:
        """Delete one object."""
        self._client.fs.rm_file(self._place(path))

    @property
    def _is_object_store(self) -> bool:
        return self._client.protocol in ("s3", "gs", "azure", "oss", "abfs")

    def _place(self, path: str) -> str:
        return str(self._client.join(self._root, *filter(None, path.split("/"))))


def _may_read(place: str | Path) -> bool:
    return os.access(place, os.R_OK, effective_ids=os.access in os.supports_effective_ids)


def _held(status: os.stat_result) -> Held:
    return Held(status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _told(info: dict[str, Any]) -> Held:
    """What a file system says of a file; each calls the time otherwise."""
    if info.get("type") == "directory":
        raise FileNotFoundError(info.get("name"))
    said = next((info[key] for key in _TIMES if info.get(key) is not None), None)
    if isinstance(said, int | float):
        said = datetime.fromtimestamp(said, UTC)
    if isinstance(said, str):
        with suppress(ValueError):
            said = datetime.fromisoformat(said)
    modified = said if isinstance(said, datetime) else None
    if modified is not None and modified.tzinfo is None:
        modified = modified.replace(tzinfo=UTC)
    return Held(int(info.get("size") or 0), modified)


_TIMES = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")
