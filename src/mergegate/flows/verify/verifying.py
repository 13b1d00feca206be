"""`mergegate verify`: is this revision whole and true?

First what its files say of each other, which needs nothing but git; then, if asked, whether the remotes hold
every object that they name.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec

from mergegate import __version__, dag, repo
from mergegate.dag.origins import find_sources, find_unversioned
from mergegate.flows.evidence import Reading, name_in_errors
from mergegate.flows.verify.findings import find, from_lock
from mergegate.flows.verify.folders import check_folders
from mergegate.flows.verify.history import check_history, find_base
from mergegate.flows.verify.presence import check_remote
from mergegate.flows.verify.wanted import by_remote, list_wanted
from mergegate.records.pipeline import ObjectHash
from mergegate.records.review import LockFinding
from mergegate.records.verify import RemoteCheck, Verification, VerifyFinding
from mergegate.repo.settings import Settings, read_settings

WORKSPACE = "workspace"


class Request(msgspec.Struct, frozen=True):
    """What to verify: `revision`, or `workspace`.

    `remote` asks the remotes for every object; `read_bytes` reads and hashes each too.
    """

    start: Path
    revision: str = WORKSPACE
    remote: bool = False
    read_bytes: bool = False


def verify(request: Request, *, progress: Callable[[str], None] = lambda step: None) -> Verification:
    """Verify one revision.

    Reads git and DVC objects; checks nothing out, writes nothing but fetched folder lists into DVC's cache.
    Raises UsageError for a question that can't be answered, ConfigError for a file that DVC would refuse,
    BrokenError when git fails. A remote that can't be read is a finding.
    """
    project = repo.locate(request.start)
    with ExitStack() as stack:
        progress("reading the revision")
        head = open_revision(stack, project, request.revision)
        objects = repo.Objects(project)
        settings = read_settings(project.dvc_root / ".dvc") if project.dvc_root else Settings(cache=Path())
        sources = find_sources(head.files, head.pipeline, at=head.at)
        wanted = list_wanted(head.pipeline, sources)
        asks = request.remote or request.read_bytes
        progress("following the lock chain")
        base = find_base(project, head)
        findings = [
            *from_lock(_check_chain(objects, head, fetches=asks), head.pipeline),
            *check_history(project, objects, base, head),
            *check_folders(project, objects, head),
            *_check_origins(head, sources, settings),
            *_check_unpushed(head),
        ]
        remotes: list[RemoteCheck] = []
        if asks:
            push = "mergegate push" + ("" if head.revision.workspace else f" {head.revision.sha}")
            for name, some in by_remote(wanted).items():
                checked, found = check_remote(
                    project,
                    objects,
                    name,
                    some,
                    push=push,
                    read_bytes=request.read_bytes,
                    progress=progress,
                )
                remotes.append(checked)
                findings += found
    return Verification(
        mergegate=__version__,
        revision=head.revision,
        base=base,
        stages=len(head.pipeline.stages),
        tracked=len(head.pipeline.tracked),
        objects=len({each.name.md5 for each in wanted}),
        remotes=tuple(remotes),
        findings=tuple(sorted(findings, key=lambda each: not each.blocking)),
        notes=tuple(_notes(asks=asks, anything=bool(wanted))),
    )


def open_revision(stack: ExitStack, project: repo.Project, name: str) -> Reading:
    """Read a revision, or the workspace; its files close with the stack."""
    files: repo.Snapshot
    if name == WORKSPACE:
        revision = repo.workspace_revision(project)
        files = stack.enter_context(repo.open_workspace(project))
    else:
        revision = repo.resolve(project, name)
        files = stack.enter_context(repo.open_commit(project, revision))
    return Reading("head", revision, files, dag.read(files, at=name_in_errors(revision)))


def _check_chain(objects: repo.Objects, head: Reading, *, fetches: bool) -> Iterator[LockFinding]:
    """The lock chain; without the remote a list that is not at hand is told to be unchecked, and no more."""

    def tree(name: ObjectHash) -> Mapping[str, str]:
        if fetches:
            objects.fetch([name])
        return objects.tree(name)

    for found in dag.chain(head.pipeline, head.files, "head", tree=tree, at=head.at):
        if found.kind == "unchecked" and found.blocking and not fetches:
            yield LockFinding(
                side=found.side,
                kind=found.kind,
                stage=found.stage,
                path=found.path,
                message=f"{found.stage}: {found.path} was not checked: the list of its folder is not here",
                mend="mergegate verify --remote",
                blocking=False,
            )
        else:
            yield found


def _check_origins(head: Reading, sources: Mapping[str, str], settings: Settings) -> Iterator[VerifyFinding]:
    """Data that only another repository holds, and data without a version on a remote that keeps versions."""
    paths = {entry.file: entry.path for entry in head.pipeline.tracked}
    for file, url in sources.items():
        at, path = shlex.quote(file), shlex.quote(paths[file])
        yield find(
            "imported",
            f"{paths[file]} comes from the repository {url[:200]}, and DVC never pushes it",
            f"dvc pull {at} && dvc remove {at} && dvc add {path} && mergegate push",
            blocking=False,
            path=paths[file],
        )

    def keeps_versions(remote: str) -> str:
        name = (remote or settings.default).lower()
        return name if name in settings.versioned else ""

    for each in find_unversioned(head.files, head.pipeline, keeps_versions, at=head.at):
        yield find(
            "unversioned",
            f"{each.file} names no version of {each.path} on remote {each.remote}",
            f"dvc push --remote {shlex.quote(each.remote)} && git commit --all -m 'Name what was pushed'",
            path=each.path,
            remote=each.remote,
        )


def _check_unpushed(head: Reading) -> Iterator[VerifyFinding]:
    """Outputs that are never pushed and that other stages read."""
    read = {dep: stage.address for stage in head.pipeline.stages for dep in stage.deps}
    for stage in head.pipeline.stages:
        for out in stage.outs:
            if not out.cached or out.pushed:
                continue
            reader = next(
                (by for dep, by in read.items() if dep == out.path or dep.startswith(f"{out.path}/")), None
            )
            if reader is not None:
                yield find(
                    "push-false",
                    f"{out.path} has `push: false`, and {reader} reads it",
                    f"take `push: false` from {out.path} in {stage.file}",
                    blocking=False,
                    stage=stage.address,
                    path=out.path,
                )


def _notes(*, asks: bool, anything: bool) -> Iterator[str]:
    if anything and not asks:
        yield "No remote was asked: `mergegate verify --remote` looks for every object."
