"""Three-way merge of folders as DVC lists them: {path in the folder: checksum}."""

import json
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from mergegate.dag.merging.threeway import ABSENT, CLASH, merge_values
from mergegate.dag.paths import ancestors


class Clash(msgspec.Struct, frozen=True):
    """What no rule decides: `path` was changed by both sides, by one and removed by the other (`removed`), or
    is a file on one side and on the other a folder that holds `other` (`nested`)."""

    path: str
    kind: Literal["changed", "removed", "nested"]
    other: str = ""

    @property
    def said(self) -> str:
        """What happened, after the file's name."""
        if self.kind == "nested":
            return f"is a file on one side and a folder on the other (it holds {self.other})"
        if self.kind == "removed":
            return "was changed on one side and removed on the other"
        return "was changed on both sides, each in its own way"


class MergedFolder(msgspec.Struct, frozen=True):
    """The merged list and what clashes; with a clash the list is no valid one."""

    files: dict[str, str]
    clashes: tuple[Clash, ...] = ()


def merge_folders(
    base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str], *, prefer: str = ""
) -> MergedFolder:
    """Merge three lists; `base` is empty where both sides made the folder.

    A file that only one side added, changed or removed is that side's. `prefer` ("ours" or "theirs") decides
    for files that both changed. Never an invalid list: no file lies under another.
    """
    files: dict[str, str] = {}
    clashes = []
    for path in sorted(base.keys() | ours.keys() | theirs.keys()):
        versions = [side.get(path, ABSENT) for side in (base, ours, theirs)]
        merged = merge_values(*versions)
        if merged is CLASH and prefer:
            merged = versions[1] if prefer == "ours" else versions[2]
        if merged is CLASH:
            clashes.append(Clash(path, "removed" if ABSENT in versions[1:] else "changed"))
        elif merged is not ABSENT:
            files[path] = merged
    for path in files:
        for folder in ancestors(path):
            if folder in files:
                clashes.append(Clash(folder, "nested", path))
    return MergedFolder(files, tuple(clashes))


def write_list(files: Mapping[str, str]) -> bytes:
    """A folder's object as DVC writes it; its md5 with `.dir` is the folder's name."""
    entries = [{"md5": files[path], "relpath": path} for path in sorted(files)]
    return json.dumps(entries, sort_keys=True).encode()


def sum_sizes(
    lists: Sequence[Mapping[str, str]], sizes: Sequence[int | None], merged: Mapping[str, str]
) -> int | None:
    """Bytes of a merged folder from the recorded totals of base, ours and theirs, None where they don't tell.

    They do unless both sides made the same change, which both totals hold.
    """
    for files, size in zip(lists, sizes, strict=True):
        if files == merged and size is not None:
            return size
    base, ours, theirs = lists
    paths = base.keys() | ours.keys() | theirs.keys()
    if any(ours.get(path) == theirs.get(path) != base.get(path) for path in paths):
        return None
    before, with_ours, with_theirs = sizes if base else (0, *sizes[1:])
    if before is None or with_ours is None or with_theirs is None:
        return None
    total = with_ours + with_theirs - before
    return total if total >= 0 else None
