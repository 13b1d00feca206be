"""Gates and the verdict, as data: each gate's number, bar and interval, and what lets it pass."""

from typing import Literal

from mergegate.records.record import Record

Outcome = Literal["pass", "fail", "warn", "insufficient", "skipped"]
"""`warn`: what the policy asks is not so, and it asks only to be told."""


class Waiver(Record, frozen=True, kw_only=True):
    """A gate that the policy lets pass for a while; `expires` is the last day, `2026-12-31`.

    `state`: it is applied to a gate that would block, the gate holds without it (idle), its day is over, or
    no gate of this review bears the name.
    """

    gate: str
    reason: str
    by: str
    expires: str
    state: Literal["applied", "idle", "expired", "unknown"] = "idle"


class Measurement(Record, frozen=True, kw_only=True):
    """How a gate's number was had. `exam`: on the shared rows, on base's rescored ones, or head's alone.

    `column` and `level` name a slice. `p_value` is of the claim that the bar is missed, `p_adjusted` after
    Holm over `claims` of one review; `detectable` is the miss that would stand among them with 80 % power.
    `needed` is how many rows, or clusters where rows come in these, would let it pass, all else equal.
    """

    metric: str
    exam: Literal["shared", "rescored", "head"]
    at_least: bool
    relative: bool = False
    column: str = ""
    level: str = ""
    rows: int = 0
    min_rows: int = 0
    base: float | None = None
    head: float | None = None
    confidence: float = 0.95
    standard_error: float | None = None
    df: float | None = None
    carried: float | None = None
    discordant: int | None = None
    clusters: int | None = None
    method: str = ""
    problem: str = ""
    p_value: float | None = None
    p_adjusted: float | None = None
    claims: int = 0
    detectable: float | None = None
    needed: int | None = None


class GateResult(Record, frozen=True, kw_only=True):
    """One gate. `id` is stable and unique (`late-arrival/roc_auc/min`); `value` and `bar` where there are.

    `low` and `high` are the limits of `value`, None where unbounded. `strict`: insufficient blocks too.
    """

    id: str
    kind: str
    outcome: Outcome
    sentence: str
    subject: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    bar: float | None = None
    mend: str = ""
    strict: bool = False
    measured: Measurement | None = None
    waiver: Waiver | None = None

    @property
    def blocking(self) -> bool:
        """Whether it fails the verdict: a waived gate never does."""
        if self.waiver is not None:
            return False
        return self.outcome == "fail" or (self.outcome == "insufficient" and self.strict)


class Verdict(Record, frozen=True, kw_only=True):
    """What the gates say; `enforced` is False in advisory mode. `headline` is one sentence for people."""

    outcome: Literal["passed", "failed"]
    enforced: bool
    headline: str

    @property
    def exit_code(self) -> int:
        """0 passed (or only advised), 1 a gate failed."""
        return 1 if self.outcome == "failed" and self.enforced else 0
