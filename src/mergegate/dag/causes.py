"""Why a stage must run: its declaration and inputs against its block of dvc.lock, that block against base."""

import bisect
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from mergegate.dag.chain import param_names, stale_keys
from mergegate.dag.changes import LONGEST_NAME, changed_leaves, cut, data_paths, is_data, stage_changes
from mergegate.dag.files import Files
from mergegate.dag.merges import same_block
from mergegate.dag.outputs import Made, Outputs
from mergegate.dag.params import MISSING, ParamsFiles, look_up
from mergegate.dag.paths import ancestors, is_external
from mergegate.records.pipeline import LockedStage, Pipeline, Stage
from mergegate.records.plan import Cause, Why
from mergegate.records.review import LockFinding
from mergegate.records.surroundings import UndeclaredImport

MOST_REASONS = 50
"""Reasons per stage that are kept."""

ALWAYS = "always_changed"
"""What a stage that DVC runs every time is said to have."""

_OF_LOCK: dict[str, Cause] = {
    "code": "code",
    "data": "data",
    "params": "params",
    "command": "command",
    "definition": "definition",
}


class Found:
    """What was found about one stage: reasons, and whether `dvc repro` would run it by itself.

    `own`: it would though the stage is frozen, as it is not only what the stage reads that changed.
    """

    def __init__(self) -> None:
        self.reasons: dict[Why, None] = {}
        self.stale = False
        self.own = False

    def add(self, cause: Cause, what: str, *, stale: bool, own: bool = False) -> None:
        """Add a reason."""
        self.own = self.own or own
        if len(self.reasons) < MOST_REASONS:
            self.reasons[Why(cause=cause, what=cut(what, LONGEST_NAME))] = None
        self.stale = self.stale or stale


