"""The lock chain: whether dvc.lock records a run of this dvc.yaml on these very inputs.

DVC calls many states up to date that never ran: a dependency taken out of dvc.yaml, a merge that joins two
halves of a lock, code edited after the run in a clone without the data. Each check here compares two files of
one revision that must agree, and needs neither a checkout nor the data.
"""

import shlex
from collections.abc import Iterator, Mapping

from mergegate.amounts import list_some
from mergegate.dag.files import Files, Tree
from mergegate.dag.params import MISSING, ParamsFiles, look_up, same
from mergegate.dag.paths import is_external
from mergegate.dag.recorded import Absent, Known, Recorded, Unknown
from mergegate.records.pipeline import LockedPath, LockedStage, Pipeline, Stage
from mergegate.records.review import LockFinding, Side

MOST_NAMED = 5
"""Paths or keys that one sentence names."""


def chain(
    pipeline: Pipeline, files: Files, side: Side, *, tree: Tree | None = None, at: str = ""
) -> tuple[LockFinding, ...]:
    """Check one revision's lock chain; nothing is found in a repository fresh from `dvc repro`.

    `tree` gives the list of files of a folder object, for dependencies inside tracked folders; without it
    they are said to be unchecked, in findings that don't block. `at` names the revision in errors. Raises
    ConfigError for a params file that can't be read.
    """
    return tuple(_Chain(pipeline, files, side, tree, at).check())


class _Chain:
    """The checks of one revision."""

    def __init__(self, pipeline: Pipeline, files: Files, side: Side, tree: Tree | None, at: str) -> None:
        self.pipeline = pipeline
        self.side = side
        self.recorded = Recorded(pipeline, files, tree)
        self.params = ParamsFiles(files, at=at)

    def check(self) -> Iterator[LockFinding]:
        """All findings, stage by stage in dvc.yaml's order, then what belongs to none."""
        blocks = {(block.file, block.name): block for block in self.pipeline.locked}
        for stage in self.pipeline.stages:
            block = blocks.pop((stage.file, stage.name), None)
            yield from self._check_stage(stage, block)
        for block in blocks.values():
            lock = block.file.removesuffix("yaml") + "lock"
            yield LockFinding(
                side=self.side,
                kind="ghost",
                stage=block.address,
                path=lock,
                message=f"{lock} records the stage {block.name}, which dvc.yaml no longer has",
                mend=f"delete the block `{block.name}` from {lock}",
                blocking=False,
            )
        for entry in self.pipeline.tracked:
            if entry.hash is None and not is_external(entry.path):
                message = f"{entry.file} records no checksum for {entry.path}: nobody can get its data"
                mend = f"dvc commit {shlex.quote(entry.file)}"
                yield LockFinding(
                    side=self.side, kind="no-checksum", stage="", path=entry.path, message=message, mend=mend
                )

    def _check_stage(self, stage: Stage, block: LockedStage | None) -> Iterator[LockFinding]:
        lock = stage.file.removesuffix("yaml") + "lock"
        if stage.frozen:
            message = f"{stage.address} is frozen: `dvc repro` passes it by, whatever changes"
            yield self._finding(
                stage, "frozen", "", message, mend=f"dvc unfreeze {_quote(stage)}", blocking=False
            )
        if block is None:
            yield self._finding(stage, "not-run", lock, f"{stage.address} is not in {lock}: it never ran")
            return
        if stage.cmd != block.cmd:
            message = f"{stage.address} ran with another command than dvc.yaml has"
            yield self._finding(stage, "command", stage.file, message)
        yield from self._check_names(
            stage, "deps", "dependencies", set(stage.deps), {d.path for d in block.deps}
        )
        yield from self._check_names(
            stage, "outs", "outputs", {o.path for o in stage.outs}, {o.path for o in block.outs}
        )
        yield from self._check_params(stage, block)
        declared = set(stage.deps)
        for dep in block.deps:
            if dep.path in declared:
                yield from self._check_dep(stage, dep)
        yield from self._check_outs(stage, block)

    def _check_names(
        self, stage: Stage, kind: str, word: str, declared: set[str], locked: set[str]
    ) -> Iterator[LockFinding]:
        """What dvc.yaml declares against what the lock lists."""
        new, gone = sorted(declared - locked), sorted(locked - declared)
        if not new and not gone:
            return
        parts = [f"{_name_some(new)} added"] * bool(new) + [f"{_name_some(gone)} taken out"] * bool(gone)
        message = f"{stage.address} has other {word} in dvc.yaml than it ran with: {', '.join(parts)}"
        # To `dvc repro` nothing has changed when something is taken out.
        mend = _rerun(stage, "--force --single-item ") if gone else None
        yield self._finding(stage, f"{kind}-changed", (new or gone)[0], message, mend=mend)

    def _check_params(self, stage: Stage, block: LockedStage) -> Iterator[LockFinding]:
        names, locked = param_names(stage, block)
        yield from self._check_names(stage, "params", "params", names, locked)
        for file, keys in ((source.file, source.keys) for source in stage.params):
            if file not in block.params:
                continue
            values = self.params.values(file)
            if values is MISSING:
                message = f"{stage.address} reads params from {file}, and there is no such file"
                yield self._finding(stage, "missing", file, message, mend=f"git add {shlex.quote(file)}")
                continue
            stale = stale_keys(keys, block.params[file], values)
            if stale:
                message = f"{stage.address} ran with other values of {_name_some(stale)} than {file} has"
                yield self._finding(stage, "param-value", file, message)

    def _check_dep(self, stage: Stage, dep: LockedPath) -> Iterator[LockFinding]:
        if dep.hash is None:
            if not is_external(dep.path):
                message = f"dvc.lock records no checksum for {dep.path}, which {stage.address} reads"
                yield self._finding(stage, "no-checksum", dep.path, message)
            return
        expected = self.recorded.expected(dep.path, legacy=dep.hash.legacy)
        if isinstance(expected, Unknown):
            yield self._unchecked(stage, dep.path, expected)
        elif isinstance(expected, Absent):
            message = f"{stage.address} reads {dep.path}, and {expected.why}"
            mend = f"git add {shlex.quote(dep.path)}" if expected.in_git else None
            yield self._finding(stage, "missing", dep.path, message, mend=mend)
        elif expected.md5 != dep.hash.md5:
            unknown = self.recorded.explain(dep.path, dep.hash) if expected.in_git else None
            if unknown is not None:
                yield self._unchecked(stage, dep.path, unknown)
            else:
                yield self._explain_dep(stage, dep, expected)

    def _unchecked(self, stage: Stage, path: str, unknown: Unknown) -> LockFinding:
        """What can't be known; a list that is lost could hide anything, so it blocks the change."""
        message = f"{stage.address}: {path} can't be checked: {unknown.why}"
        mend = "dvc push" if unknown.lost else ""
        blocking = unknown.lost and self.side == "head"
        return self._finding(stage, "unchecked", path, message, mend=mend, blocking=blocking)

    def _explain_dep(self, stage: Stage, dep: LockedPath, expected: Known) -> LockFinding:
        if not expected.in_git:
            message = f"{stage.address} ran on another {dep.path} than {expected.by} records"
            # DVC 2 and 3 hash a text with CRLF differently; `dvc repro` then sees no change, so force it.
            force = dep.hash is not None and dep.hash.legacy != expected.legacy
            mend = _rerun(stage, "--force ") if force else None
            return self._finding(stage, "broken-link", dep.path, message, mend=mend)
        message = f"{dep.path} was edited after {stage.address} last ran"
        counted = dep.hash.nfiles if dep.hash else None
        if expected.files is not None and counted is not None and counted > expected.files:
            message = (
                f"{stage.address} ran on a {dep.path} of {counted} files, and git has {expected.files}: "
                "what git ignores (`__pycache__`) belongs in .dvcignore too"
            )
        return self._finding(stage, "edited", dep.path, message)

    def _check_outs(self, stage: Stage, block: LockedStage) -> Iterator[LockFinding]:
        declared = {out.path: out for out in stage.outs}
        for out in block.outs:
            if out.path not in declared or is_external(out.path):
                continue
            if out.hash is None:
                message = f"dvc.lock records no checksum for {out.path}, an output of {stage.address}"
                yield self._finding(stage, "no-checksum", out.path, message)
            elif not declared[out.path].cached:
                held = self.recorded.of_git(out.path, legacy=out.hash.legacy)
                if held is None:
                    message = f"{out.path}, an output of {stage.address} with `cache: false`, is not in git"
                    mend = f"git add {shlex.quote(out.path)}"
                    yield self._finding(stage, "not-in-git", out.path, message, mend=mend, blocking=False)
                elif held.md5 != out.hash.md5 and (unknown := self.recorded.explain(out.path, out.hash)):
                    yield self._unchecked(stage, out.path, unknown)
                elif held.md5 != out.hash.md5:
                    message = f"{out.path} is not the file that {stage.address} wrote"
                    yield self._finding(stage, "output-edited", out.path, message)

    def _finding(
        self,
        stage: Stage,
        kind: str,
        path: str,
        message: str,
        *,
        mend: str | None = None,
        blocking: bool = True,
    ) -> LockFinding:
        return LockFinding(
            side=self.side,
            kind=kind,
            stage=stage.address,
            path=path,
            message=message,
            mend=_rerun(stage) if mend is None else mend,
            blocking=blocking,
        )


