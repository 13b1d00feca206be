"""What a stage's block in dvc.lock says of one run: command, inputs, params, outputs."""

import json
import posixpath
from collections.abc import Mapping
from typing import Any

import msgspec

from mergegate.dag.document import Document
from mergegate.dag.params import leaves, same

_TELLING_NOTHING = frozenset({"path", "size", "nfiles", "cloud", "isexec"})
"""Keys of an entry beside its checksum: two entries that differ only in these are the same bytes."""

_OF_A_FILE = _TELLING_NOTHING - {"path"}


class Run(msgspec.Struct, frozen=True):
    """One run: `deps` and `outs` map a path, as written in the block, to its checksum as text.

    `params` maps (file, dotted key of one leaf) to its value.
    """

    cmd: Any
    deps: dict[str, str]
    params: dict[tuple[str, str], Any]
    outs: dict[str, str]

    def equals(self, other: "Run") -> bool:
        """Whether both are the same run."""
        return (
            self.deps == other.deps
            and self.outs == other.outs
            and self.cmd == other.cmd
            and same(self.params, other.params)
        )


def read_run(document: Document, name: str, block: Any) -> Run:
    """The run that a block states. Raises ConfigError for a block that DVC would refuse."""
    keys = ("stages", name)
    values = document.mapping(block, *keys)
    if not isinstance(values.get("cmd"), str | list):
        raise document.wrong("has no command", *keys)
    params: dict[tuple[str, str], Any] = {}
    files = document.mapping(values.get("params") or {}, *keys, "params")
    for file, held in files.items():
        for key, value in document.mapping(held or {}, *keys, "params", file).items():
            params |= {(file, leaf): each for leaf, each in leaves(value, key).items()}
    return Run(
        cmd=values["cmd"],
        deps=_read_sums(document, values.get("deps"), *keys, "deps"),
        params=params,
        outs=_read_sums(document, values.get("outs"), *keys, "outs"),
    )


def _read_sums(document: Document, value: Any, *keys: str) -> dict[str, str]:
    sums: dict[str, str] = {}
    for index, item in enumerate(document.items(value or [], *keys)):
        entry = document.mapping(item, *keys, index)
        path = posixpath.normpath(document.string(entry.get("path"), *keys, index, "path"))
        if path in sums:
            raise document.wrong(f"{path!r:.100} stands here twice", *keys, index)
        sums[path] = _sum(entry)
    return sums


def _sum(entry: Mapping[str, Any]) -> str:
    """What tells an entry's bytes from any others."""
    telling = {key: value for key, value in entry.items() if key not in _TELLING_NOTHING}
    if telling.keys() <= {"hash", "md5"}:
        return f"{telling.get('md5')} {telling.get('hash')}"
    if isinstance(telling.get("files"), list):
        telling["files"] = [
            {key: value for key, value in each.items() if key not in _OF_A_FILE}
            for each in telling["files"]
            if isinstance(each, dict)
        ]
    return json.dumps(telling, sort_keys=True, default=str)
