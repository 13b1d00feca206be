"""Tracked data that was edited in the workspace and not added."""

from collections.abc import Iterator
from pathlib import Path

from mergegate import repo
from mergegate.records.pipeline import Pipeline, TrackedPath


def find_unadded(project: repo.Project, pipeline: Pipeline) -> Iterator[TrackedPath]:
    """Tracked data in the workspace that is not what its .dvc file says.

    Told from sizes and counts alone, without reading the data; what is not checked out is no difference.
    """
    for entry in pipeline.tracked:
        if entry.hash is None or entry.hash.size is None or entry.imported:
            continue
        sizes = _list_sizes(project.root / entry.path)
        whole = len(sizes) >= (entry.hash.nfiles or 1)
        if whole and (sum(sizes) != entry.hash.size or len(sizes) > (entry.hash.nfiles or 1)):
            yield entry


def _list_sizes(path: Path) -> list[int]:
    """Bytes of a file, or of each file in a folder; links are not followed."""
    if path.is_file():
        return [path.stat().st_size]
    return [file.stat().st_size for file in path.rglob("*") if file.is_file() and file.name != ".gitignore"]
