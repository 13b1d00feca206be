"""Artifacts: what actions/upload-artifact puts into a zip, and what its counterpart unpacks."""

import glob
import io
import os
import zipfile
from pathlib import Path


def pack(folder: Path, patterns: str, *, hidden: bool) -> bytes | None:
    """The zip of the files that lines of `patterns` name in `folder`; None for no file.

    A line that begins with `!` takes files away. Names are relative to the deepest folder that holds all that
    was searched: a folder's content for a folder, `a.txt` for a single file.
    """
    lines = [line.strip() for line in patterns.splitlines() if line.strip()]
    found: set[Path] = set()
    roots = []
    for line in lines:
        here = _expand(folder, line.removeprefix("!"))
        if line.startswith("!"):
            found -= here
        else:
            found |= here
            roots.append(_root(folder, line))
    if not found:
        return None
    top = Path(os.path.commonpath(roots))
    if top.is_file():
        top = top.parent
    if not hidden:
        found = {file for file in found if not _is_hidden(file.relative_to(top))}
        if not found:
            return None
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(found):
            archive.writestr(str(file.relative_to(top)), file.read_bytes())
    return packed.getvalue()


def unpack(data: bytes, target: Path) -> None:
    """Unpack a zip that this module made."""
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(target)


def _expand(folder: Path, pattern: str) -> set[Path]:
    files = set()
    for name in glob.glob(str(folder / pattern), recursive=True, include_hidden=True):  # noqa: PTH207 (hidden files too)
        path = Path(name)
        files |= {each for each in path.rglob("*") if each.is_file()} if path.is_dir() else {path}
    return files


def _root(folder: Path, pattern: str) -> Path:
    """Where a search begins: the pattern's part before its first wildcard."""
    parts = []
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        parts.append(part)
    return Path(os.path.normpath(folder.joinpath(*parts)))


def _is_hidden(file: Path) -> bool:
    return any(part.startswith(".") for part in file.parts)
