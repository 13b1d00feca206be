"""The project as `mergegate golden` sees it: the workspace, its own policy, the model that is meant."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from mergegate import config, dag, repo
from mergegate.config.policy import POLICY_FILE, Model, Policy
from mergegate.errors import ConfigError, UsageError
from mergegate.flows.evidence import Reading, name_in_errors
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import Problem


class Desk(msgspec.Struct, frozen=True):
    """What is at hand: `head` is the workspace, `base` where it left the baseline, None where unknown."""

    project: repo.Project
    policy: Policy
    head: Reading
    base: Reading | None
    objects: repo.Objects


@contextmanager
def open_desk(start: Path) -> Iterator[Desk]:
    """Open the project around `start`. Raises UsageError outside one, ConfigError for a wrong policy."""
    project = repo.locate(start)
    policy = config.read(project.root / POLICY_FILE)
    with ExitStack() as stack:
        files = stack.enter_context(repo.open_workspace(project))
        head = Reading("head", repo.workspace_revision(project), files, dag.read(files, at=""))
        yield Desk(project, policy, head, _open_base(stack, project, policy, head), repo.Objects(project))


def choose_models(policy: Policy, name: str | None) -> dict[str, Model]:
    """The model of that name, or all. Raises UsageError for a name that the policy does not have."""
    if name is None:
        return policy.models
    if name not in policy.models:
        known = ", ".join(policy.models) or "none"
        raise UsageError(f"the policy has no model {name}", hint=f"it has {known}")
    return {name: policy.models[name]}


def _open_base(stack: ExitStack, project: repo.Project, policy: Policy, head: Reading) -> Reading | None:
    """Where the workspace left the baseline; None without such a branch or a commit."""
    target = repo.find_branch(project, policy.baseline)
    if target is None or head.revision.sha is None:
        return None
    try:
        revision = repo.resolve(project, repo.merge_base(project, target, head.revision))
    except UsageError:  # no commit in common, or a shallow clone
        return None
    if revision.sha == target.sha:
        revision = target
    files = stack.enter_context(repo.open_commit(project, revision))
    try:
        return Reading("base", revision, files, dag.read(files, at=name_in_errors(revision)))
    except ConfigError as error:
        problem = Problem(side="base", path=error.file, message=error.message, hint=error.hint)
        return Reading("base", revision, files, Pipeline(), problems=(problem,))
