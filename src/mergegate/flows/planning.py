"""The plan of a change: what it must run again, which objects that needs, about how long it takes.

Reads git, the workspace and the list of what DVC's cache holds; fetches, writes and runs nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from mergegate import dag, repo
from mergegate.amounts import list_some
from mergegate.dag.imports import find_undeclared
from mergegate.dag.needs import Needs, parts
from mergegate.dag.outputs import Made
from mergegate.dag.paths import is_external
from mergegate.dag.stored import read_submodules
from mergegate.errors import ConfigError, ObjectError
from mergegate.flows.merges import check_merges
from mergegate.flows.policies import find_base, find_target
from mergegate.flows.unadded import find_unadded
from mergegate.records.pipeline import ObjectHash, Pipeline, Stage
from mergegate.records.plan import Needed, Plan, PlannedStage
from mergegate.records.review import Revision
from mergegate.repo.durations import read_durations
from mergegate.repo.settings import read_settings

WORKSPACE = repo.WORKSPACE

MOST_NOTES = 20
MOST_NAMED = 3


class Request(msgspec.Struct, frozen=True):
    """What to plan: `base` None means the merge base with the target branch; `head` a revision or
    `workspace`, `target` the branch that it wants to enter, None for the policy's baseline.
    """

    start: Path
    base: str | None = None
    head: str = WORKSPACE
    target: str | None = None


def plan(request: Request) -> Plan:
    """Plan a change. Raises UsageError for a question that can't be answered, as `plan_change` does."""
    project = repo.locate(request.start)
    head = (
        repo.workspace_revision(project) if request.head == WORKSPACE else repo.resolve(project, request.head)
    )
    base = choose_base(project, request.base, head, target=request.target)
    return plan_change(project, base, head, objects=repo.Objects(project))


def choose_base(
    project: repo.Project, asked: str | None, head: Revision, *, target: str | None = None
) -> Revision | None:
    """The base as asked for, else the merge base of head with the branch that it wants to enter, `target`.

    None before the first commit. Raises UsageError where there is no such revision, branch or ancestor.
    """
    if head.sha is None:
        return None
    with _open(project, head) as files:
        entered = find_target(project, files, base=asked, target=target)
    return find_base(project, asked, entered, head)


def plan_change(
    project: repo.Project, base: Revision | None, head: Revision, *, objects: repo.Objects
) -> Plan:
    """Plan what `head`, a commit or the workspace, must run again since `base`; all of it without a base.

    Raises ConfigError for files that DVC would refuse, stages that wait for each other, and templates that
    can't be filled in; BrokenError where git fails.
    """
    with ExitStack() as stack:
        files = stack.enter_context(_open(project, head))
        at = "" if head.workspace else head.name
        pipeline = dag.read(files, at=at)
        base_files = stack.enter_context(repo.open_commit(project, base)) if base else None
        notes: list[str] = []
        before = _read_base(base, base_files, notes)
        reachable = _Reachable(project, objects)
        findings = list(dag.chain(pipeline, files, "head", tree=objects.tree, at=at))
        if base is not None:
            findings += check_merges(project, base, head, pipeline)
        planned = dag.plan(
            before,
            pipeline,
            files,
            base_files=base_files,
            findings=findings,
            undeclared=find_undeclared(pipeline, files, base_files),
            moved=_moved_submodules(project, base, head, files),
            obtainable=reachable.has,
            at=at,
        )
        needs = Needs(planned.outputs, objects.tree, objects.size)
        active = dag.stages_of(planned, dag.RUNS)
        needed = needs.find(
            active,
            {stage.address for stage in active},
            {block.address: block for block in pipeline.locked},
        )
        total = needs.total(needed)
    stages = _add_durations(planned.stages, read_durations(project))
    if head.workspace:
        for entry in find_unadded(project, pipeline):
            notes.append(f"{entry.path} in the workspace is not what is planned for: `dvc add` it first.")
    notes += [*planned.notes, *_notes(needed, active, planned)]
    return Plan(
        base=base,
        head=head,
        stages=stages,
        needed=needed,
        objects_missing=total.objects_missing,
        bytes_missing=total.bytes_missing,
        seconds=_add_up(stages, ("run",)),
        seconds_at_most=_add_up(stages, dag.RUNS),
        problems=planned.problems,
        notes=tuple(notes[:MOST_NOTES]),
    )


