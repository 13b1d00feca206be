"""Claims of one review are one family: what fails must stand among them, and what is no number fails."""

import math
from dataclasses import replace
from typing import Any

import pytest

from mergegate import stats
from mergegate.compare import Key, Measured
from mergegate.gates.claim import Claim, resolve
from mergegate.records.verdict import GateResult
from mergegate.stats import Estimate
from mergegate.stats.pivots import Hall, Student


def estimate(value: float, error: float = 0.01, **changes: Any) -> Estimate:
    """A number with a normal interval, carried by 1,000 rows."""
    pivot = Student(value, error, math.inf)
    return replace(Estimate(value, error, math.inf, 1_000, "t", pivot), **changes)


CARRIED, FEWER = estimate(0.7, carried=50.0), estimate(0.7, carried=49.9)


def claim(found: Estimate | None, **changes: Any) -> Claim:
    """That head loses at most 0.02."""
    base, head = (0.7, 0.7 + found.value) if found else (None, None)
    fields: dict[str, Any] = {
        "id": "late/roc_auc/max_regression",
        "kind": "regression",
        "subject": "late",
        "key": Key("roc_auc", "shared"),
        "measured": Measured(2_000, base, head, found),
        "bar": -0.02,
        "at_least": True,
        "greater_is_better": True,
        "confidence": 0.95,
        "min_rows": 50,
        "strict": False,
    }
    return Claim(**{**fields, **changes})


def judged(found: Estimate | None, **changes: Any) -> GateResult:
    (only,) = resolve([claim(found, **changes)])
    return only


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (-0.0003, "pass"),
        (-0.0005, "insufficient"),
        (-0.0395, "insufficient"),
        (-0.0397, "fail"),
    ],
)
def test_one_claim_is_its_plain_interval(value: float, outcome: str) -> None:
    found = judged(estimate(value))
    assert found.outcome == outcome
    assert (found.low, found.high) == pytest.approx((value - 0.0196, value + 0.0196), abs=1e-5)
    assert found.measured is not None
    assert found.measured.p_value == pytest.approx(stats.fail_claim(estimate(value), -0.02, at_least=True))


def test_a_fail_that_does_not_stand_among_many_claims_can_not_be_told() -> None:
    missed = claim(estimate(-0.045))  # 2.5 standard errors beyond: p = 0.006
    family = [missed, *(claim(estimate(0.0), id=f"other/{number}") for number in range(9))]
    assert resolve([missed])[0].outcome == "fail"
    found = resolve(family)[0]
    assert (found.outcome, found.blocking) == ("insufficient", False)
    assert found.sentence == (
        "taken alone, roc_auc is worse than base's by at least 0.0254, where at most 0.02 may be "
        "lost; among the 10 claims that are judged together (Holm) that may be chance: can't tell."
    )
    assert found.measured is not None
    assert found.measured.p_value == pytest.approx(0.00621, abs=1e-5)
    assert found.measured.p_adjusted == pytest.approx(0.0621, abs=1e-4)
    assert found.measured.claims == 10
    assert found.measured.needed is None  # more rows of the same would only show the loss


def test_a_fail_that_stands_among_many_blocks_and_a_pass_needs_no_correction() -> None:
    family = [claim(estimate(-0.055)), *(claim(estimate(0.0), id=f"o/{n}") for n in range(199))]
    found = resolve(family)
    assert found[0].outcome == "insufficient"
    assert resolve([claim(estimate(-0.08)), *family[1:]])[0].outcome == "fail"
    assert {each.outcome for each in found[1:]} == {"pass"}


def test_what_can_not_be_judged_does_not_widen_the_family() -> None:
    few = claim(estimate(0.0, carried=3.0), id="few")
    none = claim(None, id="none", measured=Measured(0, base_reason="base has none"))
    found = resolve([claim(estimate(-0.045)), *[few] * 20, *[none] * 20])
    assert found[0].outcome == "fail"
    assert found[0].measured is not None
    assert found[0].measured.claims == 1
    assert [(each.outcome, each.measured and each.measured.claims) for each in found[1:]] == [
        *[("insufficient", 0)] * 20,
        *[("skipped", 0)] * 20,
    ]


