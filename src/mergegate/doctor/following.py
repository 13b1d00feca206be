"""Does the workflow that judges follow each run of the one that reviews, and do both look at this project?"""

import posixpath
from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts, WorkflowFile
from mergegate.doctor.workflow import Workflow
from mergegate.doctor.workflows import ANYONE, find_pair
from mergegate.records.doctor import Ailment

LOOKS_FOR = "runs of review.yml that nothing judges, and a project that neither workflow looks at"
FINDS_HOLES = True

CHECK = "following"


def check(facts: Facts) -> Iterator[Ailment]:
    """Whether the one starts the other, at its beginning and its end, whatever the branch is called."""
    reviewing, judging = find_pair(seen(facts.workflows))
    if reviewing is None or judging is None:
        return
    (file, review), (follower, judge) = reviewing, judging
    for each, workflow, run in ((file, review, "review"), (follower, judge, "judge")):
        yield from _check_project(each, workflow, run, facts.place.prefix)
    filters = judge.on["workflow_run"]
    names = filters.get("workflows", ())
    called = review.name or file.path
    if called not in names:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{follower.where} waits for {', '.join(names) or 'no workflow'}, and {file.name} is "
            f"called {called}",
            why="it never starts, so the status never comes",
            mend=f"write `name: {names[0] if names else 'review'}` into {file.path}",
            where=follower.where,
        )
    types = filters.get("types", ("completed", "requested", "in_progress"))
    if "completed" not in types:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{follower.where} does not start when a review has ended",
            why="nothing is judged, so the status never comes",
            mend=f"write `types: [requested, completed]` below workflow_run in {follower.path}",
            where=follower.where,
        )
    if "requested" not in types:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{follower.where} does not start when a review begins",
            why="a green of an older run or of another target stands until the new one has ended",
            mend=f"write `types: [requested, completed]` below workflow_run in {follower.path}",
            where=follower.where,
        )
    if any(key.startswith("branches") for key in filters):
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{follower.where} starts for some branches only",
            why="whoever names a branch so that it is left out gets no verdict, and waits for ever",
            mend=f"take `branches` from workflow_run in {follower.path}",
            where=follower.where,
        )
    if judge.cancels:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{follower.where} cancels a run of its own when the next one starts",
            why="a verdict that is cancelled leaves the status pending, and nobody is told",
            mend=f"write `cancel-in-progress: false` into {follower.path}",
            where=follower.where,
        )


def _check_project(file: WorkflowFile, workflow: Workflow, run: str, prefix: str) -> Iterator[Ailment]:
    """Whether a workflow looks at the folder whose policy this is; what an expression names can't be told."""
    given = [
        step.given.get("project", ".") for job in workflow.jobs for step in job.steps if step.does == run
    ]
    if not given or any("${{" in each for each in given):
        return
    projects = {posixpath.normpath(each) for each in given}
    here = prefix or "."
    if here not in projects:
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"{file.where} looks at {', '.join(sorted(projects))[:200]} and not at {here}",
            why="this project's policy judges nothing, whatever a change does to it",
            mend=f"write `project: {here}` beside `run: {run}` in {file.path}",
            where=file.where,
            by=(ANYONE,),
        )
