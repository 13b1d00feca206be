"""Findings as `mergegate verify` tells them: each with its reason, and a command that mends it."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from mergegate.amounts import list_some
from mergegate.dag.paths import ancestors
from mergegate.flows.verify.reasons import DISAGREE, REASONS
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import LockFinding
from mergegate.records.verify import VerifyFinding

MOST_NAMED = 5
"""Paths that one sentence names."""

MOST_OBJECTS = 10
"""md5s that one finding lists."""

_INPUTS = ("edited", "param-value", "broken-link")


def find(
    kind: str,
    message: str,
    mend: str,
    *,
    blocking: bool = True,
    known: bool = True,
    hazards: tuple[int, ...] | None = None,
    stage: str = "",
    path: str = "",
    remote: str = "",
    objects: Sequence[str] = (),
) -> VerifyFinding:
    """A finding with the reason of its kind."""
    reason = REASONS.get(kind, DISAGREE)
    return VerifyFinding(
        kind=kind,
        message=message,
        why=reason.why,
        mend=mend,
        blocking=blocking,
        known=known,
        hazards=reason.hazards if hazards is None else hazards,
        stage=stage,
        path=path,
        remote=remote,
        objects=tuple(objects[:MOST_OBJECTS]),
        objects_total=len(objects),
    )


def from_lock(findings: Iterable[LockFinding], pipeline: Pipeline) -> Iterator[VerifyFinding]:
    """The lock chain's findings, with mends that also work in a clone that has a part of the data alone."""
    frozen = {stage.address for stage in pipeline.stages if stage.frozen}
    files = {entry.path: entry.file for entry in pipeline.tracked}
    for each in findings:
        stage = shlex.quote(each.stage)
        thaw = f"dvc unfreeze {stage} && " if each.stage in frozen else ""
        mend = each.mend
        if each.kind == "broken-link" and (file := _tracker(files, each.path)):
            # In a clone that has a part of the data alone, the stage would run on that part again.
            mend = f"{thaw}dvc pull --force {shlex.quote(file)} && dvc repro --downstream {stage}"
        hazards = None
        if each.stage in frozen and each.kind in _INPUTS:
            hazards = (15,)
        elif each.kind == "broken-link":
            hazards = (1,) if _tracker(files, each.path) else (10,)
        yield find(
            each.kind,
            each.message,
            mend,
            blocking=each.blocking,
            known=each.kind != "unchecked",
            hazards=hazards,
            stage=each.stage,
            path=each.path,
        )


def _tracker(files: dict[str, str], path: str) -> str:
    """The .dvc file that tracks a path, a folder around it, or the first thing in it; "" for none."""
    for place in (path, *ancestors(path)):
        if place in files:
            return files[place]
    return next((file for tracked, file in files.items() if tracked.startswith(f"{path}/")), "")


def name_some(names: Sequence[str]) -> str:
    """The first few names of many."""
    return list_some((name[:100] for name in names), MOST_NAMED)
