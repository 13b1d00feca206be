"""Average precision's bias is the jackknife's, row by row with scikit-learn."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from mergegate.stats import Curve
from mergegate.stats.areas import average_precision
from mergegate.stats.design import Design
from mergegate.stats.influence import absolute
from mergegate.stats.ranking import rank


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(8, 60), digits=st.sampled_from([0, 1, 9]), seed=st.integers(0, 2**32 - 1))
def test_the_bias_is_that_of_leaving_each_row_out(rows: int, digits: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    true = random.random(rows) < 0.4
    assume(2 <= true.sum() <= rows - 2)
    score = np.round(true + random.standard_normal(rows), digits)
    value = average_precision_score(true, score)
    left_out = np.array(
        [average_precision_score(np.delete(true, row), np.delete(score, row)) for row in range(rows)]
    )
    wanted = sum((part.sum() - 1) * (left_out[part].mean() - value) for part in (true, ~true))
    for weight in (None, np.full(rows, 2.5)):
        found = average_precision(Curve(true, rank(score), Design(rows, weight=weight)))
        assert found.bias == pytest.approx(wanted, abs=1e-9)


def test_a_few_rare_positives_lower_the_interval() -> None:
    random = np.random.default_rng(1)
    true = np.arange(2_000) < 40
    design = Design(2_000)
    found = average_precision(Curve(true, rank(true + random.standard_normal(2_000)), design))
    estimate = absolute(found, design)
    assert found.bias > 0.2 * estimate.standard_error
    assert found.value - estimate.interval().low > estimate.standard_error * 1.9


def test_many_positives_need_no_correction() -> None:
    true = np.arange(4_000) < 1_000
    found = average_precision(Curve(true, rank(np.random.default_rng(1).random(4_000)), Design(4_000)))
    assert found.bias == 0
