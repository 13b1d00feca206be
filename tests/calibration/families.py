"""How often a whole review blocks without cause, and how often it calls a true loss."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.coverage import Found, observe_counts, observe_losses, observe_ranking
from calibration.worlds import Draw, World, draw, probability, truths
from mergegate.stats.areas import Curve, average_precision, roc_auc
from mergegate.stats.decisions import Decisions
from mergegate.stats.design import Design
from mergegate.stats.estimate import Estimate
from mergegate.stats.families import classify, fail_claim, holm
from mergegate.stats.influence import difference
from mergegate.stats.means import brier_score
from mergegate.stats.ranking import rank

LEVELS = 4


@dataclass(frozen=True)
class Rates:
    """A share of simulated reviews, with its Monte Carlo standard error."""

    what: str
    rate: float
    error: float


def measure_families(*, draws: int, seed: int, rows: int = 2_000) -> list[Rates]:
    """Reviews of 20 gates and slices, margin 0, between models without a true difference: how many block."""
    world = World("family", rows, rho=0.8)
    random = np.random.default_rng([seed, 20])
    plain = corrected = 0
    for _ in range(draws):
        claims = review(world, random)
        plain += any(p < 0.025 for p in claims)
        corrected += any(holm(claims))
    size = len(claims)
    return [
        _rate(f"{size} gates, no true difference, plain intervals: blocked", plain, draws),
        _rate(f"{size} gates, no true difference, Holm: blocked", corrected, draws),
    ]


def review(world: World, random: np.random.Generator) -> tuple[float, ...]:
    """p-values of the fail claims of four metrics, overall and in four slices each: 20 claims."""
    d = draw(world, random)
    codes = random.integers(0, LEVELS, world.rows)
    claims = []
    for rows in (np.ones(world.rows, np.bool_), *(codes == level for level in range(LEVELS))):
        for estimate, at_least in _gates(world, _slice(d, rows)):
            claims.append(fail_claim(estimate, 0.0, at_least=at_least))
    return tuple(claims)


def measure_power(*, draws: int, seed: int, rows: int = 2_000) -> list[Rates]:
    """True losses that exceed the margin by 3.24 standard errors: how many are called worse."""
    world = World("power", rows, rho=0.8, base=1.3, head=1.1)
    observers: dict[str, Callable[[World, np.random.Generator], Found]] = {
        "roc_auc": observe_ranking, "average_precision": observe_ranking, "accuracy": observe_counts,
        "recall": observe_counts, "f1": observe_counts, "brier_score_loss": observe_losses,
    }  # fmt: skip
    rates = []
    for name, observe in observers.items():
        base, head = truths(world)[name]
        better = -1.0 if name == "brier_score_loss" else 1.0
        found = [observe(world, np.random.default_rng([seed, 324, turn]))[name] for turn in range(draws)]
        spread = float(np.std([estimate.value for estimate in found], ddof=1))
        # The bar that leaves 3.24 standard errors between it and the true difference.
        bar = (head - base) + better * 3.24 * spread
        called = sum(fail_claim(estimate, bar, at_least=better > 0) < 0.025 for estimate in found)
        rates.append(
            _rate(f"{name}: a loss of 3.24 standard errors beyond the margin, called", called, draws)
        )
        worse = sum(classify(estimate, greater_is_better=better > 0) == "better" for estimate in found)
        rates.append(_rate(f"{name}: a worse head, called better", worse, draws))
    return rates


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


def _rate(what: str, count: int, draws: int) -> Rates:
    share = count / draws
    return Rates(what, share, math.sqrt(share * (1 - share) / draws))
