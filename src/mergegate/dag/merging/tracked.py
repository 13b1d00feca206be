"""Three-way merge of .dvc files: key by key, and file by file in the folders they track."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from mergegate.dag.checksums import hash_tree, read_hash
from mergegate.dag.document import Document, Key
from mergegate.dag.merging.dumping import rewrite
from mergegate.dag.merging.folders import merge_folders, sum_sizes, write_list
from mergegate.dag.merging.order import merge_order
from mergegate.dag.merging.threeway import ABSENT, CLASH, merge_values
from mergegate.records.pipeline import ObjectHash

Lists = Callable[[Sequence[ObjectHash], str], Sequence[Mapping[str, str]]]
"""Gives folders' lists of files, from the remote of that name where they are not at hand; raises ObjectError
or RemoteError when one can't be had."""

_CONTENT = ("md5", "size", "nfiles", "hash", "files", "cloud", "etag", "checksum", "version_id", "isexec")
"""Keys of an entry that together say which bytes it tracks."""

_IMPORT = ("deps", "md5", "outs")
_VERSIONS = ("the common ancestor", "our side", "their side")


class MergedTracked(msgspec.Struct, frozen=True):
    """A merged .dvc file, or `problems`: sentences that say why there is none.

    `made` are the lists of folders that no side has: (name, bytes, remote). `removed` counts the files that a
    side removed, by folder.
    """

    data: bytes = b""
    made: tuple[tuple[ObjectHash, bytes, str], ...] = ()
    removed: tuple[tuple[str, int], ...] = ()
    problems: tuple[str, ...] = ()


Sizes = Callable[[Sequence[ObjectHash], str], int | None]
"""Gives the bytes of objects together, those of that remote included; None when some can't be told."""


def merge_tracked(
    base: Document | None, ours: Document, theirs: Document, lists: Lists, sizes: Sizes, *, prefer: str = ""
) -> MergedTracked:
    """Merge two versions of a .dvc file that come from `base`, None where both sides made it.

    The same result whichever side is ours. `prefer` ("ours" or "theirs") decides for what both sides changed.
    Raises ConfigError for a version that DVC would refuse, and what `lists` raises.
    """
    merge = _Merge(lists, sizes, prefer)
    data = merge.document(base, ours, theirs)
    if merge.problems:
        return MergedTracked(problems=tuple(merge.problems))
    text = merge.text(base, ours, theirs, data)
    if merge.problems:
        return MergedTracked(problems=tuple(merge.problems))
    return MergedTracked(
        data=text.encode(), made=tuple(merge.made), removed=tuple(merge.removed), problems=()
    )


class _Merge:
    def __init__(self, lists: Lists, sizes: Sizes, prefer: str) -> None:
        self.lists = lists
        self.sizes = sizes
        self.prefer = prefer
        self.problems: list[str] = []
        self.made: list[tuple[ObjectHash, bytes, str]] = []
        self.removed: list[tuple[str, int]] = []

    def document(self, base: Document | None, ours: Document, theirs: Document) -> dict[str, Any]:
        """The merged values of the whole file."""
        documents = (base, ours, theirs)
        versions = [ABSENT if each is None else each.mapping(each.data) for each in documents]
        if any(version is not ABSENT and version.get("deps") for version in versions):
            return self._keep_imports_whole(versions)
        merged = self._keys(versions, skip=("outs",))
        outs = [
            ABSENT if each is None else _outs(each, version)
            for each, version in zip(documents, versions, strict=True)
        ]
        merged["outs"] = [
            entry
            for path in merge_order(*(() if each is ABSENT else each for each in outs))
            if (entry := self._out(path, documents, [_get(each, path) for each in outs])) is not ABSENT
        ]
        return merged

    def text(self, base: Document | None, ours: Document, theirs: Document, data: dict[str, Any]) -> str:
        """The file's text, as the side has it that changed its comments or the order of its keys."""
        texts = [ABSENT if each is None else rewrite(each.text, data) for each in (base, ours, theirs)]
        merged = self._decide(texts)
        if merged is not CLASH:
            return str(merged)
        comments = self._decide([ABSENT if text is ABSENT else _comments(text) for text in texts])
        if comments is CLASH:
            self.problems.append("its comments were changed on both sides, each in its own way")
            return ""
        return max(text for text in texts[1:] if _comments(text) == comments)

    def _keep_imports_whole(self, versions: list[Any]) -> dict[str, Any]:
        """An import's source and its bytes belong together: one side's, or a clash."""
        units = [
            ABSENT if version is ABSENT else {key: version[key] for key in _IMPORT if key in version}
            for version in versions
        ]
        unit = self._decide(units)
        if unit is CLASH:
            self.problems.append(
                "both sides updated the import: take one (`git checkout --theirs FILE`), then `dvc update` it"
            )
            return {}
        return {**self._keys(versions, skip=_IMPORT), **unit}

    def _keys(self, versions: list[Any], *, skip: Sequence[str], where: str = "") -> dict[str, Any]:
        """Every other key by itself."""
        merged = {}
        held = [() if version is ABSENT else version for version in versions]
        for key in merge_order(*held):
            if key in skip:
                continue
            value = self._decide([_get(version, key) for version in versions])
            if value is CLASH:
                self.problems.append(f"{where}{key!s:.80} was changed on both sides, each in its own way")
            elif value is not ABSENT:
                merged[key] = value
        return merged

    def _decide(self, values: list[Any]) -> Any:
        merged = merge_values(*values)
        if merged is CLASH and self.prefer:
            return values[1] if self.prefer == "ours" else values[2]
        return merged

    def _out(self, path: str, documents: Sequence[Document | None], entries: list[Any]) -> Any:
        """One tracked file or folder, ABSENT where it is removed."""
        _, ours, theirs = entries
        if ours is ABSENT or theirs is ABSENT:
            merged = self._decide(entries)
            if merged is CLASH:
                self.problems.append(f"{path} was changed on one side and removed on the other")
            return ABSENT if merged is CLASH else merged
        contents = [ABSENT if entry is ABSENT else _content(entry) for entry in entries]
        content = merge_values(*contents, equal=_are_same_bytes)
        if content is CLASH:
            hashes = [
                None if document is None or entry is ABSENT else read_hash(document, entry, "outs", path)
                for document, entry in zip(documents, entries, strict=True)
            ]
            content = self._folder(path, hashes, contents, str(ours.get("remote") or ""))
        return content | self._keys(entries, skip=_CONTENT, where=f"{path}: ")

    def _folder(
        self, path: str, hashes: list[ObjectHash | None], contents: list[Any], remote: str
    ) -> dict[str, Any]:
        """The merged content of a folder that both sides changed; of a file there is none."""
        old, mine, other = hashes
        if mine is None or other is None or not (mine.is_dir and other.is_dir):
            if self.prefer:
                chosen: dict[str, Any] = contents[1] if self.prefer == "ours" else contents[2]
                return chosen
            self.problems.append(f"{path} was changed on both sides, each in its own way")
            return {}
        if old is not None and not old.is_dir:
            old = None
        if problem := _compare_kinds(path, old, mine, other):
            self.problems.append(problem)
            return {}
        wanted = [each for each in (old, mine, other) if each is not None]
        found = [dict(each) for each in self.lists(wanted, remote)]
        lists = found if old is not None else [{}, *found]
        merged = merge_folders(*lists, prefer=self.prefer)
        if merged.clashes:
            self.problems += [f"{path}/{clash.path} {clash.said}" for clash in merged.clashes]
            return {}
        lost = sum(1 for name in lists[0] if name not in merged.files)
        self.removed += [(path, lost)] if lost else []
        if mine.files:
            return {"files": _merge_entries(contents, merged.files), "hash": "md5"}
        recorded = [None if each is None else each.size for each in hashes]
        size = sum_sizes(lists, recorded, merged.files)
        if size is None:
            parts = [ObjectHash(md5=md5, legacy=mine.legacy) for md5 in merged.files.values()]
            size = self.sizes(parts, remote)
        name = ObjectHash(
            md5=hash_tree(merged.files), size=size, nfiles=len(merged.files), legacy=mine.legacy
        )
        if name.md5 not in (mine.md5, other.md5, old.md5 if old else ""):
            self.made.append((name, write_list(merged.files), remote))
        content: dict[str, Any] = {"md5": name.md5, "size": size, "nfiles": name.nfiles}
        content |= {} if mine.legacy else {"hash": "md5"}
        return {key: value for key, value in content.items() if value is not None}


