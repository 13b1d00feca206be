"""What this clone shows: each part of the facts by itself, so that what can't be read hides nothing else."""

from collections.abc import Callable
from typing import TypeVar

from mergegate import config, repo
from mergegate.config.policy import POLICY_FILE
from mergegate.config.problem import PolicyError
from mergegate.doctor.check import Unseen
from mergegate.doctor.facts import Facts, Place, Policies, PolicyFile
from mergegate.errors import ConfigError, MergegateError
from mergegate.flows.doctor.tools import read_tools
from mergegate.records.review import Revision

Part = TypeVar("Part")


def gather(project: repo.Project, *, tell: Callable[[str], None] = lambda step: None) -> Facts:
    """Gather everything that the local checks look at."""
    tell("looking at this clone")
    default = repo.find_default_branch(project)
    return Facts(
        place=_place(project, default),
        tools=attempt(lambda: read_tools(project)),
        policies=attempt(lambda: _policies(project, default)),
    )


def attempt(gather: Callable[[], Part]) -> Part | Unseen:
    """A part of the facts, or why it could not be gathered."""
    try:
        return gather()
    except MergegateError as error:
        return Unseen(error.message + (f"; next: {error.hint}" if error.hint else ""))
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return Unseen(f"{error.strerror or error}{where}")


def _place(project: repo.Project, default: Revision | None) -> Place:
    return Place(
        root=str(project.root),
        git_root=str(project.git_root),
        prefix=project.prefix,
        default=default.name if default else None,
        committed=repo.workspace_revision(project).sha is not None,
        dvc=project.dvc_root is not None,
    )


def _policies(project: repo.Project, default: Revision | None) -> Policies:
    with repo.open_workspace(project) as files:
        here = _load(files.read(POLICY_FILE), "")
    if default is None:
        return Policies(here)
    return Policies(here, _load(repo.read_at(project, default, POLICY_FILE), default.name))


def _load(data: bytes | None, at: str) -> PolicyFile:
    if data is None:
        return PolicyFile(at, present=False)
    try:
        return PolicyFile(at, present=True, policy=config.load(data, file=POLICY_FILE))
    except PolicyError as error:
        first = error.problems[0]
        line = ConfigError(first.message, file=first.file, key=first.key, line=first.line)
        return PolicyFile(at, present=True, problem=line.message, problems=len(error.problems))
    except ConfigError as error:
        return PolicyFile(at, present=True, problem=error.message, problems=1)
