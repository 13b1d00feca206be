"""Intervals hold the truth as often as they say: the short run; benchmarks/coverage.py is the long one."""

import math

import pytest

from calibration import observers
from calibration.coverage import Observe, coverage, known, measure, truths_by_drawing
from calibration.families import count_blocked, count_called
from calibration.worlds import Truth, World

DRAWS = 300

PLAIN = World("short, 800 rows", 800, head=1.1)
WEIGHTED = World("short, weights", 800, weights=0.5, head=1.1)
CLUSTERED = World("short, clusters", 600, clusters=40, head=1.1)
SHARP = World("short, AUC .99", 200, base=3.3, head=3.2)
RARE = World("short, 2 % positive", 2_500, prevalence=0.02, head=1.1)


@pytest.mark.parametrize("world", [PLAIN, WEIGHTED, CLUSTERED], ids=lambda world: world.name)
@pytest.mark.parametrize(
    "observe",
    [observers.observe_ranking, observers.observe_counts, observers.observe_losses],
    ids=lambda observe: observe.__name__,
)
def test_binary_metrics_cover(world: World, observe: Observe) -> None:
    assert _short(world, observe, known(world)) == []


@pytest.mark.parametrize("world", [SHARP, RARE], ids=lambda world: world.name)
@pytest.mark.parametrize(
    "observe", [observers.observe_ranking, observers.observe_losses], ids=lambda observe: observe.__name__
)
def test_areas_near_1_and_rare_positives_cover(world: World, observe: Observe) -> None:
    assert _short(world, observe, known(world)) == []


@pytest.mark.parametrize(
    "observe",
    [observers.observe_log_loss, observers.observe_costs, observers.observe_top, observers.observe_relative],
    ids=lambda observe: observe.__name__,
)
def test_log_loss_costs_top_rows_and_relative_differences_cover(observe: Observe) -> None:
    assert _short(PLAIN, observe, known(PLAIN)) == []


def test_regression_covers() -> None:
    world = World("short, regression", 200, base=1.0, head=1.1)
    truth = truths_by_drawing(world, observers.observe_numbers, rows=500_000)
    assert _short(world, observers.observe_numbers, truth) == []


def test_metrics_of_four_classes_cover() -> None:
    world = World("short, four classes", 800, classes=4, base=1.5, head=1.4)
    truth = truths_by_drawing(world, observers.observe_classes, rows=300_000)
    assert _short(world, observers.observe_classes, truth, draws=150) == []


def test_a_review_of_twenty_gates_seldom_blocks_without_cause() -> None:
    counts = count_blocked(draws=100, seed=(11,), rows=1_000, slices=4)
    plain = counts["20 gates, no true difference, plain intervals: blocked"]
    corrected = counts["20 gates, no true difference, Holm: blocked"]
    assert corrected / 100 <= 0.05 + 3.5 * math.sqrt(0.05 * 0.95 / 100)
    assert corrected < plain


def test_a_loss_well_beyond_the_margin_is_called() -> None:
    counts = count_called(draws=100, seed=(12,), rows=1_000)
    called = {what: count / 100 for what, count in counts.items() if what.endswith("called")}
    assert len(called) == 6
    assert min(called.values()) >= 0.9 - 3.5 * math.sqrt(0.09 / 100)
    assert {count for what, count in counts.items() if what.endswith("called better")} == {0}


def _short(world: World, observe: Observe, truth: Truth, *, draws: int = DRAWS) -> list[str]:
    """What covers too seldom, in words: one test in some thousands of a sound interval fails by chance."""
    slack = 3.5 * math.sqrt(0.94 * 0.06 / draws)
    tallies = measure(world, observe, truth, draws=draws, seed=(1,))
    assert min(tally.judged for tally in tallies.values()) > 0.95 * draws
    found = [coverage(world, name, tally) for name, tally in tallies.items()]
    return [f"{row.metric}: {row.covered:.3f}" for row in found if row.covered < row.promise - slack]