def _compare_kinds(path: str, old: ObjectHash | None, mine: ObjectHash, other: ObjectHash) -> str:
    """Why the checksums of three lists can't be compared, "" when they can."""
    known = [each for each in (old, mine, other) if each is not None]
    if len({each.legacy for each in known}) > 1:
        return (
            f"{path} was hashed by DVC 2 on one side and by DVC 3 on the other: "
            "run `dvc cache migrate --dvc-files` on both branches, and merge again"
        )
    if bool(mine.files) != bool(other.files):
        return (
            f"{path} was pushed to a remote that keeps versions on one side only: "
            "run `dvc push` on the other branch, commit, and merge again"
        )
    return ""


def _merge_entries(contents: list[Any], merged: Mapping[str, str]) -> list[dict[str, Any]]:
    """The entries of a merged `files` list, with what each side's remote said of its own."""
    sides = [
        {}
        if content is ABSENT
        else {entry.get("relpath"): entry for entry in content.get("files") or [] if isinstance(entry, dict)}
        for content in contents
    ]
    entries = []
    for path in sorted(merged):
        held = [
            each
            for side in sides[1:]
            if (each := side.get(path)) is not None and str(each.get("md5")).lower() == merged[path]
        ]
        touched = [each for each in held if each != sides[0].get(path)]
        entries.append(max(touched or held, key=repr))
    return entries


def _outs(document: Document, version: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A version's outputs by path."""
    found: dict[str, dict[str, Any]] = {}
    for index, item in enumerate(document.items(version.get("outs") or [], "outs")):
        entry = document.mapping(item, "outs", index)
        keys: tuple[Key, ...] = ("outs", index, "path")
        path = document.string(entry.get("path"), *keys)
        if path in found:
            raise document.wrong(f"{path!r:.80} stands here twice", *keys)
        found[path] = entry
    return found


def _content(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in _CONTENT if key in entry}


def _are_same_bytes(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether two contents are the same, whatever sizes or versions stand beside."""
    telling = [
        {key: value for key, value in each.items() if key not in ("size", "nfiles", "cloud", "files")}
        | {"files": _files(each)}
        for each in (a, b)
    ]
    return telling[0] == telling[1]


def _files(content: dict[str, Any]) -> Any:
    files = content.get("files")
    if not isinstance(files, list):
        return files
    return [(each.get("relpath"), each.get("md5")) if isinstance(each, dict) else each for each in files]


def _get(version: Any, key: str) -> Any:
    return ABSENT if version is ABSENT else version.get(key, ABSENT)


def _comments(text: str) -> list[str]:
    """The lines with a comment on them, or what looks like one."""
    return [line for line in text.splitlines() if "#" in line]
