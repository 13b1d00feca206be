"""Exact tests of rows decided differently agree with scipy, however many rows there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mergegate.stats import mcnemar
from mergegate.stats.discordance import lost_beyond

COUNTS = st.integers(0, 3_000)


@given(lost=COUNTS, won=COUNTS, same=COUNTS)
def test_without_drift_it_is_mcnemars_one_sided_test(lost: int, won: int, same: int) -> None:
    found = lost_beyond(lost, won, lost + won + same, 0.0)
    assert found == pytest.approx(mcnemar(lost, won, two_sided=False), rel=1e-12)


@given(lost=COUNTS, won=COUNTS, same=COUNTS, drift=st.floats(-0.3, 0.3))
def test_with_drift_the_chance_of_a_lost_row_is_the_one_that_makes_it(
    lost: int, won: int, same: int, drift: float
) -> None:
    decided, rows = lost + won, lost + won + same
    if not decided:
        assert lost_beyond(lost, won, rows, drift) == 1.0
        return
    chance = min(max((1 + drift * rows / decided) / 2, 0.0), 1.0)
    expected = stats.binomtest(lost, decided, chance, alternative="greater").pvalue
    assert lost_beyond(lost, won, rows, drift) == pytest.approx(expected, rel=1e-8, abs=1e-290)


@pytest.mark.parametrize(
    ("lost", "won"),
    [(0, 0), (5, 0), (0, 5), (5_003_000, 5_000_000), (40_020_000, 40_000_000), (300, 5_000)],
)
def test_mcnemars_test_is_exact_from_no_row_to_millions(lost: int, won: int) -> None:
    rows = lost + won
    two_sided = stats.binomtest(lost, rows).pvalue if 0 < rows < 1e4 else None
    one_sided = stats.binom.sf(lost - 1, rows, 0.5)
    assert mcnemar(lost, won, two_sided=False) == pytest.approx(one_sided, rel=1e-9)
    if two_sided is not None:
        assert mcnemar(lost, won) == pytest.approx(two_sided, rel=1e-9)


@pytest.mark.parametrize(("lost", "won", "rows"), [(-1, 0, 5), (0, -1, 5), (3, 3, 5)])
def test_counts_that_can_not_be_are_refused(lost: int, won: int, rows: int) -> None:
    with pytest.raises(ValueError, match="counts of rows can't be negative, nor more than there are"):
        lost_beyond(lost, won, rows, 0.0)
