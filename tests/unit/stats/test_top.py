"""Precision among the highest scores, and accuracy by any rule of what is right."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import top_k_accuracy_score

from mergegate import stats


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(5, 80),
    seed=st.integers(0, 2**32 - 1),
    places=st.integers(1, 5),
    digits=st.sampled_from([0, 1, 9]),
)
def test_rows_that_tie_for_the_last_places_share_them(rows: int, seed: int, places: int, digits: int) -> None:
    random = np.random.default_rng(seed)
    true, score = np.arange(rows) % 3 == 0, np.round(random.random(rows), digits)
    weights = np.where(score > np.sort(score)[-places], 1.0, 0.0)
    tied = score == np.sort(score)[-places]
    weights[tied] = (places - weights.sum()) / tied.sum()
    design = stats.Design(rows)
    found = stats.precision_at(stats.Curve(true, stats.rank(score), design), places / rows)
    assert found.value == pytest.approx(float(weights @ true) / places)
    assert found.carried == pytest.approx(places)
    assert found.rows.sum() == pytest.approx(0, abs=1e-12)


def test_weights_count_as_so_many_rows() -> None:
    random = np.random.default_rng(2)
    true, score, weight = random.random(200) < 0.4, random.random(200), random.integers(1, 4, 200)
    weighted = stats.Design(200, weight=weight)
    plain = stats.Design(int(weight.sum()))
    found = [
        stats.precision_at(stats.Curve(t, stats.rank(s), design), 0.2).value
        for t, s, design in (
            (true, score, weighted),
            (np.repeat(true, weight), np.repeat(score, weight), plain),
        )
    ]
    assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_the_cuts_own_chance_is_in_the_variance() -> None:
    random = np.random.default_rng(3)
    score = random.random(20_000)
    # The chance to be positive is the score: .9 on average among the top fifth, .8 at its cut.
    true = random.random(20_000) < score
    design = stats.Design(20_000)
    estimate = stats.absolute(stats.precision_at(stats.Curve(true, stats.rank(score), design), 0.2), design)
    wanted = math.sqrt((0.9 * 0.1 + 0.8 * 0.1**2) / 4_000)
    assert estimate.standard_error == pytest.approx(wanted, rel=0.03)
    assert estimate.interval().low < 0.9 < estimate.interval().high


@pytest.mark.parametrize("share", [0.0, 0.001, 1.2])
def test_a_share_without_a_row_says_so(share: float) -> None:
    curve = stats.Curve(np.arange(50) < 9, stats.rank(np.arange(50.0)), stats.Design(50))
    with pytest.raises(stats.UndefinedError, match="of 50 rows holds no row"):
        stats.precision_at(curve, share)


def test_top_k_accuracy_is_an_accuracy_of_hits() -> None:
    random = np.random.default_rng(4)
    truth = random.integers(0, 5, 300)
    scores = random.random((2, 300, 5)) + 0.4 * np.eye(5)[truth]
    hits = [(score > score[np.arange(300), truth][:, np.newaxis]).sum(axis=1) < 2 for score in scores]
    found = stats.Decisions.of_hits(*hits, design=stats.Design(300))
    wanted = [top_k_accuracy_score(truth, score, k=2) for score in scores]
    assert found.difference("accuracy").value == pytest.approx(wanted[1] - wanted[0], abs=1e-12)
    assert found.absolute("accuracy").value == pytest.approx(wanted[1], abs=1e-12)
    assert found.difference("accuracy").discordant == np.count_nonzero(hits[0] != hits[1])
