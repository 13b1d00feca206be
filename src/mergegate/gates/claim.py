"""Bars held against estimates: judged once all of a review are known, for they are one family.

A *pass* needs the whole plain interval on the right side of the bar: every gate must pass, so none needs a
correction (intersection–union, Berger 1982). A *fail* needs the interval wholly on the wrong side, and the
claim must stand among all of the review's by Holm (1979): else reviews without any loss would often block.
Slices that head's own rows name are a family apart, or head could add some until no fail stands.
Claims of different confidence stay within the level of the least confident one.
"""

import math
from collections.abc import Sequence

import msgspec

from mergegate import stats
from mergegate.compare import Key, Measured, too_few
from mergegate.gates import sentences
from mergegate.records.verdict import GateResult, Measurement, Outcome
from mergegate.stats import Estimate


class Claim(msgspec.Struct, frozen=True):
    """A bar on a metric: right is at or above it (`at_least`), otherwise at or below.

    `bar` is as people read it. `offset` is what the estimate exceeds the shown value by, and `scale` what it
    is divided by: a relative bar's estimate is of head − base + r·|base|, its value a share of base's.
    `strict`: insufficient blocks. `identical`: every prediction of the exam is the same as base's.
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
    relative: bool = False
    identical: bool = False

    @property
    def threshold(self) -> float:
        """The bar in the estimate's own terms."""
        return self.bar * self.scale + self.offset

    def shown(self, number: float) -> float | None:
        """A number of the estimate in the bar's terms; None for one without a bound."""
        return _finite((number - self.offset) / self.scale)


class _Standing(msgspec.Struct, frozen=True):
    """A claim among its family: its own p-value, the one adjusted by Holm, and how many claims there are."""

    p_value: float
    p_adjusted: float
    claims: int

    def stands(self, confidence: float) -> bool:
        """Whether it does at one side's level; a bootstrap's p-value is often the level but for a digit."""
        return self.p_adjusted <= (1 - confidence) / 2 * (1 + 1e-9)


def resolve(claims: Sequence[Claim]) -> list[GateResult]:
    """Judge all claims of one review together."""
    ps = {
        place: _p_value(estimate, claim)
        for place, claim in enumerate(claims)
        if (estimate := claim.measured.estimate) is not None and not _problem(claim)
    }
    standings: dict[int, _Standing] = {}
    for of_head in (False, True):
        family = {place: p for place, p in ps.items() if _named_by_head(claims[place]) is of_head}
        adjusted = zip(family, stats.adjusted(list(family.values())), strict=True)
        standings |= {place: _Standing(ps[place], p, len(family)) for place, p in adjusted}
    return [_result(claim, standings.get(place)) for place, claim in enumerate(claims)]


def _p_value(estimate: Estimate, claim: Claim) -> float:
    """Of the claim that the true value is on the wrong side of the bar."""
    try:
        return stats.fail_claim(estimate, claim.threshold, at_least=claim.at_least)
    except OverflowError:
        # A bar such as 1e300 lies further off than a float can say in standard errors.
        return 0.0 if (estimate.value < claim.threshold) == claim.at_least else 1.0


def _named_by_head(claim: Claim) -> bool:
    """Whether head's rows say how many such claims there are, so that they are a family of their own."""
    return bool(claim.key.column) and claim.key.exam != "shared"


def _problem(claim: Claim) -> str:
    """Why the sample can't tell; empty when it can be judged."""
    estimate = claim.measured.estimate
    if estimate is None:
        return "there is no estimate"
    if _broken(claim):
        return estimate.problem or "its value, its error or its bar is not finite"
    return too_few(estimate, claim.min_rows, metric=claim.key.metric)


def _broken(claim: Claim) -> bool:
    """Whether a number is NaN or infinite, which nothing can be held against."""
    estimate = claim.measured.estimate
    if estimate is None:
        return False
    numbers = (estimate.value, estimate.standard_error, estimate.carried, claim.threshold, claim.scale)
    return not all(map(math.isfinite, numbers)) or not claim.scale


def _result(claim: Claim, standing: _Standing | None) -> GateResult:
    estimate = claim.measured.estimate
    if estimate is None:
        return _finish(claim, _without(claim), _measurement(claim, None))
    problem, survives = _problem(claim), True
    if standing is None:
        outcome = _unjudged(claim)
    else:
        outcome = stats.judge(estimate, claim.threshold, at_least=claim.at_least, confidence=claim.confidence)
        if outcome == "fail":
            survives = standing.stands(claim.confidence)
            outcome = "fail" if survives else "insufficient"
        if outcome == "insufficient" and _drowned(claim, standing):
            outcome, survives = "fail", True
    interval = estimate.interval(claim.confidence)
    known = not estimate.problem and not _broken(claim)
    value = claim.shown(estimate.value)
    low, high = (claim.shown(limit) if known else None for limit in (interval.low, interval.high))
    told = outcome != "insufficient" or standing is None
    measurement = msgspec.structs.replace(
        _measurement(claim, standing),
        problem=problem,
        needed=None if told else _needed(claim, value, low, high),
    )
    return _finish(claim, outcome, measurement, value=value, low=low, high=high, survives=survives)


