"""What this clone shows: each part of the facts by itself, so that what can't be read hides nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from msgspec.structs import replace

from mergegate import config, provenance, repo
from mergegate.config.policy import POLICY_FILE
from mergegate.config.problem import PolicyError
from mergegate.doctor.check import Unseen
from mergegate.doctor.facts import Facts, Measured, Place, Policies, PolicyFile
from mergegate.errors import ConfigError, MergegateError
from mergegate.flows.doctor.clone import read_clone, read_driver, read_hook
from mergegate.flows.doctor.data import ask_remotes, read_lock
from mergegate.flows.doctor.dvc_settings import read_dvc_settings
from mergegate.flows.doctor.github_files import find_elsewhere, read_owners, read_workflows
from mergegate.flows.doctor.measuring import measure
from mergegate.flows.doctor.tools import read_tools
from mergegate.records.review import Revision
from mergegate.repo import git

Part = TypeVar("Part")


def gather(project: repo.Project, *, tell: Callable[[str], None] = lambda step: None) -> Facts:
    """Gather everything that the local checks look at. Raises only where git itself fails."""
    default = repo.find_default_branch(project)
    policies = attempt(lambda: _policies(project, default))
    asked = attempt(lambda: ask_remotes(project))
    tell("looking at this clone")
    facts = Facts(
        place=_place(project, default),
        tools=attempt(lambda: read_tools(project)),
        policies=policies,
        workflows=attempt(lambda: read_workflows(project, default)),
        owners=attempt(lambda: read_owners(project, default)),
        branches=attempt(lambda: _branches(project)),
        measured=_measure(project, policies, default),
        settings=attempt(lambda: read_dvc_settings(project)),
        driver=attempt(lambda: read_driver(project)),
        hook=attempt(lambda: read_hook(project)),
        clone=attempt(lambda: read_clone(project)),
        lock=attempt(lambda: read_lock(project)),
        presence=Unseen("it was not waited for"),
        today=datetime.now(UTC).date(),
        commit=provenance.commit(),
    )
    tell("asking the DVC remote")
    return replace(facts, presence=asked if isinstance(asked, Unseen) else attempt(asked))


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
        elsewhere=find_elsewhere(project),
    )


def _branches(project: repo.Project) -> tuple[str, ...]:
    """origin's branches, as last fetched."""
    start = "refs/remotes/origin/"
    told = git.run(project.git_root, "for-each-ref", "--format=%(refname)", start)
    names = [line.removeprefix(start) for line in told.decode(errors="replace").splitlines()]
    return tuple(name for name in names if name != "HEAD")


def _measure(
    project: repo.Project, policies: Policies | Unseen, default: Revision | None
) -> Measured | Unseen:
    """What the models have now by which the policy that judges was written."""
    if isinstance(policies, Unseen):
        return policies
    policy = policies.judges.policy
    if policy is None:
        return Unseen("there is no valid policy to look at")
    at = default if policies.judges.at else None
    revision = at or repo.workspace_revision(project)
    return attempt(lambda: measure(project, policy, revision))


def _policies(project: repo.Project, default: Revision | None) -> Policies:
    with repo.open_workspace(project) as files:
        here = load_policy(files.read(POLICY_FILE), "")
    if default is None:
        return Policies(here)
    return Policies(here, load_policy(repo.read_at(project, default, POLICY_FILE), default.name))


def load_policy(data: bytes | None, at: str) -> PolicyFile:
    """A policy's text as the checks look at it; `at` names its revision."""
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
