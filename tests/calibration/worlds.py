"""Worlds whose metrics are known: correlated classifiers and regressors, with weights and clusters."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mergegate.stats.design import Design
from mergegate.stats.distributions import normal_cdf, normal_quantile

Floats = NDArray[np.float64]
Truth = dict[str, tuple[float, float]]
"""By metric: the true values of base and head."""

COSTS = {
    "cost_5_to_1": ((0.0, 1.0), (5.0, 0.0)),
    "cost_50_to_1": ((0.0, 1.0), (50.0, 0.0)),
    "profit": ((0.0, 10.0), (2.0, -20.0)),
}
"""Cost matrices truth × answer: a miss dearer than a false alarm; a hit that earns."""

TOP = 0.1
"""The share of rows that a team can act on."""


@dataclass(frozen=True)
class World:
    """Two models on the same rows. Scores are `base` or `head` times truth plus noise, correlated by `rho`.

    `weights` spreads row weights by e^(weights·z), positives counting 1.5 times. `clusters` > 0 splits the
    rows into as many, whose labels and noises have a part `shared` in common; `uneven` makes their sizes
    differ tenfold. `sharpness` multiplies the logits: above 1 the model is overconfident.
    """

    name: str
    rows: int
    prevalence: float = 0.25
    rho: float = 0.8
    base: float = 1.3
    head: float = 1.3
    weights: float = 0.0
    clusters: int = 0
    shared: float = 0.2
    uneven: bool = False
    sharpness: float = 1.0
    threshold: float | None = None
    classes: int = 2

    @property
    def cut(self) -> float:
        """The score from which a row is called positive."""
        return self.base / 2 + 0.4 if self.threshold is None else self.threshold


@dataclass(frozen=True, eq=False)
class Draw:
    """One evaluation set: truth (n,), scores or predictions (n,) or (n, k) of both models, and the design."""

    truth: NDArray[np.int64]
    base: Floats
    head: Floats
    design: Design


def draw(world: World, random: np.random.Generator) -> Draw:
    """Draw a binary world's rows."""
    n = world.rows
    cluster = _cluster(world, random)
    latent = _noise(world, random, cluster)
    truth = (latent > -normal_quantile(world.prevalence)).astype(np.int64)
    common, own_base, own_head = (_noise(world, random, cluster) for _ in range(3))
    share, rest = math.sqrt(world.rho), math.sqrt(1 - world.rho)
    weight = None
    if world.weights:
        weight = np.exp(world.weights * random.standard_normal(n)) * np.where(truth == 1, 1.5, 1.0)
    return Draw(
        truth,
        world.base * truth + share * common + rest * own_base,
        world.head * truth + share * common + rest * own_head,
        Design(n, weight=weight, cluster=cluster),
    )


def probability(world: World, signal: float, score: Floats) -> Floats:
    """The probability a model gives: calibrated at sharpness 1 for unweighted rows."""
    logit = signal * score - signal**2 / 2 + math.log(world.prevalence / (1 - world.prevalence))
    return 1 / (1 + np.exp(-world.sharpness * logit))


def truths(world: World) -> Truth:
    """The metrics' values in the whole population, by integration."""
    both = [_population(world, signal) for signal in (world.base, world.head)]
    return {name: (both[0][name], both[1][name]) for name in both[0]}


def draw_classes(world: World, random: np.random.Generator) -> Draw:
    """Draw a multiclass world's rows: scores (n, k), the class with the highest is the answer."""
    k = world.classes
    shares = np.arange(1, k + 1) / (k * (k + 1) / 2)
    cluster = _cluster(world, random)
    latent = _noise(world, random, cluster)
    edges = np.array([normal_quantile(p) for p in np.cumsum(shares)[:-1]])
    truth = np.searchsorted(edges, latent).astype(np.int64)
    signal = np.eye(k)[truth]
    common, own_base, own_head = (
        np.stack([_noise(world, random, cluster) for _ in range(k)], axis=1) for _ in range(3)
    )
    weight = np.exp(world.weights * random.standard_normal(world.rows)) if world.weights else None
    share, rest = math.sqrt(world.rho), math.sqrt(1 - world.rho)
    return Draw(
        truth,
        world.base * signal + share * common + rest * own_base,
        world.head * signal + share * common + rest * own_head,
        Design(world.rows, weight=weight, cluster=cluster),
    )


