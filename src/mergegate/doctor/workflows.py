"""Are the two workflows there, on the default branch: the one that reviews, the one that judges and posts?"""

from collections.abc import Iterator, Sequence

from mergegate.doctor.check import BlindError, seen
from mergegate.doctor.facts import Facts, WorkflowFile, Workflows
from mergegate.doctor.workflow import Workflow
from mergegate.records.doctor import Ailment

LOOKS_FOR = "review.yml, and the workflow that judges and posts, on the default branch and legible"
FINDS_HOLES = True

CHECK = "workflows"

FOLDER = ".github/workflows"
REVIEW = "review.yml"
COMMENT = "comment.yml"

ANYONE = "anyone who may merge"

Found = tuple[WorkflowFile, Workflow]


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
    reviewing, judging = find_pair(workflows)
    for found in (reviewing, judging):
        if found is not None:
            yield from _find_foreign(*found)
    at = "" if workflows.target is None else f" on {facts.place.default}"
    if reviewing is None and judging is None:
        ready = all(_found(workflows.here))
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"neither {REVIEW} nor {COMMENT} is there{at}: no pull request is reviewed, and no status "
            "set",
            why="where nothing judges a change, nothing holds it back",
            mend=f"merge {FOLDER} into {facts.place.branch}" if ready else "mergegate init",
            where=FOLDER,
            by=(ANYONE,),
        )
        return
    for name, found, does in (
        (REVIEW, reviewing, "no pull request is reviewed"),
        (COMMENT, judging, "nothing judges a review or sets the status"),
    ):
        if found is None:
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"{FOLDER}/{name} is not there{at}: {does}",
                why="a status that is required never comes, and one that is not required holds nothing back",
                mend=f"merge {FOLDER}/{name} into {facts.place.branch}"
                if _found(workflows.here)[name == COMMENT]
                else "mergegate init",
                where=f"{FOLDER}/{name}",
            )


def find_pair(workflows: Workflows) -> tuple[Found | None, Found | None]:
    """The workflow that reviews and the one that judges, as the default branch has them."""
    return _found(workflows.here if workflows.target is None else workflows.target)


def _found(files: Sequence[WorkflowFile]) -> tuple[Found | None, Found | None]:
    read = [(file, file.workflow) for file in files if file.workflow is not None]
    return (
        next((found for found in read if found[0].name == REVIEW), None),
        next((found for found in read if _judges(found[1])), None),
    )


def _find_foreign(file: WorkflowFile, workflow: Workflow) -> Iterator[Ailment]:
    """Jobs that are another repository's workflows: what they hold and run is not in this clone."""
    for job in workflow.jobs:
        if job.uses and not job.uses.startswith("./"):
            yield Ailment(
                check=CHECK,
                level="unseen",
                what=f"the job {job.key} of {file.where} is the workflow {job.uses[:160]}, which was not "
                "read",
                why="whatever could be wrong with a job of your own can be wrong with that one",
                mend="read it against docs/github.md, and pin it to the commit that you have read",
                where=file.where,
            )


def _judges(workflow: Workflow) -> bool:
    return "workflow_run" in workflow.on and any("judge" in job.runs or job.uses for job in workflow.jobs)


def _illegible(file: WorkflowFile) -> Ailment:
    needed = file.name in (REVIEW, COMMENT)
    return Ailment(
        check=CHECK,
        level="fault" if needed else "warning",
        what=f"{file.where} can't be read: {file.problem}",
        why="GitHub runs no workflow that it can't read"
        + (": the status never comes, and whoever waits for it waits for ever" if needed else ""),
        mend=f"mend {file.path}; the web editor of GitHub shows where it is wrong",
        where=file.where,
    )
