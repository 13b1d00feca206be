"""DVC's objects by their checksum: looked up in the cache, verified whenever opened, fetched when missing."""

import errno
import json
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from mergegate.errors import ObjectError, RemoteError
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.git import LARGEST_FILE
from mergegate.repo.hashing import hash_file
from mergegate.repo.project import Project
from mergegate.repo.remote import Remote, open_remote
from mergegate.repo.settings import Settings, read_settings

_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_PROTECTED = 0o444


class UnseenError(ObjectError):
    """What is wrong lies here or on the way, and says nothing of what the remote holds: a full disk, 403."""


class Objects:
    """The objects of a project's DVC cache. Nothing here touches the workspace."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._trees: dict[str, dict[str, str]] = {}
        self._refused: dict[str, ObjectError] = {}
        self.opened: dict[str, Path] = {}
        """Every object that was opened: where a cache keeps it, from its root, and the file."""
        self.lacking: set[str] = set()
        """The names of those that were asked for, and that the evidence of a bare project does not hold."""

    def have(self, name: ObjectHash) -> bool:
        """Whether the cache holds the object; its bytes are not looked at."""
        return self.project.dvc_root is not None and self._path(name).is_file()

    def size(self, name: ObjectHash) -> int | None:
        """Bytes of an object, None when the cache does not hold it."""
        try:
            return self._path(name).stat().st_size if self.project.dvc_root is not None else None
        except OSError:
            return None

    def open(self, name: ObjectHash) -> Path:
        """The path of an object whose bytes were checked in this call.

        Raises ObjectError when the cache lacks it (and says why `fetch` could not bring it), or holds other
        bytes under its name.
        """
        path = self._path(name)
        try:
            found = hash_file(path, legacy=name.legacy)
        except FileNotFoundError as error:
            if self.project.bare:
                self.lacking.add(name.md5)
                raise _not_in_evidence(name) from error
            raise self._refused.get(name.md5) or ObjectError(
                f"the DVC object {name.md5} is not in the cache ({path})",
                hint="run `dvc fetch`, then run this again",
            ) from error
        except OSError as error:
            raise self._refused.get(name.md5) or UnseenError(
                f"the DVC object {path} can't be read: {error.strerror}", hint="look at it"
            ) from error
        if found != _digits(name):
            raise UnseenError(
                f"the DVC object {name.md5} in the cache has other bytes (md5 {found}): {path}",
                hint=f"delete that file and run this again; {_DAMAGE}",
                code="object-damaged",
            )
        self.opened[location(name)] = path
        return path

    def tree(self, name: ObjectHash) -> dict[str, str]:
        """A folder's files, {relative path: md5}, in the list's order.

        Raises ObjectError when the list is missing, damaged, or names a path outside the folder.
        """
        if name.files:
            return dict(name.files)
        if name.md5 not in self._trees:
            path = self.open(name)
            if path.stat().st_size > LARGEST_FILE:
                raise ObjectError(
                    f"the folder list {name.md5} is over {LARGEST_FILE:,} bytes",
                    hint="track fewer files per folder",
                )
            self._trees[name.md5] = _parse_tree(name.md5, path.read_bytes())
        return dict(self._trees[name.md5])

    def fetch(self, names: Iterable[ObjectHash], *, remote: str = "") -> None:
        """Bring the missing ones of `names` from the default remote, or from `remote`, into the cache.

        One request each, at the same time; a folder's name brings its list alone. Raises RemoteError for a
        remote that can't be read, UnseenError for a full disk here, ObjectError for no remote, a missing
        object or one with other bytes, which `open` then raises for each; what came is in the cache.
        """
        missing = {(name.md5, name.legacy): name for name in names if not name.files and not self.have(name)}
        if not missing:
            return
        wanted = list(missing.values())
        if self.project.bare:
            raise _not_in_evidence(wanted[0])
        try:
            source = open_remote(self._dvc_folder, self._settings, remote)
        except ObjectError as error:
            self._refused |= dict.fromkeys((name.md5 for name in wanted), error)
            raise
        landing = [_beside(self._path(name)) for name in wanted]
        try:
            try:
                for part in landing:
                    _make_folder(part.parent)
            except UnseenError as error:
                self._refused |= dict.fromkeys((name.md5 for name in wanted), error)
                raise
            failures = source.download(
                [(location(name), part) for name, part in zip(wanted, landing, strict=True)]
            )
            problems = [
                (name, problem)
                for name, part, failure in zip(wanted, landing, failures, strict=True)
                if (problem := failure or _land(part, self._path(name), name)) is not None
            ]
        finally:
            for part in landing:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
        if problems:
            raise self._refuse(source, problems)

    def _refuse(
        self, source: Remote, problems: list[tuple[ObjectHash, BaseException]]
    ) -> ObjectError | RemoteError:
        """The error that tells of all that could not be brought; `open` has one for each."""
        for _, problem in problems:
            if isinstance(problem, OSError) and problem.errno in _OF_THE_DISK:
                full = _unwritable(self._settings.cache, problem)
                self._refused |= dict.fromkeys((name.md5 for name, _ in problems), full)
                return full
        self._refused |= {name.md5: _explain(source, [(name, problem)]) for name, problem in problems}
        unreadable = [each for each in problems if not isinstance(each[1], _OF_THE_OBJECT)]
        if not unreadable:
            return _explain(source, problems)
        name, problem = unreadable[0]
        return source.explain(problem, name.md5)

    @cached_property
    def _settings(self) -> Settings:
        return read_settings(self._dvc_folder)

    @property
    def _dvc_folder(self) -> Path:
        if self.project.dvc_root is None:
            raise ObjectError(
                f"{self.project.root} is in no DVC repository, so there is no cache to read objects from",
                hint="run `dvc init`, and `dvc remote add --default NAME URL`",
                code="no-dvc",
            )
        return self.project.dvc_root / ".dvc"

    def _path(self, name: ObjectHash) -> Path:
        """Where the cache keeps an object."""
        if not _MD5.fullmatch(name.md5):
            raise ObjectError(
                f"{name.md5[:80]!r} is not the name of a DVC object",
                hint="look at dvc.lock and the .dvc files",
            )
        return self._settings.cache / location(name)


_DAMAGE = "files in a cache are damaged by writing through hard links"


def location(name: ObjectHash) -> str:
    """Where a cache or remote keeps an object, from its root; DVC 2 kept it at the top."""
    place = f"{name.md5[:2]}/{name.md5[2:]}"
    return place if name.legacy else f"files/md5/{place}"


def _not_in_evidence(name: ObjectHash) -> ObjectError:
    return ObjectError(
        f"the evidence holds no DVC object {name.md5}",
        hint="run `mergegate push`, then the review workflow again: its run uploads what it has read",
        code="object-missing",
    )


def _digits(name: ObjectHash) -> str:
    return name.md5.removesuffix(".dir")


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> UnseenError:
    return UnseenError(
        f"DVC's cache can't be written: {folder}: {error.strerror}",
        hint="make it writable, or free some space",
        code="cache-unwritable",
    )


def _land(part: Path, target: Path, name: ObjectHash) -> BaseException | None:
    """Move a brought object to its place if its bytes are those its name says; else what is wrong."""
    try:
        found = hash_file(part, legacy=name.legacy)
        if found != _digits(name):
            return _WrongBytesError(found)
        part.chmod(_PROTECTED)
        part.replace(target)
    except OSError as error:
        return error
    return None


class _WrongBytesError(Exception):
    """The remote's object has other bytes than its name says."""


