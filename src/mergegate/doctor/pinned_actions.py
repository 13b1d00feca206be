"""Is every action that a job runs pinned to a commit that was read, and mergegate's own everywhere to one?"""

import re
import shlex
from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts, WorkflowFile
from mergegate.doctor.workflow import Job, Workflow
from mergegate.records.doctor import Ailment

LOOKS_FOR = "actions that a tag or a branch names, which its owner can move; two versions of mergegate"
FINDS_HOLES = True

CHECK = "pinned-actions"

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def check(facts: Facts) -> Iterator[Ailment]:
    """Say which actions can change under a job: grave in a trusted one, a risk in any other."""
    found = seen(facts.workflows).read
    told: set[tuple[str, str, str]] = set()
    for file, workflow in found:
        for job in workflow.jobs:
            images = (f"docker://{image}" for image in job.images)
            for used in (job.uses, *images, *(step.uses for step in job.steps)):
                if used and not _is_pinned(used) and (file.where, used, job.kind) not in told:
                    told.add((file.where, used, job.kind))
                    yield _moving(file, job, used)
    yield from _check_versions(facts, found)


def _is_pinned(used: str) -> bool:
    if used.startswith("./"):  # the commit's own
        return True
    if used.startswith("docker://"):
        return _DIGEST.search(used) is not None
    return _COMMIT.fullmatch(used.partition("@")[2]) is not None


def _moving(file: WorkflowFile, job: Job, used: str) -> Ailment:
    shown = used[:120]
    action, _, version = shown.partition("@")
    source = f"https://github.com/{'/'.join(action.split('/')[:2])}"
    trusted = job.kind == "trusted"
    return Ailment(
        check=CHECK,
        level="hole" if trusted else "warning",
        what=f"the job {job.key} of {file.where} uses {shown}, which is no commit",
        why="whoever can move that name decides what runs where the verdict is made"
        if trusted
        else "whoever can move that name decides what runs there",
        mend=f"name the image by its digest in {file.path}: docker://NAME@sha256:…"
        if used.startswith("docker://")
        else f"git ls-remote {shlex.quote(source)} {shlex.quote(version or 'HEAD')}, read that commit, and "
        "write "
        f"`uses: {action}@COMMIT # {version or 'VERSION'}` into {file.path}",
        where=file.where,
        by=(f"who can move {shown}",) if trusted else (),
    )


def _check_versions(facts: Facts, found: tuple[tuple[WorkflowFile, Workflow], ...]) -> Iterator[Ailment]:
    """The claim and the verdict should be of one mergegate, and of one that is known here."""
    by_commit: dict[str, list[str]] = {}
    for file, workflow in found:
        for job in workflow.jobs:
            if not job.kind:
                continue
            for step in job.steps:
                action, _, version = step.uses.partition("@")
                if action.rpartition("/")[2].lower() == "mergegate" and _COMMIT.fullmatch(version):
                    files = by_commit.setdefault(version, [])
                    files += [] if file.where in files else [file.where]
    if len(by_commit) > 1:
        each = "; ".join(f"{commit[:10]} in {', '.join(files[:3])}" for commit, files in by_commit.items())
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"the workflows use several versions of mergegate: {each}",
            why="one that reviews and another that judges may not agree on what to upload",
            mend="mergegate init --upgrade",
        )
    if facts.commit and by_commit and facts.commit not in by_commit:
        commits = ", ".join(commit[:10] for commit in by_commit)
        yield Ailment(
            check=CHECK,
            level="note",
            what=f"the mergegate installed here is {facts.commit[:10]}, and the workflows use {commits}",
            why="what a review says here and there may differ",
            mend="mergegate init --upgrade, or install the version that the workflows use",
        )
