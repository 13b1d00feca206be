"""How often an interval holds the true value, counted over simulated evaluation sets."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from calibration.observers import Found, share_of
from calibration.worlds import Floats, Truth, World, truths

Observe = Callable[[World, np.random.Generator], Found]


@dataclass
class Tally:
    """Sums over the draws on which a metric has a value; two of them add.

    `below` and `above` count intervals that lie wholly below or above the true value.
    """

    judged: int = 0
    below: int = 0
    above: int = 0
    carried: float = 0.0
    discordant: float = 0.0
    width: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.judged + other.judged, self.below + other.below, self.above + other.above,
            self.carried + other.carried, self.discordant + other.discordant, self.width + other.width,
        )  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """Share of a metric's intervals that hold the truth in one world, with its Monte Carlo standard error.

    `carried` and `discordant` (None where it means nothing) are means; `judged` counts the draws.
    """

    world: World
    metric: str
    judged: int
    covered: float
    error: float
    below: float
    above: float
    carried: float
    discordant: float | None
    width: float

    @property
    def promise(self) -> float:
        """The least that was promised: .94 where 200 rows carry the metric, .93 from 50; 0 below.

        A difference of decisions needs 10 discordant rows too; clusters count instead of rows, from 30 on.
        """
        # A mean of 199.9 over the draws is meant to be 200.
        if self.carried < 49.5 or (self.discordant is not None and self.discordant < 10):
            return 0.0
        units = self.world.clusters or self.carried
        return 0.94 if units >= 198 else 0.93

    @property
    def broken(self) -> bool:
        """Below the promise by more than two Monte Carlo errors."""
        return self.covered + 2 * self.error < self.promise


def measure(
    world: World, observe: Observe, truth: Truth, *, draws: int, seed: tuple[int, ...]
) -> dict[str, Tally]:
    """Draw, observe, and count, by metric."""
    random = np.random.default_rng([*seed, *world.name.encode()])
    tallies: dict[str, Tally] = defaultdict(Tally)
    for _ in range(draws):
        for name, estimate in observe(world, random).items():
            wanted, interval = true_value(name, truth), estimate.interval()
            tallies[name] += Tally(
                judged=1,
                below=int(interval.high < wanted),
                above=int(interval.low > wanted),
                carried=estimate.carried,
                discordant=math.nan if estimate.discordant is None else estimate.discordant,
                width=interval.high - interval.low,
            )
    return dict(tallies)


def coverage(world: World, metric: str, tally: Tally) -> Coverage:
    """What the sums say."""
    n = tally.judged
    covered = 1 - (tally.below + tally.above) / n
    return Coverage(
        world=world, metric=metric, judged=n, covered=covered,
        error=math.sqrt(covered * (1 - covered) / n), below=tally.below / n, above=tally.above / n,
        carried=tally.carried / n,
        discordant=None if math.isnan(tally.discordant) else tally.discordant / n, width=tally.width / n,
    )  # fmt: skip


def true_value(name: str, truth: Truth) -> float:
    """The value in the population that an estimate is of."""
    metric, _, kind = name.partition(" ")
    base, head = truth[metric]
    if kind == "alone":
        return head
    return head - (share_of(metric) if kind == "relative" else 1.0) * base


@cache
def truths_by_drawing(world: World, observe: Observe, *, rows: int, times: int = 1) -> Truth:
    """The population's values where no formula gives them: base and head on a very large sample."""
    large = replace(world, rows=rows, clusters=0, weights=0.0)
    sums: dict[str, Floats] = defaultdict(lambda: np.zeros(2))
    for time in range(times):
        found = observe(large, np.random.default_rng([7, time]))
        for name, estimate in found.items():
            if name.endswith(" alone"):
                head = estimate.value
                apart = found[name.removesuffix(" alone")].value
                sums[name.removesuffix(" alone")] += np.array([head - apart, head])
    return {name: (float(pair[0] / times), float(pair[1] / times)) for name, pair in sums.items()}


def known(world: World) -> Truth:
    """The population's values of a binary world; equal models have equal calibration."""
    return {**truths(world), "squared_calibration_error": (0.0, 0.0)}
