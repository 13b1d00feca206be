"""Locks that state a run no one made: joined by a merge, or with outputs that did not follow the inputs."""

import shlex
from collections.abc import Iterator, Sequence

from mergegate.dag.params import same
from mergegate.records.pipeline import LockedPath, LockedStage, Pipeline
from mergegate.records.review import LockFinding

TRAILER = "Reproduced"
"""`Reproduced: STAGE` in a later commit says that the stage ran, though dvc.lock shows no trace of it."""


def merged(parents: Sequence[Pipeline], head: Pipeline) -> tuple[LockFinding, ...]:
    """Stages whose block in a merge commit's dvc.lock was put together from its parents' blocks.

    Git merges two halves of a lock without a conflict, and DVC calls the result up to date. The sign: the
    block equals no parent's, and each of its outputs is one that a parent already had. A stage that was run
    after the merge has outputs of its own, or a parent's whole block.
    """
    if len(parents) < 2:
        return ()
    theirs = [{(block.file, block.name): block for block in parent.locked} for parent in parents]
    findings = []
    for block in _declared(head):
        known = [found for side in theirs if (found := side.get((block.file, block.name))) is not None]
        if not known or any(same_block(block, other) for other in known):
            continue
        before = {(out.path, _md5(out)) for other in known for out in other.outs}
        if all((out.path, _md5(out)) in before for out in block.outs):
            address = shlex.quote(block.address)
            findings.append(
                LockFinding(
                    side="head",
                    kind="merged",
                    stage=block.address,
                    path=block.file.removesuffix("yaml") + "lock",
                    message=f"{block.address} never ran as dvc.lock says: a merge joined two runs",
                    mend=(
                        f"dvc repro --force --no-run-cache --downstream {address}"
                        " && git commit --allow-empty --all"
                        f" -m 'Reproduce after the merge' -m {shlex.quote(f'{TRAILER}: {block.address}')}"
                    ),
                    blocking=bool(block.outs),
                )
            )
    return tuple(findings)


def suspicious(base: Pipeline, head: Pipeline) -> tuple[LockFinding, ...]:
    """Stages whose outputs did not follow their inputs since base: notes, for it may be so by right.

    Other inputs with the same outputs: a comment in the code does this. Other outputs of the same inputs: so
    does a stage that draws at random or tells the time. A lock that was edited by hand or written by
    `dvc commit` looks like either.
    """
    before = {(block.file, block.name): block for block in base.locked}
    findings = []
    for block in _declared(head):
        old = before.get((block.file, block.name))
        if old is None or not block.outs:
            continue
        sums, old_sums = _sums(block.outs), _sums(old.outs)
        if _same_inputs(block, old):
            path = next((path for path, md5 in sums.items() if old_sums.get(path, md5) != md5), None)
            kind, said = "other-outputs", "the very same inputs as in base, and other outputs"
        else:
            path = block.outs[0].path if sums == old_sums else None
            kind, said = "same-outputs", "other inputs than in base, and the very same outputs"
        if path is not None:
            findings.append(
                LockFinding(
                    side="head",
                    kind=kind,
                    stage=block.address,
                    path=path,
                    message=f"{block.address} has {said}",
                    mend=f"dvc repro --force --no-run-cache --single-item {shlex.quote(block.address)}",
                    blocking=False,
                )
            )
    return tuple(findings)


def _declared(pipeline: Pipeline) -> Iterator[LockedStage]:
    """The blocks of stages that dvc.yaml has."""
    names = {(stage.file, stage.name) for stage in pipeline.stages}
    return (block for block in pipeline.locked if (block.file, block.name) in names)


def same_block(a: LockedStage, b: LockedStage) -> bool:
    """Whether two blocks of dvc.lock record one and the same run."""
    return _same_inputs(a, b) and _sums(a.outs) == _sums(b.outs)


def _same_inputs(a: LockedStage, b: LockedStage) -> bool:
    return a.cmd == b.cmd and _sums(a.deps) == _sums(b.deps) and same(a.params, b.params)


def _sums(paths: tuple[LockedPath, ...]) -> dict[str, str | None]:
    return {entry.path: _md5(entry) for entry in paths}


def _md5(entry: LockedPath) -> str | None:
    return entry.hash.md5 if entry.hash else None
