"""What is to be reproduced, settled before anything runs: the policy, the plan, what is taken on trust."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from mergegate import dag, repo
from mergegate.config.policy import POLICY_FILE, Policy, Reproduce
from mergegate.dag.stored import read_submodules
from mergegate.errors import UsageError
from mergegate.flows.planning import choose_base, plan_change
from mergegate.flows.policies import choose_policy, find_target
from mergegate.flows.reproduce.request import Request
from mergegate.records.pipeline import LockedStage, Pipeline
from mergegate.records.plan import Plan, PlannedStage
from mergegate.records.reproduce import Accepted
from mergegate.records.review import Revision
from mergegate.report.escaping import visible


class Case(msgspec.Struct, frozen=True):
    """What is to be reproduced: `head`, a commit, `files` as it has them, and what of `pipeline` will run.

    `policy` says what is equal; `accepted` are the stages that it lets be taken from dvc.lock.
    """

    project: repo.Project
    head: Revision
    files: repo.Snapshot
    pipeline: Pipeline
    policy: Policy
    plan: Plan
    planned: tuple[PlannedStage, ...]
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


def prepare(request: Request, project: repo.Project, head: Revision, files: repo.Snapshot) -> Case:
    """Choose the policy, plan, and settle what runs. Raises UsageError and ConfigError."""
    policy, notes = _choose_policy(request, project, files)
    base = choose_base(project, request.base, head)
    # What runs in the workspace is the workspace, with all that is not committed yet.
    subject = repo.workspace_revision(project) if request.here else head
    pipeline = _read(project, subject)
    plan = plan_change(project, base, subject, objects=repo.Objects(project))
    frozen = {stage.address for stage in pipeline.stages if stage.frozen}
    planned = select(plan.stages, request.stages, frozen if request.every else None)
    accepted = tuple(_accept(policy.reproduce, planned, datetime.now(UTC).date()))
    trusted = {each.stage for each in accepted if not each.expired}
    planned = tuple(
        msgspec.structs.replace(each, will="skip") if each.name in trusted else each for each in planned
    )
    notes += tuple(_notes(request, base, head, files, frozen))
    return Case(project, head, files, pipeline, policy, plan, planned, accepted, (*notes, *plan.notes))


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
            raise UsageError(message, hint=f"its stages are: {some}")
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


def _choose_policy(
    request: Request, project: repo.Project, files: repo.Snapshot
) -> tuple[Policy, tuple[str, ...]]:
    """The policy of the branch that the change wants to enter, and what must be said of it.

    Nothing that the change itself brings loosens what counts as equal.
    """
    target = find_target(project, files, base=request.base)
    if repo.read_at(project, target, POLICY_FILE) is None and files.read(POLICY_FILE) is None:
        return Policy(version=1), (f"There is no {POLICY_FILE}: every byte counts.",)
    chosen = choose_policy(project, files, base=request.base, file=None)
    if chosen.source.origin != "head":
        return chosen.policy, ()
    own = chosen.policy.reproduce != Reproduce()
    note = f"{target.name} has no {POLICY_FILE} yet, and a change can't say itself what counts as equal."
    return msgspec.structs.replace(chosen.policy, reproduce=Reproduce()), (note,) if own else ()


def _accept(section: Reproduce, planned: Sequence[PlannedStage], today: date) -> Iterator[Accepted]:
    """Those of the policy's accepted stages that would have to run and whose lock block is of this commit."""
    running = {each.name for each in planned if each.will in (*dag.RUNS, "frozen") and not each.stale}
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
    if request.every and frozen:
        yield f"Frozen, so DVC does not run them: {', '.join(sorted(frozen)[:10])}."
    folders = read_submodules(files)
    if folders and not request.here:
        yield f"Submodules are not checked out in a clean worktree: {', '.join(folders[:3])}."
