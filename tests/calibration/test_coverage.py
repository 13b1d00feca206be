"""Intervals hold the truth as often as they say: the short run; benchmarks/coverage.py is the long one."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from calibration import coverage as cover
from calibration.families import measure_families, measure_power
from calibration.worlds import Truth, World

Observe = Callable[[World, np.random.Generator], cover.Found]

DRAWS = 400
SLACK = 3.5 * math.sqrt(0.94 * 0.06 / DRAWS)
"""Monte Carlo errors that a sound interval may fall short by: one test in some thousands fails by chance."""

PLAIN = World("short, 800 rows", 800, head=1.1)
WEIGHTED = World("short, weights", 800, weights=0.5, head=1.1)
CLUSTERED = World("short, clusters", 600, clusters=40, head=1.1)


@pytest.mark.parametrize("world", [PLAIN, WEIGHTED, CLUSTERED], ids=lambda world: world.name)
@pytest.mark.parametrize(
    "observe", [cover.observe_ranking, cover.observe_counts, cover.observe_losses], ids=lambda f: f.__name__
)
def test_binary_metrics_cover(world: World, observe: Observe) -> None:
    assert _short(world, observe, cover.known(world), draws=DRAWS) == []


def test_log_loss_covers() -> None:
    world = World("short, log loss", 300, head=1.1)
    assert _short(world, cover.observe_log_loss, cover.known(world), draws=DRAWS // 4) == []


def test_regression_covers() -> None:
    world = World("short, regression", 300, base=1.0, head=1.1)
    truth = cover.truths_by_drawing(world, cover.observe_numbers, rows=1_000_000)
    assert _short(world, cover.observe_numbers, truth, draws=DRAWS) == []


def test_metrics_of_four_classes_cover() -> None:
    world = World("short, four classes", 800, classes=4, base=1.5, head=1.4)
    truth = cover.truths_by_drawing(world, cover.observe_classes, rows=500_000)
    assert _short(world, cover.observe_classes, truth, draws=DRAWS // 2) == []


def test_a_review_of_twenty_gates_seldom_blocks_without_cause() -> None:
    plain, corrected = measure_families(draws=100, seed=11, rows=1_000)
    assert corrected.what == "20 gates, no true difference, Holm: blocked"
    assert corrected.rate <= 0.05 + 3.5 * math.sqrt(0.05 * 0.95 / 100)
    assert corrected.rate < plain.rate


def test_a_loss_well_beyond_the_margin_is_called() -> None:
    rates = measure_power(draws=100, seed=12, rows=1_000)
    called = {rate.what: rate.rate for rate in rates if rate.what.endswith("called")}
    assert len(called) == 6
    assert min(called.values()) >= 0.9 - 3.5 * math.sqrt(0.09 / 100)
    assert {rate.rate for rate in rates if rate.what.endswith("called better")} == {0.0}


def _short(world: World, observe: Observe, truth: Truth, *, draws: int) -> list[str]:
    """What covers too seldom, in words."""
    slack = SLACK * math.sqrt(DRAWS / draws)
    found = cover.measure(world, observe, truth, draws=draws, seed=1)
    assert all(row.judged == draws for row in found)
    return [f"{row.metric}: {row.covered:.3f}" for row in found if row.covered < 0.94 - slack]
