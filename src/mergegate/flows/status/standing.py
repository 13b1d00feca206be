"""The screen as a whole: read once, said in order. Nothing is fetched, written or run."""

from contextlib import ExitStack
from pathlib import Path

import msgspec

from mergegate import __version__, dag, repo
from mergegate.errors import MergegateError, UsageError
from mergegate.flows.merges import check_merges
from mergegate.flows.policies import ChosenPolicy, choose_policy, find_base, find_target
from mergegate.flows.status.advice import advise
from mergegate.flows.status.forecast import Known, foresee
from mergegate.flows.status.moves import Sides, find_moves
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import LockFinding, Revision
from mergegate.records.status import Forecast, Place, Status
from mergegate.repo.state import State, count_apart, read_state


class Request(msgspec.Struct, frozen=True):
    """Where to look, and the branch that the change wants to enter, None for the policy's baseline."""

    start: Path
    target: str | None = None


def look(request: Request) -> Status:
    """The screen of the project around `start`.

    Raises UsageError outside a repository, and for a target that is none. What can't be read is said on the
    screen.
    """
    project = repo.locate(request.start)
    with repo.Blobs(project.git_root), ExitStack() as stack:
        state = read_state(project)
        head = repo.workspace_revision(project)
        files = stack.enter_context(repo.open_workspace(project))
        chosen = _choose(project, files, request.target)
        judged = chosen if isinstance(chosen, ChosenPolicy) else None
        target, base, missing = _find_sides(project, files, judged, request.target, head)
        place = _place(project, state, head, target, base)
        notes: tuple[str, ...] = ()
        if base is None:
            forecast = _unjudged(missing)
            notes = (forecast.sentence,)
            moves = find_moves(None, state)
        else:
            sides = _read(stack, project, base, head, files)
            moves = find_moves(sides, state)
            known = Known(
                project=project,
                state=state,
                base=base,
                head=head,
                moves=moves,
                lock=_check_lock(sides),
                pipeline=sides.after,
            )
            forecast = chosen if isinstance(chosen, Forecast) else foresee(known, chosen)
    return Status(
        mergegate=__version__,
        project=project.prefix or project.root.name,
        place=place,
        moves=moves,
        forecast=forecast,
        next=advise(place, moves, forecast, state),
        notes=notes,
    )


def _choose(project: repo.Project, files: repo.Snapshot, target: str | None) -> ChosenPolicy | Forecast:
    """The policy that will judge, or what is to be said where there is none that can."""
    try:
        return choose_policy(project, files, base=None, file=None, target=target)
    except MergegateError as error:
        return _unjudged(error)


def _unjudged(error: MergegateError) -> Forecast:
    """What is to be said where nothing can be judged, and why."""
    missing = error.code == "policy-missing"
    sentence = error.message.splitlines()[0].rstrip(".")
    if sentence.partition(" ")[0].isalpha():  # no name of a file or branch
        sentence = sentence[:1].upper() + sentence[1:]
    return Forecast(
        source="none",
        outcome="unknown" if missing or error.code in _NO_BASE else "fails",
        sentence=f"{sentence}.",
        failing=() if missing else (error.code,),
    )


_NO_BASE = ("no-target-branch", "no-commit", "shallow-clone", "unrelated-histories")


def _find_sides(
    project: repo.Project,
    files: repo.Snapshot,
    chosen: ChosenPolicy | None,
    asked: str | None,
    head: Revision,
) -> tuple[Revision | None, Revision | None, UsageError]:
    """The target and the base, and why there are none."""
    missing = UsageError("there is no commit yet: nothing to compare with", code="no-commit")
    if head.sha is None:
        return None, None, missing
    try:
        target = chosen.target if chosen else find_target(project, files, target=asked)
        return target, find_base(project, None, target, head), missing
    except UsageError as error:
        if asked is not None and error.code == "unknown-revision":
            raise
        return None, None, error


def _place(
    project: repo.Project, state: State, head: Revision, target: Revision | None, base: Revision | None
) -> Place:
    ahead = behind = None
    if head.sha and target and target.sha:
        ahead, behind = count_apart(project, head.sha, target.sha)
    return Place(
        branch=state.branch,
        head=head,
        target=target.name if target else "",
        base=base,
        ahead=ahead,
        behind=behind,
        upstream=state.upstream,
        unpushed=state.unpushed,
        edited=len(state.edited),
        untracked=len(state.untracked),
        conflicted=len(state.conflicted),
        doing=state.doing,
    )


def _read(
    stack: ExitStack, project: repo.Project, base: Revision, head: Revision, files: repo.Snapshot
) -> Sides:
    """Both sides' pipelines; base's broken files must not hide what this change does."""
    before_files = stack.enter_context(repo.open_commit(project, base))
    problems: list[str] = []
    pipelines: list[Pipeline] = []
    for side, at in ((before_files, base.name), (files, "")):
        try:
            pipelines.append(dag.read(side, at=at))
        except MergegateError as error:
            pipelines.append(Pipeline())
            problems.append(error.message)
    return Sides(
        project=project,
        base=base,
        head=head,
        before_files=before_files,
        after_files=files,
        before=pipelines[0],
        after=pipelines[1],
        objects=repo.Objects(project),
        problems=tuple(problems),
    )


def _check_lock(sides: Sides) -> tuple[LockFinding, ...]:
    """The breaks of head's lock that can be told without fetching anything."""
    if sides.problems:
        return ()
    try:
        return (
            *dag.chain(sides.after, sides.after_files, "head", tree=sides.objects.tree),
            *check_merges(sides.project, sides.base, sides.head, sides.after),
        )
    except MergegateError:  # such as a params file in conflict: told where what moved is
        return ()
