"""Groups of rows that depend on each other: errors by cluster, against a slow oracle."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from mergegate.stats import Design
from mergegate.stats.discordance import Values

Floats = NDArray[np.float64]


def slow_error(values: Floats, weight: Floats, cluster: NDArray[np.int64], marks: NDArray[np.bool_]) -> float:
    """The same by one loop over clusters."""

    def mean(which: NDArray[np.bool_]) -> float:
        return float(np.average(values[which], weights=weight[which]))

    inside, outside = weight[marks].sum(), weight[~marks].sum()
    total = 0.0
    for name in np.unique(cluster):
        own, other = marks & (cluster == name), ~marks & (cluster == name)
        held = weight[own].sum()
        left = inside - held if inside > held else inside
        of_group = (weight[own] * (values[own] - mean(marks))).sum() / left
        of_rest = (weight[other] * (values[other] - mean(~marks))).sum() / outside
        total += (of_group - of_rest) ** 2
    clusters = len(np.unique(cluster))
    return math.sqrt(total * clusters / (clusters - 1))


def drawn(clusters: int, rows: int, *, nested: bool) -> tuple[Floats, NDArray[np.int64], NDArray[np.uint8]]:
    random = np.random.default_rng([clusters, rows])
    cluster = random.integers(0, clusters, rows)
    codes = random.integers(0, 4, clusters)[cluster] if nested else random.integers(0, 4, rows)
    values = random.normal(size=clusters)[cluster] + random.normal(size=rows) + 5.0 * (codes == 1)
    return values, cluster, codes.astype(np.uint8)


@pytest.mark.parametrize("nested", [True, False], ids=["whole clusters", "across clusters"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_the_error_is_that_of_a_loop_over_clusters(*, nested: bool, weighted: bool) -> None:
    values, cluster, codes = drawn(200, 1_500, nested=nested)
    weight = np.random.default_rng(3).integers(1, 6, len(values)).astype(np.float64)
    if not weighted:
        weight = np.ones(len(values))
    design = Design(len(values), weight=weight if weighted else None, cluster=cluster)
    rows = Values.of(values, design)
    own = rows.ordered(codes)
    part = rows.moments(own, 4)
    which, found = rows.above(own, part, part.total().without(part), np.ones(4, np.bool_), 0.05)
    assert which.tolist() == [1]
    expected = slow_error(values, weight, cluster, codes == 1)
    assert found.apart[0] == pytest.approx(expected, rel=1e-9)
    inner = len(np.unique(cluster[codes == 1]))
    outer = len(np.unique(cluster[codes != 1]))
    assert found.apart_df[0] == min(inner, outer) - 1


def test_rows_that_are_clusters_of_their_own_have_about_welchs_error() -> None:
    values, _, codes = drawn(200, 2_000, nested=False)
    errors = []
    for cluster in (None, np.arange(2_000)):
        rows = Values.of(values, Design(2_000, cluster=cluster))
        own = rows.ordered(codes)
        part = rows.moments(own, 4)
        _, found = rows.above(own, part, part.total().without(part), np.ones(4, np.bool_), 0.05)
        errors.append(float(found.apart[0]))
    assert errors[1] == pytest.approx(errors[0], rel=0.005)


def test_a_group_of_fewer_than_thirty_clusters_is_never_above() -> None:
    cluster = np.repeat(np.arange(60), 20)
    for clusters, expected in ((29, []), (30, [1])):
        codes = (cluster < clusters).astype(np.uint8)
        values = np.random.default_rng(0).normal(size=1_200) + 5.0 * codes
        rows = Values.of(values, Design(1_200, cluster=cluster))
        part = rows.moments(rows.ordered(codes), 2)
        which, _ = rows.above(
            rows.ordered(codes), part, part.total().without(part), np.ones(2, np.bool_), 0.05
        )
        assert which.tolist() == expected


def test_some_rows_keep_their_clusters() -> None:
    values, cluster, codes = drawn(200, 3_000, nested=False)
    rows = Values.of(values, Design(3_000, cluster=cluster))
    marks = rows.ordered(codes) != 3
    some = rows.pick(marks)
    total = some.moments(np.zeros(some.count, np.uint8), 1)
    found = some.rows_above(np.flatnonzero(rows.ordered(codes)[marks] == 1), total, 50, 0.05)
    kept = codes != 3
    expected = slow_error(values[kept], np.ones(int(kept.sum())), cluster[kept], codes[kept] == 1)
    assert found is not None
    assert found.apart[0] == pytest.approx(expected, rel=1e-9)
