"""Whether the locks are true: the chain of both sides, merges, and the workspace's own files."""

import shlex
from collections.abc import Iterator, Mapping

from mergegate import dag, repo
from mergegate.config.policy import Evaluation, Policy
from mergegate.errors import ObjectError
from mergegate.flows.evidence import Reading
from mergegate.flows.merges import check_merges
from mergegate.flows.unadded import find_unadded
from mergegate.records.pipeline import ObjectHash, Stage
from mergegate.records.review import LockFinding


def check_locks(
    project: repo.Project, objects: repo.Objects, policy: Policy, base: Reading, head: Reading
) -> tuple[LockFinding, ...]:
    """All findings, head's first. Base's are for people to know: they were there before."""

    def tree(name: ObjectHash) -> Mapping[str, str]:
        objects.fetch([name])
        return objects.tree(name)

    findings = list(dag.chain(head.pipeline, head.files, "head", tree=tree, at=head.at))
    findings += check_merges(project, base.revision, head.revision, head.pipeline)
    findings += _check_origin(policy, base, head)
    drifted = (find_drifted(head, model.evaluation) for model in policy.models.values())
    findings += [finding for finding in drifted if finding is not None]
    findings += check_unadded(project, head)
    findings += dag.suspicious(base.pipeline, head.pipeline)
    findings += dag.chain(base.pipeline, base.files, "base", tree=tree, at=base.at)
    return tuple(findings)


def check_unadded(project: repo.Project, head: Reading) -> Iterator[LockFinding]:
    """Tracked data in the workspace that is not what its .dvc file says: the review does not see it.

    Told from sizes and counts alone, without reading the data; what is not checked out is no difference.
    """
    if not head.revision.workspace:
        return
    for entry in find_unadded(project, head.pipeline):
        yield LockFinding(
            side="head",
            kind="not-added",
            stage="",
            path=entry.path,
            message=f"{entry.path} in the workspace is not what {entry.file} names, which was reviewed",
            mend=f"dvc add {shlex.quote(entry.path)} && dvc repro",
            blocking=False,
        )


def _check_origin(policy: Policy, base: Reading, head: Reading) -> Iterator[LockFinding]:
    """Predictions that a stage of base wrote must come from a stage of head: else anyone could have."""
    for model in policy.models.values():
        path = model.evaluation.predictions
        stage = _maker(base, path)
        if stage is not None and _maker(head, path) is None:
            yield LockFinding(
                side="head",
                kind="no-longer-made",
                stage=stage.address,
                path=path,
                message=f"{path} is the output of {stage.address} in base, and of no stage in head",
                mend=f"dvc repro {shlex.quote(stage.address)}",
            )


def _maker(reading: Reading, path: str) -> Stage | None:
    """The stage that writes a file, or the folder that holds it."""
    for stage in reading.pipeline.stages:
        if any(path == out.path or path.startswith(f"{out.path}/") for out in stage.outs):
            return stage
    return None


def find_unpushed(
    changed: Mapping[str, tuple[ObjectHash | None, ObjectHash | None]], objects: repo.Objects
) -> Iterator[LockFinding]:
    """Folders that head changed and whose list nobody can fetch: merged, the data would be lost to others."""
    for path, (_, new) in changed.items():
        if new is None or not new.is_dir:
            continue
        try:
            objects.tree(new)
        except ObjectError as error:
            yield LockFinding(
                side="head",
                kind="not-pushed",
                stage="",
                path=path,
                message=f"what {path} holds can't be fetched: {error.message}",
                mend="dvc push",
            )


def find_drifted(reading: Reading, evaluation: Evaluation) -> LockFinding | None:
    """A finding when the workspace's predictions are not those its dvc.lock names: the lock's are judged."""
    path = evaluation.predictions
    locked = reading.pipeline.hash_of(path)
    if not reading.revision.workspace or locked is None or locked.is_dir:
        return None
    actual = reading.files.md5(path)
    if actual is None or actual == locked.md5 or locked.legacy:
        return None
    stage = _maker(reading, path)
    return LockFinding(
        side=reading.side,
        kind="output-edited",
        stage=stage.address if stage else "",
        path=path,
        message=f"{path} in the workspace is not the file that dvc.lock names; the one of dvc.lock is judged",
        mend=f"dvc repro {shlex.quote(stage.address)}" if stage else f"dvc add {shlex.quote(path)}",
    )
