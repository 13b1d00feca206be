"""Merges that kept one side's list of a folder that both sides had changed: `ours` without a mark of it."""

from collections.abc import Iterator, Mapping

from mergegate import dag, repo
from mergegate.amounts import amount
from mergegate.errors import ConfigError, ObjectError, UsageError
from mergegate.flows.evidence import Reading
from mergegate.flows.verify.findings import find, name_some
from mergegate.flows.verify.mending import bring_back
from mergegate.records.pipeline import ObjectHash
from mergegate.records.review import Revision
from mergegate.records.verify import VerifyFinding

Folders = Mapping[str, ObjectHash | None]


def check_sides(
    project: repo.Project, objects: repo.Objects, base: Revision, head: Reading
) -> Iterator[VerifyFinding]:
    """Tracked folders that a merge of the change took from one side, though the other had changed them too.

    Which files were lost is told where the lists are at hand; a folder that changed since is left alone.
    """
    if base.sha is None or head.revision.sha is None:
        return
    now = {entry.path: entry.hash for entry in head.pipeline.tracked}
    for merge, parents in repo.find_merges(project, base.sha, head.revision.sha):
        if len(parents) != 2:
            continue
        kept = {path: found for path, found in _read(project, merge).items() if found == now.get(path)}
        sides = [(sha, _read(project, sha)) for sha in parents]
        fork = _read_fork(project, *parents)
        for (_, ours), (sha, theirs) in (sides, sides[::-1]):
            for path, found in kept.items():
                was, other = fork.get(path), theirs.get(path)
                if not (found and other and found.is_dir and other.is_dir):
                    continue
                if found == ours.get(path) and found != was and other not in (found, was):
                    yield from _find_dropped(objects, path, (merge, sha), (was, other, found))


def _find_dropped(
    objects: repo.Objects,
    path: str,
    commits: tuple[str, str],
    lists: tuple[ObjectHash | None, ObjectHash, ObjectHash],
) -> Iterator[VerifyFinding]:
    """What the other side, the second of `commits`, did to a folder and the merge has not; lists: of the
    fork, of the other side, of the merge.
    """
    merge, other = commits
    was, theirs, found = lists
    before, old, new = (_list(objects, was) if was else {}), _list(objects, theirs), _list(objects, found)
    what = ""
    if before is not None and old is not None and new is not None:
        dropped = sorted(
            name
            for name in before.keys() | old.keys()
            if old.get(name) != before.get(name) and old.get(name) != new.get(name)
        )
        if not dropped:
            return
        what = f", so {amount(len(dropped), 'change')} of the other went: {name_some(dropped)}"
    yield find(
        "one-side",
        f"the merge {merge[:10]} has one side's {path}, which {other[:10]} had changed too{what}",
        bring_back(other, path),
        blocking=False,
        path=path,
    )


def _read(project: repo.Project, sha: str) -> Folders:
    """What a commit tracks: path → checksum; nothing where its files can't be read."""
    with repo.open_commit(project, Revision(name=sha, sha=sha)) as files:
        try:
            return {entry.path: entry.hash for entry in dag.read(files, at=sha).tracked}
        except ConfigError:
            return {}


def _read_fork(project: repo.Project, ours: str, theirs: str) -> Folders:
    """What the last common commit of two tracks; nothing where they have none."""
    try:
        return _read(project, repo.merge_base(project, ours, theirs))
    except UsageError:
        return {}


def _list(objects: repo.Objects, name: ObjectHash) -> Mapping[str, str] | None:
    """A folder's files, None where the list is not at hand."""
    try:
        return objects.tree(name)
    except ObjectError:
        return None
