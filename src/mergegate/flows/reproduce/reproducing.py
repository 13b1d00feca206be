"""The reproduction: plan, run in a clean place, compare with dvc.lock."""

import hashlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime

import msgspec

from mergegate import __version__, dag, repo
from mergegate.config.policy import POLICY_FILE, Policy, Reproduce
from mergegate.dag.outputs import Outputs
from mergegate.flows.planning import choose_base, plan_change
from mergegate.flows.policies import choose_policy, find_target
from mergegate.flows.reproduce.comparing import Rules, Side, compare_stage, make_rules
from mergegate.flows.reproduce.inputs import Inputs
from mergegate.flows.reproduce.journal import Journal
from mergegate.flows.reproduce.request import Request, Teller
from mergegate.flows.reproduce.running import Place, Run, Runner, select
from mergegate.records.pipeline import LockedStage, Pipeline
from mergegate.records.plan import Plan, PlannedStage
from mergegate.records.reproduce import (
    SCHEMA,
    Accepted,
    Difference,
    Outcome,
    ReproducedStage,
    Reproduction,
)
from mergegate.records.review import Revision
from mergegate.repo.settings import read_settings
from mergegate.repo.worktree import find_rooms, open_room


class Case(msgspec.Struct, frozen=True):
    """What is to be reproduced: head's files and pipeline, the plan, the policy that says what is equal."""

    project: repo.Project
    head: Revision
    files: repo.Snapshot
    pipeline: Pipeline
    policy: Policy
    plan: Plan
    planned: tuple[PlannedStage, ...]
    accepted: tuple[Accepted, ...]
    notes: tuple[str, ...]

    @property
    def locked(self) -> Mapping[str, LockedStage]:
        """Head's blocks of dvc.lock."""
        return {block.address: block for block in self.pipeline.locked}


def reproduce(request: Request, teller: Teller | None = None) -> Reproduction:
    """Run again what a change claims and compare the outcome with its dvc.lock.

    Runs the commit's own code. Raises UsageError for what can't be asked, BrokenError when git, DVC, the disk
    or the remote fail; a stage that fails is part of the result.
    """
    teller = teller or Teller()
    project = repo.locate(request.start)
    head = repo.resolve(project, request.head)
    with ExitStack() as stack:
        files = stack.enter_context(repo.open_commit(project, head))
        teller.step("planning")
        case = _prepare(request, project, head, files)
        objects = repo.Objects(project)
        settings = read_settings(find_rooms(project).parents[2])
        inputs = Inputs(objects, Outputs(case.pipeline), settings.links)
        run, differences = _attempt(stack, request, case, inputs, teller)
    return _conclude(request, case, inputs, run, differences)


def _prepare(request: Request, project: repo.Project, head: Revision, files: repo.Snapshot) -> Case:
    """Choose the policy, plan, and settle what runs."""
    policy, notes = _choose_policy(request, project, files)
    base = choose_base(project, request.base, head)
    pipeline = dag.read(files, at=head.name)
    plan = plan_change(project, base, head, objects=repo.Objects(project))
    planned = select(plan.stages, request.stages, every=request.every)
    accepted = tuple(_accept(policy.reproduce, planned, datetime.now(UTC).date()))
    trusted = {each.stage for each in accepted if not each.expired}
    planned = tuple(
        msgspec.structs.replace(each, will="skip") if each.name in trusted else each for each in planned
    )
    if base is not None and base.sha == head.sha and not request.every:
        notes += (f"{head.name} is its own base ({base.name}): nothing changed; --all runs every stage.",)
    return Case(project, head, files, pipeline, policy, plan, planned, accepted, (*notes, *plan.notes))


def _choose_policy(
    request: Request, project: repo.Project, files: repo.Snapshot
) -> tuple[Policy, tuple[str, ...]]:
    """The policy of the branch that the change wants to enter, and what must be said of it.

    Nothing that the change itself brings loosens what counts as equal.
    """
    target = find_target(project, files, base=request.base)
    if repo.read_at(project, target, POLICY_FILE) is None and files.read(POLICY_FILE) is None:
        return Policy(version=1), (
            f"There is no {POLICY_FILE}: every output must be the same byte for byte.",
        )
    chosen = choose_policy(project, files, base=request.base, file=None)
    if chosen.source.origin != "head":
        return chosen.policy, ()
    own = chosen.policy.reproduce != Reproduce()
    note = f"{target.name} has no {POLICY_FILE} yet, and a change can't say itself what counts as equal."
    return msgspec.structs.replace(chosen.policy, reproduce=Reproduce()), (note,) if own else ()