def param_names(stage: Stage, block: LockedStage) -> tuple[set[str], set[str]]:
    """The params a stage declares, and those it ran with: `file:key`, or the file where it counts whole."""
    declared = {source.file: source.keys for source in stage.params}
    names = {f"{file}:{key}" for file, keys in declared.items() for key in keys}
    names |= {file for file, keys in declared.items() if not keys}
    locked = {f"{f}:{key}" for f, values in block.params.items() if declared.get(f, True) for key in values}
    return names, locked | {file for file in block.params if not declared.get(file, True)}


def stale_keys(keys: tuple[str, ...], ran_with: Mapping[str, object], values: object) -> list[str]:
    """The keys of a params file whose values are not those of the run; without `keys`, all at its top."""
    if keys:
        pairs = {key: (ran_with[key], look_up(values, key)) for key in keys if key in ran_with}
    else:
        both = {*ran_with, *values} if isinstance(values, dict) else set(ran_with)
        pairs = {key: (ran_with.get(key, MISSING), look_up_top(values, key)) for key in sorted(both, key=str)}
    return [key for key, (old, new) in pairs.items() if not same(old, new)]


def look_up_top(values: object, key: object) -> object:
    """The value of a top-level key, MISSING when there is none."""
    return values.get(key, MISSING) if isinstance(values, dict) else MISSING


def _rerun(stage: Stage, options: str = "") -> str:
    """The command that runs a stage again."""
    thaw = f"dvc unfreeze {_quote(stage)} && " if stage.frozen else ""
    return f"{thaw}dvc repro {options}{_quote(stage)}"


def _quote(stage: Stage) -> str:
    return shlex.quote(stage.address)


def _name_some(names: list[str]) -> str:
    return list_some((str(name)[:100] for name in names), MOST_NAMED)
