"""Which stages a change must run again, and why: files against dvc.lock, and head's dvc.lock against base's.

A block of dvc.lock that base has word for word is believed, as base was reviewed. One that differs is a
claim: its stage runs, however well the files agree with it. Pure: all that is asked of git and the cache is
given.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import msgspec

from mergegate.dag.causes import Causes, Found
from mergegate.dag.files import Files
from mergegate.dag.needs import parts
from mergegate.dag.obstacles import find_obstacles
from mergegate.dag.order import Order, sort
from mergegate.dag.outputs import Made, Outputs
from mergegate.dag.params import ParamsFiles
from mergegate.records.pipeline import Pipeline, Stage
from mergegate.records.plan import PlannedStage
from mergegate.records.review import LockFinding, Problem
from mergegate.records.surroundings import UndeclaredImport

Obtainable = Callable[[Made], bool]
"""Whether an output that is not made anew can be had: from the cache or the remote."""

Will = Literal["run", "if-changed", "skip", "frozen"]

RUNS: tuple[Will, ...] = ("run", "if-changed")
"""What a stage will do that may run."""


class Planned(msgspec.Struct, frozen=True):
    """All stages in the order of running, what stops some, and what could not be checked."""

    stages: tuple[PlannedStage, ...]
    order: Order
    outputs: Outputs
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def plan(
    base: Pipeline | None,
    head: Pipeline,
    files: Files,
    *,
    base_files: Files | None = None,
    findings: Sequence[LockFinding] = (),
    undeclared: Sequence[UndeclaredImport] = (),
    moved: Collection[str] = (),
    obtainable: Obtainable = lambda made: True,
    at: str = "",
) -> Planned:
    """Plan every stage of head; without `base` nothing is believed and all run.

    `findings` are the chain's and those on merges, `undeclared` the code that stages run and don't declare,
    `moved` the submodules with another commit than in base; `at` names head in errors. Raises ConfigError for
    stages that wait for each other, outputs one in the other, and params files that can't be read.
    """
    outputs = Outputs(head)
    order = sort(head, outputs)
    causes = Causes(base, head, outputs, (base_files, files), findings, undeclared, moved=moved, at=at)
    found = {stage.address: causes.of(stage) for stage in order.stages}
    will = _decide(order, found)
    while _add_missing(order, found, will, outputs, obtainable):
        will = _decide(order, found)
    stages = tuple(
        PlannedStage(
            name=address,
            will=will[address],
            stale=found[address].stale,
            reasons=tuple(found[address].reasons),
            after=order.after[address],
        )
        for address in found
    )
    active = [stage for stage in order.stages if will[stage.address] in RUNS]
    problems = find_obstacles(
        active,
        outputs,
        files,
        ParamsFiles(files, at=at),
        obtainable=lambda made: _comes(made, will, obtainable),
    )
    return Planned(stages, order, outputs, tuple(problems), tuple(dict.fromkeys(causes.notes)))


def _decide(order: Order, found: Mapping[str, Found]) -> dict[str, Will]:
    will: dict[str, Will] = {}
    for stage in order.stages:
        address = stage.address
        if found[address].reasons:
            will[address] = "frozen" if stage.frozen and not found[address].own else "run"
        elif any(will[before] in RUNS for before in order.after[address]):
            # DVC takes a frozen stage's outputs as they are.
            will[address] = "skip" if stage.frozen else "if-changed"
        else:
            will[address] = "skip"
    return will


def _add_missing(
    order: Order,
    found: Mapping[str, Found],
    will: Mapping[str, Will],
    outputs: Outputs,
    obtainable: Obtainable,
) -> bool:
    """Let stages run whose outputs others read and nobody can have; whether there was one."""
    added = False
    runs = {address for address, each in will.items() if each in RUNS}
    for stage in reversed(order.stages):
        if stage.address not in runs:
            continue
        for part in parts(stage, outputs):
            made = part.made
            if made.stage and will[made.stage] == "skip" and made.stage not in runs and not obtainable(made):
                found[made.stage].add("missing", made.path, stale=False)
                runs.add(made.stage)
                added = True
    return added


def _comes(made: Made, will: Mapping[str, Will], obtainable: Obtainable) -> bool:
    """Whether a path will be there: written by a stage that runs, or to be had."""
    return will.get(made.stage) in RUNS or obtainable(made)


def stages_of(planned: Planned, wills: Collection[Will]) -> list[Stage]:
    """The stages that will do one of `wills`, in the order of running."""
    chosen = {each.name for each in planned.stages if each.will in wills}
    return [stage for stage in planned.order.stages if stage.address in chosen]
