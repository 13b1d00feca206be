"""Run the planned stages one after another, each by DVC itself, forced and without its run-cache."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from mergegate import dag, repo
from mergegate.dag.paths import is_external
from mergegate.errors import BrokenError
from mergegate.flows.reproduce import reads
from mergegate.flows.reproduce.environment import find_dvc, make_environment
from mergegate.flows.reproduce.inputs import Inputs
from mergegate.flows.reproduce.journal import Journal
from mergegate.flows.reproduce.request import Request, Teller
from mergegate.records.pipeline import LockedStage, Pipeline, Stage
from mergegate.records.plan import PlannedStage
from mergegate.records.reproduce import ReproducedStage
from mergegate.repo.durations import record_duration
from mergegate.repo.placing import clear
from mergegate.repo.process import Ended, run_group
from mergegate.report.escaping import visible

MOST_TAIL = 20
"""Lines of a failed stage's output that are shown."""

GROUP = "group"
"""The file, among what is observed, that names the running group."""

_LONGEST_LINE = 300
_COMMAND_NOT_FOUND = 127
_ERROR = re.compile(r"^ERROR: (.+)$", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_BUSY = re.compile(r"Unable to acquire lock|is busy, it is being blocked by")


class Place(msgspec.Struct, frozen=True):
    """Where stages run: `project` is the tree, `site` DVC's site cache of its own, `logs` and `observed` hold
    files by stage; `owner` is the user's project, whose durations are recorded.
    """

    project: repo.Project
    owner: repo.Project
    logs: Path
    observed: Path
    site: Path | None = None


class Run(msgspec.Struct, frozen=True):
    """What came of a run: `ran` by address, the blocks of dvc.lock that the runs wrote, and the stage that
    `failed`, None when none did.
    """

    ran: Mapping[str, ReproducedStage]
    blocks: Mapping[str, LockedStage]
    failed: str | None


class Runner:
    """Runs stages of head's pipeline in one place."""

    def __init__(
        self, request: Request, place: Place, head: Pipeline, inputs: Inputs, journal: Journal, teller: Teller
    ) -> None:
        self._request = request
        self._place = place
        self._inputs = inputs
        self._journal = journal
        self._teller = teller
        self._stages = {stage.address: stage for stage in head.stages}
        self._locked = {block.address: block for block in head.locked}
        self._dvc = find_dvc()

    def run(self, planned: Sequence[PlannedStage]) -> Run:
        """Run what must run, and what may where a stage before it wrote other outputs than dvc.lock has.

        Stops at the first failure. Raises ObjectError, RemoteError for inputs that can't be had.
        """
        ran: dict[str, ReproducedStage] = {}
        blocks: dict[str, LockedStage] = {}
        changed: set[str] = set()
        certain = [self._stages[each.name] for each in planned if each.will == "run"]
        active = {each.name for each in planned if each.will in dag.RUNS}
        self._teller.step("fetching what the stages read")
        self._inputs.fetch(certain, made=active)
        for each in planned:
            if each.will == "if-changed" and not changed.intersection(each.after):
                continue
            if each.will not in dag.RUNS:
                continue
            result, block = self._run_one(self._stages[each.name], each, set(blocks))
            ran[each.name] = result
            if block is None:
                return Run(ran, blocks, each.name)
            blocks[each.name] = block
            if _sums(block) != _sums(self._locked.get(each.name)):
                changed.add(each.name)
        return Run(ran, blocks, None)

    def _run_one(
        self, stage: Stage, planned: PlannedStage, made: set[str]
    ) -> tuple[ReproducedStage, LockedStage | None]:
        """Run one stage, unless a killed run finished it: what came of it, and its new block."""
        told = ReproducedStage(
            name=stage.address, outcome="failed", reasons=planned.reasons, expected=planned.seconds
        )
        before = self._journal.find(stage.address)
        if before is not None and (block := self._read_block(stage)) is not None:
            self._teller.line(f"{stage.address}: ran before this was interrupted")
            return msgspec.structs.replace(before, outcome="reproduced", reasons=planned.reasons), block
        outside = [out.path for out in stage.outs if is_external(out.path) or out.path.startswith("../")]
        if outside and not self._request.here:
            problem = f"it writes {outside[0]}, outside of the repository, where a run would not be alone"
            return msgspec.structs.replace(told, problem=problem), None
        self._inputs.fetch([stage], made=made)
        placed = self._inputs.place(stage, self._place.project, made=made, keep=self._request.here)
        if not self._request.here:
            # What a commit holds in place of an output that persists would be the run's own input.
            for out in stage.outs:
                clear(self._place.project.root, out.path)
        ended, seen = self._execute(stage, planned)
        self._inputs.check(placed)
        told = msgspec.structs.replace(
            told,
            seconds=round(ended.seconds, 3),
            log=str(self._log(stage)),
            reads=reads.find_undeclared(seen, stage, self._place.project),
            writes=reads.find_outside(seen, self._place.project),
        )
        problem = _explain(ended, self._request.timeout)
        block = self._read_block(stage) if not problem else None
        if block is None:
            problem = problem or "DVC ended well, and wrote no block of it into dvc.lock"
            self._teller.line(f"{stage.address}: failed after {ended.seconds:.1f} s")
            return msgspec.structs.replace(told, problem=problem, tail=_tail(ended)), None
        told = msgspec.structs.replace(told, outcome="reproduced")
        with suppress(OSError):
            record_duration(self._place.owner, stage.address, ended.seconds)
        self._journal.add(told)
        self._teller.line(f"{stage.address}: ran in {ended.seconds:.1f} s")
        return told, block

    def _execute(self, stage: Stage, planned: PlannedStage) -> tuple[Ended, reads.Seen]:
        """Have DVC run one stage."""
        expected = f" of about {planned.seconds:.0f}" if planned.seconds else ""
        self._teller.step(f"running {visible(stage.address, 80)}")
        file = self._place.observed / f"{file_name(stage.address)}.reads"
        environment = reads.observe(make_environment(self._place.site), file)
        command = (self._dvc, "repro", "--single-item", "--force", "--no-run-cache", "--", stage.address)
        ended = run_group(
            command,
            folder=self._place.project.root,
            environment=environment,
            log=self._log(stage),
            timeout=self._request.timeout,
            grace=self._request.grace,
            note=self._place.observed / GROUP,
            tell=lambda seconds: self._teller.step(
                f"running {visible(stage.address, 80)}: {seconds:.0f}{expected} s"
            ),
        )
        if ended.code != 0 and _BUSY.search(ended.tail):
            raise BrokenError(
                f"another DVC is working in {self._place.project.root} just now",
                hint="wait until it has ended, or reproduce without --here, in a worktree of its own",
            )
        return ended, reads.read_seen(file)

    def _log(self, stage: Stage) -> Path:
        return self._place.logs / f"{file_name(stage.address)}.log"

    def _read_block(self, stage: Stage) -> LockedStage | None:
        """The block of a stage in the tree's dvc.lock, None without one."""
        with repo.open_workspace(self._place.project) as files:
            blocks = {block.address: block for block in dag.read(files).locked}
        return blocks.get(stage.address)


def file_name(address: str) -> str:
    """A stage's address as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_@.-]", "_", address)[:100]


def _sums(block: LockedStage | None) -> dict[str, str | None] | None:
    return {out.path: out.hash.md5 if out.hash else None for out in block.outs} if block else None


def _explain(ended: Ended, timeout: float | None) -> str:
    """Why a stage failed, "" when it did not."""
    if ended.timed_out and timeout is not None:
        return f"it did not end within {timeout:g} s, and was ended"
    if ended.code == 0:
        return ""
    said = _ERROR.findall(_COLOUR.sub("", ended.tail))
    why = visible(said[-1], _LONGEST_LINE) if said else f"DVC ended with {ended.code}"
    if f"exited with {_COMMAND_NOT_FOUND}" in why:
        return f"{why}: a command in it was not found"
    if "No space left on device" in ended.tail:
        return f"{why}: the disk is full"
    return why


def _tail(ended: Ended) -> tuple[str, ...]:
    """The last lines of a stage's output, made visible."""
    lines = [line for line in _COLOUR.sub("", ended.tail).splitlines() if line.strip()]
    return tuple(visible(line, _LONGEST_LINE) for line in lines[-MOST_TAIL:])
