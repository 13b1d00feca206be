"""What .dvc files and dvc.lock say beside a checksum: the repository data came from, versions on a remote."""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mergegate.dag.document import parse
from mergegate.dag.files import Files
from mergegate.records.pipeline import Pipeline


class Unversioned(NamedTuple):
    """A path of which a remote that keeps versions was given no version: `file` should name it."""

    path: str
    file: str
    remote: str


def find_sources(files: Files, pipeline: Pipeline, *, at: str = "") -> dict[str, str]:
    """.dvc file → the git repository that `dvc import` took its data from. Raises ConfigError."""
    sources = {}
    for entry in pipeline.tracked:
        if not entry.imported:
            continue
        for dep in _load(files, entry.file, at).get("deps") or ():
            if isinstance(dep, dict) and isinstance(dep.get("repo"), dict):
                sources[entry.file] = str(dep["repo"].get("url", ""))
    return sources


def find_unversioned(
    files: Files, pipeline: Pipeline, keeps_versions: Callable[[str], str], *, at: str = ""
) -> Iterator[Unversioned]:
    """Cached paths without a version on their remote, of those remotes that keep versions of files.

    `keeps_versions` gives the real name of such a remote ("" for the default one), "" for any other.
    """
    for entry in pipeline.tracked:
        remote = keeps_versions(entry.remote)
        if remote and entry.cached and entry.hash is not None and not entry.imported:
            outs = _load(files, entry.file, at).get("outs") or ()
            if not all(_has_version(out, remote) for out in outs):
                yield Unversioned(entry.path, entry.file, remote)
    stages = {(stage.file, stage.name): stage for stage in pipeline.stages}
    for block in pipeline.locked:
        stage = stages.get((block.file, block.name))
        if stage is None:
            continue
        lock = posixpath.join(posixpath.dirname(block.file), "dvc.lock")
        pushed = {out.path: out.remote for out in stage.outs if out.cached and out.pushed}
        written: Any = None
        for index, out in enumerate(block.outs):
            remote = keeps_versions(pushed[out.path]) if out.path in pushed else ""
            if remote and out.hash is not None:
                written = written or _load(files, lock, at)["stages"][block.name]["outs"]
                if not _has_version(written[index], remote):
                    yield Unversioned(out.path, lock, remote)


def _has_version(entry: Any, remote: str) -> bool:
    """Whether an entry, or each file that it lists, names its version on a remote."""
    listed = entry.get("files")
    parts = listed if isinstance(listed, list) and listed else [entry]
    return all(
        isinstance(part, Mapping)
        and isinstance(cloud := part.get("cloud"), Mapping)
        and isinstance(held := cloud.get(remote), Mapping)
        and bool(held.get("version_id"))
        for part in parts
    )


def _load(files: Files, path: str, at: str) -> dict[str, Any]:
    data = files.read(path)
    document = parse(data or b"", path, at=at)
    return document.mapping(document.data)
