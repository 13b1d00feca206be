"""Rankings: scores fall, ties are one step, and a slice is ranked as if alone."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mergegate.stats.ranking import BLOCK, Partition, rank

SCORES: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {
    "probabilities": lambda random, n: random.random(n),
    "close together": lambda random, n: 0.1 + 1e-9 * random.random(n),
    "in the last bits": lambda random, n: 1 + np.finfo(np.float64).eps * random.integers(0, 1_000, n),
    "of both signs": lambda random, n: random.normal(size=n) * 10.0 ** random.integers(-300, 300, n),
    "rounded": lambda random, n: np.round(random.normal(size=n), 1),
    "of single precision": lambda random, n: random.random(n).astype(np.float32).astype(np.float64),
    "zeros of both signs": lambda random, n: random.choice([0.0, -0.0, 5e-324, -5e-324], n),
    "constant": lambda random, n: np.full(n, 0.3),
}


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("rows", [1, 2, 1_000])
def test_scores_fall_and_every_row_has_a_place(kind: str, rows: int) -> None:
    score = np.asarray(SCORES[kind](np.random.default_rng(0), rows), np.float64)
    ranking = rank(score)
    ordered = score[ranking.order]
    assert (np.sort(ranking.order) == np.arange(rows)).all()
    assert (ordered[1:] <= ordered[:-1]).all()
    assert ranking.starts.tolist() == [True, *(ordered[1:] != ordered[:-1]).tolist()]
    assert ranking.step.tolist() == (np.cumsum(ranking.starts) - 1).tolist()
    assert ranking.ties == (len(np.unique(score)) < rows)


@pytest.mark.parametrize("kind", ["probabilities", "rounded", "constant"])
def test_bounds_lie_between_scores_and_near_to_each_other(kind: str) -> None:
    rows = 3 * BLOCK + 5
    ranking = rank(np.asarray(SCORES[kind](np.random.default_rng(0), rows), np.float64))
    bounds = ranking.bounds()
    assert (bounds[0], bounds[-1]) == (0, rows)
    assert (np.diff(bounds) > 0).all()
    assert ranking.starts[bounds[:-1]].all()
    most = np.diff(np.append(np.flatnonzero(ranking.starts), rows)).max()
    assert np.diff(bounds).max() <= BLOCK + most


@pytest.mark.parametrize("slices", [4, 300])
def test_a_partition_ranks_each_slice_as_if_alone(slices: int) -> None:
    random = np.random.default_rng(3)
    score = np.round(random.normal(size=2_000), 1)
    codes = random.integers(0, slices - 1, 2_000)
    partition = Partition(codes, slices)
    parts = partition.split(rank(score))
    assert parts[-1] is None
    for code, (rows, part) in enumerate(zip(partition.rows, parts, strict=True)):
        assert rows.tolist() == np.flatnonzero(codes == code).tolist()
        if part is not None:
            ordered: NDArray[np.float64] = score[rows][part.order]
            assert (np.diff(ordered) <= 0).all()
            assert part.starts.tolist() == [True, *(np.diff(ordered) != 0).tolist()]
