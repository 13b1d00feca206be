"""`mergegate push`: send what a revision names and its remotes lack, and believe only what is seen there."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import msgspec

from mergegate import __version__, repo
from mergegate.dag.origins import find_sources
from mergegate.errors import RemoteError
from mergegate.flows.verify.verifying import WORKSPACE, open_revision
from mergegate.flows.verify.wanted import Wanted, by_remote, list_wanted
from mergegate.records.verify import Lacking, PushAnswer
from mergegate.repo.objects import location
from mergegate.repo.remote import KeepsVersionsError
from mergegate.repo.upload import Unpushed, push_objects

MOST_PATHS = 5
"""Paths that are named for one object."""


class Request(msgspec.Struct, frozen=True):
    """What to push: all that `revision`, or the `workspace`, names.

    `to` names a remote that is sent everything, whatever remote an output names; `read_bytes` also reads what
    is there, and replaces what has other bytes.
    """

    start: Path
    revision: str = WORKSPACE
    to: str = ""
    read_bytes: bool = False


def push(request: Request, *, progress: Callable[[str], None] = lambda step: None) -> PushAnswer:
    """Push one revision's objects.

    Nothing is checked out or committed. Raises UsageError and ConfigError as `verify` does, ObjectError for
    no remote, RemoteError for one that can't be read at all; what single objects lack is in the answer.
    """
    project = repo.locate(request.start)
    with ExitStack() as stack:
        progress("reading the revision")
        head = open_revision(stack, project, request.revision)
        sources = find_sources(head.files, head.pipeline, at=head.at)
        wanted = list_wanted(head.pipeline, sources)
    sent = sent_bytes = present = 0
    remotes: list[str] = []
    lacking: list[Lacking] = []
    for name, some in by_remote(wanted).items():
        try:
            pushed = push_objects(
                project,
                [each.name for each in some],
                remote=request.to or name,
                read_bytes=request.read_bytes,
                progress=progress,
            )
        except KeepsVersionsError as error:
            raise RemoteError(
                error.message, hint=f"such a remote needs `dvc push --remote {name or 'NAME'}`"
            ) from error
        sent += len(pushed.sent)
        sent_bytes += pushed.bytes_sent
        present += pushed.present
        remotes.append(pushed.where)
        lacking += (_lack(repo.Objects(project), each, some, pushed.where) for each in pushed.failed)
    return PushAnswer(
        mergegate=__version__,
        revision=head.revision,
        remotes=tuple(dict.fromkeys(remotes)),
        sent=sent,
        bytes_sent=sent_bytes,
        present=present,
        lacking=tuple(lacking),
        notes=tuple(
            f"{file} was left out: DVC takes its data from {url[:200]}" for file, url in sources.items()
        ),
    )


def _lack(objects: repo.Objects, failed: Unpushed, wanted: Iterable[Wanted], where: str) -> Lacking:
    """What is lacking, with the paths that need it."""
    place = location(failed.name)
    paths: list[str] = []
    for each in wanted:
        if location(each.name) == place:
            paths.append(each.path)
        elif each.name.is_dir and (each.name.files or objects.have(each.name)) and not failed.name.is_dir:
            listed = objects.tree(each.name).items()
            paths += [f"{each.path}/{path}" for path, md5 in listed if md5 == failed.name.md5]
        if len(paths) >= MOST_PATHS:
            break
    return Lacking(
        md5=failed.name.md5,
        reason=failed.reason,
        message=failed.message,
        remote=where,
        paths=tuple(paths[:MOST_PATHS]),
    )
