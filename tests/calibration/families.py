"""How often a whole review blocks without cause, and how often it calls a true loss."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from calibration.coverage import Observe
from calibration.observers import observe_counts, observe_losses, observe_ranking
from calibration.worlds import Draw, World, draw, probability, truths
from mergegate.stats import Curve
from mergegate.stats.areas import average_precision, roc_auc
from mergegate.stats.decisions import Decisions
from mergegate.stats.design import Design
from mergegate.stats.estimate import Estimate
from mergegate.stats.families import classify, fail_claim, holm
from mergegate.stats.influence import difference
from mergegate.stats.means import brier_score
from mergegate.stats.ranking import rank

GATES = 4
"""Metrics that each slice is judged by."""

LEVEL = 0.025
"""One side of a 95 % interval."""


def count_blocked(*, draws: int, seed: tuple[int, ...], rows: int, slices: int) -> Counter[str]:
    """Reviews of four metrics, over all rows and in each slice, margin 0, without a true difference."""
    random = np.random.default_rng([*seed, slices])
    counts: Counter[str] = Counter()
    world = World("family", rows, rho=0.8)
    claims = GATES * (1 + slices)
    for _ in range(draws):
        p_values = review(draw(world, random), world, random.integers(0, slices, rows), slices)
        plain = min(p_values) < LEVEL
        counts[f"{claims} gates, no true difference, plain intervals: blocked"] += plain
        counts[f"{claims} gates, no true difference, Holm: blocked"] += any(holm(p_values))
    return counts


def count_found(*, draws: int, seed: tuple[int, ...], rows: int, slices: int) -> Counter[str]:
    """Reviews where one slice lost: true positives' scores .6 lower there, ROC AUC .82 to .69."""
    random = np.random.default_rng([*seed, slices, 1])
    counts: Counter[str] = Counter()
    world = World("a slice that lost", rows, rho=0.8)
    what = f"one of {slices} slices of {rows // slices} rows lost .13 of roc_auc, Holm over all"
    for _ in range(draws):
        d, codes = draw(world, random), random.integers(0, slices, rows)
        lowered = d.head - 0.6 * ((codes == 0) & (d.truth == 1))
        claims = review(Draw(d.truth, d.base, lowered, d.design), world, codes, slices)
        stand = holm(claims)
        counts[f"{what}: the slice found"] += any(stand[GATES : 2 * GATES])
        counts[f"{what}: a sound slice blamed"] += any(stand[2 * GATES :])
    return counts


def review(d: Draw, world: World, codes: NDArray[np.int64], slices: int) -> tuple[float, ...]:
    """p-values of the fail claims of four metrics, over all rows and in each slice."""
    claims = []
    for rows in (np.ones(world.rows, np.bool_), *(codes == level for level in range(slices))):
        for estimate, at_least in _gates(world, _slice(d, rows)):
            claims.append(fail_claim(estimate, 0.0, at_least=at_least))
    return tuple(claims)


def count_called(*, draws: int, seed: tuple[int, ...], rows: int) -> Counter[str]:
    """True losses that exceed the margin by 3.24 mean standard errors; worse heads called better."""
    world = World("power", rows, rho=0.8, base=1.3, head=1.1)
    observers: dict[str, Observe] = {
        "roc_auc": observe_ranking, "average_precision": observe_ranking, "accuracy": observe_counts,
        "recall": observe_counts, "f1": observe_counts, "brier_score_loss": observe_losses,
    }  # fmt: skip
    counts: Counter[str] = Counter()
    for place, (name, observe) in enumerate(observers.items()):
        base, head = truths(world)[name]
        better = -1.0 if name == "brier_score_loss" else 1.0
        random = np.random.default_rng([*seed, 324, place])
        found = [observe(world, random)[name] for _ in range(draws)]
        spread = float(np.mean([estimate.standard_error for estimate in found]))
        # The bar that leaves 3.24 standard errors between it and the true difference.
        bar = (head - base) + better * 3.24 * spread
        called = sum(fail_claim(estimate, bar, at_least=better > 0) < LEVEL for estimate in found)
        counts[f"{name}: a loss of 3.24 standard errors beyond the margin, called"] += called
        wrong = sum(classify(estimate, greater_is_better=better > 0) == "better" for estimate in found)
        counts[f"{name}: a worse head, called better"] += wrong
    return counts


def _gates(world: World, d: Draw) -> list[tuple[Estimate, bool]]:
    true = d.truth == 1
    base, head = (Curve(true, rank(score), d.design) for score in (d.base, d.head))
    answers = [(score > world.cut).astype(np.int64) for score in (d.base, d.head)]
    areas = [[metric(curve) for curve in (base, head)] for metric in (roc_auc, average_precision)]
    losses = [
        brier_score(true, probability(world, signal, score), d.design)
        for signal, score in ((world.base, d.base), (world.head, d.head))
    ]
    return [
        *((difference(before, after, d.design), True) for before, after in areas),
        (Decisions(d.truth, *answers, classes=2, design=d.design).difference("accuracy"), True),
        (difference(losses[0], losses[1], d.design), False),
    ]


def _slice(d: Draw, rows: NDArray[np.bool_]) -> Draw:
    return Draw(d.truth[rows], d.base[rows], d.head[rows], Design(int(rows.sum())))
