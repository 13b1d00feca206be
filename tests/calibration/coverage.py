"""How often an interval holds the true value, counted over simulated evaluation sets."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from calibration.worlds import Floats, Truth, World, draw, draw_classes, draw_numbers, probability, truths
from mergegate.stats.areas import Curve, average_precision, roc_auc, roc_auc_ovr
from mergegate.stats.calibration import squared_calibration_error
from mergegate.stats.decisions import Decisions
from mergegate.stats.design import Design, UndefinedError
from mergegate.stats.estimate import Estimate
from mergegate.stats.influence import Influence, absolute, difference
from mergegate.stats.means import (
    brier_score,
    log_loss,
    mean_absolute_error,
    mean_absolute_percentage_error,
)
from mergegate.stats.ranking import rank
from mergegate.stats.regression import median_absolute_error, r2_score, root_mean_squared_error

Found = dict[str, Estimate]
"""Estimates by metric: `roc_auc` the difference, `roc_auc alone` head's own value."""

COUNTS = ("accuracy", "balanced_accuracy", "matthews_corrcoef", "precision", "recall", "f1")
MULTICLASS_COUNTS = (
    "accuracy", "balanced_accuracy", "matthews_corrcoef", "precision_macro", "recall_macro", "f1_macro",
    "precision_weighted", "recall_weighted", "f1_weighted", "precision", "recall", "f1",
)  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """Share of a metric's intervals that hold the truth in one world, with its Monte Carlo standard error.

    `carried` and `discordant` are means; `judged` counts draws on which the metric has a value.
    """

    world: str
    metric: str
    rows: int
    carried: float
    discordant: float | None
    judged: int
    covered: float
    error: float
    width: float


def measure(
    world: World,
    observe: Callable[[World, np.random.Generator], Found],
    truth: Truth,
    *,
    draws: int,
    seed: int,
) -> list[Coverage]:
    """Draw, observe, and count; `truth` by metric, for a metric alone the second of the pair."""
    random = np.random.default_rng([seed, *world.name.encode()])
    hits: dict[str, list[bool]] = defaultdict(list)
    rows: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for _ in range(draws):
        for name, estimate in observe(world, random).items():
            metric, _, alone = name.partition(" ")
            base, head = truth[metric]
            wanted = head if alone else head - base
            interval = estimate.interval()
            hits[name].append(interval.low <= wanted <= interval.high)
            discordant = math.nan if estimate.discordant is None else estimate.discordant
            rows[name].append((estimate.carried, discordant, interval.high - interval.low))
    return [_coverage(world, name, hits[name], rows[name]) for name in hits]


def observe_ranking(world: World, random: np.random.Generator) -> Found:
    """ROC AUC and average precision."""
    d = draw(world, random)
    true = d.truth == 1
    if not 0 < true.sum() < len(true):
        return {}
    base, head = (Curve(true, rank(score), d.design) for score in (d.base, d.head))
    found = {}
    for name, metric in (("roc_auc", roc_auc), ("average_precision", average_precision)):
        first, second = metric(base), metric(head)
        found[name] = difference(first, second, d.design)
        found[f"{name} alone"] = absolute(second, d.design)
    return found


def observe_counts(world: World, random: np.random.Generator) -> Found:
    """Metrics of decisions at a threshold."""
    d = draw(world, random)
    answers = [(score > world.cut).astype(np.int64) for score in (d.base, d.head)]
    return _decisions(Decisions(d.truth, *answers, classes=2, design=d.design), COUNTS)


def observe_losses(world: World, random: np.random.Generator) -> Found:
    """Brier score and the calibration error's difference from itself under exchange of equal models."""
    d = draw(world, random)
    true = d.truth == 1
    base, head = probability(world, world.base, d.base), probability(world, world.head, d.head)
    found = _both("brier_score_loss", [brier_score(true, p, d.design) for p in (base, head)], d.design)
    if world.base == world.head and world.rows >= 200:
        try:
            parts = [squared_calibration_error(true, p, d.design) for p in (base, head)]
        except UndefinedError:
            return found
        found["squared_calibration_error"] = difference(parts[0], parts[1], d.design)
    return found


def observe_log_loss(world: World, random: np.random.Generator) -> Found:
    """Log loss, whose bootstrap-t takes most of the time."""
    d = draw(world, random)
    true = d.truth == 1
    parts = []
    for signal, score in ((world.base, d.base), (world.head, d.head)):
        p = probability(world, signal, score)
        parts.append(log_loss(np.where(true, p, 1 - p), d.design))
    return _both("log_loss", parts, d.design)


def observe_classes(world: World, random: np.random.Generator) -> Found:
    """Metrics of four or more classes; the class of precision, recall and F1 is the rarest."""
    d = draw_classes(world, random)
    if len(np.unique(d.truth)) < world.classes:
        return {}
    answers = [score.argmax(axis=1) for score in (d.base, d.head)]
    found = _decisions(
        Decisions(d.truth, *answers, classes=world.classes, design=d.design), MULTICLASS_COUNTS, code=0
    )
    parts = [
        roc_auc_ovr(d.truth, [rank(_softmax(score)[:, k]) for k in range(world.classes)], d.design)
        for score in (d.base, d.head)
    ]
    return found | _both("roc_auc_ovr", parts, d.design)


def observe_numbers(world: World, random: np.random.Generator) -> Found:
    """Metrics of regression."""
    truth, base, head, design = draw_numbers(world, random)
    metrics = {
        "mean_absolute_error": mean_absolute_error,
        "mean_absolute_percentage_error": mean_absolute_percentage_error,
        "root_mean_squared_error": root_mean_squared_error,
        "r2_score": r2_score,
        "median_absolute_error": median_absolute_error,
    }
    found: Found = {}
    for name, metric in metrics.items():
        found |= _both(name, [metric(truth, predicted, design) for predicted in (base, head)], design)
    return found


@cache
def truths_by_drawing(
    world: World, observe: Callable[[World, np.random.Generator], Found], *, rows: int, times: int = 1
) -> Truth:
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


def _decisions(decisions: Decisions, names: Iterable[str], *, code: int = 1) -> Found:
    found = {}
    for name in names:
        try:
            found[name] = decisions.difference(name, code)
            found[f"{name} alone"] = decisions.absolute(name, code)
        except UndefinedError:
            continue
    return found


def _both(name: str, parts: list[Influence], design: Design) -> Found:
    return {name: difference(parts[0], parts[1], design), f"{name} alone": absolute(parts[1], design)}


def _softmax(score: Floats) -> Floats:
    raised = np.exp(score)
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _coverage(world: World, name: str, hits: list[bool], rows: list[tuple[float, float, float]]) -> Coverage:
    covered = float(np.mean(hits))
    carried, discordant, width = np.mean(rows, axis=0)
    return Coverage(
        world=world.name, metric=name, rows=world.rows, carried=float(carried),
        discordant=None if math.isnan(discordant) else float(discordant),
        judged=len(hits), covered=covered,
        error=math.sqrt(covered * (1 - covered) / len(hits)), width=float(width),
    )  # fmt: skip
