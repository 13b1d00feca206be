"""The order in which stages run: what each waits for, and that no circle of them waits for itself."""

from collections.abc import Mapping

import msgspec

from mergegate.dag.outputs import Outputs
from mergegate.errors import ConfigError
from mergegate.records.pipeline import Pipeline, Stage

MOST_NAMED = 6
"""Stages of a circle that are named."""


class Order(msgspec.Struct, frozen=True):
    """`stages` in an order that they can run in; `after` names, by address, those each waits for."""

    stages: tuple[Stage, ...]
    after: Mapping[str, tuple[str, ...]]


def sort(pipeline: Pipeline, outputs: Outputs) -> Order:
    """Put the stages in order, dvc.yaml's own where it can be kept. Raises ConfigError for a circle."""
    stages = {stage.address: stage for stage in pipeline.stages}
    after = {address: _waits_for(stage, outputs) for address, stage in stages.items()}
    done: dict[str, Stage] = {}
    for start in stages:
        # By hand, not by recursion: a chain may have thousands of stages.
        trail: list[tuple[str, int]] = [(start, 0)]
        open_: dict[str, None] = {start: None}
        while trail:
            address, index = trail.pop()
            if address in done:
                open_.pop(address, None)
                continue
            waits = after[address]
            if index == len(waits):
                done[address] = stages[address]
                del open_[address]
                continue
            trail.append((address, index + 1))
            before = waits[index]
            if before in open_:
                raise _circle(list(open_), before, stages)
            if before not in done:
                trail.append((before, 0))
                open_[before] = None
    return Order(tuple(done.values()), after)


def _waits_for(stage: Stage, outputs: Outputs) -> tuple[str, ...]:
    reads = [*stage.deps, *(source.file for source in stage.params)]
    return tuple(dict.fromkeys(made.stage for path in reads for made in outputs.of(path) if made.stage))


def _circle(open_: list[str], closes: str, stages: Mapping[str, Stage]) -> ConfigError:
    """The error for stages that wait for each other, each named before the one it waits for."""
    around = open_[open_.index(closes) :]
    names = [*around[:MOST_NAMED], *(["…"] if len(around) > MOST_NAMED else []), closes]
    way = " → ".join(f"{name:.100}" for name in names)
    said = "reads what it writes itself" if len(around) == 1 else f"wait for each other: {way}"
    who = closes if len(around) == 1 else f"{len(around)} stages"
    return ConfigError(
        f"{who} {said}",
        file=stages[closes].file,
        hint="take one of these outputs out of the other stage's deps",
        code="stage-cycle",
    )
