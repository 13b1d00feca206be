"""Would a job's own check stand in for the status?"""

from collections.abc import Iterator

from mergegate.doctor.check import BlindError, Unseen, seen
from mergegate.doctor.on_github.facts import STATUS, GitHubFacts
from mergegate.doctor.on_github.guarding import requiring
from mergegate.doctor.on_github.status_source import pinned_apps
from mergegate.doctor.on_github.who import may_write
from mergegate.records.doctor import Ailment

LOOKS_FOR = f"jobs called `{STATUS}`, whose green is taken for the status where no App is expected to set it"
FINDS_HOLES = True

CHECK = "namesakes"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Name the jobs of the default branch that are called as the status is."""
    workflows = seen(facts.workflows)
    if _is_pinned(facts):
        return
    for workflow in workflows:
        for job in workflow.jobs:
            # A matrix adds its values to the name.
            if job.name.strip().casefold() == STATUS and not job.matrix:
                yield Ailment(
                    check=CHECK,
                    level="hole",
                    what=f"the job {job.key} of {workflow.file} bears the required status's name, `{STATUS}`",
                    why="where no review sets the status, that job's green stands for it",
                    mend="give the job another `name:`",
                    where=workflow.path,
                    by=may_write(facts),
                )
    if problems := [each.problem for each in workflows if each.problem]:
        raise BlindError("; ".join(problems))


def _is_pinned(facts: GitHubFacts) -> bool:
    """Whether each branch that requires the status takes it from an App alone."""
    guards = [each.guards for each in seen(facts.branches)]
    known = [requiring(each) for each in guards if not isinstance(each, Unseen)]
    return len(known) == len(guards) and all(pinned_apps(facts, each) for each in known if each)
