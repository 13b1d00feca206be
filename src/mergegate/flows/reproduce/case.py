"""What is to be reproduced, settled before anything runs: the policy, the plan, what is taken on trust."""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime

import msgspec

from mergegate import dag, repo
from mergegate.amounts import list_some
from mergegate.config.policy import POLICY_FILE, Policy, Reproduce
from mergegate.dag.stored import read_submodules
from mergegate.errors import ConfigError, UsageError
from mergegate.flows.planning import choose_base, plan_change
from mergegate.flows.policies import choose_policy, find_target
from mergegate.flows.reproduce.request import Request
from mergegate.flows.reproduce.rules import Rules, make_rules, overlap
from mergegate.records.pipeline import LockedStage, Pipeline
from mergegate.records.plan import Plan, PlannedStage
from mergegate.records.reproduce import Accepted
from mergegate.records.review import Revision
from mergegate.report.escaping import visible


class Case(msgspec.Struct, frozen=True):
    """What is to be reproduced: `head`, a commit, `files` as it has them, and what of `pipeline` will run.

    `policy` says what is equal; `accepted` are the stages that it lets be taken from dvc.lock. `before` is
    base's pipeline, None where there is none that can be read.
    """

    project: repo.Project
    head: Revision
    files: repo.Snapshot
    pipeline: Pipeline
    policy: Policy
    plan: Plan
    planned: tuple[PlannedStage, ...]
    before: Pipeline | None = None
    accepted: tuple[Accepted, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def locked(self) -> Mapping[str, LockedStage]:
        """Head's blocks of dvc.lock, by the stage's address."""
        return {block.address: block for block in self.pipeline.locked}

    @property
    def trusted(self) -> frozenset[str]:
        """The stages that are taken from dvc.lock."""
        return frozenset(each.stage for each in self.accepted if not each.expired)

    @property
    def left_out(self) -> frozenset[str]:
        """Stages that must run and were not asked for."""
        asked = {each.name for each in self.planned if each.will in (*dag.RUNS, "frozen")}
        must = {each.name for each in self.plan.stages if each.will in ("run", "frozen")}
        return frozenset(must - asked - self.trusted)


def prepare(request: Request, project: repo.Project, head: Revision, files: repo.Snapshot) -> Case:
    """Choose the policy, plan, and settle what runs. Raises UsageError and ConfigError."""
    _check_baseline(request, project)
    policy, notes = _choose_policy(request, project, files)
    base = choose_base(project, request.base, head, target=request.target)
    # What runs in the workspace is the workspace, with all that is not committed yet.
    subject = repo.workspace_revision(project) if request.here else head
    pipeline = _read(project, subject)
    before = _read_base(project, base)
    plan = plan_change(project, base, subject, objects=repo.Objects(project))
    frozen = {stage.address for stage in pipeline.stages if stage.frozen}
    planned = select(plan.stages, request.stages, frozen if request.every else None)
    grown = find_grown(before, pipeline, make_rules(policy, (pipeline,)))
    notes += tuple(
        f"{name} runs though the policy accepts it: in base it does not write {path}."
        for name, path in grown.items()
        if name in {each.stage for each in policy.reproduce.accept}
    )
    accepted = tuple(_accept(policy.reproduce, planned, datetime.now(UTC).date(), grown))
    trusted = {each.stage for each in accepted if not each.expired}
    planned = tuple(
        msgspec.structs.replace(each, will="skip") if each.name in trusted else each for each in planned
    )
    notes += tuple(_notes(request, base, head, files, frozen))
    case = Case(project, head, files, pipeline, policy, plan, planned, before, accepted)
    left = [each.name for each in planned if each.name in case.left_out]
    if left:
        notes += (f"Not asked for, so dvc.lock's word on it is not checked: {list_some(left, 10)}.",)
    return msgspec.structs.replace(case, notes=(*notes, *plan.notes))


def find_grown(before: Pipeline | None, head: Pipeline, rules: Rules) -> dict[str, str]:
    """Stages that write what they did not write in base, and what somebody judges by or another stage wrote:
    whoever accepted a stage did not accept that. Stage → path; none without a base.
    """
    if before is None:
        return {}
    own = {(stage.address, out.path) for stage in before.stages for out in stage.outs}
    others = [out.path for stage in before.stages for out in stage.outs]
    return {
        stage.address: out.path
        for stage in head.stages
        for out in stage.outs
        if (stage.address, out.path) not in own
        and (rules.counts(out.path) or any(overlap(out.path, other) for other in others))
    }


def select(
    planned: Sequence[PlannedStage], names: Sequence[str], frozen: frozenset[str] | set[str] | None = None
) -> tuple[PlannedStage, ...]:
    """The plan for only the stages `names` if any; with `frozen`, all others than those run whatever it says.

    Raises UsageError for a name that is no stage.
    """
    known = [each.name for each in planned]
    for name in names:
        if name not in known:
            some = ", ".join(visible(each, 80) for each in known[:10]) or "none"
            message = f"{visible(name, 80)} is no stage of this revision"
            raise UsageError(message, hint=f"its stages are: {some}", code="unknown-name")
    chosen = []
    for each in planned:
        will = each.will
        if frozen is not None and will in ("skip", "if-changed") and each.name not in frozen:
            will = "run"
        if names and each.name not in names:
            will = "skip"
        chosen.append(msgspec.structs.replace(each, will=will))
    return tuple(chosen)


def _read(project: repo.Project, revision: Revision) -> Pipeline:
    with repo.open_workspace(project) if revision.workspace else repo.open_commit(project, revision) as files:
        return dag.read(files, at="" if revision.workspace else revision.name)


def _read_base(project: repo.Project, base: Revision | None) -> Pipeline | None:
    """Base's pipeline; one that can't be read proves nothing, and the plan believes nothing of it."""
    with suppress(ConfigError):
        return _read(project, base) if base is not None else None
    return None


def _check_baseline(request: Request, project: repo.Project) -> None:
    """Raise UsageError where only the change itself could say what to believe.

    A policy may name another branch than the default one, which is then the base. One that only the change
    has could so name itself.
    """
    default = repo.find_default_branch(project)
    if request.base is request.target is None and (
        default is None or repo.read_at(project, default, POLICY_FILE) is None
    ):
        with repo.open_commit(project, repo.resolve(project, request.head)) as files:
            chosen = find_target(project, files)
        if default is None or chosen.sha != default.sha:
            where = f"{default.name} has no {POLICY_FILE}" if default else "there is no branch main or master"
            raise UsageError(
                f"{where}, and the change's own names the baseline {visible(chosen.name, 80)}: a change can't"
                " say itself what is believed",
                hint=f"name it yourself: `--base {shlex.quote(chosen.name)}`",
            )


def _choose_policy(
    request: Request, project: repo.Project, files: repo.Snapshot
) -> tuple[Policy, tuple[str, ...]]:
    """The policy of the branch that the change wants to enter, and what must be said of it.

    Nothing that the change itself brings loosens what counts as equal.
    """
    target = find_target(project, files, base=request.base, target=request.target)
    places = {target, repo.find_default_branch(project) or target} if request.target else {target}
    there = any(repo.read_at(project, place, POLICY_FILE) is not None for place in places)
    if not there and files.read(POLICY_FILE) is None:
        return Policy(version=1), (f"There is no {POLICY_FILE}: every byte counts.",)
    chosen = choose_policy(project, files, base=request.base, file=None, target=request.target)
    if chosen.source.origin != "head":
        return chosen.policy, ()
    own = chosen.policy.reproduce != Reproduce()
    note = f"{target.name} has no {POLICY_FILE} yet, and a change can't say itself what counts as equal."
    return msgspec.structs.replace(chosen.policy, reproduce=Reproduce()), (note,) if own else ()


def _accept(
    section: Reproduce, planned: Sequence[PlannedStage], today: date, grown: Collection[str]
) -> Iterator[Accepted]:
    """Those of the policy's accepted stages that would have to run, whose lock block is of this commit, and
    that have not `grown`.
    """
    running = {each.name for each in planned if each.will in (*dag.RUNS, "frozen") and not each.stale}
    running.difference_update(grown)
    for each in section.accept:
        if each.stage in running:
            expired = date.fromisoformat(each.expires) < today
            yield Accepted(
                stage=each.stage, reason=each.reason, by=each.by, expires=each.expires, expired=expired
            )


def _notes(
    request: Request, base: Revision | None, head: Revision, files: repo.Snapshot, frozen: set[str]
) -> Iterator[str]:
    """What a reader must know about what runs and what does not."""
    if base is not None and base.sha == head.sha and not request.every and not request.here:
        yield f"{head.name} is its own base ({base.name}): nothing changed; --all runs every stage."
    if request.here:
        yield "It ran in the workspace, with all that is not committed there."
    if request.every and frozen:
        yield f"Frozen, so DVC does not run them: {', '.join(sorted(frozen)[:10])}."
    folders = read_submodules(files)
    if folders and not request.here:
        yield f"Submodules are not checked out in a clean worktree: {', '.join(folders[:3])}."
