"""Do the jobs that judge and post hold no more than they need, and run nothing of a change?"""

from collections.abc import Iterator, Mapping

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts, WorkflowFile
from mergegate.doctor.workflow import Job, Workflow
from mergegate.records.doctor import Ailment

LOOKS_FOR = "more rights than the table's, foreign scripts, caches and secrets in jobs that judge or post"
FINDS_HOLES = True

CHECK = "trusted-jobs"

HOSTILE = "whoever finds a flaw in a parser of hostile files"
CACHER = "anyone whose code ran in a job that may write the default branch's caches"

_LISTING = {"actions": "read", "contents": "read", "pull-requests": "read"}
_SETTING = _LISTING | {"statuses": "write"}
NEEDED: Mapping[str, Mapping[str, str]] = {
    "judge": _LISTING,
    "pending": _SETTING,
    "post": _SETTING | {"pull-requests": "write"},
    "conflicts": {"contents": "read", "pull-requests": "read", "statuses": "write"},
    "status": _SETTING,
    "comment": _SETTING | {"pull-requests": "write"},
}
"""What each of mergegate's trusted jobs needs, and no more: the table of docs/github.md."""

_RANK = {"": 0, "none": 0, "read": 1, "write": 2}

_OWN_MACHINE = "self-hosted"

_OWN_STEPS = frozenset(
    {
        "actions/checkout",
        "actions/setup-python",
        "actions/upload-artifact",
        "actions/download-artifact",
        "actions/create-github-app-token",
    }
)


def check(facts: Facts) -> Iterator[Ailment]:
    """Say what a trusted job could be used for beside judging and posting."""
    read = seen(facts.workflows).read
    shared = any(
        job.kind == "untrusted" and _OWN_MACHINE in job.runs_on
        for _, workflow in read
        for job in workflow.jobs
    )
    for file, workflow in read:
        for job in workflow.jobs:
            if job.kind != "trusted" and not (job.runs & NEEDED.keys()):
                continue
            if job.kind == "untrusted":
                yield _mixed(file, job)
                continue
            yield from _check_rights(file, workflow, job)
            yield from _check_steps(file, job)
            yield from _check_ending(file, job)
            yield from _check_machine(file, job, shared=shared)


def _mixed(file: WorkflowFile, job: Job) -> Ailment:
    return Ailment(
        check=CHECK,
        level="hole",
        what=f"the job {job.key} of {file.where} runs the change's code and judges or posts",
        why="code that runs beside the verdict can write it",
        mend="keep the two workflows apart as docs/github.md has them: mergegate init",
        where=file.where,
        by=("anyone who opens a pull request",),
    )


def _check_rights(file: WorkflowFile, workflow: Workflow, job: Job) -> Iterator[Ailment]:
    needed: dict[str, str] = {}
    for run in job.runs & NEEDED.keys():
        needed |= {name: max(right, needed.get(name, ""), key=_rank) for name, right in NEEDED[run].items()}
    shown = ", ".join(f"{name}: {right}" for name, right in sorted(needed.items()))
    mend = f"write `permissions: {{{shown}}}` into the job {job.key} of {file.path}"
    permissions = workflow.permissions_of(job)
    judges = "judge" in job.runs
    by = (HOSTILE,) if judges else ()
    if permissions is None:
        yield Ailment(
            check=CHECK,
            level="hole" if judges else "warning",
            what=f"the job {job.key} of {file.where} does not say what its token may do",
            why="it gets the repository's default, which may be to write everything"
            + (": and it opens files that strangers wrote" if judges else ""),
            mend=mend,
            where=file.where,
            by=by,
        )
        return
    given = {name: max(right, permissions.get("*", ""), key=_rank) for name, right in permissions.items()}
    wide = sorted(name for name, right in given.items() if _rank(right) > _rank(needed.get(name, "")))
    writes = [name for name in wide if given[name] == "write"]
    if writes:
        yield Ailment(
            check=CHECK,
            level="hole" if judges else "warning",
            what=f"the token of the job {job.key} of {file.where} may write more than it needs: "
            + ", ".join("everything" if name == "*" else name for name in writes),
            why="it opens files that strangers wrote: a flaw in what reads them would then write in your name"
            if judges
            else "what it does not need can only be used against you",
            mend=mend,
            where=file.where,
            by=by,
        )
    lacking = sorted(
        name for name, right in needed.items() if _rank(given.get(name, given.get("*", ""))) < _rank(right)
    )
    if lacking and not _asks_for_token(job):
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"the token of the job {job.key} of {file.where} lacks "
            + ", ".join(f"{name}: {needed[name]}" for name in lacking),
            why="GitHub refuses what it is there for, and the status never comes",
            mend=mend,
            where=file.where,
        )


