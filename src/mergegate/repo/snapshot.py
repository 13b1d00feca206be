"""The files of one side of a review: a commit's, read as git objects, or the workspace's, read from disk."""

import abc
import errno
import os
import posixpath
import stat
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from mergegate.errors import BrokenError, UsageError
from mergegate.records.review import Revision
from mergegate.repo import git
from mergegate.repo.hashing import hash_bytes, hash_stream
from mergegate.repo.project import Project

MOST_LINKS = 16
"""Symbolic links followed one after another before they count as a loop."""

ODD_BYTES = "backslashreplace"
"""How a file name that is no UTF-8 is read: as text that can be shown, never as bytes that break a report."""

_NO_SUCH_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
_LINK = "120000"
_FILES = ("100644", "100755", _LINK)


class Snapshot(abc.ABC):
    """The files of a project at one moment. Paths are relative to the project root, with `/`.

    A context manager: closing it ends its git process.
    """

    def __init__(self, project: Project) -> None:
        self.project = project

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abc.abstractmethod
    def paths(self) -> tuple[str, ...]:
        """All files of the project that git holds (in a workspace: or would hold), sorted."""

    @abc.abstractmethod
    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None when there is no such file.

        Follows a symbolic link that stays in the repository, and no other. Raises UsageError for a file over
        `git.LARGEST_FILE` bytes, BrokenError for one that can't be read.
        """

    @abc.abstractmethod
    def md5(self, path: str, *, legacy: bool = False) -> str | None:
        """The checksum of a file as DVC takes it (`legacy`: as DVC 2 did), None for no such file."""

    @abc.abstractmethod
    def real(self, path: str) -> str:
        """Where a path really lies in the repository: symbolic links followed, unless they lead out."""

    @abc.abstractmethod
    def close(self) -> None:
        """End what keeps this open."""

    def _within(self, path: str) -> str | None:
        """`path` from the git root, None for one that leaves the repository or enters `.git`."""
        if "\0" in path or path.startswith("/"):
            return None
        return _inside(posixpath.join(self.project.prefix, path))

    def _without(self, place: str) -> str:
        """A path from the git root as seen from the project."""
        return posixpath.relpath(place, self.project.prefix or ".")


class _Entry(NamedTuple):
    mode: str
    sha: str


class CommitSnapshot(Snapshot):
    """The files of a commit. Nothing is checked out: no hook, no filter runs."""

    def __init__(self, project: Project, sha: str) -> None:
        super().__init__(project)
        self.sha = sha
        self._blobs = git.Blobs(project.git_root)
        self._sums: dict[tuple[str, bool], str] = {}

    def paths(self) -> tuple[str, ...]:
        """All files of the project in this commit, sorted."""
        return self._paths

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None when the commit has none of that name."""
        entry = self._find(path)
        return None if entry is None else self._blobs.read(entry.sha, name=path)

    def md5(self, path: str, *, legacy: bool = False) -> str | None:
        """The checksum of a file, None when the commit has none of that name."""
        entry = self._find(path)
        if entry is None:
            return None
        key = (entry.sha, legacy)
        if key not in self._sums:
            self._sums[key] = hash_bytes(self._blobs.read(entry.sha, name=path), legacy=legacy)
        return self._sums[key]

    def real(self, path: str) -> str:
        """Where a path of the commit lies."""
        place = self._within(path)
        for _ in range(MOST_LINKS):
            further = self._follow(place) if place is not None and self._links else None
            if further is None:
                return path if place is None else self._without(place)
            place = further
        return path

    def close(self) -> None:
        """End the git process."""
        self._blobs.close()

    @cached_property
    def _entries(self) -> Mapping[str, _Entry]:
        return _list_tree(self.project.git_root, self.sha)

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        start = f"{self.project.prefix}/" if self.project.prefix else ""
        return tuple(sorted(path[len(start) :] for path in self._entries if path.startswith(start)))

    def _find(self, path: str) -> _Entry | None:
        """The entry that `path` leads to, over symbolic links."""
        place = self._within(path)
        for _ in range(MOST_LINKS):
            if place is None:
                return None
            entry = self._entries.get(place)
            if entry is not None and entry.mode != _LINK:
                return entry
            place = self._follow(place) if self._links else None
        return None

    @cached_property
    def _links(self) -> frozenset[str]:
        return frozenset(path for path, entry in self._entries.items() if entry.mode == _LINK)

    def _follow(self, place: str) -> str | None:
        """Where `place` leads when it, or a folder on the way to it, is a symbolic link."""
        parts = place.split("/")
        for depth in range(1, len(parts) + 1):
            link = "/".join(parts[:depth])
            if link in self._links:
                target = self._blobs.read(self._entries[link].sha, name=link).decode(errors=ODD_BYTES)
                if target.startswith("/"):
                    return None
                return _inside(posixpath.join(posixpath.dirname(link), target, *parts[depth:]))
        return None


