"""Relative differences: head less a share of base, where base's own value is noise too."""

import math

import numpy as np
import pytest
from scipy import stats as oracle

from mergegate import stats

RANDOM = np.random.default_rng(8)
TRUTH = RANDOM.integers(0, 2, 400)
BASE, HEAD = (np.where(RANDOM.random(400) < right, TRUTH, 1 - TRUTH) for right in (0.9, 0.88))
DESIGN = stats.Design(400)


@pytest.mark.parametrize("share", [0.9, 1.0, 1.1])
def test_a_relative_difference_of_means_is_the_t_interval_of_what_is_left(share: float) -> None:
    base, head = RANDOM.exponential(size=(2, 400))
    found = stats.difference(
        stats.mean(base, DESIGN, skewed="nowhere"), stats.mean(head, DESIGN, skewed="nowhere"), DESIGN, share
    )
    wanted = oracle.ttest_1samp(head - share * base, 0.0)
    interval, limits = found.interval(), wanted.confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((limits.low, limits.high), abs=1e-9)
    assert 2 * min(found.p_below(0.0), found.p_above(0.0)) == pytest.approx(wanted.pvalue, abs=1e-9)


@pytest.mark.parametrize("name", ["accuracy", "recall", "f1", "matthews_corrcoef"])
@pytest.mark.parametrize("share", [0.95, 1.05])
def test_a_relative_difference_of_decisions_is_head_less_the_share_of_base(name: str, share: float) -> None:
    decisions = stats.Decisions(TRUTH, BASE, HEAD, classes=2, design=DESIGN)
    base, head = decisions.absolute(name, side=0), decisions.absolute(name, side=1)
    found = decisions.difference(name, share=share)
    assert found.value == pytest.approx(head.value - share * base.value, abs=1e-12)
    interval = found.interval()
    assert interval.low < found.value < interval.high
    # The models' errors are independent: variances add, base's times the share squared.
    independent = math.hypot(head.standard_error, share * base.standard_error)
    assert found.standard_error == pytest.approx(independent, rel=0.1)


def test_the_whole_share_is_the_plain_difference() -> None:
    decisions = stats.Decisions(TRUTH, BASE, HEAD, classes=2, design=DESIGN)
    assert decisions.difference("f1", share=1.0).interval() == decisions.difference("f1").interval()


def test_clusters_left_out_carry_the_share() -> None:
    values = RANDOM.normal(size=(2, 400)) + 5
    design = stats.Design(400, cluster=np.arange(400) // 10)
    base, head = (stats.mean(value, design) for value in values)
    found = stats.difference(base, head, design, 0.5)
    means = (values[1] - 0.5 * values[0]).reshape(40, 10).mean(axis=1)
    assert found.standard_error == pytest.approx(float(means.std(ddof=1)) / math.sqrt(40))


def test_identical_predictions_differ_by_exactly_nothing() -> None:
    found = stats.identical(250, discordant=0)
    interval = found.interval(0.99)
    assert (found.value, found.standard_error, interval.low, interval.high) == (0.0, 0.0, 0.0, 0.0)
    assert (found.method, found.carried, found.discordant) == ("identical predictions", 250, 0)
    assert stats.judge(found, 0.0, at_least=True) == stats.judge(found, 0.0, at_least=False) == "pass"
    assert stats.fail_claim(found, 0.0, at_least=True) == 1.0
    assert stats.classify(found, greater_is_better=True) == "no_evidence"