def _drowned(claim: Claim, standing: _Standing) -> bool:
    """Whether the loss is beyond all that base's own noise could be, though head's own noise hides it.

    A few absurd predictions widen the interval of their own loss without end. Two models as noisy as base,
    and no more alike than strangers, differ by √2 of its standard error.
    """
    alone, estimate = claim.measured.base_alone, claim.measured.estimate
    if alone is None or estimate is None or alone.problem or not alone.standard_error:
        return False
    beyond = claim.threshold - estimate.value if claim.at_least else estimate.value - claim.threshold
    least = stats.smallest_detectable(
        math.sqrt(2) * alone.standard_error,
        df=alone.df,
        confidence=claim.confidence,
        claims=standing.claims,
    )
    return beyond > least and estimate.standard_error > math.sqrt(2) * alone.standard_error


def _unjudged(claim: Claim) -> Outcome:
    """An estimate that can't tell: broken or taken away by head it fails, and what is the same is no loss."""
    if _broken(claim) or sentences.taken_away(claim.measured, claim.min_rows):
        return "fail"
    return "pass" if claim.identical else "insufficient"


def _without(claim: Claim) -> Outcome:
    """No estimate: head's fault fails, base's only skips, in slices it is as if no row carried the metric."""
    measured = claim.measured
    if measured.problem:
        return "fail"
    if measured.base_reason and not measured.head_reason:
        return "skipped"
    if not claim.key.level or sentences.taken_away(measured, claim.min_rows):
        return "fail"
    return "pass" if claim.identical and measured.rows else "insufficient"


def _measurement(claim: Claim, standing: _Standing | None) -> Measurement:
    """How the number was had, as far as there is one."""
    measured, estimate, key = claim.measured, claim.measured.estimate, claim.key
    found = Measurement(
        metric=key.metric,
        exam=key.exam,
        at_least=claim.at_least,
        relative=claim.relative,
        column=key.column,
        level=key.level,
        rows=measured.rows,
        min_rows=claim.min_rows,
        base=None if measured.base is None else _finite(measured.base),
        head=None if measured.head is None else _finite(measured.head),
        confidence=claim.confidence,
        problem=measured.problem,
    )
    if estimate is None:
        return found
    error, df = estimate.standard_error, estimate.df
    known = not estimate.problem and not _broken(claim)
    # A fail has to stand among all claims: at the first of Holm's steps.
    claims = standing.claims if standing else 1
    detectable = math.nan
    if known:
        detectable = stats.smallest_detectable(error, df=df, confidence=claim.confidence, claims=claims)
    return msgspec.structs.replace(
        found,
        standard_error=_finite(error / claim.scale) if known else None,
        df=_finite(df),
        carried=_finite(estimate.carried),
        discordant=estimate.discordant,
        clusters=estimate.clusters,
        method=estimate.method,
        p_value=standing.p_value if standing else None,
        p_adjusted=standing.p_adjusted if standing else None,
        claims=standing.claims if standing else 0,
        detectable=_finite(detectable / claim.scale) if known else None,
    )


def _finish(
    claim: Claim,
    outcome: Outcome,
    measurement: Measurement,
    *,
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    survives: bool = True,
) -> GateResult:
    """The result with its sentence."""
    result = GateResult(
        id=claim.id,
        kind=claim.kind,
        outcome=outcome,
        sentence="",
        subject=claim.subject,
        value=value,
        low=low,
        high=high,
        bar=_finite(claim.bar),
        strict=claim.strict,
        measured=measurement,
    )
    if claim.measured.estimate is None:
        words = sentences.without(result, claim.measured)
    else:
        words = sentences.of(
            result,
            claim.measured,
            greater_is_better=claim.greater_is_better,
            survives=survives,
            unit=claim.unit,
        )
    return msgspec.structs.replace(result, sentence=words)


def _needed(claim: Claim, value: float | None, low: float | None, high: float | None) -> int | None:
    """How many rows, or clusters, all else equal, would bring the interval to the right side of the bar."""
    limit = low if claim.at_least else high
    if value is None or limit is None:
        return None
    room = value - claim.bar if claim.at_least else claim.bar - value
    if room <= 0:
        return None
    # One step more than the square-root law says, so that nobody is disappointed by rounding.
    estimate = claim.measured.estimate
    drawn = estimate.clusters if estimate is not None and estimate.clusters else claim.measured.rows
    needed = drawn * (abs(value - limit) / room) ** 2
    return math.ceil(needed * 1.05) if math.isfinite(needed) and needed < 1e12 else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