def test_each_claim_is_judged_at_its_own_confidence() -> None:
    family = [claim(estimate(-0.044)), claim(estimate(-0.044), id="sure", confidence=0.99)]
    assert [each.outcome for each in resolve(family)] == ["fail", "insufficient"]
    family = [claim(estimate(-0.0003)), claim(estimate(-0.0003), id="sure", confidence=0.99)]
    assert [each.outcome for each in resolve(family)] == ["pass", "insufficient"]


@pytest.mark.parametrize(
    "found",
    [
        estimate(math.nan),
        estimate(math.inf),
        estimate(-math.inf),
        estimate(0.1, math.nan),
        estimate(0.1, math.inf),
        estimate(0.1, carried=math.nan),
    ],
)
def test_a_number_that_is_not_finite_fails_and_leaves_the_others_alone(found: Estimate) -> None:
    broken, other = resolve([claim(found), claim(estimate(-0.045), id="other")])
    assert (broken.outcome, other.outcome) == ("fail", "fail")
    assert (broken.low, broken.high) == (None, None)
    assert broken.sentence == "roc_auc can't be judged: its value, its error or its bar is not finite."
    assert other.measured is not None
    assert other.measured.claims == 1


def test_a_value_beside_which_nothing_else_is_finite_is_still_told() -> None:
    found = judged(estimate(0.1, math.nan))
    assert (found.value, found.measured and found.measured.standard_error) == (0.1, None)


def test_a_value_whose_error_could_not_be_had_fails_and_says_why() -> None:
    found = judged(estimate(0.1, math.nan, problem="score did not end within 4 s on resampled rows"))
    assert found.outcome == "fail"
    assert found.sentence == "roc_auc can't be judged: score did not end within 4 s on resampled rows."


def test_a_limit_without_a_bound_is_left_open() -> None:
    found = judged(estimate(0.1, pivot=Student(0.1, 1e308, 1.0)))
    assert (found.outcome, found.low, found.high) == ("insufficient", None, None)
    assert found.sentence.startswith("can't tell on the 2,000 rows that both judged: it may be any, and")


@pytest.mark.parametrize(
    ("measured", "outcome", "said"),
    [
        (
            Measured(9, base_reason="no row is truly 1"),
            "skipped",
            "there is no roc_auc of base to compare with: no row is truly 1.",
        ),
        (
            Measured(9, base_reason="no row is truly 1", head_reason="no row is truly 1"),
            "fail",
            "roc_auc can't be judged: base: no row is truly 1; head: no row is truly 1.",
        ),
        (
            Measured(9, base=0.7, head_reason="the numbers are too large"),
            "fail",
            "roc_auc can't be judged: head: the numbers are too large.",
        ),
        (
            Measured(9, problem="no interval: none that is known holds"),
            "fail",
            "roc_auc can't be judged: no interval: none that is known holds.",
        ),
        (Measured(9), "fail", "roc_auc can't be judged: there is none."),
    ],
)
def test_without_an_estimate_head_fails_and_a_base_that_lacks_it_skips(
    measured: Measured, outcome: str, said: str
) -> None:
    found = judged(None, measured=measured)
    assert (found.outcome, found.sentence, found.value) == (outcome, said, None)
    assert found.measured is not None
    assert (found.measured.metric, found.measured.exam, found.measured.rows) == ("roc_auc", "shared", 9)


@pytest.mark.parametrize(
    ("measured", "outcome"),
    [
        (Measured(9, base=0.7, head_reason="no row is predicted to be 1", base_alone=CARRIED), "fail"),
        (Measured(9, base=0.7, head_reason="no row is predicted to be 1", base_alone=FEWER), "insufficient"),
        (Measured(0, head_reason="gone", base_alone=CARRIED), "fail"),
        (Measured(0, head_reason="gone", base_alone=None), "insufficient"),
        (Measured(9, problem="the numbers are too large", base_alone=FEWER), "fail"),
        (Measured(9, base_reason="no row is predicted to be 1"), "skipped"),
    ],
)
def test_in_a_slice_no_value_means_that_no_row_carries_it(measured: Measured, outcome: str) -> None:
    assert judged(None, measured=measured, key=Key("precision", "shared", "origin", "EWR")).outcome == outcome


