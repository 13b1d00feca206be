"""Files that git stores otherwise than the workspace has them: line ends, Git LFS pointers, submodules."""

import hashlib
import posixpath
import re
from collections.abc import Mapping

from mergegate.dag.checksums import hash_tree
from mergegate.dag.files import Files

_HIGHEST = 8
_TEXT = 8_000
"""Bytes at the start of a file by which git tells text from binary."""
_LARGEST_POINTER = 1_024
_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n(?:[^\n]*+\n)*?size ([0-9]{1,18})\n")
_SUBMODULE = re.compile(r"[ \t]*+path[ \t]*+=[ \t]*+\"?([^\"\n]*)")


def differs_in_line_ends(files: Files, path: str, held: Mapping[str, str], md5: str) -> bool:
    """Whether a checksum is that of the same text with all line ends LF, or all CRLF.

    `path` is a file, or a folder with these {relative path: md5} in git.
    """
    if not md5.endswith(".dir"):
        data = files.read(path)
        return data is not None and md5 in (_sum(data, crlf=False), _sum(data, crlf=True))
    for crlf in (False, True):
        tree = {}
        for name, plain in held.items():
            data = files.read(name if path == "." else f"{path}/{name}")
            tree[name] = plain if data is None or b"\0" in data[:_TEXT] else _sum(data, crlf=crlf)
        if tree and hash_tree(tree) == md5:
            return True
    return False


def read_pointer(files: Files, path: str) -> int | None:
    """The bytes of the file that a Git LFS pointer stands for, None for what is no pointer."""
    data = files.read(path)
    if data is None or len(data) > _LARGEST_POINTER:
        return None
    found = _POINTER.match(data)
    return int(found[1]) if found else None


def read_submodules(files: Files) -> tuple[str, ...]:
    """Folders that are repositories of their own, as .gitmodules says, from the project root."""
    # A project may lie below git's root, whose paths start with as many folders as there are steps up.
    for depth in range(_HIGHEST):
        data = files.read(f"{'../' * depth}.gitmodules")
        if data is not None:
            lines = data.decode("utf-8", errors="replace").splitlines()
            found = [match[1].strip() for line in lines if (match := _SUBMODULE.match(line))]
            parts = [posixpath.normpath(path).split("/")[depth:] for path in found]
            return tuple("/".join(part) for part in parts if part)
    return ()


def _sum(data: bytes, *, crlf: bool) -> str:
    text = data.replace(b"\r\n", b"\n")
    text = text.replace(b"\n", b"\r\n") if crlf else text
    return hashlib.md5(text, usedforsecurity=False).hexdigest()
