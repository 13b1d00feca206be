"""What a change does to the pipeline: which stages differ and why, which params differ and what they feed."""

from collections.abc import Iterator, Mapping
from typing import Any

from mergegate.dag.files import Files
from mergegate.dag.params import MISSING, ParamsFiles, leaves, printable, same, show
from mergegate.dag.paths import ancestors
from mergegate.records.pipeline import LockedPath, LockedStage, Pipeline, Stage
from mergegate.records.review import ParamChange, Reason, StageChange

LONGEST_VALUE = 300
"""Characters of a param's value that are kept."""

LONGEST_NAME = 200
"""Characters of a key, path or command that are kept in a reason."""

MOST_REASONS = 50
"""Reasons per stage that are kept."""


def stage_changes(base: Pipeline, head: Pipeline) -> tuple[StageChange, ...]:
    """The stages that differ, in head's order, those that are gone last.

    A stage differs by what dvc.yaml declares or dvc.lock records; reasons are inputs first. Outputs are a
    reason of their own only when nothing that goes in differs.
    """
    before, after = ({(s.file, s.name): s for s in side.stages} for side in (base, head))
    old_locks, new_locks = ({(s.file, s.name): s for s in side.locked} for side in (base, head))
    data = data_paths(base) | data_paths(head)
    changes = []
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            stage = new or old
            if stage is not None:
                changes.append(StageChange(name=stage.address, change="added" if old is None else "removed"))
            continue
        reasons = [
            *_definition_reasons(old, new),
            *_lock_reasons(old_locks.get(key), new_locks.get(key), data),
        ]
        if reasons:
            kept = tuple(dict.fromkeys(reasons))[:MOST_REASONS]
            changes.append(StageChange(name=new.address, change="changed", reasons=kept))
    return tuple(changes)


def param_changes(
    base_files: Files,
    head_files: Files,
    base: Pipeline,
    head: Pipeline,
    *,
    base_at: str = "",
    head_at: str = "",
) -> tuple[ParamChange, ...]:
    """Every changed leaf of every params file that a stage or dvc.yaml names, with the stages it feeds.

    `base_at` and `head_at` name the revisions in errors. Raises ConfigError for a params file that can't be
    read.
    """
    before, after = ParamsFiles(base_files, at=base_at), ParamsFiles(head_files, at=head_at)
    changes = []
    moved = _redefined(base, head)
    for file in sorted(_params_files(base) | _params_files(head)):
        through = tuple(
            stage.address
            for stage in moved
            if any(file in side.templated.get(stage.file, ()) for side in (base, head))
        )
        old, new = (_leaves(side.values(file)) for side in (before, after))
        for key in [*new, *(key for key in old if key not in new)]:
            texts = [show(side[key]) if key in side else None for side in (old, new)]
            if texts[0] != texts[1]:
                changes.append(
                    ParamChange(
                        file=file,
                        key=cut(printable(key), LONGEST_NAME),
                        old=None if texts[0] is None else cut(texts[0], LONGEST_VALUE),
                        new=None if texts[1] is None else cut(texts[1], LONGEST_VALUE),
                        stages=tuple(
                            dict.fromkeys((*(_fed(file, key, head) or _fed(file, key, base)), *through))
                        ),
                    )
                )
    return tuple(changes)


def _redefined(base: Pipeline, head: Pipeline) -> list[Stage]:
    """The stages of which dvc.yaml says something else, in head's order, those that are gone last.

    Of a file with templates nobody says which value changed which stage: a change of several feeds them all.
    """
    before, after = ({(s.file, s.name): s for s in side.stages} for side in (base, head))
    gone = [stage for key, stage in before.items() if key not in after]
    return [*(stage for key, stage in after.items() if before.get(key) != stage), *gone]


