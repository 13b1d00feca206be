"""Add files to a tracked dataset as DVC would, without the files that it has already.

`dvc add` on a folder that is not whole drops the rest from its list. Here the new list is the old one and
what came; of the other files only names and checksums are needed.
"""

import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from mergegate import repo
from mergegate.dag.checksums import hash_tree
from mergegate.dag.merging.dumping import rewrite
from mergegate.dag.merging.folders import write_list
from mergegate.flows.ingest.arrivals import Arrivals
from mergegate.flows.ingest.targets import Target
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.objects import location
from mergegate.repo.presence import look_for, open_store
from mergegate.repo.storage import Held
from mergegate.repo.storing import store_file, store_object


class Added(msgspec.Struct, frozen=True):
    """A dataset with its new files: its new name, {path inside: md5}, and the text of its .dvc file."""

    name: ObjectHash
    files: Mapping[str, str]
    text: bytes


def plan_addition(project: repo.Project, objects: repo.Objects, target: Target, arrivals: Arrivals) -> Added:
    """What the dataset becomes; nothing is written. Raises RemoteError for sizes that can't be asked."""
    files = {**target.files, **arrivals.md5s}
    if target.is_folder:
        name = ObjectHash(
            md5=hash_tree(files), size=_size(project, objects, target, arrivals), nfiles=len(files)
        )
    else:
        (file,) = arrivals.told
        name = ObjectHash(md5=file.md5, size=file.bytes)
    return Added(name, files, _rewrite(target, name).encode())


def store(project: repo.Project, arrivals: Arrivals, added: Added) -> None:
    """Put the new files and the new list into DVC's cache. Raises ObjectError."""
    for file in arrivals.told:
        store_file(project, ObjectHash(md5=file.md5), arrivals.places[file.path])
    if added.name.is_dir:
        store_object(project, added.name, write_list(added.files))


def _size(project: repo.Project, objects: repo.Objects, target: Target, arrivals: Arrivals) -> int | None:
    """Bytes of the folder: what was recorded and what came, less what is replaced; None where not known."""
    if target.name.size is None:
        return None
    replaced = [ObjectHash(md5=target.files[file.path]) for file in arrivals.told if file.corrects]
    gone = 0
    unknown = []
    for name in replaced:
        size = objects.size(name)
        if size is None:
            unknown.append(location(name))
        gone += size or 0
    if unknown:
        told = look_for(open_store(project, target.remote), unknown).values()
        sizes = [each.size for each in told if isinstance(each, Held)]
        if len(sizes) != len(unknown):
            return None
        gone += sum(sizes)
    return target.name.size - gone + sum(file.bytes for file in arrivals.told)


def _rewrite(target: Target, name: ObjectHash) -> str:
    """The .dvc file with the entry's new content; its comments, order and other keys stay."""
    data: dict[str, Any] = copy.deepcopy(target.document.mapping(target.document.data))
    entry = data["outs"][target.at]
    content = {"md5": name.md5, "size": name.size, "nfiles": name.nfiles}
    for key, value in content.items():
        if value is not None:
            entry[key] = value
        else:
            entry.pop(key, None)
    return rewrite(target.document.text, data)
