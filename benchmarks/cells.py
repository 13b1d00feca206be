"""The worlds that benchmarks/coverage.py measures in, and what is observed in each."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from timing import ROOT

sys.path.append(str(ROOT / "tests"))

from calibration import observers
from calibration.coverage import Observe, known, truths_by_drawing
from calibration.worlds import Truth, World


@dataclass(frozen=True)
class Cell:
    """A world and what is observed in it; `kind` is a heading of the table."""

    kind: str
    world: World
    observe: Observe
    truth: Callable[[], Truth]

    @property
    def key(self) -> str:
        """Names the cell in the kept results."""
        return f"{self.kind}: {self.world.name}: {self.observe.__name__}"


PLAIN = (
    *(World(f"200 rows, rho {rho}", 200, rho=rho, head=1.1) for rho in (0.5, 0.8, 0.95)),
    *(World(f"800 rows, rho {rho}", 800, rho=rho, head=1.1) for rho in (0.5, 0.8, 0.95, 0.98)),
    World("2000 rows, rho 0.8", 2_000, head=1.1),
    World("1000 rows, 5 % positive", 1_000, prevalence=0.05, head=1.1),
    World("4000 rows, 5 % positive", 4_000, prevalence=0.05, head=1.1),
    World("2500 rows, 2 % positive", 2_500, prevalence=0.02, head=1.1),
    World("200 rows, AUC .96", 200, base=2.5, head=2.4),
    World("800 rows, AUC .96", 800, base=2.5, head=2.4),
    World("200 rows, AUC .99", 200, base=3.3, head=3.2),
    World("800 rows, AUC .99", 800, base=3.3, head=3.2),
    World("800 rows, equal models", 800),
    World("800 rows, equal models, logits × 2", 800, sharpness=2.0),
)
WEIGHTED = (
    World("280 rows, weights e^0.5z", 280, weights=0.5, head=1.1),
    World("1100 rows, weights e^0.5z", 1_100, weights=0.5, head=1.1),
    World("550 rows, weights e^z", 550, weights=1.0, head=1.1),
    World("2200 rows, weights e^z", 2_200, weights=1.0, head=1.1),
)
CLUSTERED = (
    World("30 clusters of 20", 600, clusters=30, head=1.1),
    World("50 clusters of 20", 1_000, clusters=50, head=1.1),
    World("100 clusters of 20", 2_000, clusters=100, head=1.1),
    World("200 clusters of 20", 4_000, clusters=200, head=1.1),
    World("200 clusters of 5", 1_000, clusters=200, head=1.1),
    World("30 uneven clusters of 20", 600, clusters=30, uneven=True, head=1.1),
    World("200 uneven clusters of 10", 2_000, clusters=200, uneven=True, head=1.1),
    World("50 clusters of 20, weights e^0.5z", 1_000, clusters=50, weights=0.5, head=1.1),
)
LOG_LOSS = (
    World("50 rows, half positive", 50, prevalence=0.5, head=1.1),
    World("200 rows", 200, head=1.1),
    World("800 rows", 800, head=1.1),
    World("200 rows, logits × 2", 200, sharpness=2.0, head=1.1),
    World("800 rows, logits × 2", 800, sharpness=2.0, head=1.1),
    World("1500 rows, logits × 2", 1_500, sharpness=2.0, head=1.1),
    World("200 rows, AUC .99", 200, base=3.3, head=3.2),
    World("2500 rows, 2 % positive", 2_500, prevalence=0.02, head=1.1),
    World("280 rows, weights e^0.5z", 280, weights=0.5, head=1.1),
    World("30 clusters of 20", 600, clusters=30, head=1.1),
    World("200 clusters of 10", 2_000, clusters=200, head=1.1),
)
SOME = (PLAIN[1], PLAIN[4], PLAIN[6], PLAIN[8], PLAIN[10], PLAIN[14], *WEIGHTED[:3], *CLUSTERED[:2])
"""One world of each sort: of rows, correlation, rarity, skill, weights and clusters."""

TOP = (
    World("500 rows", 500, head=1.1),
    World("2000 rows", 2_000, head=1.1),
    World("2000 rows, rho 0.95", 2_000, rho=0.95, head=1.1),
    World("2000 rows, 5 % positive", 2_000, prevalence=0.05, head=1.1),
    World("2000 rows, weights e^0.5z", 2_000, weights=0.5, head=1.1),
    World("50 clusters of 40", 2_000, clusters=50, head=1.1),
)
CLASSES = (
    World("4 classes, 500 rows", 500, classes=4, base=1.5, head=1.4),
    World("4 classes, 2000 rows", 2_000, classes=4, base=1.5, head=1.4),
    World("4 classes, 700 rows, weights e^0.5z", 700, classes=4, base=1.5, head=1.4, weights=0.5),
    World("4 classes, 50 clusters of 20", 1_000, classes=4, base=1.5, head=1.4, clusters=50),
    World("10 classes, 2750 rows", 2_750, classes=10, base=2.0, head=1.9),
)
NUMBERS = (
    World("50 rows", 50, base=1.0, head=1.1),
    World("200 rows", 200, base=1.0, head=1.1),
    World("1000 rows", 1_000, base=1.0, head=1.1),
    World("50 rows, R² .67", 50, base=0.28, head=0.3),
    World("200 rows, R² .67", 200, base=0.28, head=0.3),
    World("280 rows, weights e^0.5z", 280, base=1.0, head=1.1, weights=0.5),
    World("550 rows, weights e^z", 550, base=1.0, head=1.1, weights=1.0),
    World("30 clusters of 20", 600, base=1.0, head=1.1, clusters=30),
    World("200 clusters of 10", 2_000, base=1.0, head=1.1, clusters=200),
)


def cells() -> list[Cell]:
    """Everything that is measured."""
    ranking, counts, losses = (
        observers.observe_ranking,
        observers.observe_counts,
        observers.observe_losses,
    )
    return [
        *_known("rows", PLAIN, ranking, counts, losses),
        *_known("log loss", LOG_LOSS, observers.observe_log_loss),
        *_known("weights", WEIGHTED, ranking, counts, losses),
        *_known("clusters", CLUSTERED, ranking, counts, losses),
        *_known("costs", SOME, observers.observe_costs),
        *_known("the tenth with the highest scores", TOP, observers.observe_top),
        *_known("relative differences", SOME, observers.observe_relative),
        *(
            Cell("relative differences", world, observers.observe_relative_numbers, _numbers(world))
            for world in NUMBERS[3:6]
        ),
        *(Cell("classes", world, observers.observe_classes, _classes(world)) for world in CLASSES),
        *(Cell("regression", world, observers.observe_numbers, _numbers(world)) for world in NUMBERS),
    ]


def _known(kind: str, worlds: tuple[World, ...], *observes: Observe) -> list[Cell]:
    return [Cell(kind, world, observe, partial(known, world)) for world in worlds for observe in observes]


def _classes(world: World) -> Callable[[], Truth]:
    same = World("any", 1, classes=world.classes, base=world.base, head=world.head)
    return partial(truths_by_drawing, same, observers.observe_classes, rows=500_000, times=8)


def _numbers(world: World) -> Callable[[], Truth]:
    same = World("any", 1, base=world.base, head=world.head)
    return partial(truths_by_drawing, same, observers.observe_numbers, rows=1_000_000, times=8)
