"""What the workspace's DVC files say of each other, and what the remotes say of their objects."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace

from mergegate import repo
from mergegate.config.loader import named
from mergegate.dag.origins import find_sources
from mergegate.doctor.facts import Lock, Presence
from mergegate.errors import ConfigError
from mergegate.flows.doctor import waiting
from mergegate.flows.verify.presence import check_remote
from mergegate.flows.verify.verifying import WORKSPACE, Request, open_revision, verify
from mergegate.flows.verify.wanted import Wanted, by_remote, list_wanted
from mergegate.repo import git
from mergegate.repo.settings import read_settings

MOST_OBJECTS = 20_000
"""Objects that the remotes are asked for on a visit."""

PATIENCE = 15.0
"""Seconds that the remotes have to answer."""

ASK = "mergegate verify --remote"


def read_lock(project: repo.Project) -> Lock:
    """What `mergegate verify` finds without asking a remote."""
    try:
        found = verify(Request(project.root, WORKSPACE))
    except ConfigError as error:
        return Lock(problem=error.message, hint=error.hint)
    return Lock(found.findings, found.stages, found.tracked)


def ask_remotes(project: repo.Project) -> Callable[[], Presence]:
    """Begin to look for every object on the remote that should hold it; the answer is what is called for it.

    Within bounds of number and time: a client that waits for a network that is not there is left behind.
    """
    with ExitStack() as stack:
        head = open_revision(stack, project, WORKSPACE)
        wanted = list_wanted(head.pipeline, find_sources(head.files, head.pipeline, at=head.at))
    outside = _find_outside(project)
    files = sum((each.name.nfiles or 0) + 1 for each in wanted)
    if files > MOST_OBJECTS:
        many = Presence(
            wanted=files, slow=f"there are {files:,} objects to look for; next: {ASK}", outside=outside
        )
        return lambda: many
    answer = begin(lambda: _ask(project, wanted, files), files)
    return lambda: replace(answer(), outside=outside)


def _find_outside(project: repo.Project) -> tuple[str, str] | None:
    """The default remote, where it is a folder outside of a repository that others have too."""
    if project.dvc_root is None or not git.ask(project.git_root, "remote"):
        return None
    settings = read_settings(project.dvc_root / ".dvc")
    url = settings.remotes.get(settings.default, "")
    if not url or "://" in url or Path(url).is_relative_to(project.git_root):
        return None
    return settings.default, named(Path(url))


def _ask(project: repo.Project, wanted: tuple[Wanted, ...], files: int) -> Presence:
    objects = repo.Objects(project)
    remotes, findings = [], []
    for name, some in by_remote(wanted).items():
        checked, found = check_remote(
            project, objects, name, some, push="mergegate push", read_bytes=False, progress=lambda step: None
        )
        remotes.append(checked)
        findings += found
    return Presence(tuple(remotes), tuple(findings), files)


def begin(ask: Callable[[], Presence], files: int, patience: float = PATIENCE) -> Callable[[], Presence]:
    """Ask in the background; what is called for the answer waits until `patience` seconds have passed."""
    asked = waiting.begin(ask, patience)

    def wait() -> Presence:
        try:
            return asked()
        except waiting.LateError:
            said = f"the remote did not answer within {patience:g} s; next: {ASK}"
            return Presence(wanted=files, slow=said)

    return wait