def _definition_reasons(old: Stage, new: Stage) -> Iterator[Reason]:
    """What dvc.yaml declares differently."""
    if old.cmd != new.cmd:
        yield Reason(kind="command", what=cut("; ".join(new.commands), LONGEST_NAME))
    differing = [
        *(set(old.deps) ^ set(new.deps)),
        *(out.path for out in set(old.outs) ^ set(new.outs)),
        *(f"{file}:{key}" if key else file for file, key in _keys(old) ^ _keys(new)),
    ]
    for what in sorted(set(differing)):
        yield Reason(kind="definition", what=cut(what, LONGEST_NAME))
    if old.frozen != new.frozen:
        yield Reason(kind="definition", what="frozen" if new.frozen else "no longer frozen")
    if old.wdir != new.wdir:
        yield Reason(kind="definition", what=f"wdir: {cut(new.wdir, LONGEST_NAME)}")


def _lock_reasons(old: LockedStage | None, new: LockedStage | None, data: set[str]) -> Iterator[Reason]:
    """What dvc.lock records differently."""
    if old is None and new is None:
        return
    if old is None or new is None:
        yield Reason(kind="definition", what="new in dvc.lock" if old is None else "gone from dvc.lock")
        return
    before, after = _hashes(old.deps), _hashes(new.deps)
    inputs = [
        Reason(kind="data" if is_data(path, data) else "code", what=cut(path, LONGEST_NAME))
        for path in after
        if path in before and before[path] != after[path]
    ]
    inputs += [Reason(kind="params", what=cut(what, LONGEST_NAME)) for what in _changed_params(old, new)]
    inputs.sort(key=lambda reason: ("code", "data", "params").index(reason.kind))
    yield from inputs
    if inputs or old.cmd != new.cmd or before.keys() != after.keys():
        return
    outs_before, outs_after = _hashes(old.outs), _hashes(new.outs)
    for path in outs_after:
        if path in outs_before and outs_before[path] != outs_after[path]:
            yield Reason(kind="outputs", what=cut(path, LONGEST_NAME))


def _changed_params(old: LockedStage, new: LockedStage) -> Iterator[str]:
    """`file:leaf` of every param that both blocks name and that differs."""
    for file, values in new.params.items():
        before = old.params.get(file, {})
        for key, value in values.items():
            if key not in before or same(before[key], value):
                continue
            yield from (f"{file}:{leaf}" for leaf in changed_leaves(key, before[key], value))


def changed_leaves(key: str, old: Any, new: Any) -> Iterator[str]:
    """The leaves of a section, the new ones first, whose values differ."""
    was, is_ = leaves(old, key), leaves(new, key)
    for leaf in [*is_, *(leaf for leaf in was if leaf not in is_)]:
        if not same(was.get(leaf, MISSING), is_.get(leaf, MISSING)):
            yield leaf


def _keys(stage: Stage) -> set[tuple[str, str]]:
    return {(source.file, key) for source in stage.params for key in source.keys or ("",)}


def _hashes(paths: tuple[LockedPath, ...]) -> dict[str, str | None]:
    return {entry.path: entry.hash.md5 if entry.hash else None for entry in paths}


def data_paths(pipeline: Pipeline) -> set[str]:
    """What DVC holds or a stage writes: all else is code."""
    outs = {out.path for stage in pipeline.stages for out in stage.outs}
    return outs | {entry.path for entry in pipeline.tracked}


def is_data(path: str, data: set[str]) -> bool:
    """Whether a dependency is data: itself, a part of it, or a folder that holds some."""
    return (
        path in data
        or "://" in path
        or any(folder in data for folder in ancestors(path))
        or any(other.startswith(f"{path}/") for other in data)
    )


def _params_files(pipeline: Pipeline) -> set[str]:
    return {source.file for stage in pipeline.stages for source in stage.params} | set(pipeline.params_files)


def _leaves(values: Any) -> Mapping[str, Any]:
    return {} if values is MISSING else leaves(values)


def _fed(file: str, leaf: str, pipeline: Pipeline) -> tuple[str, ...]:
    """Addresses of the stages that a leaf feeds: that name it, a section around it, or the whole file."""
    fed = []
    for stage in pipeline.stages:
        for source in stage.params:
            if source.file == file and (not source.keys or any(_covers(key, leaf) for key in source.keys)):
                fed.append(stage.address)
    return tuple(dict.fromkeys(fed))


def _covers(key: str, leaf: str) -> bool:
    return key == leaf or leaf.startswith(f"{key}.") or key.startswith(f"{leaf}.")


def cut(text: str, longest: int) -> str:
    """The text, its end left out where it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