def _open(project: repo.Project, revision: Revision) -> repo.Snapshot:
    return repo.open_workspace(project) if revision.workspace else repo.open_commit(project, revision)


def _read_base(base: Revision | None, files: repo.CommitSnapshot | None, notes: list[str]) -> Pipeline | None:
    """Base's pipeline; one that can't be read proves nothing, and must not stop the change that mends it."""
    if base is None or files is None:
        notes.append("There is no base: nothing that dvc.lock says is believed.")
        return None
    try:
        return dag.read(files, at=base.name)
    except ConfigError as error:
        notes.append(f"Base can't be read, so nothing that dvc.lock says is believed: {error.message}")
        return None


def _moved_submodules(
    project: repo.Project, base: Revision | None, head: Revision, files: repo.Snapshot
) -> Collection[str]:
    """Submodules that have another commit than in base."""
    folders = read_submodules(files)
    if not folders or base is None or base.sha is None:
        return folders
    return [
        folder
        for folder in folders
        if repo.find_submodule(project, base, folder) != repo.find_submodule(project, head, folder)
    ]


class _Reachable:
    """Whether objects can be had at all: told by what the cache holds and by which remotes there are.

    The remote is not asked, which `mergegate verify --remote` does.
    """

    def __init__(self, project: repo.Project, objects: repo.Objects) -> None:
        self._objects = objects
        settings = read_settings(project.dvc_root / ".dvc") if project.dvc_root else None
        self._remotes = settings.remotes if settings else {}
        self._default = settings.default if settings else ""

    def has(self, made: Made) -> bool:
        """Whether an output is in the cache, or may be on its remote; git's own files always are."""
        if not made.cached or made.hash is None or made.imported or "://" in made.path:
            return True
        on_remote = made.pushed and (made.remote.lower() in self._remotes or bool(self._default))
        return on_remote or self._is_here(made.hash)

    def _is_here(self, name: ObjectHash) -> bool:
        try:
            if not name.is_dir:
                return self._objects.have(name)
            files = self._objects.tree(name).values()
        except ObjectError:
            return False
        return all(self._objects.have(ObjectHash(md5=md5, legacy=name.legacy)) for md5 in files)


def _add_durations(stages: Sequence[PlannedStage], seconds: Mapping[str, float]) -> tuple[PlannedStage, ...]:
    return tuple(msgspec.structs.replace(each, seconds=seconds.get(each.name)) for each in stages)


def _add_up(stages: Sequence[PlannedStage], wills: Collection[str]) -> float | None:
    """Seconds of all stages that will do one of `wills`, None where one is unknown."""
    known = [each.seconds for each in stages if each.will in wills]
    total = 0.0
    for seconds in known:
        if seconds is None:
            return None
        total += seconds
    return round(total, 3)


def _notes(needed: Sequence[Needed], active: Sequence[Stage], planned: dag.Planned) -> Iterator[str]:
    """What the counts leave out, and why."""
    unlisted = [each.path for each in needed if each.missing is None]
    if unlisted:
        yield (
            f"How much is missing of {_name_some(unlisted)} is not known: the list of files is not here yet,"
            " and a plan fetches nothing."
        )
    will = {each.name: each.will for each in planned.stages}
    made = {part.made for stage in active for part in parts(stage, planned.outputs)}
    imported = sorted(each.path for each in made if each.imported)
    if imported:
        yield f"{_name_some(imported)}: imported, so it comes from where it was imported from, if not pushed."
    outside = sorted({path for stage in active for path in stage.deps if is_external(path)})
    if outside:
        yield f"{_name_some(outside)}: read from outside of the repository, and not counted."
    maybe = sorted(
        {
            part.made.path
            for stage in active
            if will[stage.address] == "run"
            for part in parts(stage, planned.outputs)
            if will.get(part.made.stage) == "if-changed"
        }
    )
    if maybe:
        yield (f"{_name_some(maybe)}: needed too, and not counted, if what is before writes the same again.")


def _name_some(names: Sequence[str]) -> str:
    return list_some((name[:100] for name in names), MOST_NAMED)
