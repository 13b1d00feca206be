"""Whether what a run wrote is what dvc.lock says, as the policy takes equal."""

import re
from collections.abc import Collection, Iterator, Mapping

import msgspec

from mergegate import predictions, repo
from mergegate.compare import compare, names
from mergegate.config.policy import Evaluation
from mergegate.dag.params import same
from mergegate.dag.paths import is_external
from mergegate.errors import MergegateError
from mergegate.flows.evidence import decide
from mergegate.flows.reproduce import contents
from mergegate.flows.reproduce.contents import Apart, Source
from mergegate.flows.reproduce.inputs import Inputs
from mergegate.flows.reproduce.rules import Rules, overlap
from mergegate.records.pipeline import LockedPath, LockedStage, ObjectHash, Output, Stage
from mergegate.records.predictions import Predictions
from mergegate.records.reproduce import Difference, Kind

_MOST_FILES = 200
"""Files of one folder whose contents are compared where nobody judges by them."""

_MOST_COUNTED = 2_000
"""The same of files that count; where more of these differ, the folder differs."""

_LARGEST = 256 * 1024 * 1024
"""Bytes of a file, other than predictions, that is compared by what it holds."""

_METRICS_APART = 1e-3
"""How far a metric of two runs may be apart; rounding that breaks ties moves a ranking by less."""

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
        """The files of a folder that a run wrote, or that git holds. Raises ObjectError."""
        if out.cached:
            return self.inputs.tree(name, remote=out.remote)
        start = f"{out.path}/"
        inside = (path for path in self.files.paths() if path.startswith(start))
        return {path[len(start) :]: self.files.md5(path) or "" for path in inside}


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


def _compare_inputs(
    stage: Stage, old: LockedStage, new: LockedStage, others: Collection[str]
) -> Iterator[Difference]:
    """What dvc.lock says went in, against what did."""

    def differs(
        path: str, kind: Kind, message: str, was: str | None = None, now: str | None = None
    ) -> Difference:
        return Difference(stage=stage.address, path=path, kind=kind, message=message, old=was, new=now)

    if old.cmd != new.cmd:
        yield differs("dvc.lock", "command", "dvc.lock records another command than dvc.yaml has")
    before, after = ({each.path: each for each in block.deps} for block in (old, new))
    for path in sorted(before.keys() ^ after.keys()):
        message = "dvc.lock lists it, and the stage does not depend on it" if path in before else ""
        yield differs(path, "definition", message or "the stage depends on it, and dvc.lock does not list it")
    for path in before.keys() & after.keys():
        was, now = _md5(before[path]), _md5(after[path])
        inherited = any(overlap(path, other) for other in others)
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
    if was.is_dir and now.is_dir and not (out.cached and was.md5 == now.md5):
        yield from _compare_folders(told, out, was, now, sides, rules)
        return
    if was.is_dir != now.is_dir:
        message = (
            "a folder where the run wrote a file" if was.is_dir else "a file where the run wrote a folder"
        )
        yield _difference(told, Apart("bytes", f"dvc.lock's is {message}"), out.path, rules)
        return
    if was.md5 == now.md5:
        committed = now.md5 if out.cached else sides[0].files.md5(out.path)
        if committed != now.md5:
            message = "it is not the file that dvc.lock names: it was edited after the run"
            yield msgspec.structs.replace(told, message=message, old=committed)
        return
    apart = _compare_files(out.path, out, was, now, sides, rules)
    if apart is not None:
        yield _difference(told, apart, out.path, rules)


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
    counted = [path for path in paths if rules.counts(f"{out.path}/{path}")]
    # What nobody judges by must not crowd out what somebody does.
    others = sorted(set(paths).difference(counted))
    seen = 0
    for inside in (*counted[:_MOST_COUNTED], *others[:_MOST_FILES]):
        path, was_here, is_here = f"{out.path}/{inside}", before.get(inside), after.get(inside)
        apart: Apart | None
        if was_here is None or is_here is None:
            message = "dvc.lock's has no such file" if was_here is None else "the run wrote no such file"
            apart = Apart("missing", message)
        else:
            old = ObjectHash(md5=was_here, legacy=was.legacy)
            new = ObjectHash(md5=is_here, legacy=now.legacy)
            apart = _compare_files(path, out, old, new, sides, rules)
        if apart is not None:
            seen += 1
            each = msgspec.structs.replace(told, path=path, old=was_here, new=is_here)
            yield _difference(each, apart, path, rules)
    for rest in (counted[_MOST_COUNTED:], others[_MOST_FILES:]):
        if rest:
            apart = Apart("bytes", f"{len(rest):,} more of {len({*before, *after}):,} files differ")
            yield _difference(told, apart, f"{out.path}/{rest[0]}", rules)
    if was.md5 != now.md5 and not seen:
        apart = Apart("bytes", "the same files under another checksum", within=True)
        yield _difference(told, apart, out.path, rules)