class Causes:
    """The causes of one change; `moved` are submodules that have another commit than in base.

    `notes` grows by a sentence for whatever can't be checked and is believed as base's.
    """

    def __init__(
        self,
        base: Pipeline | None,
        head: Pipeline,
        outputs: Outputs,
        files: tuple[Files | None, Files],
        findings: Sequence[LockFinding],
        undeclared: Sequence[UndeclaredImport],
        *,
        moved: Collection[str] = (),
        at: str = "",
    ) -> None:
        self.notes: list[str] = []
        self._params = ParamsFiles(files[1], at=at)
        self._outputs = outputs
        self._base_outputs = Outputs(base) if base is not None else None
        self._files = files
        self._moved = moved
        self._data = data_paths(head)
        self._blocks = {(block.file, block.name): block for block in head.locked}
        self._base_blocks = {(block.file, block.name): block for block in base.locked} if base else {}
        changes = stage_changes(base, head) if base is not None else ()
        self._changes = {change.name: change.reasons for change in changes}
        self._findings = defaultdict(list)
        for finding in findings:
            self._findings[finding.stage].append(finding)
        self._helpers = defaultdict(list)
        for each in undeclared:
            if each.changed:
                self._helpers[each.stage].append(each.imported)

    def of(self, stage: Stage) -> Found:
        """Why a stage must run, first of all what DVC would see too."""
        found = Found()
        block = self._blocks.get((stage.file, stage.name))
        if block is None:
            found.add("never-ran", _lock(stage), stale=True, own=True)
            return found
        if stage.cmd != block.cmd:
            found.add("command", "; ".join(stage.commands), stale=True, own=True)
        self._add_params(stage, block, found)
        self._add_names(stage, block, found)
        unchecked = []
        for finding in self._findings.get(stage.address, ()):
            if finding.kind == "unchecked":
                unchecked.append(finding)
            else:
                self._add_finding(stage, block, finding, found)
        for path in self._helpers.get(stage.address, ()):
            found.add("helper", path, stale=False)
        for reason in self._changes.get(stage.address, ()):
            # dvc.lock does not tell where a command ran.
            if reason.kind == "definition" and reason.what.startswith("wdir: "):
                found.add("definition", reason.what, stale=False)
        # DVC runs a stage that reads and writes nothing every time too.
        if stage.always_changed or not (stage.deps or stage.params or stage.outs):
            found.add("definition", ALWAYS, stale=True)
        claimed = self._add_claims(stage, block, found)
        for finding in unchecked:
            if not self._is_as_in_base(finding.path):
                found.add(self._kind(finding.path), finding.path, stale=False)
            elif not claimed:
                what = f"{stage.address}: {finding.path:.200}"
                self.notes.append(f"{what} could not be checked here, and is taken to be as in base.")
        return found

    def _add_params(self, stage: Stage, block: LockedStage, found: Found) -> None:
        """Params with other values than those of the run, leaf by leaf."""
        for source in stage.params:
            ran_with = block.params.get(source.file)
            if ran_with is None:
                continue
            values = self._params.values(source.file)
            if values is MISSING:
                # One that a stage writes is not there before that stage ran.
                if not self._outputs.of(source.file):
                    found.add("params", source.file, stale=True)
                continue
            for key in stale_keys(source.keys, ran_with, values):
                now = look_up(values, key) if source.keys else _top(values, key)
                leaves = list(changed_leaves(str(key), ran_with.get(key, MISSING), now))
                for leaf in leaves or [str(key)]:
                    found.add("params", f"{source.file}:{leaf}", stale=True)

    def _add_names(self, stage: Stage, block: LockedStage, found: Found) -> None:
        """What dvc.yaml declares and did not, which DVC sees, or no longer declares, which it does not."""
        pairs = [
            ({*stage.deps}, {dep.path for dep in block.deps}),
            param_names(stage, block),
            ({out.path for out in stage.outs}, {out.path for out in block.outs}),
        ]
        for declared, locked in pairs:
            for name in sorted(declared ^ locked):
                own = _writes(stage, name)
                found.add("definition", name, stale=name in declared, own=own and name in declared)

    def _add_finding(self, stage: Stage, block: LockedStage, finding: LockFinding, found: Found) -> None:
        """What the lock chain, or a merge, says of the stage."""
        path = finding.path
        match finding.kind:
            case "edited":
                found.add(self._kind(path), path, stale=True)
            # What a stage writes that never ran is there once it has; params were looked at before.
            case "missing" if not any(source.file == path for source in stage.params):
                if not any(made.stage for made in self._outputs.of(path)):
                    found.add("missing", path, stale=True)
            case "no-checksum":
                own = _writes(stage, path)
                found.add("missing" if own else self._kind(path), path, stale=True, own=own)
            case "not-in-git":
                found.add("missing", path, stale=True, own=True)
            case "output-edited":
                found.add("output", path, stale=True, own=True)
            case "merged":
                found.add("merged", path, stale=False)
            case "broken-link":
                made = self._outputs.of(path)
                by_stage = any(each.stage for each in made)
                seen = not any(_hashed_otherwise(each, block, path) for each in made)
                found.add("broken-link" if by_stage else "data", path, stale=seen)

    def _add_claims(self, stage: Stage, block: LockedStage, found: Found) -> bool:
        """What head's block has other than base's: only a run can tell that it is true."""
        before = self._base_blocks.get((stage.file, stage.name))
        if before is not None and same_block(before, block):
            return False
        if found.stale:
            return True
        for reason in self._changes.get(stage.address, ()):
            if reason.kind in _OF_LOCK:
                found.add(_OF_LOCK[reason.kind], reason.what, stale=False)
        found.add("lock", _lock(stage), stale=False)
        return True

    def _is_as_in_base(self, path: str) -> bool:
        """Whether base has the same of a path: in git, in its locks, in its submodules."""
        base_files, files = self._files
        if base_files is None or self._base_outputs is None:
            return False
        if any(path in (moved, *ancestors(moved)) or moved in ancestors(path) for moved in self._moved):
            return False
        made, before = ({each.path: each.hash for each in side.of(path)} for side in self._both())
        return made == before and _git_sums(files, path) == _git_sums(base_files, path)

    def _both(self) -> Iterator[Outputs]:
        yield self._outputs
        if self._base_outputs is not None:
            yield self._base_outputs

    def _kind(self, path: str) -> Cause:
        return "data" if is_data(path, self._data) else "code"


def _lock(stage: Stage) -> str:
    return stage.file.removesuffix("yaml") + "lock"


def _top(values: object, key: object) -> object:
    return values.get(key, MISSING) if isinstance(values, dict) else MISSING


def _writes(stage: Stage, path: str) -> bool:
    return any(out.path == path for out in stage.outs)


def _hashed_otherwise(made: Made, block: LockedStage, path: str) -> bool:
    """Whether DVC 2 hashed one side of a link and DVC 3 the other: it then compares nothing."""
    dep = next((dep.hash for dep in block.deps if dep.path == path), None)
    return dep is not None and made.hash is not None and dep.legacy != made.hash.legacy


def _git_sums(files: Files, path: str) -> dict[str, str | None]:
    """Checksums of what git holds of a path."""
    if is_external(path):
        return {}
    own = files.md5(path)
    if own is not None:
        return {path: own}
    paths = files.paths()
    start = "" if path == "." else f"{path}/"
    sums = {}
    for index in range(bisect.bisect_left(paths, start), len(paths)):
        if not paths[index].startswith(start):
            break
        sums[paths[index]] = files.md5(paths[index])
    return sums
