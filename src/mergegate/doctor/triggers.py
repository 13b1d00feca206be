"""Does everything that can change a verdict start a review, and nothing a stranger sends run with rights?"""

import re
from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts, WorkflowFile
from mergegate.doctor.workflow import Job, Step, Workflow
from mergegate.records.doctor import Ailment

LOOKS_FOR = "triggers by which a stranger's code runs with rights, or by which a change starts no review"
FINDS_HOLES = True

CHECK = "triggers"

STRANGER = "anyone who opens a pull request, from a fork too"
TYPES = ("opened", "synchronize", "reopened", "ready_for_review", "edited")

PRIVILEGED = frozenset(
    {"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment"}
)
"""Events of strangers for which a workflow runs with the repository's own rights."""

_HARMLESS = frozenset(
    {"workflow_run", "workflow_dispatch", "workflow_call", "push", "schedule", "repository_dispatch"}
)
"""Events that may start a trusted job: it runs as the default branch has it, or for who may write."""

_HEAD = (
    "pull_request.head",
    "head_sha",
    "head_ref",
    "head_branch",
    "head_repository",
    "head_commit",
    "merge_commit_sha",
    "refs/pull/",
    "pull/${{",
    "head.sha",
)

_OWN = re.compile(
    r"github\.(?:sha|ref|ref_name|base_ref|repository|event\.repository\.[a-z_.]+"
    r"|event\.pull_request\.base\.[a-z_.]+)"
)
"""What names the repository's own commits where rights are the repository's."""

_INDEX = re.compile(r"\[\s*'([^']*)'\s*\]")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_GIT = re.compile(r"\bgit\s+(?:-\S+\s+)*(?:checkout|switch|pull|merge|reset|clone|worktree)\b")


def check(facts: Facts) -> Iterator[Ailment]:
    """Say which triggers open a hole, and which leave a pull request without a verdict."""
    workflows = seen(facts.workflows)
    for file, workflow in workflows.read:
        kinds = {job.kind for job in workflow.jobs}
        if file.name == "review.yml":
            yield from _check_review(file, workflow)
        if "trusted" in kinds:
            yield from _check_trusted(file, workflow, facts.place.branch)
        yield from _check_borrowed_rights(file, workflow)


def _check_review(file: WorkflowFile, workflow: Workflow) -> Iterator[Ailment]:
    filters = workflow.on.get("pull_request")
    if filters is None:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{file.where} does not start for pull requests",
            why="no change is reviewed, so a required status never comes",
            mend=f"write `pull_request: {{types: [{', '.join(TYPES)}]}}` below `on:` in {file.path}",
            where=file.where,
        )
        return
    for key in sorted(filters.keys() - {"types"}):
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{file.where} starts for some pull requests only, by `{key}`",
            why="a workflow that is filtered away leaves its required status waiting for ever",
            mend=f"take `{key}` from pull_request in {file.path}",
            where=file.where,
        )
    lacking = [
        each for each in TYPES if each not in filters.get("types", ("opened", "synchronize", "reopened"))
    ]
    if lacking:
        retargeted = (
            "; one that is given another target keeps the green of the old one" if "edited" in lacking else ""
        )
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{file.where} does not start when a pull request is {_listed(lacking)}",
            why=f"such a change keeps an old verdict, or waits for one{retargeted}",
            mend=f"write `types: [{', '.join(TYPES)}]` below pull_request in {file.path}",
            where=file.where,
        )


def _listed(types: list[str]) -> str:
    words = {"edited": "edited", "synchronize": "pushed to", "ready_for_review": "marked ready"}
    return " or ".join(words.get(each, each) for each in types)


def _check_trusted(file: WorkflowFile, workflow: Workflow, branch: str) -> Iterator[Ailment]:
    """Trusted jobs run by what the default branch's own events start."""
    for event in sorted(workflow.on.keys() - _HARMLESS):
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"{file.where} also starts by {event}",
            why="a job that may set the status then runs for an event, or as a workflow, that the change's "
            "author made",
            mend=f"take `{event}` from `on:` in {file.path}",
            where=file.where,
            by=(STRANGER if event in PRIVILEGED else "anyone who can push a branch",),
        )
    pushed = workflow.on.get("push")
    if pushed is None or not any("conflicts" in job.runs for job in workflow.jobs):
        return
    branches = pushed.get("branches", ())
    if not branches:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{file.where} starts for a push to any branch, as that branch has it",
            why="it asks for the right to set statuses, and whoever pushes a branch may have changed it "
            "there",
            mend=f"write `branches: [{branch}]` below push in {file.path}",
            where=file.where,
        )
    elif branch not in branches:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{file.where} looks for conflicts after a push to {', '.join(branches)}, not to {branch}",
            why="a pull request with conflicts starts no review, and nothing tells its author",
            mend=f"write `branches: [{branch}]` below push in {file.path}",
            where=file.where,
        )


