"""The weak-segment search seldom names a segment without cause, and finds one that there is."""

import math

import pytest

from support import segments
from support.segments import Draw

DRAWS = 400
FALSE = 0.05
"""Of the searches may name a segment where there is none; by chance one in 2,000 exceeds the slack too."""
SLACK = 3.3 * math.sqrt(FALSE * (1 - FALSE) / DRAWS)


@pytest.mark.parametrize(
    "draw",
    [
        segments.decisions(0.1),
        segments.probabilities(0.5, sharp=3.0),
        segments.mended_outliers(0.02),
    ],
    ids=["decisions", "overconfident", "few large gains"],
)
def test_nothing_is_found_where_nothing_is(draw: Draw) -> None:
    counts = segments.count(draw, draws=DRAWS, seed=(1,), rows=1_000, planted=False, columns=4)
    assert counts.any / DRAWS <= FALSE + SLACK


@pytest.mark.parametrize(("clusters", "weighted"), [(60, False), (250, True)])
def test_nothing_is_found_among_clusters_and_weights(clusters: int, *, weighted: bool) -> None:
    counts = segments.count(
        segments.probabilities(0.3), draws=DRAWS, seed=(2,), rows=1_500, planted=False, clusters=clusters,
        weighted=weighted, columns=4,
    )  # fmt: skip
    assert counts.any / DRAWS <= FALSE + SLACK


def test_a_tenth_of_the_rows_that_loses_ten_points_is_found_and_little_else() -> None:
    draws = 40
    for discordance, least in ((0.05, 0.9), (0.1, 0.8), (0.2, 0.7)):
        draw = segments.decisions(discordance, instead=discordance > 0.1)
        counts = segments.count(draw, draws=draws, seed=(3,), rows=5_000, planted=True)
        assert counts.planted / draws >= least
        assert counts.shown / counts.any < 1.15
