""".dvc files: data that `dvc add` or `dvc import` tracks."""

import posixpath

from mergegate.dag.checksums import read_hash
from mergegate.dag.document import Document
from mergegate.dag.paths import resolve
from mergegate.records.pipeline import TrackedPath

_KEYS = frozenset({"md5", "wdir", "deps", "outs", "locked", "frozen", "meta", "always_changed", "desc"})


def read_tracked(document: Document) -> tuple[TrackedPath, ...]:
    """What one .dvc file tracks. Raises ConfigError."""
    values = document.mapping(document.data)
    for key in values:
        if key not in _KEYS:
            hint = "DVC 1 kept stages here: move them to a dvc.yaml" if key == "cmd" else ""
            raise document.wrong(f"{key[:80]!r} is no key of a .dvc file", key, hint=hint)
    wdir = values.get("wdir")
    folder = posixpath.dirname(document.path)
    where = resolve(folder, document.string(wdir, "wdir") if wdir is not None else ".")
    tracked = []
    for index, item in enumerate(document.items(values.get("outs") or [], "outs")):
        entry = document.mapping(item, "outs", index)
        remote = entry.get("remote")
        tracked.append(
            TrackedPath(
                path=resolve(where, document.string(entry.get("path"), "outs", index, "path")),
                file=document.path,
                hash=read_hash(document, entry, "outs", index),
                imported=bool(values.get("deps")),
                cached=document.flag(entry.get("cache", True), "outs", index, "cache"),
                remote=document.string(remote, "outs", index, "remote") if remote is not None else "",
            )
        )
    return tuple(tracked)
