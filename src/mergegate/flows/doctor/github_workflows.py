"""The workflows of the default branch as GitHub has them, and the environments that their jobs name."""

from mergegate.doctor import workflow
from mergegate.doctor.check import Unseen
from mergegate.doctor.on_github.facts import Environment, Hosted
from mergegate.doctor.workflow_text import WorkflowError
from mergegate.errors import ForgeError, UsageError
from mergegate.flows.doctor.github_files import FOLDER, first
from mergegate.forge.names import shown
from mergegate.forge.survey import Survey

MOST_FILES = 100
"""Workflows that are read."""

MOST_ENVIRONMENTS = 20
"""Environments that are looked at."""


def read_hosted(survey: Survey, default: str) -> tuple[Hosted, ...]:
    """The workflows. Raises ForgeError where they can't be listed."""
    states = {each.path: each.state for each in survey.workflows()}
    paths = [path for path in survey.list_files(FOLDER, default) if path.endswith((".yml", ".yaml"))]
    found = [_read(survey, path, default, states.get(path)) for path in sorted(paths, key=first)[:MOST_FILES]]
    if len(paths) > MOST_FILES:
        more = f"only {MOST_FILES} of {len(paths):,} workflows were looked at"
        found.append(Hosted(path=FOLDER, workflow=None, problem=more))
    return tuple(found)


def read_environments(survey: Survey, workflows: tuple[Hosted, ...] | Unseen) -> tuple[Environment, ...]:
    """The environments that there are, and those that jobs name, unless that is only known when they run.

    Raises ForgeError, and UsageError where the workflows could not be read, or there are too many.
    """
    if isinstance(workflows, Unseen):
        raise UsageError(workflows.why)
    named = {job.environment for each in workflows for job in each.jobs if job.environment}
    listed = {name.casefold(): name for name in survey.environments()}
    # GitHub takes two names for one that differ in their case alone.
    missing = {name for name in named if "${{" not in name and name.casefold() not in listed}
    names = sorted((*listed.values(), *missing))
    if len(names) > MOST_ENVIRONMENTS:
        raise UsageError(f"there are {len(names):,} environments, more than are looked at")
    return tuple(_environment(survey, name) for name in names)


def _read(survey: Survey, path: str, default: str, state: str | None) -> Hosted:
    try:
        text = (survey.read_file(path, default) or b"").decode()
        return Hosted(path=shown(path), workflow=workflow.read(text), state=state)
    except UnicodeDecodeError:
        problem = "it is not UTF-8"
    except (WorkflowError, ForgeError) as error:
        problem = str(error)
    return Hosted(
        path=shown(path), workflow=None, state=state, problem=f"{shown(path)} was not read: {problem}"
    )


def _environment(survey: Survey, name: str) -> Environment:
    found = survey.environment(name)
    if found is None:
        return Environment(name=shown(name), exists=False)
    limit = found.deployment_branch_policy
    chosen = limit is not None and limit.custom_branch_policies
    protected = limit is not None and limit.protected_branches
    policies = survey.branch_policies(name) if chosen else ()
    return Environment(
        name=shown(name),
        exists=True,
        limit="protected" if protected else "chosen" if chosen else "none",
        patterns=tuple((shown(each.name), shown(each.type, 20)) for each in policies),
        reviewers=found.reviewers,
        secrets=survey.environment_secrets(name),
    )
