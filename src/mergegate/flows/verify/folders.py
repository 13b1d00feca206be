"""Data folders on disk, and links that DVC would follow: what a list of files can't say by itself."""

import os
import shlex
from collections.abc import Iterator

from mergegate import repo
from mergegate.amounts import amount
from mergegate.dag.ignore import Ignore
from mergegate.dag.paths import ancestors, is_external
from mergegate.errors import ObjectError
from mergegate.flows.evidence import Reading
from mergegate.flows.locks import check_unadded
from mergegate.flows.verify.findings import find, from_lock, name_some
from mergegate.records.verify import VerifyFinding
from mergegate.repo.links import find_links

MOST_FILES = 1_000_000
"""Files of one folder on disk that are looked at."""


def check_folders(project: repo.Project, objects: repo.Objects, head: Reading) -> Iterator[VerifyFinding]:
    """Links on the way to data; in a workspace also what its data folders hold beyond their lists."""
    yield from _check_links(project, head)
    if not head.revision.workspace:
        return
    yield from from_lock(check_unadded(project, head), head.pipeline)
    ignore = Ignore(head.files)
    for entry in head.pipeline.tracked:
        if entry.hash is None or not entry.hash.is_dir or is_external(entry.path):
            continue
        try:
            listed = objects.tree(entry.hash)
        except ObjectError:
            listed = {}
        linked, hidden = _walk(project, entry.path, ignore)
        linked = [name for name in linked if not any(path.startswith(f"{name}/") for path in listed)]
        if linked:
            yield find(
                "linked-folder",
                f"{entry.path} holds links to folders, whose files {entry.file} does not have: "
                + name_some(linked),
                f"replace each link by the folder itself, then `dvc add {shlex.quote(entry.path)}`",
                path=entry.path,
            )
        if hidden:
            yield find(
                "ignored-file",
                f"{entry.path} holds {amount(len(hidden), 'file')} that .dvcignore hides: "
                f"{name_some(hidden)}",
                f"delete them, or take the line out of .dvcignore and `dvc add {shlex.quote(entry.path)}`",
                blocking=False,
                path=entry.path,
            )


def _check_links(project: repo.Project, head: Reading) -> Iterator[VerifyFinding]:
    """Outputs and tracked data that lie behind a symbolic link of the revision, or are one."""
    links = find_links(project, head.revision, head.files)
    if not links:
        return
    places = [(entry.path, entry.file, "") for entry in head.pipeline.tracked]
    places += [
        (out.path, stage.file, stage.address)
        for stage in head.pipeline.stages
        for out in stage.outs
        if out.cached
    ]
    for path, file, stage in places:
        link = next((place for place in (path, *ancestors(path)) if place in links), None)
        if link is not None:
            yield find(
                "link-on-the-way",
                f"{path}, which {file} names, lies behind the symbolic link {link}",
                f"git rm {shlex.quote(link)}",
                stage=stage,
                path=path,
            )


def _walk(project: repo.Project, folder: str, ignore: Ignore) -> tuple[list[str], list[str]]:
    """Links to folders, and files that .dvcignore hides, in a folder on disk; sorted, links not followed."""
    top = project.root / folder
    linked: list[str] = []
    hidden: list[str] = []
    seen = 0
    for place, folders, files in os.walk(top):
        inner = os.path.relpath(place, top).replace(os.sep, "/")
        start = "" if inner == "." else f"{inner}/"
        linked += [f"{start}{name}" for name in folders if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118
        hidden += [f"{start}{name}" for name in files if ignore.hides(f"{folder}/{start}{name}")]
        seen += len(files)
        if seen > MOST_FILES:
            break
    return sorted(linked), sorted(hidden)
