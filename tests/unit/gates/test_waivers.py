"""Waivers: applied to what would block, until their last day; always told."""

from datetime import date

import pytest

from mergegate.config.policy import Waiver as Granted
from mergegate.gates import waivers
from mergegate.records.verdict import GateResult, Outcome, Waiver

GATE = "late/roc_auc/min"
DAY = date(2026, 7, 1)


def granted(expires: str = "2026-12-31", gate: str = GATE) -> Granted:
    return Granted(gate=gate, reason="new carriers", by="ana", expires=expires)


def result(outcome: Outcome, *, gate: str = GATE, strict: bool = False) -> GateResult:
    return GateResult(id=gate, kind="metric", outcome=outcome, sentence="it is.", strict=strict)


def test_a_gate_that_would_block_is_waived_and_says_by_whom() -> None:
    other = result("fail", gate="late/log_loss/max")
    found, standing = waivers.apply([granted()], [result("fail"), other], DAY)
    waiver = Waiver(gate=GATE, reason="new carriers", by="ana", expires="2026-12-31", state="applied")
    assert standing == (waiver,)
    assert [(each.waiver, each.blocking) for each in found] == [(waiver, False), (None, True)]
    assert [each.outcome for each in found] == ["fail", "fail"]


@pytest.mark.parametrize(
    ("given", "state", "blocking"),
    [
        (result("fail"), "applied", False),
        (result("insufficient", strict=True), "applied", False),
        (result("insufficient"), "idle", False),
        (result("skipped"), "idle", False),
        (result("pass"), "idle", False),
        (result("fail", gate="late/roc_auc/min[origin=EWR]"), "unknown", True),
    ],
)
def test_a_waiver_is_of_one_gate_and_counts_only_where_it_would_block(
    given: GateResult, state: str, blocking: bool
) -> None:
    (found,), (waiver,) = waivers.apply([granted()], [given], DAY)
    assert (waiver.state, found.blocking) == (state, blocking)
    assert (found.waiver is not None) == (state == "applied")


@pytest.mark.parametrize(
    ("expires", "state"),
    [
        ("2026-07-02", "applied"),
        ("2026-07-01", "applied"),
        ("2026-06-30", "expired"),
        ("2025-12-31", "expired"),
        ("", "expired"),
        ("never", "expired"),
        ("9999-99-99", "expired"),
    ],
)
def test_it_holds_on_its_last_day_and_no_longer(expires: str, state: str) -> None:
    (found,), (waiver,) = waivers.apply([granted(expires)], [result("fail")], DAY)
    assert (waiver.state, waiver.expires, found.blocking) == (state, expires, state == "expired")


def test_an_expired_waiver_of_no_gate_is_told_as_expired() -> None:
    _, standing = waivers.apply([granted("2026-06-30", "late/f1/min"), granted(gate="late/f1/max")], [], DAY)
    assert [waiver.state for waiver in standing] == ["expired", "unknown"]
