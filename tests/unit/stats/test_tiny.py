"""Any few rows, weights and clusters give an estimate or an UndefinedError: no crash, no warning, no NaN."""

import math
import warnings
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mergegate import stats
from mergegate.stats.counts import PER_CLASS, WHOLE


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 6), seed=st.integers(0, 2**32 - 1), weighted=st.booleans(), clustered=st.booleans()
)
@pytest.mark.parametrize("kind", ["ranking", "numbers", "classes"])
def test_few_rows_never_break(kind: str, rows: int, seed: int, weighted: bool, clustered: bool) -> None:
    random = np.random.default_rng(seed)
    weight = random.integers(0, 2, rows) if weighted else None
    assume(weight is None or weight.any())
    design = stats.Design(rows, weight=weight, cluster=random.integers(0, 3, rows) if clustered else None)
    estimates = {"ranking": _ranking, "numbers": _numbers, "classes": _classes}[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for estimate in estimates(random, design):
            interval = estimate.interval()
            assert interval.low <= interval.high
            assert math.isfinite(estimate.value)
            for bar in (-0.5, 0.0, 0.1, 1.0):
                assert 0 <= estimate.p_below(bar) <= 1
                assert 0 <= estimate.p_above(bar) <= 1
            assert stats.judge(estimate, 0.0, at_least=True) in ("pass", "fail", "insufficient")
            assert stats.smallest_detectable(estimate.standard_error, df=estimate.df) >= 0


def _ranking(random: np.random.Generator, design: stats.Design) -> Iterator[stats.Estimate]:
    true = random.random(design.rows) < 0.5
    base, head = random.integers(0, 3, (2, design.rows)) / 2
    for metric in (stats.roc_auc, stats.average_precision):
        with suppress(stats.UndefinedError):
            first, second = (metric(stats.Curve(true, stats.rank(score), design)) for score in (base, head))
            yield stats.difference(first, second, design)
            yield stats.difference(first, second, design, 0.9)
            yield stats.absolute(second, design)
    with suppress(stats.UndefinedError):
        curves = [stats.Curve(true, stats.rank(score), design) for score in (base, head)]
        first, second = (stats.precision_at(curve, 0.5) for curve in curves)
        yield stats.difference(first, second, design)
        yield stats.absolute(second, design)
    for loss in (stats.log_loss, stats.mean):
        first, second = (loss(np.where(true, score, 1 - score), design) for score in (base, head))
        yield stats.difference(first, second, design)
        yield stats.absolute(second, design)
    with suppress(stats.UndefinedError):
        yield stats.absolute(stats.squared_calibration_error(true, base, design, bins=2), design)


def _numbers(random: np.random.Generator, design: stats.Design) -> Iterator[stats.Estimate]:
    truth = np.round(random.normal(size=design.rows), 1)
    base, head = truth + random.integers(0, 2, (2, design.rows))
    for metric in (
        stats.mean_absolute_error,
        stats.mean_absolute_percentage_error,
        stats.root_mean_squared_error,
        stats.r2_score,
        stats.median_absolute_error,
    ):
        with suppress(stats.UndefinedError):
            yield stats.difference(metric(truth, base, design), metric(truth, head, design), design)
            yield stats.absolute(metric(truth, head, design), design)


def _classes(random: np.random.Generator, design: stats.Design) -> Iterator[stats.Estimate]:
    for classes in (2, 3):
        truth, base, head = random.integers(0, classes, (3, design.rows))
        decisions = stats.Decisions(truth, base, head, classes=classes, design=design)
        costs = random.integers(-1, 3, (classes, classes))
        with suppress(stats.UndefinedError):
            yield decisions.cost_difference(costs)
            yield decisions.cost_difference(costs, 1.1)
            yield decisions.cost_absolute(costs)
        for name in (*WHOLE, *PER_CLASS):
            with suppress(stats.UndefinedError):
                yield decisions.difference(name)
                yield decisions.difference(name, share=0.9)
                yield decisions.absolute(name)
