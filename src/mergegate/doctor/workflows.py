"""Are the two workflows there that review and post, on the default branch, and do they know each other?"""

from collections.abc import Iterator, Sequence

from mergegate.doctor.check import BlindError, seen
from mergegate.doctor.facts import Facts, WorkflowFile
from mergegate.doctor.workflow import Workflow
from mergegate.records.doctor import Ailment

LOOKS_FOR = (
    "review.yml, and the workflow that judges and posts, on the default branch and known to each other"
)
FINDS_HOLES = True

CHECK = "workflows"

FOLDER = ".github/workflows"
REVIEW = "review.yml"
COMMENT = "comment.yml"

ANYONE = "anyone who may merge"


def check(facts: Facts) -> Iterator[Ailment]:
    """Say what is missing, can't be read, or does not start."""
    workflows = seen(facts.workflows)
    if not workflows.here and not workflows.target and facts.place.elsewhere:
        raise BlindError(
            f"this repository is not on GitHub, but has {facts.place.elsewhere}: see docs/gitlab.md"
        )
    for file in workflows.files:
        if file.workflow is None:
            yield _illegible(file)
    effective = workflows.here if workflows.target is None else workflows.target
    at = "" if workflows.target is None else f" on {facts.place.default}"
    reviewing = _find(effective, REVIEW)
    judging = next((found for found in _read(effective) if _judges(found[1])), None)
    if reviewing is None:
        yield _missing(REVIEW, at, here=_find(workflows.here, REVIEW) is not None, branch=facts.place.branch)
    if judging is None:
        here = any(_judges(workflow) for _, workflow in _read(workflows.here))
        yield _missing(COMMENT, at, here=here, branch=facts.place.branch)
    if reviewing is not None and judging is not None:
        yield from _check_pair(*reviewing, *judging)


def _read(files: Sequence[WorkflowFile]) -> list[tuple[WorkflowFile, Workflow]]:
    return [(file, file.workflow) for file in files if file.workflow is not None]


def _find(files: Sequence[WorkflowFile], name: str) -> tuple[WorkflowFile, Workflow] | None:
    return next((found for found in _read(files) if found[0].name == name), None)


def _judges(workflow: Workflow) -> bool:
    return "workflow_run" in workflow.on and any("judge" in job.runs for job in workflow.jobs)


def _missing(name: str, at: str, *, here: bool, branch: str) -> Ailment:
    does = "starts no review" if name == REVIEW else "judges no review and sets no status"
    return Ailment(
        check=CHECK,
        level="hole",
        what=f"{FOLDER}/{name} is not there{at}: a pull request {does}",
        why="a workflow that follows another one runs as the default branch has it, and not at all before "
        "it is there"
        if name == COMMENT
        else "where nothing reviews a change, nothing holds it back",
        mend=f"merge {FOLDER}/{name} into {branch}" if here else "mergegate init",
        where=f"{FOLDER}/{name}",
        by=(ANYONE,),
    )


def _illegible(file: WorkflowFile) -> Ailment:
    return Ailment(
        check=CHECK,
        level="fault" if file.name in (REVIEW, COMMENT) else "warning",
        what=f"{file.where} can't be read: {file.problem}",
        why="GitHub runs no workflow that it can't read, and a required status then never comes",
        mend=f"mend {file.path}; the web editor of GitHub shows where it is wrong",
        where=file.where,
    )


def _check_pair(
    file: WorkflowFile, review: Workflow, follower: WorkflowFile, judge: Workflow
) -> Iterator[Ailment]:
    """Whether the one starts the other, at its beginning and its end."""
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
