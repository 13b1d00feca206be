"""The reproduction: plan, run in a clean place, compare with dvc.lock."""

import hashlib
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import msgspec

from mergegate import dag, repo
from mergegate.dag.outputs import Outputs
from mergegate.errors import MergegateError, ObjectError, RemoteError, UsageError
from mergegate.flows.reproduce.case import Case, prepare
from mergegate.flows.reproduce.comparing import Side, compare_stage
from mergegate.flows.reproduce.concluding import conclude
from mergegate.flows.reproduce.inputs import Inputs
from mergegate.flows.reproduce.journal import Journal
from mergegate.flows.reproduce.request import Request, Teller
from mergegate.flows.reproduce.rules import Rules, make_rules
from mergegate.flows.reproduce.running import GROUP, Place, Run, Runner
from mergegate.flows.reproduce.unmade import find_unmade
from mergegate.flows.reproduce.verdicts import compare_verdicts
from mergegate.records.pipeline import LockedStage, ObjectHash
from mergegate.records.reproduce import Difference, Reproduction
from mergegate.records.review import Revision
from mergegate.repo.process import await_group
from mergegate.repo.settings import read_settings
from mergegate.repo.upload import push_objects
from mergegate.repo.worktree import find_rooms, open_room, tidy

_HEAD = "HEAD"
_MOST_LOGS = 20
_NOTHING = Run({}, {}, None)


def reproduce(request: Request, teller: Teller | None = None) -> Reproduction:
    """Run again what a change claims and compare the outcome with its dvc.lock.

    Runs the commit's own code. Raises UsageError for what can't be asked, BrokenError when git, DVC, the disk
    or the remote fail; a stage that fails is part of the result.
    """
    teller = teller or Teller()
    if request.here and (request.head != _HEAD or request.twice):
        raise UsageError(
            "--here runs what the workspace holds, once",
            hint="leave REV and --twice out, or leave --here out",
        )
    project = repo.locate(request.start)
    head = _resolve(project, request)
    with ExitStack() as stack:
        files = stack.enter_context(repo.open_commit(project, head))
        teller.step("planning")
        rooms = find_rooms(project)
        case = prepare(request, project, head, files)
        links = read_settings(rooms.parents[2]).links
        reproducer = _Reproducer(
            request, case, Inputs(repo.Objects(project), Outputs(case.pipeline), links), teller
        )
        told = reproducer.go(stack)
    return _push(request, case, told, teller) if request.push else told


def _resolve(project: repo.Project, request: Request) -> Revision:
    """The commit that is meant. Raises UsageError, for the name of a stage with what was likely meant."""
    try:
        return repo.resolve(project, request.head)
    except UsageError as error:
        with suppress(MergegateError):
            with repo.open_commit(project, repo.resolve(project, _HEAD)) as files:
                names = {stage.address for stage in dag.read(files).stages}
            if request.head in names:
                said = shlex.join((request.head, *request.stages))
                error.hint = f"it is a stage: did you mean `mergegate reproduce {_HEAD} {said}`?"
        raise


