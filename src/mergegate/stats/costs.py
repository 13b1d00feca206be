"""The mean cost of decisions, each worth what a matrix says, by the delta method on joint cells."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mergegate.stats.cells import added_rows, classes_problem
from mergegate.stats.design import JACKKNIFE_BELOW, Design, Floats, UndefinedError
from mergegate.stats.estimate import Estimate
from mergegate.stats.influence import (
    cautious,
    cluster_problem,
    degrees_of_freedom,
    heavy_tails,
    jackknife_variance,
)
from mergegate.stats.pivots import Pivot, Student, augmented_score

Codes = NDArray[np.int64]


def cost(truth: Codes, models: Sequence[tuple[Codes, float]], costs: ArrayLike, design: Design) -> Estimate:
    """Mean cost a row of one model, or of two: each model's answers (n,) with its factor, base's below 0.

    `costs` (k, k) is the cost of a row that is truly of the row's class and is called the column's; a profit
    is a cost below 0. The limits are those of the other metrics of decisions: a fraction of a row in every
    joint cell, and Wilson's between the matrix's ends for one model. Raises UndefinedError for a matrix that
    is not square and finite, has fewer classes than occur, or costs the same everywhere.
    """
    matrix = _matrix(costs, [truth, *(answer for answer, _ in models)])
    classes, paired = len(matrix), len(models) > 1
    each = [matrix[truth, answer] for answer, _ in models]
    values = sum((factor * own for (_, factor), own in zip(models, each, strict=True)), np.zeros(1))
    # Of the added rows: how many in all, their summed costs, and the squares of these.
    first, second = _over_all(matrix, [factor for _, factor in models])
    row = design.total / design.effective()
    added = added_rows(classes, len(models)) * row
    total = design.total + added * classes ** (len(models) + 1)
    weighted = values if design.weight is None else values * design.weight
    centre = (float(weighted.sum()) + added * first) / total
    spread = second - 2 * centre * first + centre**2 * classes ** (len(models) + 1)
    error = math.sqrt(added * row * spread / total**2 + _variance(values, weighted, centre, total, design))
    carried = design.effective()
    clustered = design.cluster is not None
    df = degrees_of_freedom(carried, design) if clustered else math.inf
    if not paired and design.weight is not None:
        # A few heavy rows that cost much may make all of the variance.
        around = weighted - centre * design.weight
        df = cautious(
            degrees_of_freedom(carried, design),
            heavy_tails(design.by_cluster(around) if clustered else around),
        )
    low, high = float(matrix.min()), float(matrix.max())
    value = design.mean(values)
    pivot: Pivot
    if paired:
        share = -models[0][1]
        pivot = Student(centre, error, df, (low - share * high, high - share * low))
    else:
        pivot = augmented_score(value, centre, error, df, carried, (low, high))
    differ = each[0] != each[-1]
    if design.weight is not None:
        differ &= design.weight > 0
    return Estimate(
        value=value,
        standard_error=error,
        df=df,
        carried=carried,
        method=("delta on joint cells" if paired else "score limits for effective rows")
        + (", by cluster" if clustered else ""),
        pivot=pivot,
        discordant=int(np.count_nonzero(differ)) if paired else None,
        clusters=design.clusters if clustered else None,
        problem=cluster_problem(design) or classes_problem(classes, design),
    )


def _matrix(costs: ArrayLike, codes: Sequence[Codes]) -> Floats:
    matrix = np.asarray(costs, np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise UndefinedError(
            f"a cost matrix has a row and a column for each class, not the shape {matrix.shape}"
        )
    if not np.isfinite(matrix).all():
        raise UndefinedError("a cost is NaN or infinite")
    if matrix.min() == matrix.max():
        raise UndefinedError("every decision costs the same")
    occur = 1 + max(int(code.max()) for code in codes)
    if occur > len(matrix):
        raise UndefinedError(f"the cost matrix has {len(matrix)} classes, the rows have {occur}")
    return matrix


def _over_all(matrix: Floats, factors: Sequence[float]) -> tuple[float, float]:
    """Costs, and their squares, summed over all k^(m + 1) joint cells of m models."""
    k = len(matrix)
    of_truth, squares = matrix.sum(axis=1), float(np.square(matrix).sum())
    if len(factors) == 1:
        return factors[0] * float(of_truth.sum()), factors[0] ** 2 * squares
    base, head = factors
    first = k * (base + head) * float(of_truth.sum())
    return first, k * (base**2 + head**2) * squares + 2 * base * head * float(of_truth @ of_truth)


def _variance(values: Floats, weighted: Floats, centre: float, total: float, design: Design) -> float:
    """Of the mean, by the rows or clusters that there are."""
    if design.cluster is None:
        weight = 1.0 if design.weight is None else design.weight
        return float(np.square((values - centre) * weight).sum()) / total**2
    ones = np.ones(design.rows) if design.weight is None else design.weight
    sums, weights = design.by_cluster(weighted), design.by_cluster(ones)
    if 1 < design.clusters < JACKKNIFE_BELOW:
        return jackknife_variance((centre * total - sums) / (total - weights))
    apart = (sums - centre * weights) / total
    return float(apart @ apart) * design.clusters / max(design.clusters - 1, 1)
