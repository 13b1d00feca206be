"""What a change did to its lock and data, told from the revision before it.

Told from the merge base with the default branch; on that branch itself from the first parent, and for a
workspace that differs from HEAD, from HEAD.
"""

import shlex
from collections.abc import Iterator

from mergegate import dag, repo
from mergegate.amounts import amount
from mergegate.dag.ignore import Ignore
from mergegate.errors import ConfigError, ObjectError, UsageError
from mergegate.flows.evidence import Reading
from mergegate.flows.merges import check_merges
from mergegate.flows.verify.findings import find, from_lock, name_some
from mergegate.flows.verify.mending import bring_back
from mergegate.flows.verify.sides import check_sides
from mergegate.records.pipeline import ObjectHash, Pipeline
from mergegate.records.review import Revision
from mergegate.records.verify import VerifyFinding


def find_base(project: repo.Project, head: Reading) -> Revision | None:
    """What the revision is told from, None where there is nothing before it or the clone lacks it."""
    sha = head.revision.sha
    if sha is None:
        return None
    branch = repo.find_default_branch(project)
    if branch is not None:
        try:
            common = repo.merge_base(project, branch, head.revision)
        except UsageError:  # histories without a common commit, or a clone that does not reach it
            common = sha
        if common != sha:
            found = repo.resolve(project, common)
            return Revision(name=f"the merge base with {branch.name}", sha=common, subject=found.subject)
    if head.revision.workspace and _differs(project, sha, head.pipeline):
        return Revision(name="HEAD", sha=sha)
    try:
        parent = repo.resolve(project, f"{sha}^1")
    except UsageError:
        return None
    child = "HEAD" if head.revision.workspace else head.revision.name
    return Revision(name=f"the parent of {child}", sha=parent.sha, subject=parent.subject)


def check_history(
    project: repo.Project, objects: repo.Objects, base: Revision | None, head: Reading
) -> Iterator[VerifyFinding]:
    """Blocks that a merge joined, outputs that did not follow their inputs, folders that lost files."""
    if base is None:
        if head.revision.sha is not None and repo.is_shallow(project):
            yield find(
                "no-history",
                "this clone is shallow, and lacks the commit that the change began from",
                "git fetch --unshallow",
                blocking=False,
            )
        return
    yield from from_lock(check_merges(project, base, head.revision, head.pipeline), head.pipeline)
    yield from check_sides(project, objects, base, head)
    with repo.open_commit(project, base) as files:
        try:
            before = dag.read(files, at=base.name)
        except ConfigError:  # the change may be the one that mends it
            return
    yield from from_lock(dag.suspicious(before, head.pipeline), head.pipeline)
    yield from _find_gone(objects, base, before, head)


def _find_gone(
    objects: repo.Objects, base: Revision, before: Pipeline, head: Reading
) -> Iterator[VerifyFinding]:
    """Tracked folders that have fewer files than before; which, where both lists are at hand."""
    ignore = Ignore(head.files)
    old_hashes = {entry.path: entry.hash for entry in before.tracked}
    for entry in head.pipeline.tracked:
        was, now = old_hashes.get(entry.path), entry.hash
        if was is None or now is None or not was.is_dir or not now.is_dir or was.md5 == now.md5:
            continue
        old, new = _list(objects, was), _list(objects, now)
        gone = sorted(old.keys() - new.keys()) if old is not None and new is not None else []
        ignored = [name for name in gone if ignore.hides(f"{entry.path}/{name}")]
        if ignored:
            message = f"{entry.path} lost {amount(len(ignored), 'file')} that .dvcignore hides: "
            yield find(
                "entries-ignored",
                message + name_some(ignored),
                f"take the line out of .dvcignore, then `dvc add {shlex.quote(entry.path)}`",
                path=entry.path,
            )
        elif gone or (was.nfiles or 0) > (now.nfiles or 0):
            files = amount(now.nfiles or 0, "file")
            message = f"{entry.path} has {files}, and had {was.nfiles or 0:,} before"
            message += f"; gone: {name_some(gone)}" if gone else ""
            yield find(
                "entries-gone",
                message,
                bring_back(base.sha or "", entry.path),
                blocking=False,
                path=entry.path,
            )


def _list(objects: repo.Objects, name: ObjectHash) -> dict[str, str] | None:
    """A folder's files, None where the list is not at hand."""
    try:
        return objects.tree(name)
    except ObjectError:
        return None


def _differs(project: repo.Project, sha: str, pipeline: Pipeline) -> bool:
    """Whether the workspace's pipeline is another than HEAD's."""
    with repo.open_commit(project, Revision(name="HEAD", sha=sha)) as files:
        try:
            return dag.read(files, at="HEAD") != pipeline
        except ConfigError:
            return True
