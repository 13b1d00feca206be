"""Whether what a run wrote is what dvc.lock says, as the policy takes equal."""

import re
from collections.abc import Collection, Iterator, Mapping

import msgspec

from mergegate import predictions, repo
from mergegate.config.policy import Evaluation, Policy
from mergegate.dag.params import same
from mergegate.dag.paths import is_external
from mergegate.errors import MergegateError
from mergegate.flows.reproduce import contents
from mergegate.flows.reproduce.contents import Apart, Source
from mergegate.flows.reproduce.inputs import Inputs
from mergegate.records.pipeline import LockedPath, LockedStage, ObjectHash, Output, Pipeline, Stage
from mergegate.records.reproduce import Difference, Equality, Kind

_MOST_FILES = 200
"""Files of one folder whose contents are compared."""

_LARGEST = 256 * 1024 * 1024
"""Bytes of a file, other than predictions, that is compared by what it holds."""

_OF_THE_FILES = re.compile(r"files\[\d+\]\.(sha256|size)|versions\..*")
"""Keys of a bundle's manifest that follow from its files, which are compared themselves, and the machine."""


class Side(msgspec.Struct, frozen=True):
    """Where the files of one run are: cached ones by checksum, others among `files`."""

    inputs: Inputs
    files: repo.Snapshot

    def open(self, out: Output, path: str, name: ObjectHash) -> Source:
        """The bytes of a file that a run wrote. Raises ObjectError."""
        if out.cached:
            return self.inputs.open(name, remote=out.remote)
        return self.files.read(path) or b""

    def tree(self, out: Output, name: ObjectHash) -> Mapping[str, str]:
        """The files of a folder that a run wrote. Raises ObjectError."""
        return self.inputs.tree(name, remote=out.remote)


class Rules(msgspec.Struct, frozen=True):
    """What counts as equal; `evaluations` are the policy's, by the path of their predictions.

    `counted` are the other paths that the policy names: what they hold must be the same too.
    """

    equal: Equality
    tolerance: float
    evaluations: Mapping[str, Evaluation] = {}
    counted: frozenset[str] = frozenset()
    bundles: frozenset[str] = frozenset()

    @property
    def by_bytes(self) -> bool:
        """Whether every byte counts: as asked, or because nothing says what else would."""
        return self.equal == "bytes" or (self.equal == "predictions" and not self.evaluations)

    def blocks(self, apart: Apart, path: str, out: Output) -> bool:
        """Whether a difference of this kind fails the run."""
        if self.by_bytes or self.equal == "verdict":
            return self.by_bytes
        return not apart.within and self.counts(path, out)

    def counts(self, path: str, out: Output) -> bool:
        """Whether somebody judges by what this file holds."""
        named = self.counted | self.bundles | self.evaluations.keys()
        return out.kind == "metrics" or any(path == each or path.startswith(f"{each}/") for each in named)

    def in_bundle(self, path: str) -> bool:
        """Whether a file is a part of a model's bundle."""
        return any(path.startswith(f"{each}/") for each in self.bundles)


def make_rules(policy: Policy) -> Rules:
    """The rules of a policy."""
    evaluations = [model.evaluation for model in policy.models.values()]
    named = [(each.inputs, each.training_rows, each.metrics, each.seeds) for each in evaluations]
    counted = {path for paths in named for path in paths if path is not None}
    return Rules(
        policy.reproduce.equal,
        policy.reproduce.tolerance,
        {each.predictions: each for each in evaluations},
        frozenset(counted | {dataset.path for dataset in policy.datasets}),
        frozenset(model.bundle for model in policy.models.values() if model.bundle is not None),
    )


