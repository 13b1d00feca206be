"""What is estimated from one draw of a world: metrics by name, paired, alone, and relative to base."""

from collections.abc import Iterable

import numpy as np

from calibration.worlds import COSTS, TOP, Floats, World, draw, draw_classes, draw_numbers, probability
from mergegate.stats import Curve
from mergegate.stats.areas import average_precision, roc_auc, roc_auc_ovr
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
    mean_pinball_loss,
)
from mergegate.stats.ranking import rank
from mergegate.stats.regression import median_absolute_error, r2_score, root_mean_squared_error
from mergegate.stats.top import precision_at

Found = dict[str, Estimate]
"""Estimates by metric: `roc_auc` the difference, `roc_auc alone` head's, `roc_auc relative` of a share."""

RELATIVE = 0.05
"""The regression, as a share of base's value, that a relative difference is about."""

LOSSES = ("brier_score_loss", "log_loss", "mean_absolute_error", "root_mean_squared_error", "cost_5_to_1")
"""Metrics of relative differences that are better when lower."""

COUNTS = ("accuracy", "balanced_accuracy", "matthews_corrcoef", "precision", "recall", "f1")
MULTICLASS_COUNTS = (
    "accuracy", "balanced_accuracy", "matthews_corrcoef", "precision_macro", "recall_macro", "f1_macro",
    "precision_weighted", "recall_weighted", "f1_weighted", "precision", "recall", "f1",
)  # fmt: skip


def share_of(metric: str) -> float:
    """The share of base's value that a relative difference takes away."""
    return 1 + RELATIVE if metric in LOSSES else 1 - RELATIVE


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
    decisions = Decisions(d.truth, *answers, classes=world.classes, design=d.design)
    found = _decisions(decisions, MULTICLASS_COUNTS, code=0)
    parts = [
        roc_auc_ovr(d.truth, [rank(_softmax(score)[:, k]) for k in range(world.classes)], d.design)
        for score in (d.base, d.head)
    ]
    of_truth = [np.take_along_axis(score, d.truth[:, np.newaxis], axis=1) for score in (d.base, d.head)]
    hits = [(score > own).sum(axis=1) < 2 for score, own in zip((d.base, d.head), of_truth, strict=True)]
    top = _decisions(Decisions.of_hits(*hits, design=d.design), ("accuracy",))
    distance = np.abs(np.subtract.outer(np.arange(world.classes), np.arange(world.classes))).astype(float)
    return {
        **found,
        **{name.replace("accuracy", "top_2_accuracy"): estimate for name, estimate in top.items()},
        "cost_by_distance": decisions.cost_difference(distance),
        "cost_by_distance alone": decisions.cost_absolute(distance),
        **_both("roc_auc_ovr", parts, d.design),
    }


def observe_numbers(world: World, random: np.random.Generator) -> Found:
    """Metrics of regression."""
    truth, base, head, design = draw_numbers(world, random)
    metrics = {
        "mean_absolute_error": mean_absolute_error,
        "mean_absolute_percentage_error": mean_absolute_percentage_error,
        "root_mean_squared_error": root_mean_squared_error,
        "r2_score": r2_score,
        "mean_pinball_loss": mean_pinball_loss,
        "median_absolute_error": median_absolute_error,
    }
    found: Found = {}
    for name, metric in metrics.items():
        found |= _both(name, [metric(truth, predicted, design) for predicted in (base, head)], design)
    return found


def observe_costs(world: World, random: np.random.Generator) -> Found:
    """Costs of decisions by each matrix."""
    d = draw(world, random)
    answers = [(score > world.cut).astype(np.int64) for score in (d.base, d.head)]
    decisions = Decisions(d.truth, *answers, classes=2, design=d.design)
    found = {}
    for name, matrix in COSTS.items():
        found[name] = decisions.cost_difference(matrix)
        found[f"{name} alone"] = decisions.cost_absolute(matrix)
    return found


def observe_top(world: World, random: np.random.Generator) -> Found:
    """Precision among the highest scores."""
    d = draw(world, random)
    true = d.truth == 1
    if not 0 < true.sum() < len(true):
        return {}
    parts = [precision_at(Curve(true, rank(score), d.design), TOP) for score in (d.base, d.head)]
    return _both(f"precision_at_{TOP}", parts, d.design)


def observe_relative(world: World, random: np.random.Generator) -> Found:
    """Head less a share of base, one metric of every family."""
    d = draw(world, random)
    true = d.truth == 1
    if not 0 < true.sum() < len(true):
        return {}
    curves = [Curve(true, rank(score), d.design) for score in (d.base, d.head)]
    likely = [probability(world, world.base, d.base), probability(world, world.head, d.head)]
    pairs = {
        "roc_auc": [roc_auc(curve) for curve in curves],
        "average_precision": [average_precision(curve) for curve in curves],
        "brier_score_loss": [brier_score(true, p, d.design) for p in likely],
        "log_loss": [log_loss(np.where(true, p, 1 - p), d.design) for p in likely],
    }
    found = {
        f"{name} relative": difference(base, head, d.design, share_of(name))
        for name, (base, head) in pairs.items()
    }
    answers = [(score > world.cut).astype(np.int64) for score in (d.base, d.head)]
    decisions = Decisions(d.truth, *answers, classes=2, design=d.design)
    for name in ("accuracy", "recall", "f1"):
        found[f"{name} relative"] = decisions.difference(name, share=share_of(name))
    dear = decisions.cost_difference(COSTS["cost_5_to_1"], share_of("cost_5_to_1"))
    return found | {"cost_5_to_1 relative": dear}


def observe_relative_numbers(world: World, random: np.random.Generator) -> Found:
    """Head less a share of base for metrics of regression."""
    truth, base, head, design = draw_numbers(world, random)
    metrics = {
        "mean_absolute_error": mean_absolute_error,
        "root_mean_squared_error": root_mean_squared_error,
        "r2_score": r2_score,
    }
    return {
        f"{name} relative": difference(
            metric(truth, base, design), metric(truth, head, design), design, share_of(name)
        )
        for name, metric in metrics.items()
    }


def _decisions(decisions: Decisions, names: Iterable[str], *, code: int = 1) -> Found:
    found = {}
    alone = decisions.alone()
    for name in names:
        try:
            found[name] = decisions.difference(name, code)
            found[f"{name} alone"] = alone.absolute(name, code)
        except UndefinedError:
            continue
    return found


def _both(name: str, parts: list[Influence], design: Design) -> Found:
    return {name: difference(parts[0], parts[1], design), f"{name} alone": absolute(parts[1], design)}


def _softmax(score: Floats) -> Floats:
    raised = np.exp(score)
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares
