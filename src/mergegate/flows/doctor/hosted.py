"""What GitHub has counts, and not what this clone last fetched: the local checks are made on that."""

from collections.abc import Iterator

from msgspec.structs import replace

from mergegate.doctor import advisory, policy, strength
from mergegate.doctor.check import Examination, Unseen, examine
from mergegate.doctor.facts import Facts, Policies, PolicyFile, WorkflowFile, Workflows
from mergegate.doctor.on_github.facts import GitHubFacts, Hosted

_READING = {"contents": "read", "packages": "read"}
"""What a job's token may that declares nothing, where the repository's default is to read."""


def as_hosted(facts: Facts, found: GitHubFacts) -> Facts:
    """The facts of a clone, where GitHub's default branch has other workflows or another policy."""
    at = f"{found.default_branch} on GitHub"
    if facts.place.branch != found.default_branch:
        facts = replace(facts, place=replace(facts.place, default=f"origin/{found.default_branch}"))
    if not isinstance(found.workflows, Unseen) and not _same(facts.workflows, found.workflows):
        # What this clone's workspace has is then of another time, or of another repository.
        facts = replace(facts, workflows=Workflows((), tuple(_files(found.workflows, at))))
    if not isinstance(found.tokens, Unseen) and found.tokens.default == "read":
        facts = replace(facts, workflows=_by_default(facts.workflows))
    judges = found.judges
    if not isinstance(judges, Unseen) and not _judged_by(facts.policies, judges):
        stale = Unseen("the policy on GitHub is not the one that this clone has: git fetch")
        here = PolicyFile("", present=True, policy=judges.policy) if judges.present else judges
        facts = replace(facts, policies=Policies(here, judges), measured=stale)
    return facts


def _by_default(workflows: Workflows | Unseen) -> Workflows | Unseen:
    """The workflows with what GitHub gives to those of them that declare nothing."""
    if isinstance(workflows, Unseen) or not any(_is_silent(each) for each in workflows.files):
        return workflows
    here, target = workflows.here, workflows.target
    return Workflows(tuple(map(_declare, here)), None if target is None else tuple(map(_declare, target)))


def _is_silent(file: WorkflowFile) -> bool:
    return file.workflow is not None and file.workflow.permissions is None


def _declare(file: WorkflowFile) -> WorkflowFile:
    if file.workflow is None or not _is_silent(file):
        return file
    return replace(file, workflow=replace(file.workflow, permissions=_READING))


def examine_branches(facts: Facts, found: GitHubFacts) -> list[Examination]:
    """What ails the policies that protected branches have of their own, by which they are judged."""
    if isinstance(found.branches, Unseen):
        return []
    return [_examine(facts, branch.policy) for branch in found.branches if branch.policy is not None]


def _examine(facts: Facts, own: PolicyFile | Unseen) -> Examination:
    policies = own if isinstance(own, Unseen) else Policies(own, own)
    examined = examine((policy, advisory, strength), replace(facts, policies=policies))
    # The checks themselves are told once, of the default branch.
    return replace(examined, checks=())


def _files(hosted: tuple[Hosted, ...], at: str) -> Iterator[WorkflowFile]:
    for each in hosted:
        if each.path.endswith((".yml", ".yaml")):
            yield WorkflowFile(each.path, at, each.workflow, each.problem)


def _same(here: Workflows | Unseen, hosted: tuple[Hosted, ...]) -> bool:
    """Whether the default branch as this clone knows it has the workflows that GitHub has."""
    if isinstance(here, Unseen):
        return False
    known = here.here if here.target is None else here.target
    return {each.path: each.workflow for each in known} == {each.path: each.workflow for each in hosted}


def _judged_by(here: Policies | Unseen, judges: PolicyFile) -> bool:
    if isinstance(here, Unseen):
        return False
    known = here.target or here.here
    return (known.present, known.policy) == (judges.present, judges.policy)