def compare_stage(
    stage: Stage,
    old: LockedStage | None,
    new: LockedStage,
    sides: tuple[Side, Side],
    rules: Rules,
    others: Collection[str],
) -> Iterator[Difference]:
    """How a run's block of dvc.lock differs from the old one, and the files behind it.

    `others` are paths that earlier stages wrote otherwise: what reads them reads other bytes by right.
    """
    if old is None:
        message = "dvc.lock has no block of this stage: it never ran"
        yield Difference(stage=stage.address, path="dvc.lock", kind="definition", message=message)
        return
    inputs = list(_compare_inputs(stage, old, new, others))
    yield from inputs
    before, after = ({each.path: each for each in block.outs} for block in (old, new))
    for out in stage.outs:
        for each in _compare_out(stage, out, before.get(out.path), after.get(out.path), sides, rules):
            # Where other things went in, nothing else need be the cause of what came out.
            yield msgspec.structs.replace(each, likely="") if inputs else each


def find_unmade(base: Pipeline, head: Pipeline, held: Collection[str], rules: Rules) -> Iterator[Difference]:
    """What a stage of base writes and head merely holds, in git (the paths `held`) or by a .dvc file: nothing
    that could be run says where it came from.
    """
    made = {out.path for stage in head.stages for out in stage.outs}
    kept = {*held, *(entry.path for entry in head.tracked)}
    for stage in base.stages:
        for out in stage.outs:
            inside = any(_overlap(out.path, path) for path in made)
            if not inside and any(path == out.path or path.startswith(f"{out.path}/") for path in kept):
                yield Difference(
                    stage=stage.address,
                    path=out.path,
                    kind="definition",
                    message="a stage writes it in base, and no stage of this revision does",
                    blocking=rules.by_bytes or rules.counts(out.path, out),
                )


def _compare_inputs(
    stage: Stage, old: LockedStage, new: LockedStage, others: Collection[str]
) -> Iterator[Difference]:
    """What dvc.lock says went in, against what did."""

    def differs(
        path: str, kind: Kind, message: str, was: str | None = None, now: str | None = None
    ) -> Difference:
        return Difference(stage=stage.address, path=path, kind=kind, message=message, old=was, new=now)

    if old.commands != new.commands:
        yield differs("dvc.lock", "command", "dvc.lock records another command than dvc.yaml has")
    before, after = ({each.path: each for each in block.deps} for block in (old, new))
    for path in sorted(before.keys() ^ after.keys()):
        message = "dvc.lock lists it, and the stage does not depend on it" if path in before else ""
        yield differs(path, "definition", message or "the stage depends on it, and dvc.lock does not list it")
    for path in before.keys() & after.keys():
        was, now = _md5(before[path]), _md5(after[path])
        inherited = any(_overlap(path, other) for other in others)
        if was != now and not inherited and not _is_legacy(before[path], after[path]):
            yield differs(path, "input", "dvc.lock says that the stage read another version of it", was, now)
    if not same(old.params, new.params):
        files = sorted(
            file
            for file in {*old.params, *new.params}
            if not same(old.params.get(file), new.params.get(file))
        )
        for file in files:
            yield differs(file, "params", "dvc.lock records other values than the stage ran with")


def _compare_out(
    stage: Stage,
    out: Output,
    old: LockedPath | None,
    new: LockedPath | None,
    sides: tuple[Side, Side],
    rules: Rules,
) -> Iterator[Difference]:
    """One output."""
    was, now = (None if each is None else each.hash for each in (old, new))
    told = Difference(
        stage=stage.address,
        path=out.path,
        kind="bytes",
        message="",
        old=was.md5 if was else None,
        new=now.md5 if now else None,
    )
    if was is None or now is None:
        if is_external(out.path) and was is now:
            return
        message = "dvc.lock records no checksum of it" if was is None else "the run left no checksum of it"
        yield msgspec.structs.replace(told, kind="missing", message=message)
        return
    if was.md5 == now.md5:
        committed = sides[0].files.md5(out.path) if not out.cached and not now.is_dir else now.md5
        if committed != now.md5:
            message = "it is not the file that dvc.lock names: it was edited after the run"
            yield msgspec.structs.replace(told, message=message, old=committed)
        return
    if was.is_dir and now.is_dir and out.cached:
        yield from _compare_folders(told, out, was, now, sides, rules)
        return
    apart = _compare_files(out.path, out, was, now, sides, rules)
    if apart is not None:
        yield _difference(told, apart, out.path, out, rules)


