"""Whether the locks are true: the chain of both sides, merges, and the workspace's own files."""

import shlex
from collections.abc import Mapping
from contextlib import ExitStack

from mergegate import dag, repo
from mergegate.config.policy import Evaluation, Policy
from mergegate.flows.evidence import Reading
from mergegate.records.pipeline import ObjectHash
from mergegate.records.review import LockFinding, Revision


def check_locks(
    project: repo.Project, objects: repo.Objects, policy: Policy, base: Reading, head: Reading
) -> tuple[LockFinding, ...]:
    """All findings, head's first. Base's are for people to know: they were there before."""

    def tree(name: ObjectHash) -> Mapping[str, str]:
        objects.fetch([name])
        return objects.tree(name)

    findings = list(dag.chain(head.pipeline, head.files, "head", tree=tree, at=head.at))
    findings += _check_merge(project, head)
    drifted = (find_drifted(head, model.evaluation) for model in policy.models.values())
    findings += [finding for finding in drifted if finding is not None]
    findings += dag.suspicious(base.pipeline, head.pipeline)
    findings += dag.chain(base.pipeline, base.files, "base", tree=tree, at=base.at)
    return tuple(findings)


def _check_merge(project: repo.Project, head: Reading) -> tuple[LockFinding, ...]:
    """Stages that a merge commit put together from its parents' locks, while it is the last commit."""
    parents = repo.parents(project, head.revision)
    if len(parents) < 2:
        return ()
    with ExitStack() as stack:
        pipelines = []
        for sha in parents:
            files = stack.enter_context(repo.open_commit(project, Revision(name=sha, sha=sha)))
            pipelines.append(dag.read(files, at=sha))
        return dag.merged(pipelines, head.pipeline)


def find_drifted(reading: Reading, evaluation: Evaluation) -> LockFinding | None:
    """A finding when the workspace's predictions are not those its dvc.lock names: the lock's are judged."""
    path = evaluation.predictions
    locked = reading.pipeline.hash_of(path)
    if not reading.revision.workspace or locked is None or locked.is_dir:
        return None
    actual = reading.files.md5(path)
    if actual is None or actual == locked.md5 or locked.legacy:
        return None
    stage = next((s for s in reading.pipeline.stages if any(out.path == path for out in s.outs)), None)
    return LockFinding(
        side=reading.side,
        kind="output-edited",
        stage=stage.address if stage else "",
        path=path,
        message=f"{path} in the workspace is not the file that dvc.lock names; the one of dvc.lock is judged",
        mend=f"dvc repro {shlex.quote(stage.address)}" if stage else f"dvc add {shlex.quote(path)}",
    )
