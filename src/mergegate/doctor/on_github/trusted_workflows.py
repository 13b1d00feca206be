"""Are the workflows that review and judge on the default branch, and switched on?"""

from collections.abc import Iterator

from mergegate.doctor.check import BlindError, seen
from mergegate.doctor.on_github.facts import GitHubFacts, Hosted
from mergegate.records.doctor import Ailment

LOOKS_FOR = "review.yml and comment.yml on the default branch, switched on"
FINDS_HOLES = False

CHECK = "trusted-workflows"

_DOES = {
    "review.yml": "no change is reviewed",
    "comment.yml": "nothing judges and sets the status; GitHub takes it from the default branch alone",
}


def _judges(hosted: Hosted) -> bool:
    """Whether a workflow judges what review.yml uploaded."""
    follows = hosted.workflow is not None and "workflow_run" in hosted.workflow.on
    return follows and any("judge" in job.runs for job in hosted.jobs)


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Say which of them is missing, off, or no YAML."""
    found = {each.path: each for each in seen(facts.workflows)}
    blind = ""
    for name, why in _DOES.items():
        path = f".github/workflows/{name}"
        workflow = found.get(path)
        if workflow is None and name == "comment.yml":
            # A run is known by the path of review.yml; the other file may be called anything.
            workflow = next((each for each in found.values() if _judges(each)), None)
        if workflow is None:
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"{path} is not on {facts.default_branch}",
                why=why,
                mend=f"mergegate init writes it; merge it into {facts.default_branch}",
                where=path,
            )
        elif workflow.problem:
            blind = workflow.problem
        elif workflow.state is not None and workflow.state != "active":
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"{workflow.file} is switched off ({workflow.state.replace('_', ' ')})",
                why=why,
                mend=f"gh workflow enable {workflow.file} --repo {facts.repository}",
                where=workflow.path,
            )
    if blind:
        raise BlindError(blind)