_OF_THE_OBJECT = (_WrongBytesError, FileNotFoundError)


def _explain(source: Remote, problems: list[tuple[ObjectHash, BaseException]]) -> ObjectError:
    """One error for the objects that could not be brought: the gravest cause speaks."""
    for name, error in problems:
        if isinstance(error, _WrongBytesError):
            return ObjectError(
                f"{source.where} holds other bytes under the name {name.md5} (md5 {error})",
                hint="it is damaged or tampered with: `mergegate push --bytes` where it is whole replaces it",
                code="object-damaged",
            )
    for name, error in problems:
        if not isinstance(error, _OF_THE_OBJECT):
            unread = source.explain(error, name.md5)
            return UnseenError(unread.message, hint=unread.hint, code=unread.code)
    some = ", ".join(name.md5 for name, _ in problems[:3]) + (", …" if len(problems) > 3 else "")
    return ObjectError(
        f"{source.where} has no object {some}" + (f" ({len(problems)} missing)" if len(problems) > 1 else ""),
        hint=(
            "whoever made this revision must run `mergegate push`; "
            "`mergegate verify --remote` lists what lacks"
        ),
        code="object-missing",
    )


def _parse_tree(name: str, data: bytes) -> dict[str, str]:
    """Read a folder's list, believing nothing in it."""
    try:
        entries: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _bad_tree(name, "it is not JSON") from error
    if not isinstance(entries, list):
        raise _bad_tree(name, "it is not a list")
    tree: dict[str, str] = {}
    for entry in entries:
        path, md5 = (entry.get("relpath"), entry.get("md5")) if isinstance(entry, dict) else (None, None)
        if not isinstance(path, str) or not isinstance(md5, str) or not _MD5.fullmatch(md5):
            raise _bad_tree(name, f"an entry has no path and md5: {str(entry)[:100]}")
        if "\0" in path or any(part in ("", ".", "..") for part in path.split("/")):
            raise _bad_tree(name, f"{path[:100]!r} leads out of the folder")
        if path in tree:
            raise _bad_tree(name, f"{path[:100]!r} stands in it twice")
        tree[path] = md5
    for path in tree:
        parents = path.split("/")[:-1]
        if any("/".join(parents[:depth]) in tree for depth in range(1, len(parents) + 1)):
            raise _bad_tree(name, f"{path[:100]!r} lies under a file of the same list")
    return tree


def _bad_tree(name: str, what: str) -> ObjectError:
    return ObjectError(
        f"the folder list {name} is not one that DVC writes: {what}",
        hint="run `dvc add` or `dvc repro` again where the data is whole, and push",
    )