def _check_borrowed_rights(file: WorkflowFile, workflow: Workflow) -> Iterator[Ailment]:
    """Workflows that, with rights, check out a stranger's code or write their words into a script."""
    events = sorted(workflow.on.keys() & PRIVILEGED)
    if not events:
        return
    for job in workflow.jobs:
        for step in job.steps:
            if _checks_out_head(step):
                yield _borrowed(file, job, f"checks out the change by {' or '.join(events)}", events[0])
            elif given := _checks_out_unknown(step):
                yield Ailment(
                    check=CHECK,
                    level="unseen",
                    what=f"the job {job.key} of {file.where} checks out {given}, by {' or '.join(events)}",
                    why="whether that is a stranger's code is only known when it runs",
                    mend=f"check out the default branch there, without a `ref:`, in {file.path}",
                    where=file.where,
                )
            elif names := _strangers_words(step):
                yield _borrowed(file, job, f"writes {names} into a script", events[0])


def _borrowed(file: WorkflowFile, job: Job, does: str, event: str) -> Ailment:
    return Ailment(
        check=CHECK,
        level="hole",
        what=f"the job {job.key} of {file.where} {does}",
        why="code that its author did not write for this repository then runs with a token and secrets of "
        "this repository",
        mend=f"check out nothing of the change there, and give names to scripts by `env:`; run its code by "
        f"`pull_request` instead of `{event}`",
        where=file.where,
        by=(STRANGER,),
    )


def _checks_out_head(step: Step) -> bool:
    if "checkout" in step.action and any(
        _is_head(step.given.get(name, "")) for name in ("ref", "repository")
    ):
        return True
    if "gh pr checkout" in step.run or "refs/pull/" in step.run:
        return True
    return _GIT.search(step.run) is not None and _is_head(
        " ".join((*_EXPRESSION.findall(step.run), *step.env.values()))
    )


def _is_head(text: str) -> bool:
    told = _plain(text)
    return any(sign in told for sign in _HEAD)


def _checks_out_unknown(step: Step) -> str:
    """What a checkout is told by something that only a run knows; "" where that is the repository's own."""
    if "checkout" not in step.action:
        return ""
    for name in ("ref", "repository"):
        for expression in _EXPRESSION.findall(step.given.get(name, "")):
            if not _OWN.fullmatch(_plain(expression).strip()):
                return f"`{expression.strip()[:80]}`"
    return ""


def _plain(text: str) -> str:
    """An expression as GitHub takes it: in any case, and `a['b']` for `a.b`."""
    return _INDEX.sub(r".\1", text).lower()


_WORDS = (
    ".head_ref",
    ".head.ref",
    ".head.label",
    ".head_branch",
    ".title",
    ".body",
    ".head_commit.message",
    ".display_title",
    ".page_name",
    ".head.repo.default_branch",
)
_WHOLE = re.compile(
    r"tojson\(\s*github(?:\.event(?:\.(?:pull_request|issue|comment|discussion|workflow_run))?)?\s*\)"
)


def _strangers_words(step: Step) -> str:
    """What a stranger chose that GitHub would write into a script before a shell reads it; "" for nothing."""
    for script in (step.run, step.given.get("script", "")):
        for expression in _EXPRESSION.findall(script):
            told = _plain(expression)
            variable = told.strip().removeprefix("env.")
            if variable != told.strip():
                names = {name.lower(): value for name, value in step.env.items()}
                told = _plain(names.get(variable, ""))
            event = "github.event." in told or "github.head_ref" in told
            if (event and any(sign in told for sign in _WORDS)) or _WHOLE.search(told):
                return f"`{expression.strip()[:80]}`"
    return ""