class WorkspaceSnapshot(Snapshot):
    """The files on disk: what git tracks, and what it would add."""

    def paths(self) -> tuple[str, ...]:
        """All files on disk that git tracks or would add, sorted."""
        return self._paths

    def read(self, path: str) -> bytes | None:
        """The bytes of a file on disk, None when there is no such file."""
        stream = self._open(path)
        if stream is None:
            return None
        with stream:
            size = os.fstat(stream.fileno()).st_size
            if size > git.LARGEST_FILE:
                raise git.too_large(path, size)
            return stream.read()

    def md5(self, path: str, *, legacy: bool = False) -> str | None:
        """The checksum of a file on disk, whether git tracks it or not; None when there is no such file."""
        stream = self._open(path)
        if stream is None:
            return None
        with stream:
            return hash_stream(stream, legacy=legacy)

    def real(self, path: str) -> str:
        """Where a path on disk lies."""
        place = self._within(path)
        if place is None:
            return path
        real = Path(os.path.realpath(self._real_root / place))
        if not real.is_relative_to(self._real_root):
            return path
        return self._without(real.relative_to(self._real_root).as_posix())

    def close(self) -> None:
        """Nothing is kept open."""

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        root = self.project.root
        listed = git.run(root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
        names = {name for name in listed.decode(errors=ODD_BYTES).split("\0") if name}
        # The index also names files that are gone, and folders that are repositories of their own.
        return tuple(sorted(name for name in names if _is_listed(root / name)))

    @cached_property
    def _real_root(self) -> Path:
        return self.project.git_root.resolve()

    def _open(self, path: str) -> BinaryIO | None:
        """Open a file, None for one that is not there, or not inside the repository."""
        place = self._within(path)
        if place is None:
            return None
        real = Path(os.path.realpath(self._real_root / place))
        if not real.is_relative_to(self._real_root) or ".git" in real.relative_to(self._real_root).parts:
            return None
        try:
            # Not blocking: a named pipe in the workspace must not hold the review.
            number = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno in _NO_SUCH_FILE:
                return None
            raise BrokenError(
                f"{path} can't be read: {error.strerror}", hint="look at its permissions"
            ) from error
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            return None
        return os.fdopen(number, "rb")


def open_commit(project: Project, revision: Revision) -> CommitSnapshot:
    """The files of a commit. Raises UsageError for a revision without one."""
    if revision.sha is None:
        raise UsageError(f"{revision.name} is no commit yet", hint="commit first", code="no-commit")
    return CommitSnapshot(project, revision.sha)


def open_workspace(project: Project) -> WorkspaceSnapshot:
    """The files on disk."""
    return WorkspaceSnapshot(project)


def read_at(project: Project, revision: Revision, path: str) -> bytes | None:
    """The bytes of one file of a commit, None when it has none of that name."""
    with open_commit(project, revision) as snapshot:
        return snapshot.read(path)


@lru_cache(maxsize=4)
def _list_tree(root: Path, sha: str) -> Mapping[str, _Entry]:
    """Path from the git root → mode and object name. Base is mostly the commit that the policy came from."""
    listed = git.run(root, "ls-tree", "-r", "-z", "--full-tree", sha)
    entries: dict[str, _Entry] = {}
    for line in listed.decode(errors=ODD_BYTES).split("\0"):
        about, _, path = line.partition("\t")
        if about and (words := about.split(" "))[0] in _FILES:
            entries[path] = _Entry(words[0], words[2])
    return entries


def _inside(path: str) -> str | None:
    """`path` normalised, None for one that leads out of the repository or into `.git`."""
    place = posixpath.normpath(path)
    parts = place.split("/")
    return None if parts[0] in ("..", "") or ".git" in parts else place


def _is_listed(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)
