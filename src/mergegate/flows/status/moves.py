"""What a change moved since its base: data, params, code, and the stages that must run again."""

from collections.abc import Iterator, Mapping

import msgspec

from mergegate import dag, repo
from mergegate.config.policy import POLICY_FILE
from mergegate.errors import MergegateError, ObjectError
from mergegate.flows.planning import plan_change
from mergegate.flows.status.stores import find_stored
from mergegate.flows.unadded import find_unadded
from mergegate.records.pipeline import ObjectHash, Pipeline
from mergegate.records.plan import PlannedStage
from mergegate.records.review import Change, ParamChange, Revision
from mergegate.records.status import MovedData, Moves
from mergegate.repo.state import State, list_changed

MOST = 100
"""Entries that are kept of each list."""


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """Base and the workspace as read; `problems` are files that DVC would refuse."""

    project: repo.Project
    base: Revision
    head: Revision
    before_files: repo.Snapshot
    after_files: repo.Snapshot
    before: Pipeline
    after: Pipeline
    objects: repo.Objects
    problems: tuple[str, ...] = ()


def find_moves(sides: Sides | None, state: State) -> Moves:
    """Everything that moved; without a base only what is not committed."""
    if sides is None:
        return Moves(files=state.paths[:MOST], files_total=len(state.paths))
    problems = list(sides.problems)
    params: tuple[ParamChange, ...] = ()
    stages: tuple[PlannedStage, ...] = ()
    seconds: float | None = None
    if not problems:
        try:
            params = dag.param_changes(
                sides.before_files,
                sides.after_files,
                sides.before,
                sides.after,
                base_at=sides.base.name,
                head_at="",
            )
            planned = plan_change(sides.project, sides.base, sides.head, objects=sides.objects)
            stages = tuple(stage for stage in planned.stages if stage.will != "skip")
            seconds = planned.seconds_at_most
            problems += [problem.message for problem in planned.problems]
        except MergegateError as error:
            problems.append(error.message)
    changed = {*list_changed(sides.project, sides.base.sha or ""), *state.untracked}
    told = {*_told_otherwise(sides, changed), *(change.file for change in params)}
    told |= find_stored(sides.project, changed)
    files = sorted(changed - told)
    return Moves(
        data=tuple(_data(sides))[:MOST],
        params=params[:MOST],
        params_total=len(params),
        files=tuple(files[:MOST]),
        files_total=len(files),
        stages=stages[:MOST],
        stages_total=len(stages),
        seconds=seconds,
        policy=POLICY_FILE in changed,
        problems=tuple(problems[:MOST]),
    )


def _told_otherwise(sides: Sides, changed: set[str]) -> Iterator[str]:
    """Files that stand on the screen as data, params, a stage or the policy."""
    params = {
        source.file
        for side in (sides.before, sides.after)
        for stage in side.stages
        for source in stage.params
    }
    outs = {out.path for side in (sides.before, sides.after) for stage in side.stages for out in stage.outs}
    for path in changed:
        name = path.rpartition("/")[2]
        if (
            path in params
            or path == POLICY_FILE
            or name in ("dvc.lock", ".gitignore")
            or name.endswith(".dvc")
            or any(path == out or path.startswith(f"{out}/") for out in outs)
        ):
            yield path


def _data(sides: Sides) -> Iterator[MovedData]:
    """Tracked data whose .dvc file names something else, or no longer what is here."""
    old, new = (_hashes(side) for side in (sides.before, sides.after))
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if (before and before.md5) != (after and after.md5):
            yield _moved(path, before, after, sides.objects)
    for entry in find_unadded(sides.project, sides.after):
        yield MovedData(path=entry.path, change="changed", added_yet=False)


def _hashes(pipeline: Pipeline) -> dict[str, ObjectHash | None]:
    return {entry.path: entry.hash for entry in pipeline.tracked}


def _moved(path: str, old: ObjectHash | None, new: ObjectHash | None, objects: repo.Objects) -> MovedData:
    change: Change = "added" if old is None else "removed" if new is None else "changed"
    try:
        before, after = (_list(side, objects) for side in (old, new))
    except ObjectError:
        return MovedData(path=path, change=change)
    return MovedData(
        path=path,
        change=change,
        files_added=len(after.keys() - before.keys()),
        files_removed=len(before.keys() - after.keys()),
        files_changed=sum(before[name] != after[name] for name in before.keys() & after.keys()),
    )


def _list(name: ObjectHash | None, objects: repo.Objects) -> Mapping[str, str]:
    if name is None:
        return {}
    return objects.tree(name) if name.is_dir else {"": name.md5}