def draw_numbers(world: World, random: np.random.Generator) -> tuple[Floats, Floats, Floats, Design]:
    """Draw a regression world's rows: truth 2 + gamma, errors of t with 8 df scaled by `base` and `head`."""
    n = world.rows
    cluster = _cluster(world, random)
    latent = _noise(world, random, cluster)
    truth = 2 + np.exp(0.5 * latent)
    common, own_base, own_head = (_noise(world, random, cluster) for _ in range(3))
    tails = np.sqrt(8 / random.chisquare(8, n))
    share, rest = math.sqrt(world.rho), math.sqrt(1 - world.rho)
    weight = np.exp(world.weights * random.standard_normal(n)) if world.weights else None
    return (
        truth,
        truth + world.base * tails * (share * common + rest * own_base),
        truth + world.head * tails * (share * common + rest * own_head),
        Design(n, weight=weight, cluster=cluster),
    )


def _noise(world: World, random: np.random.Generator, cluster: NDArray[np.int64] | None) -> Floats:
    """Standard normal (n,), correlated within clusters by `shared`."""
    noise = random.standard_normal(world.rows)
    if cluster is None:
        return noise
    group = random.standard_normal(world.clusters)
    return math.sqrt(world.shared) * group[cluster] + math.sqrt(1 - world.shared) * noise


def _cluster(world: World, random: np.random.Generator) -> NDArray[np.int64] | None:
    if not world.clusters:
        return None
    if not world.uneven:
        return np.arange(world.rows) * world.clusters // world.rows
    sizes = np.linspace(1, 10, world.clusters)
    # Every cluster has a row, so that their number is the one asked for.
    rest = random.choice(world.clusters, world.rows - world.clusters, p=sizes / sizes.sum())
    return np.sort(np.concatenate([np.arange(world.clusters), rest]))


def _population(world: World, signal: float) -> dict[str, float]:
    share = world.prevalence
    if world.weights:
        share = 1.5 * share / (1.5 * share + 1 - share)
    grid = np.linspace(-9, 9 + signal, 20_001)
    step = grid[1] - grid[0]
    positive, negative = (
        np.exp(-((grid - m) ** 2) / 2) / math.sqrt(2 * math.pi) * step for m in (signal, 0.0)
    )
    above_positive, above_negative = (
        np.cumsum(density[::-1])[::-1] - density / 2 for density in (positive, negative)
    )
    precision = share * above_positive / (share * above_positive + (1 - share) * above_negative)
    likely = np.clip(probability(world, signal, grid), 1e-15, 1 - 1e-15)
    hit, alarm = 1 - normal_cdf(world.cut - signal), 1 - normal_cdf(world.cut)
    tp, fp = share * hit, (1 - share) * alarm
    called = tp + fp
    ranked = share * above_positive + (1 - share) * above_negative
    costs = {
        name: tp * matrix[1][1] + (share - tp) * matrix[1][0]
        + fp * matrix[0][1] + (1 - share - fp) * matrix[0][0]
        for name, matrix in COSTS.items()
    }  # fmt: skip
    return {
        **costs,
        f"precision_at_{TOP}": float(np.interp(TOP, ranked[::-1], precision[::-1])),
        "roc_auc": normal_cdf(signal / math.sqrt(2)),
        "average_precision": float(positive @ precision),
        "log_loss": float(-share * positive @ np.log(likely) - (1 - share) * negative @ np.log1p(-likely)),
        "brier_score_loss": float(share * positive @ (1 - likely) ** 2 + (1 - share) * negative @ likely**2),
        "accuracy": tp + (1 - share) * (1 - alarm),
        "balanced_accuracy": (hit + 1 - alarm) / 2,
        "recall": hit,
        "precision": tp / called,
        "f1": 2 * tp / (called + share),
        "matthews_corrcoef": (tp - called * share) / math.sqrt(share * (1 - share) * called * (1 - called)),
    }