def _compare_folders(
    told: Difference, out: Output, was: ObjectHash, now: ObjectHash, sides: tuple[Side, Side], rules: Rules
) -> Iterator[Difference]:
    """The files of a folder that differ, those that count one by one."""
    try:
        before, after = sides[0].tree(out, was), sides[1].tree(out, now)
    except MergegateError as error:
        yield msgspec.structs.replace(told, kind="unreadable", message=error.message)
        return
    paths = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    told_apart = []
    for inside in paths[:_MOST_FILES]:
        path = f"{out.path}/{inside}"
        if inside not in before or inside not in after:
            message = "dvc.lock's has no such file" if inside not in before else "the run wrote no such file"
            told_apart.append((path, Apart("missing", message)))
            continue
        old = ObjectHash(md5=before[inside], legacy=was.legacy)
        new = ObjectHash(md5=after[inside], legacy=now.legacy)
        apart = _compare_files(path, out, old, new, sides, rules)
        if apart is not None:
            told_apart.append((path, apart))
    for path, apart in told_apart:
        inside = path[len(out.path) + 1 :]
        each = msgspec.structs.replace(told, path=path, old=before.get(inside), new=after.get(inside))
        yield _difference(each, apart, path, out, rules)
    if len(paths) > _MOST_FILES or not told_apart:
        message = f"{len(paths):,} of {len({*before, *after}):,} files differ"
        yield _difference(told, Apart("bytes", message), out.path, out, rules)


def _difference(told: Difference, apart: Apart, path: str, out: Output, rules: Rules) -> Difference:
    return msgspec.structs.replace(
        told,
        kind=apart.kind,
        message=apart.message,
        columns=apart.columns,
        rows=apart.rows,
        largest=apart.largest,
        likely=apart.likely,
        blocking=rules.blocks(apart, path, out),
    )


def _compare_files(
    path: str, out: Output, was: ObjectHash, now: ObjectHash, sides: tuple[Side, Side], rules: Rules
) -> Apart | None:
    """How two files with other checksums differ; None where only their checksums' scheme does."""
    try:
        old, new = sides[0].open(out, path, was), sides[1].open(out, path, now)
    except MergegateError as error:
        return Apart("unreadable", f"it can't be compared: {error.message}")
    if was.legacy != now.legacy and contents.read_bytes(old) == contents.read_bytes(new):
        return None
    if path in rules.evaluations:
        return _compare_predictions(path, rules.evaluations[path], old, new, rules.tolerance)
    if max(contents.size(old), contents.size(new)) > _LARGEST:
        return Apart("bytes", "other bytes, too many to be compared by what they hold")
    if path.endswith(".json"):
        passing = _OF_THE_FILES if rules.in_bundle(path) else None
        return contents.compare_json(old, new, rules.tolerance, passing=passing)
    if path.endswith(".parquet"):
        return contents.compare_tables(old, new, rules.tolerance)
    if path.endswith(".onnx"):
        return contents.compare_graphs(old, new, rules.tolerance)
    return Apart("bytes", "other bytes", likely=contents.guess_from_bytes(old, new))


def _compare_predictions(
    path: str, evaluation: Evaluation, old: Source, new: Source, tolerance: float
) -> Apart:
    """Two predictions files, each held to the contract first."""
    read = []
    for source, where in ((old, "of dvc.lock"), (new, "of this run")):
        try:
            name = f"{path} {where}"
            read.append(
                predictions.read(source, task=evaluation.task, positive=evaluation.positive, name=name)
            )
        except MergegateError as error:
            return Apart("unreadable", error.message)
    apart = contents.compare_predictions(read[0], read[1], tolerance)
    return apart or Apart("bytes", "the same rows in other bytes", within=True)


def _overlap(a: str, b: str) -> bool:
    return a == b or a.startswith(f"{b}/") or b.startswith(f"{a}/")


def _md5(entry: LockedPath) -> str | None:
    return entry.hash.md5 if entry.hash else None


def _is_legacy(old: LockedPath, new: LockedPath) -> bool:
    """Whether the checksums are of two schemes, which says nothing of the bytes."""
    return bool(old.hash and new.hash and old.hash.legacy != new.hash.legacy)
