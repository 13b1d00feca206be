"""The objects that a merge needs, in time: git waits for its merge driver, and so does whoever typed it."""

import posixpath
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from mergegate.errors import BrokenError, MergegateError, ObjectError, RemoteError
from mergegate.records.pipeline import ObjectHash
from mergegate.repo import Objects, Project
from mergegate.repo.objects import location
from mergegate.repo.presence import look_for, open_store
from mergegate.repo.storage import Held
from mergegate.repo.storing import store_object
from mergegate.repo.upload import push_objects

PATIENCE = 60.0
"""Seconds that the remote may take to give three lists, or to take one."""

_MOST_ASKED = 2_000
"""Objects whose sizes are asked of the remote; beyond that the folder's size is left out."""

Answer = TypeVar("Answer")


class Store:
    """The objects of the DVC repository that `path`, from the top of the work tree, belongs to."""

    def __init__(self, top: Path, path: str) -> None:
        self.project = find_project(top, path)

    @cached_property
    def objects(self) -> Objects:
        """The project's objects."""
        return Objects(self.project)

    def lists(self, names: Sequence[ObjectHash], remote: str) -> Sequence[Mapping[str, str]]:
        """Folders' lists of files, brought from the remote where they are not in the cache.

        Raises ObjectError, RemoteError.
        """
        if any(not name.files and not self.objects.have(name) for name in names):
            _wait(lambda: self.objects.fetch(names, remote=remote), "the remote gave no list of files")
        return [self.objects.tree(name) for name in names]

    def sizes(self, names: Sequence[ObjectHash], remote: str) -> int | None:
        """Bytes of objects together, None when the cache and the remote can't tell."""
        known = [self.objects.size(name) for name in names]
        unknown = [location(name) for name, size in zip(names, known, strict=True) if size is None]
        told: Mapping[str, object] = {}
        if unknown:
            if len(unknown) > _MOST_ASKED:
                return None
            try:
                told = _wait(lambda: look_for(open_store(self.project, remote), unknown), "no size came")
            except MergegateError:
                return None
        held = [told.get(place) for place in unknown]
        sizes = [each.size for each in held if isinstance(each, Held)]
        if len(sizes) != len(unknown):
            return None
        return sum(size for size in known if size is not None) + sum(sizes)

    def keep(self, name: ObjectHash, data: bytes) -> None:
        """Put a merged list into the cache. Raises ObjectError."""
        store_object(self.project, name, data)

    def push(self, name: ObjectHash, remote: str) -> str:
        """Send a merged list, and what the remote lacks of its files; why it is not there, "" when it is."""
        try:
            pushed = _wait(
                lambda: push_objects(self.project, [name], remote=remote), "the remote did not take it"
            )
        except MergegateError as error:
            return error.message
        for failure in pushed.failed:
            if failure.name.md5 == name.md5:
                return failure.message
        return ""


def find_project(top: Path, path: str) -> Project:
    """The DVC repository that a file of a work tree belongs to."""
    folders = [top / posixpath.dirname(path), *(top / path).parent.parents]
    for folder in folders:
        if not folder.is_relative_to(top):
            break
        if (folder / ".dvc").is_dir():
            prefix = "" if folder == top else folder.relative_to(top).as_posix()
            return Project(git_root=top, root=folder, prefix=prefix, dvc_root=folder)
    raise ObjectError(f"{path} is in no DVC repository", hint="run `dvc init`", code="no-dvc")


def _wait(act: Callable[[], Answer], late: str) -> Answer:
    """What `act` returns or raises, if it does so in time; later it goes on behind, and is ended with us."""
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            answers.append(act())
        except BaseException as error:  # raised again where it is waited for
            errors.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if errors and isinstance(errors[0], MergegateError):
        raise errors[0]
    if errors:
        raise BrokenError(f"{type(errors[0]).__name__}: {errors[0]}", hint="merge again") from errors[0]
    if not answers:
        raise RemoteError(f"{late} within {PATIENCE:.0f} s", hint="merge again where the network is better")
    return answers[0]
