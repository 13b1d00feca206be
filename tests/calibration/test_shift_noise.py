"""Twenty columns of noise raise nothing, for few rows as for many; a real move is found beside them."""

from collections.abc import Callable

import numpy as np
import pytest

from mergegate.dataset.category_counts import count_categories
from mergegate.dataset.distributions import Distribution
from mergegate.dataset.shift_claims import LEVEL, judge
from mergegate.dataset.shift_columns import Column
from mergegate.dataset.shift_measures import Measures, measure
from mergegate.stats.shift import tally
from mergegate.stats.shift.tally import Floats

REPETITIONS = 100
MOST_FALSE = 4
"""Repetitions with a notable column that may come about: at a rate of 0.01, more are 1 in 290 runs."""
Random = np.random.Generator
Draw = Callable[[Random, int], Floats]

NUMBERS: tuple[Draw, ...] = (
    lambda random, rows: random.normal(size=rows),
    lambda random, rows: random.normal(50, 9, rows).round(),
    lambda random, rows: random.lognormal(0, 2, rows),
    lambda random, rows: random.standard_cauchy(rows),
    lambda random, rows: random.poisson(0.3, rows).astype(float),
    lambda random, rows: np.where(random.random(rows) < 0.8, 0.0, random.exponential(size=rows)),
    lambda random, rows: random.integers(0, 2, rows).astype(float),
    lambda random, rows: np.full(rows, 7.0),
    lambda random, rows: np.where(random.random(rows) < 0.03, np.nan, random.normal(size=rows)),
    lambda random, rows: np.where(random.random(rows) < 0.001, np.nan, random.uniform(size=rows)),
)
CATEGORIES: tuple[Draw, ...] = (
    lambda random, rows: random.integers(0, 3, rows).astype(float),
    lambda random, rows: random.integers(0, 40, rows).astype(float),
    lambda random, rows: np.minimum(random.zipf(1.4, rows), 1e9).astype(float),
    lambda random, rows: random.integers(0, 100_000, rows).astype(float),
    lambda random, rows: (random.random(rows) < 0.01).astype(float),
)
TWENTY = (*NUMBERS, *NUMBERS[:5], *CATEGORIES)


def distribution(place: int, old: Floats, new: Floats) -> Distribution:
    """What the engine would have counted."""
    kept_old, kept_new = old[~np.isnan(old)], new[~np.isnan(new)]
    category = place >= len(TWENTY) - len(CATEGORIES)
    column = Column(f"c{place}", "category" if category else "number", f"c{place}")
    missing = len(old) - len(kept_old), len(new) - len(kept_new)
    if not category:
        return Distribution(column, len(old), len(new), *missing, tally=tally(kept_old, kept_new))
    sides = [np.unique(values, return_counts=True) for values in (kept_old, kept_new)]
    counted = [
        (str(value), side == 0, rows)
        for side, found in enumerate(sides)
        for value, rows in zip(*(each.tolist() for each in found), strict=True)
    ]
    return Distribution(column, len(old), len(new), *missing, categories=count_categories(counted))


def noise(random: Random, old: int, new: int) -> list[Measures]:
    return [
        measure(distribution(place, draw(random, old), draw(random, new)))
        for place, draw in enumerate(TWENTY)
    ]


@pytest.mark.parametrize(("old", "new"), [(60, 20), (400, 30), (5_000, 200)])
def test_twenty_columns_of_noise_raise_nothing(old: int, new: int) -> None:
    random = np.random.default_rng([old, new])
    false = [
        [place for place, claim in enumerate(judge(noise(random, old, new))) if claim.notable]
        for _ in range(REPETITIONS)
    ]
    raised = [columns for columns in false if columns]
    print(f"{old} and {new} rows: {len(raised)} of {REPETITIONS} repetitions, columns {raised}")
    assert LEVEL == 0.01
    assert len(raised) <= MOST_FALSE, raised


def test_a_real_move_is_found_beside_noise_and_alone() -> None:
    random = np.random.default_rng(7)
    for _ in range(20):
        found = noise(random, 5_000, 300)
        moved = distribution(0, random.normal(size=5_000), random.normal(0.6, size=300))
        claims = judge([*found, measure(moved)])
        assert [place for place, claim in enumerate(claims) if claim.notable] == [len(TWENTY)]


def test_a_move_too_small_to_matter_is_not_notable_however_sure() -> None:
    random = np.random.default_rng(8)
    moved = measure(distribution(0, random.normal(size=200_000), random.normal(0.1, size=200_000)))
    assert (moved.p or 0.0) < 1e-12
    assert [claim.notable for claim in judge([moved])] == [False]