class _Reproducer:
    """One reproduction."""

    def __init__(self, request: Request, case: Case, inputs: Inputs, teller: Teller) -> None:
        self.request = request
        self.case = case
        self.inputs = inputs
        self.teller = teller
        self.rooms = find_rooms(case.project)

    def go(self, stack: ExitStack) -> Reproduction:
        """Run, compare, run again if asked to."""
        for name in sorted(self.case.trusted):
            self._bring_outputs(self.case.locked.get(name))
        before = self.case.before
        rules = make_rules(self.case.policy, (self.case.pipeline, *([before] if before else ())))
        unmade = self._find_unmade(rules)
        if not any(each.will in dag.RUNS for each in self.case.planned):
            return conclude(
                self.case,
                _NOTHING,
                unmade,
                again=() if self.request.twice else None,
                downloads=self.inputs.downloads,
            )
        run, tree = self._run(stack, "")
        self.teller.step("comparing")
        committed = Side(self.inputs, self.case.files)
        written = Side(self.inputs, stack.enter_context(repo.open_workspace(tree)))
        differences = unmade + list(self._compare(run, self.case.locked, (committed, written), rules))
        if rules.equal == "verdict" and run.failed is None:
            differences += compare_verdicts(self.case, tree, self.teller)
        again = None
        if self.request.twice and run.failed is None:
            again = list(self._repeat(stack, run, written, rules))
        return conclude(self.case, run, differences, again=again, downloads=self.inputs.downloads)

    def _find_unmade(self, rules: Rules) -> list[Difference]:
        """What head holds and no stage of it makes, though one should."""
        head = (self.case.pipeline, self.case.files)
        base, before = self.case.plan.base, self.case.before
        if base is None or before is None:
            return list(find_unmade(None, head, rules))
        with repo.open_commit(self.case.project, base) as files:
            return list(find_unmade((before, files), head, rules))

    def _run(self, stack: ExitStack, number: str) -> tuple[Run, repo.Project]:
        """Run all that must; what came of it, and the tree with its outputs."""
        sha = self.case.head.sha or ""
        logs = self.rooms.parent / "logs" / f"{sha[:12]}{number}"
        _keep_newest(logs.parent)
        if self.request.here:
            observed = self.rooms.parent / "observed"
            place = Place(self.case.project, self.case.project, logs, observed)
            journal = Journal(None)
        else:
            self.teller.step("making a clean worktree")
            room = stack.enter_context(open_room(self.case.project, sha, self._key() + number))
            journal = Journal(room.folder / "journal.json")
            if room.resumed:
                self.teller.line("going on where an interrupted run ended")
                await_group(room.folder / "observed" / GROUP)
                done = [each for each in self.case.pipeline.stages if journal.find(each.address)]
                tidy(room, {out.path for stage in done for out in stage.outs})
            place = Place(room.project, self.case.project, logs, room.folder / "observed", room.site)
        runner = Runner(self.request, place, self.case.pipeline, self.inputs, journal, self.teller)
        return runner.run(self.case.planned), place.project

    def _key(self) -> str:
        """What makes two runs the same one: the commit, and what of it runs."""
        said = repr([(each.name, each.will) for each in self.case.planned])
        return f"{(self.case.head.sha or '')[:12]}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"

    def _compare(
        self, run: Run, old: Mapping[str, LockedStage], sides: tuple[Side, Side], rules: Rules
    ) -> Iterator[Difference]:
        """All differences of all stages that ran, in the order of running."""
        others: set[str] = set()
        stages = {stage.address: stage for stage in self.case.pipeline.stages}
        for address, block in run.blocks.items():
            before = old.get(address)
            yield from compare_stage(stages[address], before, block, sides, rules, others)
            was = {out.path: out.hash for out in before.outs} if before else {}
            others |= {out.path for out in block.outs if was.get(out.path) != out.hash}

    def _repeat(self, stack: ExitStack, first: Run, written: Side, rules: Rules) -> Iterator[Difference]:
        """How a second run in a second place differs from the first, byte for byte."""
        self.teller.line("running all of it a second time")
        second, tree = self._run(stack, "-2")
        if second.failed is not None:
            problem = second.ran[second.failed].problem
            message = f"the second run failed: {problem}"
            yield Difference(stage=second.failed, path="", kind="missing", message=message)
        files = stack.enter_context(repo.open_workspace(tree))
        strict = msgspec.structs.replace(rules, equal="bytes")
        yield from self._compare(second, first.blocks, (written, Side(self.inputs, files)), strict)

    def _bring_outputs(self, block: LockedStage | None) -> None:
        """Have all outputs of a stage that does not run: taken on trust, they must at least be there."""
        cached = {out.path: out for stage in self.case.pipeline.stages for out in stage.outs if out.cached}
        for each in block.outs if block else ():
            if each.hash is not None and each.path in cached:
                remote = cached[each.path].remote
                files = [each.hash]
                if each.hash.is_dir:
                    listed = self.inputs.tree(each.hash, remote=remote).values()
                    files = [ObjectHash(md5=md5, legacy=each.hash.legacy) for md5 in listed]
                self.inputs.bring(files, remote=remote)


def _keep_newest(folder: Path) -> None:
    """Let the logs of older runs go."""
    with suppress(OSError):
        runs = sorted(folder.iterdir(), key=lambda run: run.stat().st_mtime)
        for run in runs[:-_MOST_LOGS]:
            shutil.rmtree(run, ignore_errors=True)


def _push(request: Request, case: Case, told: Reproduction, teller: Teller) -> Reproduction:
    """Send the objects of dvc.lock that were reproduced; those of a lock that is not true stay."""
    if told.outcome != "reproduced":
        return msgspec.structs.replace(told, pushed=0)
    ran = {stage.name for stage in told.stages if stage.outcome in ("reproduced", "drifted")}
    by_remote: dict[str, list[ObjectHash]] = {}
    for stage in case.pipeline.stages:
        block = case.locked.get(stage.address)
        hashes = {out.path: out.hash for out in block.outs} if block and stage.address in ran else {}
        for out in stage.outs:
            name = hashes.get(out.path)
            if name is not None and out.cached and out.pushed:
                by_remote.setdefault(out.remote, []).append(name)
    sent, failed = 0, []
    for remote, names in by_remote.items():
        try:
            pushed = push_objects(case.project, names, remote=remote, progress=teller.step)
        except (ObjectError, RemoteError) as error:
            failed.append(error.message)
            continue
        sent += len(pushed.sent)
        failed += [each.message for each in pushed.failed]
    return msgspec.structs.replace(told, pushed=sent, unpushed=tuple(failed[:20]))
