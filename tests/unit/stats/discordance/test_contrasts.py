"""Groups against all other rows: scipy's t-tests, many at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray
from scipy import stats

from mergegate.stats import Design
from mergegate.stats.discordance import Contrast, Values, contrast, summed_over

Floats = NDArray[np.float64]
GROUPS = 3

samples = st.integers(2 * GROUPS, 60).flatmap(
    lambda rows: st.tuples(
        npst.arrays(np.float64, rows, elements=st.floats(-100, 100).map(lambda x: round(x, 3))),
        st.permutations([place % GROUPS for place in range(rows)]),
    )
)


def contrasted(values: Floats, codes: NDArray[np.int64], weight: Floats | None = None) -> Contrast:
    part = summed_over(codes, GROUPS, values, weight)
    return contrast(part, part.total().without(part), scale=float(np.abs(values).max()))


@settings(deadline=None)  # scipy's intervals take their time
@given(samples)
def test_p_values_are_the_larger_of_welchs_and_students(sample: tuple[Floats, list[int]]) -> None:
    values, codes = sample[0], np.array(sample[1])
    found = contrasted(values, codes)
    for group in range(GROUPS):
        own, rest = values[codes == group], values[codes != group]
        # Sums of squares lose digits where the spread is small beside the values.
        if min(own.std(), rest.std()) < 0.05 or abs(own.mean() - rest.mean()) < 1e-6:
            continue
        tests = [
            stats.ttest_ind(own, rest, equal_var=equal, alternative="greater") for equal in (False, True)
        ]
        assert found.p_value(group) == pytest.approx(max(test.pvalue for test in tests), rel=1e-6, abs=1e-15)
        assert found.means[group] == pytest.approx(own.mean())
        assert found.rest[group] == pytest.approx(rest.mean())
        limits = [
            stats.ttest_ind(own, rest, equal_var=equal).confidence_interval(0.9) for equal in (False, True)
        ]
        interval = found.interval(group, 0.9)
        assert interval.low == pytest.approx(min(limit.low for limit in limits), rel=1e-6, abs=1e-6)
        assert interval.high == pytest.approx(max(limit.high for limit in limits), rel=1e-6, abs=1e-6)


@given(samples, st.sampled_from([0.05, 0.01, 1e-4]))
def test_a_group_that_is_not_likely_has_no_p_value_of_the_level(
    sample: tuple[Floats, list[int]], level: float
) -> None:
    found = contrasted(sample[0], np.array(sample[1]))
    for group in np.flatnonzero(~found.likely(level)):
        assert found.p_value(int(group)) >= level * (1 - 1e-6)


@given(samples, st.floats(0.01, 100))
def test_equal_weights_are_no_weights(sample: tuple[Floats, list[int]], weight: float) -> None:
    values, codes = sample[0], np.array(sample[1])
    plain, weighted = contrasted(values, codes), contrasted(values, codes, np.full(len(values), weight))
    for name in plain.__struct_fields__:
        assert getattr(weighted, name) == pytest.approx(getattr(plain, name), rel=1e-6, abs=1e-5)


def test_a_weighted_mean_has_the_variance_of_its_linear_form() -> None:
    random = np.random.default_rng(0)
    values, weight = random.normal(size=400), random.integers(1, 6, 400).astype(np.float64)
    part = summed_over(np.zeros(400, np.uint8), 1, values, weight)
    mean = np.average(values, weights=weight)
    rows = weight.sum() ** 2 / (weight**2).sum()
    plain = (weight**2 * (values - mean) ** 2).sum() / weight.sum() ** 2 * rows / (rows - 1)
    assert part.means() == pytest.approx([mean])
    assert part.rows == pytest.approx([rows])
    assert part.variances() / part.rows == pytest.approx([plain])


def test_rows_far_from_nought_that_do_not_differ_have_no_excess() -> None:
    found = contrasted(np.full(9, 0.1), np.arange(9) % GROUPS)
    assert found.excess.tolist() == [0.0] * GROUPS
    assert min(found.p_value(group) for group in range(GROUPS)) >= 0.5
    assert found.interval(0, 0.95).high == pytest.approx(0.0, abs=1e-8)


def test_a_group_of_which_every_row_lost_the_same_and_no_other_any_is_sure() -> None:
    found = contrasted(np.array([1.0, 0, 0, 1.0, 0, 0]), np.array([0, 1, 2, 0, 1, 2]))
    assert found.p_value(0) == 0.0
    assert found.p_value(1) > 0.9


def test_blocks_of_rows_are_summed_as_one() -> None:
    random = np.random.default_rng(1)
    rows = (1 << 17) + 5
    values, codes = random.integers(-5, 6, rows).astype(np.float64), random.integers(0, GROUPS, rows)
    found = summed_over(codes.astype(np.uint8), GROUPS, values)
    for group in range(GROUPS):
        own = values[codes == group]
        assert (found.weight[group], found.first[group]) == (len(own), own.sum())
        assert found.second[group] == (own**2).sum()


def test_some_rows_against_the_others_are_a_group_of_their_own() -> None:
    random = np.random.default_rng(2)
    values, marks = random.normal(size=300), random.random(300) < 0.3
    values[marks] += 0.5
    rows = Values.of(values, Design(300))
    total = rows.moments(np.zeros(300, np.uint8), 1)
    found = rows.rows_above(np.flatnonzero(marks), total, 50, 0.05)
    assert found is not None
    expected = stats.ttest_ind(values[marks], values[~marks], equal_var=False)
    assert found.apart[0] == pytest.approx(
        (values[marks].mean() - values[~marks].mean()) / expected.statistic
    )
    assert rows.rows_above(np.flatnonzero(marks)[:49], total, 50, 0.05) is None
    assert rows.rows_above(np.flatnonzero(~marks), total, 50, 0.05) is None
