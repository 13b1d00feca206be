"""What changed in tracked data between base and head: from .dvc files, dvc.lock and folders' lists."""

from collections.abc import Mapping

import msgspec

from mergegate import repo
from mergegate.config.policy import Policy
from mergegate.dataset.tree import count_rows, diff_trees
from mergegate.errors import ObjectError
from mergegate.flows.evidence import Reading
from mergegate.records.pipeline import ObjectHash
from mergegate.records.review import Change, DataChange, FileChange

MOST_FILES_SHOWN = 50
"""Files listed one by one; the counts cover all."""


def changed_paths(
    policy: Policy, base: Reading, head: Reading
) -> dict[str, tuple[ObjectHash | None, ObjectHash | None]]:
    """Paths of the policy's datasets and of all .dvc files whose hash differs: {path: (old, new)}."""
    tracked = {entry.path for side in (base, head) for entry in side.pipeline.tracked}
    paths = sorted(tracked | {dataset.path for dataset in policy.datasets})
    pairs = {path: (base.pipeline.hash_of(path), head.pipeline.hash_of(path)) for path in paths}
    return {path: (old, new) for path, (old, new) in pairs.items() if _md5(old) != _md5(new)}


def describe_changes(
    pairs: Mapping[str, tuple[ObjectHash | None, ObjectHash | None]], objects: repo.Objects
) -> tuple[DataChange, ...]:
    """Describe each changed path; what is not at hand is left unknown, and said so."""
    return tuple(_describe(path, old, new, objects) for path, (old, new) in pairs.items())


def _describe(path: str, old: ObjectHash | None, new: ObjectHash | None, objects: repo.Objects) -> DataChange:
    if (old is not None and old.is_dir) or (new is not None and new.is_dir):
        return _describe_folder(path, old, new, objects)
    return DataChange(
        path=path,
        change=_change(old, new),
        rows_old=_rows(old, objects),
        rows_new=_rows(new, objects),
        bytes_old=_size(old, objects),
        bytes_new=_size(new, objects),
        files_old=1 if old else 0,
        files_new=1 if new else 0,
    )


def _describe_folder(
    path: str, old: ObjectHash | None, new: ObjectHash | None, objects: repo.Objects
) -> DataChange:
    summary = DataChange(
        path=path,
        change=_change(old, new),
        bytes_old=old.size if old else None,
        bytes_new=new.size if new else None,
        files_old=old.nfiles if old else 0,
        files_new=new.nfiles if new else 0,
    )
    try:
        trees = [_tree(side, objects) for side in (old, new)]
    except ObjectError as error:
        return msgspec.structs.replace(summary, note=f"the list of its files is not at hand: {error.message}")
    before, after = trees
    diff = diff_trees(before, after)
    entries = diff.entries()
    files = tuple(
        FileChange(
            path=name,
            change=change,
            rows_old=_rows(_file(before, name, old), objects),
            rows_new=_rows(_file(after, name, new), objects),
            bytes_old=_size(_file(before, name, old), objects),
            bytes_new=_size(_file(after, name, new), objects),
        )
        for name, change in entries[:MOST_FILES_SHOWN]
    )
    return msgspec.structs.replace(
        summary,
        files_old=len(before),
        files_new=len(after),
        files=files,
        files_added=len(diff.added),
        files_removed=len(diff.removed),
        files_changed=len(diff.changed),
    )


def _tree(hash_: ObjectHash | None, objects: repo.Objects) -> Mapping[str, str]:
    """A folder's {path: md5}; a single file is a folder of itself, so that file ↔ folder reads well."""
    if hash_ is None:
        return {}
    return objects.tree(hash_) if hash_.is_dir else {".": hash_.md5}


def _file(tree: Mapping[str, str], name: str, parent: ObjectHash | None) -> ObjectHash | None:
    return ObjectHash(md5=tree[name], legacy=parent.legacy) if parent and name in tree else None


def _rows(hash_: ObjectHash | None, objects: repo.Objects) -> int | None:
    """Rows of an object that is here already: nothing is fetched only to be counted."""
    if hash_ is None or hash_.is_dir or not objects.have(hash_):
        return None
    try:
        return count_rows(objects.open(hash_))
    except ObjectError:
        return None


def _size(hash_: ObjectHash | None, objects: repo.Objects) -> int | None:
    if hash_ is None or hash_.size is not None:
        return hash_.size if hash_ else None
    return objects.size(hash_)


def _md5(hash_: ObjectHash | None) -> str | None:
    return hash_.md5 if hash_ else None


def _change(old: ObjectHash | None, new: ObjectHash | None) -> Change:
    if old is None:
        return "added"
    return "removed" if new is None else "changed"


def needed_lists(pairs: Mapping[str, tuple[ObjectHash | None, ObjectHash | None]]) -> list[ObjectHash]:
    """The folders' lists of files that describing the changes opens; never the files themselves."""
    return [hash_ for pair in pairs.values() for hash_ in pair if hash_ is not None and hash_.is_dir]
