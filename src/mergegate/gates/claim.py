"""Bars held against estimates: judged once all of a review are known, for they are one family.

A *pass* needs the whole plain interval on the right side of the bar: every gate must pass, so none needs a
correction (intersection–union, Berger 1982). A *fail* needs the interval wholly on the wrong side, and the
claim must stand among all of the review's by Holm (1979): else reviews without any loss would often block.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from mergegate import stats
from mergegate.compare import Key, Measured, too_few
from mergegate.gates import sentences
from mergegate.records.verdict import GateResult, Measurement, Outcome


@dataclass(frozen=True)
class Claim:
    """A bar on a metric: right is at or above it (`at_least`), otherwise at or below.

    `bar` is as people read it. `offset` is what the estimate exceeds the shown value by, and `scale` what it
    is divided by: a relative bar's estimate is of head − base + r·|base|, its value a share of base's.
    `strict`: insufficient blocks.
    """

    id: str
    kind: str
    subject: str
    key: Key
    measured: Measured
    bar: float
    at_least: bool
    greater_is_better: bool
    confidence: float
    min_rows: int
    strict: bool
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""

    @property
    def threshold(self) -> float:
        """The bar in the estimate's own terms."""
        return self.bar * self.scale + self.offset

    def shown(self, number: float) -> float | None:
        """A number of the estimate in the bar's terms; None for one without a bound."""
        return (number - self.offset) / self.scale if math.isfinite(number) else None


def resolve(claims: Sequence[Claim]) -> list[GateResult]:
    """Judge all claims of one review together."""
    judged = [claim for claim in claims if _problem(claim) == ""]
    ps = [_p(claim) for claim in judged]
    adjusted = dict(zip(map(id, judged), zip(ps, stats.adjusted(ps), strict=True), strict=True))
    return [_result(claim, adjusted.get(id(claim)), len(judged)) for claim in claims]


def _p(claim: Claim) -> float:
    estimate = claim.measured.estimate
    assert estimate is not None  # noqa: S101 (`_problem` is empty only where there is one)
    return stats.fail_claim(estimate, claim.threshold, at_least=claim.at_least)


def _problem(claim: Claim) -> str:
    """Why the sample can't tell; empty when it can be judged."""
    estimate = claim.measured.estimate
    if estimate is None:
        return "there is no estimate"
    return too_few(estimate, claim.min_rows)


def _result(claim: Claim, ps: tuple[float, float] | None, family: int) -> GateResult:
    measured, estimate = claim.measured, claim.measured.estimate
    if estimate is None:
        return _without(claim)
    problem = _problem(claim)
    interval = estimate.interval(claim.confidence)
    survives = True
    if problem:
        outcome: Outcome = "fail" if _base_had_enough(claim) else "insufficient"
    else:
        outcome = stats.judge(estimate, claim.threshold, at_least=claim.at_least, confidence=claim.confidence)
        if outcome == "fail" and ps is not None:
            # A bootstrap's p-value is often the level itself, but for the last digit.
            survives = ps[1] <= (1 - claim.confidence) / 2 * (1 + 1e-9)
            outcome = "fail" if survives else "insufficient"
    known = not estimate.problem
    value = claim.shown(estimate.value)
    low, high = (claim.shown(limit) if known else None for limit in (interval.low, interval.high))
    needed = _needed(claim, value, low, high) if outcome == "insufficient" and not problem else None
    measurement = Measurement(
        metric=claim.key.metric,
        exam=claim.key.exam,
        at_least=claim.at_least,
        relative=claim.key.relative,
        column=claim.key.column,
        level=claim.key.level,
        rows=measured.rows,
        min_rows=claim.min_rows,
        base=measured.base,
        head=measured.head,
        confidence=claim.confidence,
        standard_error=_finite(estimate.standard_error / claim.scale),
        df=_finite(estimate.df),
        carried=_finite(estimate.carried),
        discordant=estimate.discordant,
        clusters=estimate.clusters,
        method=estimate.method,
        problem=problem,
        p_value=ps[0] if ps else None,
        p_adjusted=ps[1] if ps else None,
        claims=family if ps else 0,
        detectable=_finite(
            stats.smallest_detectable(estimate.standard_error, df=estimate.df, confidence=claim.confidence)
            / claim.scale
        ),
        needed=needed,
    )
    result = GateResult(
        id=claim.id,
        kind=claim.kind,
        outcome=outcome,
        sentence="",
        subject=claim.subject,
        value=value,
        low=low,
        high=high,
        bar=claim.bar,
        strict=claim.strict,
        measured=measurement,
    )
    words = sentences.of(
        result,
        greater_is_better=claim.greater_is_better,
        survives=survives,
        base_carried=measured.base_carried,
        unit=claim.unit,
    )
    return msgspec.structs.replace(result, sentence=words)


def _without(claim: Claim) -> GateResult:
    """No estimate: head's fault fails, base's only skips, rows that are gone are held against base's."""
    measured = claim.measured
    outcome: Outcome = "fail"
    if not measured.rows and claim.key.level and measured.base_carried is not None:
        outcome = "fail" if _base_had_enough(claim) else "insufficient"
    elif measured.base_reason and not measured.head_reason and not measured.problem:
        outcome = "skipped"
    return GateResult(
        id=claim.id,
        kind=claim.kind,
        outcome=outcome,
        sentence=sentences.without(claim.key, measured, claim.bar, claim.min_rows, outcome),
        subject=claim.subject,
        bar=claim.bar,
        strict=claim.strict,
    )


def _base_had_enough(claim: Claim) -> bool:
    """Whether head, and not the world, is why too few rows are left."""
    carried = claim.measured.base_carried
    estimate = claim.measured.estimate
    few = estimate is None or estimate.carried < claim.min_rows
    return few and carried is not None and carried >= claim.min_rows


def _needed(claim: Claim, value: float | None, low: float | None, high: float | None) -> int | None:
    """How many rows, all else equal, would bring the whole interval to the right side of the bar."""
    limit = low if claim.at_least else high
    if value is None or limit is None:
        return None
    room = value - claim.bar if claim.at_least else claim.bar - value
    if room <= 0:
        return None
    # One step more than the square-root law says, so that nobody is disappointed by rounding.
    needed = claim.measured.rows * (abs(value - limit) / room) ** 2
    return math.ceil(needed * 1.05) if math.isfinite(needed) and needed < 1e12 else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
