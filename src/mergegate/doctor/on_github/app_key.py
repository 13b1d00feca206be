"""Can a workflow of any branch read the key of the App that sets the status?"""

import re
from collections.abc import Container, Iterator

from mergegate.doctor.check import BlindError, Unseen, seen
from mergegate.doctor.on_github.facts import STATUS, Environment, GitHubFacts, Hosted
from mergegate.doctor.on_github.guarding import requiring
from mergegate.doctor.on_github.status_source import HOW, pinned_apps
from mergegate.doctor.on_github.who import may_write
from mergegate.doctor.workflow import ALL, Job, secrets_in
from mergegate.records.doctor import Ailment

LOOKS_FOR = "the App's key in an environment that only the default branch may use, and nowhere else"
FINDS_HOLES = True

CHECK = "app-key"

SETTING = frozenset({"pending", "post", "conflicts", "status"})
"""What mergegate runs in the jobs that set the status."""

_KEYS = re.compile(r"key|token|pem", re.IGNORECASE)
"""Names of the inputs by which an action is given a key; the App's number is none."""

_FORGE = f"with the key a workflow on any branch is the App, and its `{STATUS}` counts"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say where the key lies open; nothing where the status is not pinned to an App."""
    branches = [each.guards for each in seen(facts.branches) if not isinstance(each.guards, Unseen)]
    if not any(pinned_apps(facts, requiring(guards)) for guards in branches):
        return
    workflows = seen(facts.workflows)
    # Whatever the job is given that sets the status is the key, or as good as one.
    keys = {key for each in workflows for job in each.jobs if job.kind == "trusted" for key in _keys(job)}
    blind = [each.problem for each in workflows if each.problem]
    if not any(job.runs & SETTING for each in workflows for job in each.jobs):
        blind.append("which job sets the status, and with which key, is in no workflow that was understood")
    yield from _find_powerless(workflows)
    found: dict[Ailment, None] = {}
    for workflow, job in ((each, job) for each in workflows for job in each.jobs if _takes(job, keys)):
        try:
            found |= dict.fromkeys(look(facts, workflow, job))
        except BlindError as error:
            blind.append(str(error))
    yield from found
    if keys:
        yield from _find_copies(facts, keys, found)
    for key in sorted(keys & set(seen(facts.secrets))):
        yield _shared(facts, key)
    if blind:
        raise BlindError("; ".join(dict.fromkeys(blind)))


def _keys(job: Job) -> frozenset[str]:
    """What a trusted job is given that lets it set the status: an App's key, or a token.

    Where no input is known to be either, everything that it is given.
    """
    asking = [step for step in job.steps if "app-token" in step.action or step.does]
    known = {
        name
        for step in asking
        for place, value in step.given.items()
        if _KEYS.search(place)
        for name in secrets_in(value)
    }
    return frozenset(known or job.secrets)


def _takes(job: Job, keys: set[str]) -> bool:
    return bool(keys & set(job.secrets)) or (bool(job.environment) and bool(keys) and ALL in job.secrets)


def _find_powerless(workflows: tuple[Hosted, ...]) -> Iterator[Ailment]:
    """Jobs that set the status with their own token, which is GitHub Actions'."""
    lacking = [
        (each.path, f"{job.key} of {each.file}")
        for each in workflows
        for job in each.jobs
        if job.runs & SETTING and not job.secrets
    ]
    if lacking:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"`{STATUS}` is expected from an App, whose token these jobs are not given: "
            f"{', '.join(place for _, place in lacking)}",
            why="what they set is GitHub Actions', does not count, and leaves the change waiting",
            mend=f"give them the App's token ({HOW})",
            where=lacking[0][0],
        )


def _shared(facts: GitHubFacts, key: str) -> Ailment:
    return Ailment(
        check=CHECK,
        level="hole",
        what=f"the App's key {key} is a secret of the whole repository",
        why=_FORGE,
        mend=f"keep it in the environment alone: gh secret delete {key} --repo {facts.repository} (or --org, "
        "where it is the organisation's)",
        where=key,
        by=may_write(facts),
    )


def look(facts: GitHubFacts, workflow: Hosted, job: Job) -> Iterator[Ailment]:
    """Whether a job that takes the key does so where nobody else can. Raises BlindError."""
    place = f"the job {job.key} of {workflow.file}"
    if "${{" in job.environment:
        raise BlindError(f"which environment {place} uses is only known when it runs")
    found = _find(facts, job.environment)
    if found is None:
        named = f" {job.environment!r} that exists" if job.environment else ""
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"{place} takes the App's key, and uses no environment{named}",
            why=f"a secret outside of a limited environment is any workflow's; {_FORGE}",
            mend=f"make an environment, limit it to {facts.default_branch}, keep the key there alone, "
            f"and name it in {place} ({HOW})",
            where=workflow.path,
            by=may_write(facts),
        )
        return
    yield from _look_into(facts, found)


def _find_copies(facts: GitHubFacts, keys: set[str], known: Container[Ailment]) -> Iterator[Ailment]:
    """Environments that have the key as well, though no job of the default branch takes it there."""
    for environment in seen(facts.environments):
        if keys & set(environment.secrets):
            yield from (each for each in _look_into(facts, environment) if each not in known)


def _look_into(facts: GitHubFacts, found: Environment) -> Iterator[Ailment]:
    """Whether an environment that has the key lets others in than the default branch."""
    if open_to := _open_to(facts, found):
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"the environment {found.name!r} is for the App's key, and open to {open_to}",
            why=_FORGE,
            mend=f"Settings → Environments → {found.name} → Deployment branches and tags → Selected: only "
            f"the branch {facts.default_branch}",
            where=found.name,
            by=may_write(facts),
        )


def _find(facts: GitHubFacts, name: str) -> Environment | None:
    if not name:
        return None
    # GitHub takes two names for one that differ in their case alone.
    found = (each for each in seen(facts.environments) if each.name.casefold() == name.casefold())
    return next((each for each in found if each.exists), None)


def _open_to(facts: GitHubFacts, found: Environment) -> str:
    """Whom an environment lets in besides the default branch, in words; "" for nobody."""
    if found.limit == "none":
        return "every branch"
    if found.limit == "protected":
        # Those with a classic protection; where there is none in the repository, GitHub takes every branch.
        return "every branch that has a protection"
    others = [
        f"the {kind} {name}"
        for name, kind in found.patterns
        if (name, kind) != (facts.default_branch, "branch")
    ]
    return ", ".join(others)