def _accept(section: Reproduce, planned: Sequence[PlannedStage], today: date) -> Iterator[Accepted]:
    """Those of the policy's accepted stages that would have to run."""
    running = {each.name for each in planned if each.will in dag.RUNS}
    for each in section.accept:
        if each.stage in running:
            expired = date.fromisoformat(each.expires) < today
            yield Accepted(
                stage=each.stage, reason=each.reason, by=each.by, expires=each.expires, expired=expired
            )


def _attempt(
    stack: ExitStack, request: Request, case: Case, inputs: Inputs, teller: Teller
) -> tuple[Run, list[Difference]]:
    """Run in a clean worktree and compare."""
    if not any(each.will in dag.RUNS for each in case.planned):
        return Run({}, {}, None), []
    teller.step("making a clean worktree")
    sha = case.head.sha or ""
    room = stack.enter_context(open_room(case.project, sha, _key(request, case)))
    if room.resumed:
        teller.line("going on where an interrupted run ended")
    place = Place(
        project=room.project,
        owner=case.project,
        logs=find_rooms(case.project).parent / "logs" / sha[:12],
        observed=room.folder / "observed",
        site=room.site,
    )
    journal = Journal(room.folder / "journal.json")
    run = Runner(request, place, case.pipeline, inputs, journal, teller).run(case.planned)
    teller.step("comparing")
    tree = stack.enter_context(repo.open_workspace(room.project))
    sides = Side(inputs, case.files), Side(inputs, tree)
    return run, list(_compare(case, run, case.locked, sides, make_rules(case.policy)))


def _key(request: Request, case: Case) -> str:
    """What makes two runs the same one: the commit and what of it runs."""
    said = repr([(each.name, each.will) for each in case.planned])
    return f"{(case.head.sha or '')[:12]}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _compare(
    case: Case, run: Run, old: Mapping[str, LockedStage], sides: tuple[Side, Side], rules: Rules
) -> Iterator[Difference]:
    """All differences of all stages that ran, in the order of running."""
    others: set[str] = set()
    stages = {stage.address: stage for stage in case.pipeline.stages}
    for address, block in run.blocks.items():
        before = old.get(address)
        yield from compare_stage(stages[address], before, block, sides, rules, others)
        was = {out.path: out.hash for out in before.outs} if before else {}
        others |= {out.path for out in block.outs if was.get(out.path) != out.hash}


def _conclude(
    request: Request, case: Case, inputs: Inputs, run: Run, differences: Sequence[Difference]
) -> Reproduction:
    """Sum it all up."""
    frozen = [each for each in case.planned if each.will == "frozen"]
    blocking = {each.stage for each in differences if each.blocking}
    outcome: Outcome = "failed" if run.failed else "differs" if blocking or frozen else "reproduced"
    return Reproduction(
        schema=SCHEMA,
        mergegate=__version__,
        outcome=outcome,
        base=case.plan.base,
        head=case.head,
        equal=case.policy.reproduce.equal,
        tolerance=case.policy.reproduce.tolerance,
        stages=tuple(_stages(case, run, differences)),
        differences=tuple(differences),
        accepted=case.accepted,
        downloaded=inputs.downloads,
        mend=_mend([*blocking, *(each.name for each in frozen)], [each.name for each in frozen]),
        notes=case.notes,
    )


def _stages(case: Case, run: Run, differences: Sequence[Difference]) -> Iterator[ReproducedStage]:
    """Every stage of the plan, as it came out."""
    blocking = {each.stage for each in differences if each.blocking}
    differing = {each.stage for each in differences}
    trusted = {each.stage for each in case.accepted if not each.expired}
    for each in case.planned:
        told = run.ran.get(each.name)
        if told is not None:
            if told.outcome == "reproduced" and each.name in differing:
                told = msgspec.structs.replace(
                    told, outcome="differs" if each.name in blocking else "drifted"
                )
            yield told
            continue
        skipped = each.will == "skip" or (each.will == "if-changed" and run.failed is None)
        yield ReproducedStage(
            name=each.name,
            outcome="accepted"
            if each.name in trusted
            else "frozen"
            if each.will == "frozen"
            else "unchanged"
            if skipped
            else "not-run",
            reasons=each.reasons,
            expected=each.seconds,
        )


def _mend(stages: Sequence[str], frozen: Sequence[str]) -> str:
    """The command that makes dvc.lock true, "" where it is."""
    if not stages:
        return ""
    named = " ".join(shlex.quote(name) for name in dict.fromkeys(stages))
    thaw = f"dvc unfreeze {' '.join(map(shlex.quote, frozen))} && " if frozen else ""
    return f"{thaw}dvc repro --force --no-run-cache {named} && mergegate push && git commit --all"
