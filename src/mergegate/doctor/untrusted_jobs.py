"""Do jobs that run a change's code hold nothing worth taking, and can none of them be passed over?"""

import re
from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts, WorkflowFile
from mergegate.doctor.workflow import COMMAND, Job, Workflow
from mergegate.records.doctor import Ailment

LOOKS_FOR = "rights, secrets and kept tokens in jobs that run a change's code; ways to pass them over"
FINDS_HOLES = True

CHECK = "untrusted-jobs"

PUSHER = "anyone who can push a branch, and every package that its code installs"

_SETS_STATUS = frozenset({"statuses", "checks", "contents", "actions", "deployments", "*"})
"""Permissions that let a token pass a required check, move a branch, or act as another run."""

_HARMLESS = frozenset({"id-token"})
"""What a run may hold to ask for a role; what that role may do is not said here."""


_FORGIVEN = re.compile(r"\bmergegate\s+(?:review|reproduce)\b[^\n|]{0,500}\|\|\s*(?:true|:|exit 0)(?=\s|;|$)")
"""A script that goes on where mergegate says no."""


def check(facts: Facts) -> Iterator[Ailment]:
    """Say what the change's code could use in its own job."""
    for file, workflow in seen(facts.workflows).read:
        for job in workflow.jobs:
            if job.kind == "untrusted":
                yield from _check_rights(file, workflow, job)
                yield from _check_steps(file, job)
                yield from _check_passing(file, job)


def _check_rights(file: WorkflowFile, workflow: Workflow, job: Job) -> Iterator[Ailment]:
    permissions = workflow.permissions_of(job)
    if permissions is None:
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"the job {job.key} of {file.where} does not say what its token may do",
            why="it gets the repository's default, which may be to write everything, the status "
            "`mergegate` too",
            mend=f"write `permissions: {{contents: read}}` into the job {job.key} of {file.path}",
            where=file.where,
            by=(PUSHER,),
        )
        return
    writes = sorted(name for name, right in permissions.items() if right == "write" and name not in _HARMLESS)
    if writes:
        grave = _SETS_STATUS.intersection(writes)
        shown = ", ".join("everything" if name == "*" else name for name in writes)
        yield Ailment(
            check=CHECK,
            level="hole" if grave else "warning",
            what=f"the token of the job {job.key} of {file.where} may write: {shown}",
            why="the change's code runs beside it, and can set the status `mergegate` to success by itself"
            if grave
            else "the change's code runs beside it, and can write there in the repository's name",
            mend=f"write `permissions: {{contents: read}}` into the job {job.key} of {file.path}",
            where=file.where,
            by=(PUSHER,) if grave else (),
        )
    if job.secrets or job.inherits:
        shown = ", ".join(job.secrets[:5]) or "all of them"
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"the job {job.key} of {file.where} is given secrets: {shown}",
            why="the change's code runs beside them, and can send them away",
            mend="let it ask for a read-only role instead (docs/github.md#data-that-needs-a-role), and take "
            f"the secret from {file.path}",
            where=file.where,
        )


def _check_steps(file: WorkflowFile, job: Job) -> Iterator[Ailment]:
    for step in job.steps:
        if step.action != "actions/checkout":
            continue
        if step.given.get("persist-credentials") != "false":
            yield Ailment(
                check=CHECK,
                level="warning",
                what=f"the checkout of the job {job.key} of {file.where} leaves its token in the clone",
                why="whatever the change runs can read it from .git/config",
                mend=f"write `persist-credentials: false` into its `with:` in {file.path}",
                where=file.where,
            )
        if file.name != "review.yml":
            continue
        if "head.sha" not in step.given.get("ref", ""):
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"{file.where} checks out GitHub's merge of the change, not the change",
                why="what it uploads is then of a commit that nobody judges: every verdict is an error",
                mend="write `ref: ${{ github.event.pull_request.head.sha || github.sha }}` into its `with:`",
                where=file.where,
            )
        if step.given.get("fetch-depth") != "0":
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"{file.where} checks out the last commit without its history",
                why="there is no base to compare with in a shallow clone",
                mend=f"write `fetch-depth: 0` into its `with:` in {file.path}",
                where=file.where,
            )


def _check_passing(file: WorkflowFile, job: Job) -> Iterator[Ailment]:
    """What lets a failure through, or the whole job be skipped."""
    if job.condition and file.name == "review.yml":
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"the job {job.key} of {file.where} runs under a condition: {job.condition[:120]}",
            why="where it is skipped there is nothing to judge, and GitHub calls a skipped job passed",
            mend=f"take `if:` from the job {job.key} in {file.path}",
            where=file.where,
        )
    forgiven = any(
        (step.forgiven and (step.does in ("review", "verify") or COMMAND.search(step.run)))
        or _FORGIVEN.search(step.run)
        for step in job.steps
    )
    if job.forgiven or forgiven:
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"a failure in the job {job.key} of {file.where} is passed over by "
            + ("`continue-on-error`" if job.forgiven or any(step.forgiven for step in job.steps) else "`||`"),
            why="the run then ends well although its tests failed or it could not be reproduced; the gates "
            "alone remain",
            mend=f"take that from the job {job.key} in {file.path}",
            where=file.where,
            by=("anyone whose change fails its tests or can't be reproduced",),
        )
    if any(step.does == "review" and step.given.get("reproduce") == "false" for step in job.steps):
        yield Ailment(
            check=CHECK,
            level="note",
            what=f"the job {job.key} of {file.where} does not reproduce the change",
            why="what dvc.lock says was never run in front of you; the gates judge what it says",
            mend="start verify.yml for changes that matter, or ask for `required_strength: reproduced`",
            where=file.where,
        )
    if "self-hosted" in job.runs_on:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"the job {job.key} of {file.where} runs on a machine of your own",
            why="a change's code can leave something behind there for the next job, unless the machine is "
            "made anew",
            mend="use runners that are thrown away after a job, and let no job of comment.yml run on them",
            where=file.where,
        )
