"""dvc.lock: what each stage last ran with, and what came out."""

import posixpath
from collections.abc import Mapping
from typing import Any

from mergegate.dag.checksums import read_hash
from mergegate.dag.document import Document, Key, kind
from mergegate.dag.paths import resolve
from mergegate.records.pipeline import LockedPath, LockedStage, Stage

_SCHEMA = "2.0"


def read_lock(document: Document, stages: Mapping[str, Stage]) -> tuple[LockedStage, ...]:
    """The blocks of a dvc.lock. Its paths start at each stage's `wdir`, which only dvc.yaml knows: `stages`
    by name.

    Raises ConfigError.
    """
    folder = posixpath.dirname(document.path)
    file = posixpath.join(folder, "dvc.yaml")
    blocks, keys = _blocks(document)
    locked = []
    for name, value in blocks.items():
        place = (*keys, name)
        block = document.mapping(value, *place)
        where = stages[name].wdir if name in stages else folder or "."
        locked.append(
            LockedStage(
                name=name,
                file=file,
                commands=_commands(document, block.get("cmd"), *place, "cmd"),
                listed=isinstance(block.get("cmd"), list),
                deps=_paths(document, block.get("deps"), where, *place, "deps"),
                params=_params(document, block.get("params"), where, *place, "params"),
                outs=_paths(document, block.get("outs"), where, *place, "outs"),
            )
        )
    return tuple(locked)


def _blocks(document: Document) -> tuple[dict[str, Any], tuple[Key, ...]]:
    """Blocks by stage name, and the key they stand under; before DVC 2 they stood at the top."""
    top = document.mapping(document.data)
    if not top:
        return {}, ()
    if "schema" not in top:
        return top, ()
    if top["schema"] != _SCHEMA:
        raise document.wrong(
            f"has the schema {top['schema']!r:.40}, and {_SCHEMA!r} is known",
            "schema",
            hint="run `dvc repro` with DVC 3",
        )
    return document.mapping(top.get("stages") or {}, "stages"), ("stages",)


def _commands(document: Document, value: Any, *keys: Key) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return tuple(item if isinstance(item, str) else str(item) for item in value)
    raise document.wrong(f"should be a command, and is {kind(value)}", *keys)


def _paths(document: Document, value: Any, where: str, *keys: Key) -> tuple[LockedPath, ...]:
    if value is None:
        return ()
    locked: dict[str, LockedPath] = {}
    for index, item in enumerate(document.items(value, *keys)):
        entry = document.mapping(item, *keys, index)
        path = resolve(where, document.string(entry.get("path"), *keys, index, "path"))
        if path in locked:
            raise document.wrong(f"{path!r:.100} stands here twice", *keys, index)
        locked[path] = LockedPath(path=path, hash=read_hash(document, entry, *keys, index))
    return tuple(locked.values())


def _params(document: Document, value: Any, where: str, *keys: Key) -> dict[str, dict[str, Any]]:
    if value is None:
        return {}
    files = document.mapping(value, *keys)
    return {resolve(where, file): document.mapping(v or {}, *keys, file) for file, v in files.items()}
