"""Paths as DVC's files write them, made relative to the project root."""

import posixpath


def resolve(folder: str, path: str) -> str:
    """`path` as written in `folder` (both with `/`), from the project root; one outside of it stays as it is.

    Outside are URLs (`s3://…`, `ds://…`) and absolute paths. A trailing slash goes: DVC takes it for the same
    path.
    """
    if is_external(path):
        return path
    return posixpath.normpath(posixpath.join(folder, path))


def is_external(path: str) -> bool:
    """Whether a path is none of this repository: a URL or an absolute path."""
    return "://" in path or path.startswith("/")


def ancestors(path: str) -> list[str]:
    """The folders that hold `path`, the nearest first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(len(parts) - 1, 0, -1)]
