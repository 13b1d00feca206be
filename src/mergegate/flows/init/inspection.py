"""What a repository has: its pipeline, tracked data, tables, and where each can be read."""

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from itertools import islice
from pathlib import Path

from mergegate import dag, repo
from mergegate.config.paths import LONGEST_PATH
from mergegate.errors import BrokenError, MergegateError
from mergegate.records.pipeline import ObjectHash, Pipeline
from mergegate.records.review import Revision

LARGEST_FETCH = 200_000_000
"""Bytes that are fetched from a DVC remote to look at columns, all files together."""

LARGEST_OPENED = 1_000_000_000
"""Bytes of the largest object of DVC's cache that is hashed to look at its columns."""

MOST_LISTED = 50_000
"""Files of one folder that are looked at."""


class Inspection:
    """The workspace as read once; missing objects are fetched when asked for, as long as that works."""

    def __init__(self, project: repo.Project, head: Revision) -> None:
        self.project = project
        self.head = head
        self.files = repo.open_workspace(project)
        self.pipeline: Pipeline = dag.read(self.files)
        self.objects = repo.Objects(project)
        self.unread: dict[str, str] = {}
        """Paths that could not be had, and why."""
        self._reachable = True

    def outputs(self) -> dict[str, str]:
        """Every output of a stage and every tracked path → the file that declares it."""
        found = {out.path: stage.address for stage in self.pipeline.stages for out in stage.outs}
        return {**found, **{entry.path: entry.file for entry in self.pipeline.tracked}}

    def locate(self, path: str) -> Path | None:
        """Where the bytes of a file are: on disk, else in DVC's cache; None where they are neither."""
        place = self.project.root / path
        with suppress(OSError):
            if place.is_file() and place.resolve().is_relative_to(self.project.git_root.resolve()):
                return place
        # A file that DVC linked from its cache leads out of the repository.
        named = self._object(path)
        if named is None or named.is_dir or (self.objects.size(named) or 0) > LARGEST_OPENED:
            return None
        with suppress(MergegateError):
            return self.objects.open(named)
        return None

    def is_here(self, path: str) -> bool:
        """Whether a file or folder is on disk, or whole in DVC's cache as far as a few of its files tell."""
        if (self.project.root / path).exists():
            return True
        named = self._object(path)
        if named is None or not named.is_dir:
            return named is not None and self.objects.have(named)
        inside = self._list(path, named)
        few = islice((inside or {}).values(), 3)
        return inside is not None and all(
            self.objects.have(ObjectHash(md5=md5, legacy=named.legacy)) for md5 in few
        )

    def list_folder(self, path: str) -> tuple[str, ...]:
        """The files of a folder, by their path from the project; none for a file, or where nothing tells."""
        named = self._object(path)
        listed = self._list(path, named) if named is not None and named.is_dir else None
        if listed is not None:
            return tuple(f"{path}/{inside}" for inside in islice(listed, MOST_LISTED))
        place = self.project.root / path
        if not place.is_dir():
            return ()
        below = islice((file for file in place.rglob("*") if file.is_file()), MOST_LISTED)
        return tuple(sorted(file.relative_to(self.project.root).as_posix() for file in below))

    def fetch(self, paths: Iterable[str]) -> None:
        """Bring what is neither on disk nor in the cache, the smaller ones first, up to LARGEST_FETCH."""
        wanted: dict[str, ObjectHash] = {}
        for path in paths:
            named = None if (self.project.root / path).exists() else self._object(path)
            if named is not None and not self.objects.have(named):
                wanted[path] = named
        room = LARGEST_FETCH
        chosen = {}
        for path, named in sorted(wanted.items(), key=lambda item: (item[1].size or 0, item[0])):
            room -= named.size or 0
            if room < 0:
                self.unread[path] = "it is large, and not here: `dvc pull` it"
            else:
                chosen[path] = named
        try:
            self.objects.fetch(chosen.values())
        except BrokenError as error:
            for path, named in chosen.items():
                if not self.objects.have(named):
                    self.unread[path] = error.message

    def _object(self, path: str) -> ObjectHash | None:
        """The DVC object of a file or folder, by its own record or that of a folder that holds it."""
        if self.project.dvc_root is None:
            return None
        if path in self._recorded:
            return self._recorded[path]
        parts = path.split("/")
        for depth in range(len(parts) - 1, 0, -1):
            listed = self._recorded.get("/".join(parts[:depth]))
            if listed is not None and listed.is_dir:
                inside = self._list("/".join(parts[:depth]), listed) or {}
                md5 = inside.get("/".join(parts[depth:]))
                return None if md5 is None else ObjectHash(md5=md5, legacy=listed.legacy)
        return None

    def _list(self, path: str, folder: ObjectHash) -> dict[str, str] | None:
        """A folder's files by their path inside it; None where its list can't be had.

        A list is small, so it is fetched, until one can't be.
        """
        try:
            if self._reachable and path not in self.unread:
                self.objects.fetch([folder])
        except BrokenError as error:
            self.unread[path] = error.message
            self._reachable = False
        with suppress(MergegateError):
            return self.objects.tree(folder)
        return None

    @cached_property
    def _recorded(self) -> dict[str, ObjectHash]:
        """Every path whose bytes DVC keeps, as dvc.lock and .dvc files record it."""
        pipeline = self.pipeline
        cached = {out.path for stage in pipeline.stages for out in stage.outs if out.cached}
        found = {
            out.path: out.hash
            for block in pipeline.locked
            for out in block.outs
            if out.path in cached and out.hash is not None
        }
        tracked = {entry.path: entry.hash for entry in pipeline.tracked if entry.cached}
        return found | {path: hash_ for path, hash_ in tracked.items() if hash_ is not None}


def fits_policy(path: str) -> bool:
    """Whether a policy can name the path: one inside the project, with no sign that is read differently."""
    parts = path.split("/")
    return (
        path.isprintable()
        and not path.startswith("/")
        and len(path) <= LONGEST_PATH
        and "\\" not in path
        and "://" not in path
        and not re.match(r"[A-Za-z]:", path)
        and not {"", ".", ".."} & set(parts)
        and ".git" not in (part.lower() for part in parts)
    )
