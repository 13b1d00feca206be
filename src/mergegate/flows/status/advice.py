"""What to do next: one command, the first that is in the way of a merge."""

import shlex
from collections.abc import Iterator, Sequence

from mergegate.flows.status.forecast import POLICY_GATE
from mergegate.records.status import Forecast, Moves, Place, Step
from mergegate.repo.state import State


def advise(place: Place, moves: Moves, forecast: Forecast, state: State) -> Step:
    """The first thing that is to be done."""
    return next(_steps(place, moves, forecast, state))


def _steps(place: Place, moves: Moves, forecast: Forecast, state: State) -> Iterator[Step]:
    if place.conflicted:
        some = ", ".join(state.conflicted[:3])
        yield Step(command="git status", why=f"a {place.doing or 'merge'} has conflicts to resolve: {some}")
    if place.doing:
        yield Step(command=f"git {place.doing} --continue", why=f"a {place.doing} is half done")
    if place.head.sha is None and not place.dirty:
        yield Step(command="mergegate init --template tabular", why="nothing is here: begin a small project")
    if place.head.sha is None:
        yield Step(
            command="git add --all && git commit -m 'Begin'",
            why="the first commit is what changes are held against",
        )
    yield from _of_the_policy(forecast)
    if moves.nothing and not place.dirty and not moves.problems:
        yield _of_no_change(place)
    yield from _of_files(moves)
    yield from _of_the_review(place, forecast)
    yield from _of_sending(place, moves, state.remotes)


def _of_the_policy(forecast: Forecast) -> Iterator[Step]:
    if forecast.source != "none":
        return
    if not forecast.failing:
        yield Step(command="mergegate init", why=forecast.sentence)
    elif forecast.failing == ("policy-invalid",):
        yield Step(command="mergegate policy check", why=forecast.sentence)
    elif forecast.failing != ("no-target-branch",):
        yield Step(command=f"mergegate explain {forecast.failing[0]}", why=forecast.sentence)


def _of_no_change(place: Place) -> Step:
    target = place.target or "the target"
    entered = place.branch is not None and place.target.removeprefix("origin/") == place.branch
    if place.behind:
        commits = "1 commit that is" if place.behind == 1 else f"{place.behind:,} commits that are"
        pulled = entered and place.upstream == place.target
        return Step(
            command="git pull" if pulled else f"git merge {shlex.quote(place.target)}",
            why=f"{target} has {commits} not here",
        )
    if entered:
        return Step(command="git switch --create NAME", why=f"nothing differs from {target}: begin a change")
    return Step(command="", why=f"nothing differs from {target} yet: change data, params or code")


def _of_files(moves: Moves) -> Iterator[Step]:
    """Data that is not added, a pipeline that can't be read, stages that have not run."""
    unadded = [move.path for move in moves.data if not move.added_yet]
    if unadded:
        yield Step(
            command=f"dvc add {' '.join(map(shlex.quote, unadded[:3]))}",
            why="the data here is not what its .dvc file names",
        )
    if moves.problems:
        yield Step(command="mergegate plan", why=moves.problems[0])
    frozen = [stage.name for stage in moves.stages if stage.will == "frozen"]
    if frozen:
        yield Step(
            command=f"dvc unfreeze {' '.join(map(shlex.quote, frozen[:3]))}",
            why="what it reads changed, and `dvc repro` passes a frozen stage by",
        )
    stale = [stage.name for stage in moves.stages if stage.will == "run" and stage.stale]
    if stale:
        yield Step(command="dvc repro", why=f"{', '.join(stale[:3])} did not run on what is here")


def _of_the_review(place: Place, forecast: Forecast) -> Iterator[Step]:
    if forecast.source == "predicted" and POLICY_GATE in forecast.failing:
        yield Step(command="mergegate policy check", why=forecast.why[0])
    if forecast.source == "predicted" and forecast.outcome == "fails":
        yield Step(
            command="mergegate verify", why="the lock does not hang together; it names the command that mends"
        )
    if forecast.source == "predicted":
        yield Step(command="mergegate review", why="no review is of what is here")
    if forecast.source == "review" and forecast.outcome == "fails" and forecast.failing:
        gate = shlex.quote(forecast.failing[0])
        blocks = "blocks" if forecast.enforced else "fails, and only advises"
        step = Step(command=f"mergegate gates explain {gate}", why=f"{forecast.failing[0]} {blocks}")
        if forecast.enforced or place.dirty:
            yield step


def _of_sending(place: Place, moves: Moves, remotes: Sequence[str]) -> Iterator[Step]:
    """What was reviewed and holds: commit it, push it, propose it."""
    if place.edited or place.untracked:
        yield Step(command="git add --all && git commit", why="what was reviewed is not committed")
    objects = "mergegate push && " if moves.data or moves.stages else ""
    if place.branch is None:
        yield Step(command="git switch --create NAME", why="HEAD is on no branch")
    elif not place.upstream and not remotes:
        yield Step(command="git remote add origin URL", why="git knows no place to push to")
    elif not place.upstream:
        where = f"{shlex.quote(remotes[0])} {shlex.quote(place.branch)}"
        yield Step(command=f"{objects}git push --set-upstream {where}", why="the branch is only here")
    elif place.unpushed:
        commits = "1 commit is" if place.unpushed == 1 else f"{place.unpushed:,} commits are"
        yield Step(command=f"{objects}git push", why=f"{commits} only here")
    yield Step(
        command="", why=f"all is pushed: open a pull request into {place.target.removeprefix('origin/')}"
    )