def _rank(right: str) -> int:
    return _RANK.get(right, 2)


def _asks_for_token(job: Job) -> bool:
    """Whether it posts with an App's token instead of its own."""
    return any(step.given.get("token") for step in job.steps)


def _check_steps(file: WorkflowFile, job: Job) -> Iterator[Ailment]:
    for step in job.steps:
        cached = [key for key in step.given if "cache" in key and step.given[key] not in ("", "false")]
        if cached or "cache" in step.action:
            yield Ailment(
                check=CHECK,
                level="hole",
                what=f"the job {job.key} of {file.where} restores a cache: {step.uses[:80] or step.name}",
                why="what an earlier job left in it runs or is read where the verdict is made",
                mend=f"take the cache from the job {job.key} in {file.path}",
                where=file.where,
                by=(CACHER,),
            )
        elif step.action == "actions/checkout" and step.given.get("persist-credentials") != "false":
            yield Ailment(
                check=CHECK,
                level="warning",
                what=f"the checkout of the job {job.key} of {file.where} leaves its token in the clone",
                why="whatever runs after it can read it from .git/config",
                mend=f"write `persist-credentials: false` into its `with:` in {file.path}",
                where=file.where,
            )
        elif step.uses and not step.does and step.action not in _OWN_STEPS:
            yield Ailment(
                check=CHECK,
                level="warning",
                what=f"the job {job.key} of {file.where} runs an action beside mergegate's: {step.uses[:80]}",
                why="it runs with this job's token, beside the verdict",
                mend="move it into a job of its own, without the rights of this one",
                where=file.where,
            )
        elif step.run and not _is_ours(step.run):
            yield Ailment(
                check=CHECK,
                level="warning",
                what=f"the job {job.key} of {file.where} runs a script of its own: "
                f"{step.name or step.run[:60]}",
                why="beside the verdict every line counts: what it installs or reads may decide",
                mend="move it into a job of its own, without the rights of this one",
                where=file.where,
            )
    if "judge" in job.runs and (job.secrets or job.inherits):
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"the job {job.key} of {file.where}, which judges, is given secrets: "
            + (", ".join(job.secrets[:5]) or "all of them"),
            why="it opens files that strangers wrote: a flaw in what reads them would give the secrets away",
            mend=f"take them from the job {job.key} in {file.path}; only the job that posts may hold an "
            "App's key",
            where=file.where,
            by=(HOSTILE,),
        )
    elif job.secrets and not job.environment:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"the job {job.key} of {file.where} takes {', '.join(job.secrets[:5])} from no environment",
            why="a secret of the whole repository can be read by a workflow of any branch",
            mend="keep it in an environment whose deployment branches are the default branch alone, and "
            "write "
            f"`environment: mergegate` into the job {job.key}",
            where=file.where,
        )


def _is_ours(script: str) -> bool:
    """Whether a script only calls mergegate or installs it by hash."""
    lines = [line.strip() for line in script.replace("\\\n", " ").splitlines() if line.strip()]
    return all(
        line.startswith(("#", "mergegate ", '"$MERGEGATE" '))
        or ("pip install" in line and "--require-hashes" in line)
        for line in lines
    )


def _check_ending(file: WorkflowFile, job: Job) -> Iterator[Ailment]:
    """A job that posts must do so where judging broke, and for whoever the author is."""
    if (
        "post" in job.runs
        and job.needs
        and not any(each in job.condition for each in ("always()", "cancelled()"))
    ):
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"the job {job.key} of {file.where} does not run where the judging broke",
            why="the status then stays pending, or a green of before stands, and nobody is told",
            mend=f"begin its `if:` with `always() &&` in {file.path}",
            where=file.where,
        )
    for sign in ("actor", "sender", "labels", "draft", "user.login", "head_branch", "title", "conclusion"):
        if sign in job.condition:
            yield Ailment(
                check=CHECK,
                level="fault",
                what=f"the job {job.key} of {file.where} runs for some changes only: {job.condition[:160]}",
                why="a change that is left out keeps the status it has, or waits for one for ever",
                mend=f"take `{sign}` from its `if:` in {file.path}",
                where=file.where,
            )
            break


def _check_machine(file: WorkflowFile, job: Job, *, shared: bool) -> Iterator[Ailment]:
    """A machine of the team's own that may have run a change's code before."""
    if shared and _OWN_MACHINE in job.runs_on:
        yield Ailment(
            check=CHECK,
            level="unseen",
            what=f"the job {job.key} of {file.where} runs on a machine of your own, as a change's code does",
            why="what the code left behind on one that is not made anew decides the verdict",
            mend=f"write `runs-on: ubuntu-24.04` into the job {job.key} in {file.path}",
            where=file.where,
        )