def _difference(told: Difference, apart: Apart, path: str, rules: Rules) -> Difference:
    return msgspec.structs.replace(
        told,
        kind=apart.kind,
        message=apart.message,
        columns=apart.columns,
        rows=apart.rows,
        largest=apart.largest,
        likely=apart.likely,
        blocking=rules.blocks(apart, path),
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
        return compare_predictions(path, rules.evaluations[path], old, new, rules.tolerance)
    if max(contents.size(old), contents.size(new)) > _LARGEST:
        return Apart("bytes", "other bytes, too many to be compared by what they hold")
    if path.endswith(".json"):
        passing = _OF_THE_FILES if rules.is_manifest(path) else None
        # A bundle's numbers are what a model computes with, whatever they are called.
        times = not rules.in_bundle(path)
        return contents.compare_json(old, new, rules.tolerance, passing=passing, times=times)
    if path.endswith(".parquet"):
        return contents.compare_tables(old, new, rules.tolerance)
    if path.endswith(".onnx"):
        return contents.compare_graphs(old, new, rules.tolerance)
    return Apart("bytes", "other bytes", likely=contents.guess_from_bytes(old, new))


def compare_predictions(
    path: str, evaluation: Evaluation, old: Source, new: Source, tolerance: float
) -> Apart:
    """Two predictions files, each held to the contract first: row by row, then by the metrics they give."""
    read = []
    for source, where in ((old, "of dvc.lock"), (new, "of this run")):
        try:
            name = f"{path} {where}"
            found = predictions.read_named(
                source, path=path, task=evaluation.task, positive=evaluation.positive, name=name
            )
            read.append(decide(found, evaluation, name=name))
        except MergegateError as error:
            return Apart("unreadable", error.message)
    apart = contents.compare_predictions(read[0], read[1], tolerance)
    if apart is not None and apart.within:
        apart = _compare_metrics(read[0], read[1]) or apart
    return apart or Apart("bytes", "the same rows in other bytes", within=True)


def _compare_metrics(old: Predictions, new: Predictions) -> Apart | None:
    """Metrics that two sets of predictions within the tolerance give otherwise, None where none does.

    Numbers that hardly move can still order equal ones, or make a certain mistake less certain.
    """
    # Calibration errors count rows in bins, where rounding may move many at once.
    asked = [name for name in names(old.task) if not name.endswith("calibration_error")]
    found = compare(old, new, metrics=asked).metrics
    beyond = [each for each in found if not _agree(each.base_all, each.head_all)]
    if not beyond:
        return None
    first = beyond[0]
    message = (
        "the numbers are within the tolerance, and the metrics are not: "
        f"{first.name} {_show(first.head_all)} where dvc.lock's has {_show(first.base_all)}"
    )
    return Apart("numbers", message, tuple(each.name for each in beyond)[: contents.MOST_NAMED])


def _agree(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return abs(old - new) <= _METRICS_APART * max(1.0, abs(old), abs(new))


def _show(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.4g}"


def _md5(entry: LockedPath) -> str | None:
    return entry.hash.md5 if entry.hash else None


def _is_legacy(old: LockedPath, new: LockedPath) -> bool:
    """Whether the checksums are of two schemes, which says nothing of the bytes."""
    return bool(old.hash and new.hash and old.hash.legacy != new.hash.legacy)
