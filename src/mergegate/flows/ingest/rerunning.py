"""Run what reads the new files, so that dvc.lock is current in the pull request."""

from collections.abc import Collection
from pathlib import Path

import msgspec

from mergegate import dag, repo
from mergegate.dag.outputs import Outputs
from mergegate.errors import BrokenError
from mergegate.flows.ingest.request import Progress
from mergegate.flows.planning import plan_change
from mergegate.flows.reproduce.inputs import Inputs
from mergegate.flows.reproduce.journal import Journal
from mergegate.flows.reproduce.request import Request, Teller
from mergegate.flows.reproduce.running import Place, Runner
from mergegate.flows.verify.wanted import Wanted, list_wanted
from mergegate.records.review import Revision
from mergegate.repo.settings import read_settings

_MOST_TAIL = 5


class Rerun(msgspec.Struct, frozen=True):
    """What ran: stages by address, the files of git that it changed, from the project root, and the objects
    that a remote should hold.
    """

    ran: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    wanted: tuple[Wanted, ...] = ()


def rerun(
    project: repo.Project, tree: repo.Project, folder: Path, base: Revision, head: str, progress: Progress
) -> Rerun:
    """Run in `tree`, a clean checkout of `head`'s files, every stage that must since `base`.

    Each is run by DVC itself, forced and without its run-cache; `folder` keeps logs. Raises BrokenError where
    a stage fails or can't run, ObjectError and RemoteError for inputs that can't be had.
    """
    objects = repo.Objects(project)
    revision = repo.resolve(project, head)
    progress("planning what must run again")
    plan = plan_change(project, base, revision, objects=objects)
    active = [each for each in plan.stages if each.will in dag.RUNS]
    frozen = [each.name for each in plan.stages if each.will == "frozen"]
    if plan.problems or frozen:
        problem = plan.problems[0].message if plan.problems else f"{frozen[0]} is frozen"
        raise BrokenError(f"the pipeline can't be run again: {problem}", hint="`mergegate plan` says more")
    if not active:
        return Rerun()
    with repo.open_commit(project, revision) as files:
        pipeline = dag.read(files, at=revision.name)
    links = read_settings((project.dvc_root or project.root) / ".dvc").links
    runner = Runner(
        Request(start=project.root),
        Place(tree, project, folder / "logs", folder / "observed", folder / "site"),
        pipeline,
        Inputs(objects, Outputs(pipeline), links),
        Journal(None),
        Teller(step=progress),
    )
    run = runner.run(plan.stages)
    if run.failed is not None:
        told = run.ran[run.failed]
        said = "".join(f"\n  {line}" for line in told.tail[-_MOST_TAIL:])
        raise BrokenError(
            f"the stage {run.failed} fails with the new files: {told.problem}{said}",
            hint="mend the stage or the files; nothing was pushed, and no pull request opened",
        )
    return _conclude(tree, objects, set(run.blocks))


def _conclude(tree: repo.Project, objects: repo.Objects, ran: Collection[str]) -> Rerun:
    """What the run left behind; BrokenError where the lock it left does not hold together."""
    with repo.open_workspace(tree) as files:
        pipeline = dag.read(files)
        findings = [each for each in dag.chain(pipeline, files, "head", tree=objects.tree) if each.blocking]
        if findings:
            raise BrokenError(
                f"dvc.lock is not true after the run: {findings[0].message}",
                hint=f"run `{findings[0].mend or 'dvc repro'}` by hand, and look",
            )
    stages = [stage for stage in pipeline.stages if stage.address in ran]
    plain = [out.path for stage in stages for out in stage.outs if not out.cached]
    locks = [f"{stage.file.removesuffix('dvc.yaml')}dvc.lock" for stage in stages]
    written = [path for path in dict.fromkeys((*locks, *plain)) if (tree.root / path).exists()]
    wanted = tuple(each for each in list_wanted(pipeline) if each.by in ran)
    return Rerun(tuple(each.address for each in stages), tuple(written), wanted)