def test_rows_that_would_tell_are_named_where_more_rows_would_pass_it() -> None:
    found = judged(estimate(-0.01))
    assert found.measured is not None
    # Half the interval is 1.96 times the room to the bar, so that 3.84 times the rows would do, and 5 % more.
    assert found.measured.needed == math.ceil(2_000 * 1.95996**2 * 1.05)
    assert found.sentence == (
        "can't tell on the 2,000 rows that both judged: the loss may be up to 0.0296, and at most 0.02 may "
        "be lost. At this difference about 8,100 rows would tell."
    )


def test_a_relative_bar_is_shown_as_a_share_of_bases_value() -> None:
    # head − base + 0.02 · |base|, where base is 0.7: 0.014 less than nothing was lost.
    found = judged(
        estimate(-0.021),
        key=Key("roc_auc", "shared", relative=True),
        scale=0.7,
        offset=0.014,
        relative=True,
    )
    assert (found.outcome, found.bar) == ("fail", -0.02)
    assert found.value == pytest.approx(-0.05)
    assert found.high == pytest.approx((-0.021 + 0.0196 - 0.014) / 0.7, abs=1e-5)
    assert found.measured is not None
    assert found.measured.standard_error == pytest.approx(0.01 / 0.7)


def test_a_loss_beyond_all_of_bases_noise_fails_though_heads_own_noise_hides_it() -> None:
    drowned = Measured(2_000, 0.7, 0.1, estimate(-0.6, 0.4), base_alone=estimate(0.7, 0.01))
    found = judged(estimate(-0.6, 0.4), measured=drowned)
    assert (found.outcome, found.low is not None and found.low < -0.02 < (found.high or 0)) == ("fail", True)
    assert found.sentence == (
        "roc_auc is worse than base's by 0.6, more than base's own noise could be, where at most 0.02 may be "
        "lost; it is head's own noise that widens the interval, on the 2,000 rows that both judged."
    )


@pytest.mark.parametrize(("value", "error"), [(-0.05, 0.4), (-0.05, 0.03), (0.5, 0.4)])
def test_noise_that_base_has_too_and_gains_stay_what_they_are(value: float, error: float) -> None:
    measured = Measured(2_000, 0.7, 0.7 + value, estimate(value, error), base_alone=estimate(0.7, 0.03))
    assert judged(estimate(value, error), measured=measured).outcome == "insufficient"


def test_what_only_head_can_not_tell_fails() -> None:
    broken = estimate(-0.1, problem="2,000 rows are too few for 123 classes")
    for alone, outcome in ((estimate(0.7), "fail"), (estimate(0.7, problem="so are base's"), "insufficient")):
        measured = Measured(2_000, 0.7, 0.6, broken, base_alone=alone)
        assert judged(broken, measured=measured).outcome == outcome


def test_slices_that_head_names_do_not_dilute_the_family_of_the_others() -> None:
    lost = claim(estimate(-0.05))
    many = [
        claim(estimate(0.0), id=f"late/x/{number}", key=Key("accuracy", "head", "region", f"L{number}"))
        for number in range(190)
    ]
    found = resolve([lost, *many])
    assert found[0].outcome == "fail"
    assert [each.measured.claims for each in found[:2] if each.measured] == [1, 190]


@pytest.mark.parametrize(
    ("bar", "at_least", "outcome"),
    [(-1e300, True, "pass"), (1e300, True, "fail"), (1e300, False, "pass"), (-1e300, False, "fail")],
)
def test_a_bar_beyond_all_measure_is_judged(bar: float, at_least: bool, outcome: str) -> None:
    skewed = estimate(0.5, pivot=Hall(0.5, 0.01, 100, 0.3))
    assert judged(skewed, bar=bar, at_least=at_least).outcome == outcome
