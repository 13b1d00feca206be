"""Checksum entries of dvc.lock and .dvc files."""

import hashlib
import json
import re
from typing import Any

from mergegate.dag.document import Document, Key
from mergegate.records.pipeline import ObjectHash

_AGAIN = "run `dvc repro` or `dvc commit`"
_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")


def read_hash(document: Document, entry: dict[str, Any], *keys: Key) -> ObjectHash | None:
    """The checksum that an entry records, None for one without (external data, or not yet computed).

    Without `hash: md5` it is DVC 2's. Raises ConfigError for what is no checksum.
    """
    scheme = entry.get("hash")
    if scheme not in (None, "md5"):
        raise document.wrong(f"the checksum scheme {scheme!r:.40} is not known", *keys, "hash")
    files = _read_files(document, entry.get("files"), *keys)
    md5 = _read_md5(document, entry.get("md5"), *keys)
    size, nfiles = (_read_count(document, entry.get(name), *keys, name) for name in ("size", "nfiles"))
    if files:
        listed = hash_tree(dict(files))
        if md5 not in (None, listed):
            message = f"lists files that are not those of the md5 beside it: they give {listed}"
            raise document.wrong(message, *keys, "files", hint=_AGAIN)
        md5 = listed
    if md5 is None:
        return None
    return ObjectHash(
        md5=md5,
        size=size,
        nfiles=nfiles if not files else len(files),
        legacy=scheme is None,
        files=files,
    )


def hash_tree(tree: dict[str, str]) -> str:
    """The name of a folder's object: the md5 of DVC's list of {path: md5}, with `.dir`."""
    entries = [{"md5": tree[path], "relpath": path} for path in sorted(tree)]
    text = json.dumps(entries, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() + ".dir"


def _read_md5(document: Document, value: Any, *keys: Key) -> str | None:
    if value is None or value == "":
        return None
    text = str(value).lower() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _MD5.fullmatch(text):
        raise document.wrong(f"{value!r:.80} is no md5", *keys, "md5", hint=_AGAIN)
    return text


def _read_files(document: Document, value: Any, *keys: Key) -> tuple[tuple[str, str], ...]:
    """The list of a folder's files, where a remote that keeps versions has it written into the entry."""
    if value is None:
        return ()
    files: dict[str, str] = {}
    for index, item in enumerate(document.items(value, *keys, "files")):
        entry = document.mapping(item, *keys, "files", index)
        path = document.string(entry.get("relpath"), *keys, "files", index, "relpath")
        md5 = _read_md5(document, entry.get("md5"), *keys, "files", index)
        if md5 is None:
            return ()
        if path in files or "\0" in path or any(part in ("", ".", "..") for part in path.split("/")):
            raise document.wrong(
                f"{path!r:.80} stands twice or leads out of the folder", *keys, "files", index
            )
        files[path] = md5
    return tuple(files.items())


def _read_count(document: Document, value: Any, *keys: Key) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise document.wrong(f"{value!r:.40} is no count", *keys, hint=_AGAIN)
    return value
