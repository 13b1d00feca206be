"""What changed in tracked data between base and head: from .dvc files, dvc.lock and folders' lists."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec

from mergegate import repo
from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.dataset.tree import diff_trees
from mergegate.errors import ObjectError
from mergegate.flows.evidence import Reading
from mergegate.flows.rows import RowCounter
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


def unknown_datasets(policy: Policy, base: Reading, head: Reading) -> tuple[str, ...]:
    """A sentence for each dataset of the policy that neither side has, tracked by DVC or in git."""
    unknown = [
        dataset.path
        for dataset in policy.datasets
        if not any(knows(side, dataset.path) for side in (base, head))
    ]
    return tuple(
        f"The policy's dataset {path} is neither in base nor in head, so nothing of it is reviewed: "
        f"mend its path in {POLICY_FILE}."
        for path in unknown
    )


def knows(side: Reading, path: str) -> bool:
    """Whether DVC or git has the path, a folder that holds it, or files in it."""
    parts = path.split("/")
    tracked = {entry.path for entry in side.pipeline.tracked}
    tracked |= {out.path for stage in side.pipeline.stages for out in stage.outs}
    if any("/".join(parts[:depth]) in tracked for depth in range(1, len(parts) + 1)):
        return True
    return any(file == path or file.startswith(f"{path}/") for file in side.files.paths())


def describe_changes(
    pairs: Mapping[str, tuple[ObjectHash | None, ObjectHash | None]], objects: repo.Objects
) -> tuple[DataChange, ...]:
    """Describe each changed path; what is not at hand is left unknown, and said so."""
    counter = RowCounter(objects)
    return tuple(_describe(path, old, new, objects, counter) for path, (old, new) in pairs.items())


def _describe(
    path: str, old: ObjectHash | None, new: ObjectHash | None, objects: repo.Objects, counter: RowCounter
) -> DataChange:
    if (old is not None and old.is_dir) or (new is not None and new.is_dir):
        return _describe_folder(path, old, new, objects, counter)
    change = DataChange(
        path=path,
        change=_change(old, new),
        bytes_old=_size(old, objects),
        bytes_new=_size(new, objects),
        files_old=1 if old else 0,
        files_new=1 if new else 0,
    )
    return _with_rows(
        change, [old] if old else [], [new] if new else [], counter, of_parquet=_is_parquet(path)
    )


def _describe_folder(
    path: str, old: ObjectHash | None, new: ObjectHash | None, objects: repo.Objects, counter: RowCounter
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
        before, after = (_tree(side, objects) for side in (old, new))
    except ObjectError as error:
        return msgspec.structs.replace(summary, note=f"the list of its files is not at hand: {error.message}")
    diff = diff_trees(before, after)
    files = tuple(
        _describe_file(name, change, _file(before, name, old), _file(after, name, new), objects, counter)
        for name, change in diff.entries()[:MOST_FILES_SHOWN]
    )
    whole = msgspec.structs.replace(
        summary,
        files_old=len(before),
        files_new=len(after),
        files=files,
        files_added=len(diff.added),
        files_removed=len(diff.removed),
        files_changed=len(diff.changed),
    )
    return _with_rows(
        whole,
        _objects_in(before, old),
        _objects_in(after, new),
        counter,
        of_parquet=any(_is_parquet(name) for name in (*before, *after)),
    )


def _describe_file(
    name: str,
    change: Change,
    old: ObjectHash | None,
    new: ObjectHash | None,
    objects: repo.Objects,
    counter: RowCounter,
) -> FileChange:
    return FileChange(
        path=name,
        change=change,
        rows_old=counter.count(old) if old else None,
        rows_new=counter.count(new) if new else None,
        bytes_old=_size(old, objects),
        bytes_new=_size(new, objects),
    )


def _with_rows(
    change: DataChange,
    old: Sequence[ObjectHash],
    new: Sequence[ObjectHash],
    counter: RowCounter,
    *,
    of_parquet: bool,
) -> DataChange:
    """The change with each side's rows where all of its files can be counted, else with a note why not."""
    rows_old, why_old = counter.total(old) if old else (None, "")
    rows_new, why_new = counter.total(new) if new else (None, "")
    notes = [
        f"rows in {side} are not counted: {why}"
        for side, why in (("base", why_old), ("head", why_new))
        if why and of_parquet
    ]
    return msgspec.structs.replace(change, rows_old=rows_old, rows_new=rows_new, note="; ".join(notes))


def _is_parquet(name: str) -> bool:
    """Whether people expect rows of it: of other kinds of files none are counted, and nothing is said."""
    return name.endswith((".parquet", ".pq"))


def _objects_in(tree: Mapping[str, str], parent: ObjectHash | None) -> list[ObjectHash]:
    return [ObjectHash(md5=md5, legacy=parent.legacy) for md5 in tree.values()] if parent else []


def _tree(hash_: ObjectHash | None, objects: repo.Objects) -> Mapping[str, str]:
    """A folder's {path: md5}; a single file is a folder of itself, so that file ↔ folder reads well."""
    if hash_ is None:
        return {}
    return objects.tree(hash_) if hash_.is_dir else {".": hash_.md5}


def _file(tree: Mapping[str, str], name: str, parent: ObjectHash | None) -> ObjectHash | None:
    return ObjectHash(md5=tree[name], legacy=parent.legacy) if parent and name in tree else None


def _size(hash_: ObjectHash | None, objects: repo.Objects) -> int | None:
    if hash_ is None or hash_.size is not None:
        return hash_.size if hash_ else None
    with suppress(ObjectError):  # no name of an object, as a remote that keeps versions gives
        return objects.size(hash_)
    return None


def _md5(hash_: ObjectHash | None) -> str | None:
    return hash_.md5 if hash_ else None


def _change(old: ObjectHash | None, new: ObjectHash | None) -> Change:
    if old is None:
        return "added"
    return "removed" if new is None else "changed"


def needed_lists(pairs: Mapping[str, tuple[ObjectHash | None, ObjectHash | None]]) -> list[ObjectHash]:
    """The folders' lists of files that describing the changes opens; never the files themselves."""
    return [hash_ for pair in pairs.values() for hash_ in pair if hash_ is not None and hash_.is_dir]
