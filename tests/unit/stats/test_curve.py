"""Areas are the same however many blocks the ranking is cut into, and scikit-learn's."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from mergegate.stats import Curve, Design, Influence, average_precision, precision_at, rank, ranking, roc_auc

ROWS = 5 * ranking.BLOCK + 77
SCORES: dict[str, Callable[[np.random.Generator], NDArray[np.float64]]] = {
    "different": lambda random: random.random(ROWS),
    "some equal": lambda random: np.round(random.random(ROWS), 4),
    "few": lambda random: np.round(random.random(ROWS), 1),
    "one": lambda random: np.full(ROWS, 0.25),
}
AREAS: dict[str, Callable[[Curve], Influence]] = {
    "roc_auc": roc_auc,
    "average_precision": average_precision,
    "precision_at": lambda curve: precision_at(curve, 0.3),
}


def drawn(kind: str, weighted: bool) -> tuple[NDArray[np.bool_], NDArray[np.float64], Design]:
    random = np.random.default_rng(4)
    score = SCORES[kind](random)
    true = random.random(ROWS) < 0.2 + 0.5 * score
    # Some rows weigh nothing.
    weight = random.integers(0, 4, ROWS) * random.random(ROWS) if weighted else None
    return true, score, Design(ROWS, weight=weight)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("name", AREAS)
def test_a_ranking_in_blocks_gives_what_it_gives_whole(
    name: str, kind: str, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, score, design = drawn(kind, weighted)
    found = AREAS[name](Curve(true, rank(score), design))
    monkeypatch.setattr(ranking, "BLOCK", 10 * ROWS)
    whole = AREAS[name](Curve(true, rank(score), design))
    assert found.value == pytest.approx(whole.value, abs=1e-12)
    np.testing.assert_allclose(found.rows, whole.rows, rtol=1e-9, atol=1e-12 / ROWS)
    assert found.rows.sum() == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("name", ["roc_auc", "average_precision"])
def test_values_are_scikit_learns(name: str, kind: str, weighted: bool) -> None:
    true, score, design = drawn(kind, weighted)
    oracle = metrics.roc_auc_score if name == "roc_auc" else metrics.average_precision_score
    found = AREAS[name](Curve(true, rank(score), design))
    assert found.value == pytest.approx(float(oracle(true, score, sample_weight=design.weight)), abs=1e-9)


@pytest.mark.parametrize("kind", SCORES)
def test_what_is_cumulated_ends_at_the_weight_of_each_class(kind: str) -> None:
    true, score, design = drawn(kind, True)
    curve = Curve(true, rank(score), design)
    assert len(curve.hits) == len(curve.alarms) == len(curve.gained) == len(np.unique(score))
    assert curve.hits[-1] == pytest.approx(curve.positives)
    assert curve.alarms[-1] == pytest.approx(curve.negatives)
    assert curve.gained.sum() == pytest.approx(curve.positives)
