"""What an event is about: a run, the open pull requests of its commit, or a group of a merge queue."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from mergegate.errors import ForgeError, UsageError
from mergegate.forge.event_kinds import Event, WorkflowRun

if TYPE_CHECKING:
    from mergegate.forge.github import GitHub, PullRequest
    from mergegate.forge.github import Run as ReviewRun

REVIEW = ".github/workflows/review.yml"
"""Path of the workflow whose runs bring evidence."""

KINDS = ("pull_request", "merge_group")
"""The events that start such a run."""

MOST_RUNS = 5
"""Runs of one commit whose evidence is united."""

MOST_HINTS = 20
"""Numbers of pull requests that are looked up because GitHub names them."""

_QUEUE = re.compile(r"gh-readonly-queue/(?P<base>.+)/pr-\d{1,10}-[0-9a-f]{40}(?:[0-9a-f]{24})?")
# An older run that ended so was cleared away for a newer one, or never began.
_CLEARED = ("cancelled", "skipped", "stale")
# From the best to the worst way to end that leaves evidence; any other is worse.
_ENDED = ("success", "failure")


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The run that an event is about, and the commit that it judges."""

    sha: str
    run_id: int
    attempt: int
    url: str


class Nothing(msgspec.Struct, frozen=True):
    """There is nothing to judge or to post about `run`: `sentence` says why."""

    run: Run
    sentence: str


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is judged: a commit that heads the open `pulls`, or a merge queue's group that enters `queue`.

    `ended` is the worst conclusion of the `runs` whose evidence counts, None while one is still under way.
    `verified`: the run is a maintainer's verification, whose word on a reproduction is believed.
    """

    run: Run
    ended: str | None
    runs: tuple[int, ...]
    pulls: "tuple[PullRequest, ...]" = ()
    queue: str | None = None
    verified: bool = False


def find_subject(github: "GitHub", event: Event, environment: Mapping[str, str]) -> Subject | Nothing:
    """Find what the event is about, asking GitHub for whatever an event or a pull request could lie about.

    Raises UsageError for an event of another kind, ForgeError.
    """
    if event.run is not None:
        return _of_run(github, event.run)
    if event.inputs is not None:
        return _of_dispatch(github, event, environment)
    raise UsageError(
        f"the event {event.name} is no run that could be judged",
        hint="run this in a workflow that starts on workflow_run or workflow_dispatch, as comment.yml does",
    )


def find_newer(github: "GitHub", run: WorkflowRun, *, alone: bool = True) -> str:
    """Why the run's word no longer counts: a newer attempt, or a newer run of its commit; else empty.

    `alone`: only one pull request has the commit. Else other runs may be those of the others: they count too,
    and only what is still under way has the last word.
    """
    current = github.run(run.id)
    if current.attempt > run.attempt:
        return f"attempt {current.attempt} of run {run.id} takes the place of attempt {run.attempt}"
    newest = next((each for each in _runs_of(github, run) if each.number > run.number), None)
    if newest is not None and (alone or newest.status != "completed"):
        return f"the newer run {newest.id} of this commit takes the place of run {run.id}"
    return ""


def find_pulls(github: "GitHub", sha: str, hints: Iterable[int] = ()) -> "tuple[PullRequest, ...]":
    """The open pull requests whose head is the commit, from whatever branch or fork, by number.

    All open ones are looked through: one from another branch would get this commit's status as well, and one
    whose fork was deleted is found by no name. `hints` are numbers that GitHub believes to belong to it.
    """
    found = {pull.number: pull for pull in github.pull_requests() if pull.head_sha == sha}
    for number in [each for each in hints if each not in found][:MOST_HINTS]:
        try:
            pull = github.pull_request(number)
        except ForgeError as error:
            # A hint may be of a fork, which numbers its own.
            if error.status != 404:
                raise
        else:
            if pull.state == "open" and pull.head_sha == sha:
                found[number] = pull
    return tuple(found[number] for number in sorted(found))


def _of_run(github: "GitHub", run: WorkflowRun) -> Subject | Nothing:
    about = Run(sha=run.head_sha, run_id=run.id, attempt=run.attempt, url=run.html_url)
    if run.path != REVIEW or run.event not in KINDS:
        return Nothing(about, f"run {run.id} is none of {REVIEW} for a pull request or a merge queue")
    if run.event == "merge_group":
        newer = find_newer(github, run)
        queue = _queue(run)
        return (
            Nothing(about, newer)
            if newer
            else Subject(run=about, ended=run.conclusion, runs=(run.id,), queue=queue)
        )
    pulls = find_pulls(github, run.head_sha, run.pull_requests)
    if not pulls:
        return Nothing(about, "no open pull request has this commit at its head: it is closed, or moved on")
    newer = find_newer(github, run, alone=len(pulls) == 1)
    if newer:
        return Nothing(about, newer)
    others = [each for each in _runs_of(github, run) if each.id != run.id] if len(pulls) > 1 else []
    counted = [each for each in others if each.conclusion not in _CLEARED]
    ended = [run.conclusion, *(each.conclusion if each.status == "completed" else None for each in counted)]
    runs = (run.id, *(each.id for each in counted))
    return Subject(run=about, ended=_worst(ended), runs=runs[:MOST_RUNS], pulls=pulls)


def _of_dispatch(github: "GitHub", event: Event, environment: Mapping[str, str]) -> Subject | Nothing:
    """A maintainer's verification: its evidence is of its own run."""
    inputs = event.inputs
    if inputs is None or inputs.pr is None or inputs.sha is None:
        raise UsageError(
            "the workflow was started without `pr` or `sha`",
            hint="type the pull request's number and the whole SHA of its head",
        )
    default = github.default_branch()
    if environment.get("GITHUB_REF") != f"refs/heads/{default}":
        raise UsageError(
            f"a verification is believed only when it is started on the branch {default}",
            hint="choose that branch where you start the workflow",
        )
    run_id, attempt = (_number(environment, name) for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"))
    server = environment.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    url = f"{server}/{event.repository}/actions/runs/{run_id}"
    about = Run(sha=inputs.sha, run_id=run_id, attempt=attempt, url=url)
    pulls = find_pulls(github, inputs.sha, (inputs.pr,))
    if inputs.pr not in {pull.number for pull in pulls}:
        return Nothing(about, f"pull request {inputs.pr} is closed, or its head is no longer {inputs.sha}")
    # The others that have this commit are judged by what their own runs left.
    others = github.runs_of(inputs.sha) if len(pulls) > 1 else ()
    runs = (run_id, *(run.id for run in others if run.conclusion in _ENDED))
    # The run goes on while it judges: how the job ended that ran the change, the workflow tells.
    return Subject(run=about, ended="success", runs=runs[:MOST_RUNS], pulls=pulls, verified=True)


def _runs_of(github: "GitHub", run: WorkflowRun) -> "list[ReviewRun]":
    """The runs of the commit for the same kind of event, newest first."""
    return [each for each in github.runs_of(run.head_sha) if each.event == run.event]


def _worst(ended: Sequence[str | None]) -> str | None:
    """The conclusion that counts: what says nothing good, then what is still under way."""
    bad = [each for each in ended if each is not None and each not in _ENDED]
    if bad:
        return bad[0]
    return None if None in ended else max((each for each in ended if each), key=_ENDED.index)


def _queue(run: WorkflowRun) -> str:
    """The branch that a group of a merge queue wants to enter."""
    found = _QUEUE.fullmatch(run.head_branch)
    if found is None:
        raise ForgeError(
            f"run {run.id} is of a merge queue, but its branch is not named as GitHub names those",
            hint="take the pull request off the queue and add it again",
        )
    return found["base"]


def _number(environment: Mapping[str, str], name: str) -> int:
    value = environment.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 17):
        raise UsageError(
            f"{name} is not set", hint="run this in a workflow of GitHub Actions", code="no-event"
        )
    return int(value)
