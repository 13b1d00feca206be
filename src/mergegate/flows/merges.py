"""Stages whose lock block a merge put together from two runs."""

from collections.abc import Iterator

from mergegate import dag, repo
from mergegate.errors import ConfigError
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import LockFinding, Revision


def check_merges(
    project: repo.Project, base: Revision, head: Revision, pipeline: Pipeline
) -> Iterator[LockFinding]:
    """Stages of head's `pipeline` whose block was put together by a merge, and which nobody says to have run
    since.

    A rerun may give the bytes that a parent had, and then leaves no trace in dvc.lock: the trailer says it.
    """
    if base.sha is None or head.sha is None:
        return
    said: set[str] = set()
    for merge, parents in repo.find_merges(project, base.sha, head.sha):
        pipelines = [_read_parent(project, sha) for sha in parents]
        findings = dag.merged([each for each in pipelines if each is not None], pipeline)
        if findings:
            reproduced = repo.read_trailers(project, dag.TRAILER, merge, head.sha)
            yield from (each for each in findings if each.stage not in reproduced | said)
            said |= {each.stage for each in findings}


def _read_parent(project: repo.Project, sha: str) -> Pipeline | None:
    """A parent's pipeline; None for one with a broken lock, which is no run that a merge could join."""
    with repo.open_commit(project, Revision(name=sha, sha=sha)) as files:
        try:
            return dag.read(files, at=sha)
        except ConfigError:
            return None
