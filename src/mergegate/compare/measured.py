"""What was measured of a metric, and its record: value, limits, and the word for the difference."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from mergegate import stats
from mergegate.records.comparison import Finding
from mergegate.stats import Estimate

Overall = Finding | Literal["mixed"]
ExamName = Literal["shared", "rescored", "head"]


class Key(msgspec.Struct, frozen=True):
    """Which number: of a metric, on which rows, in which slice, absolute or as a share of base's value."""

    metric: str
    exam: ExamName
    column: str = ""
    level: str = ""
    relative: bool = False


class Measured(msgspec.Struct, frozen=True):
    """A metric on `rows` rows: of base and head where it is paired, else of head alone.

    `estimate` is of the difference, or of head's value; None where there is none, and the reason of a side,
    or of the interval (`problem`), says why. `base_alone` is base's own value: where head's rows
    can't tell, on all of base's, else on the same rows. `identical`: every answer is the same as base's.
    """

    rows: int
    base: float | None = None
    head: float | None = None
    estimate: Estimate | None = None
    base_reason: str = ""
    head_reason: str = ""
    problem: str = ""
    base_alone: Estimate | None = None
    identical: bool = False

    @property
    def base_carried(self) -> float | None:
        """How many rows carried the metric in base, where that was asked."""
        return self.base_alone.carried if self.base_alone else None

    def base_could_tell(self, min_rows: int) -> bool:
        """Whether base's own rows sufficed for an interval."""
        alone = self.base_alone
        return alone is not None and not alone.problem and alone.carried >= min_rows


class Ask(msgspec.Struct, frozen=True):
    """What gates ask of a metric: `bars` its own interval, `relative` a share of base's value, `slices`."""

    name: str
    bars: bool = False
    relative: float = 0.0
    slices: tuple[str, ...] = ()
    min_rows: int | None = None


def paired_fields(
    found: Measured, *, greater_is_better: bool, confidence: float, min_rows: int
) -> dict[str, Any]:
    """The fields of a record of a paired comparison."""
    estimate = found.estimate
    fields: dict[str, Any] = {"base": found.base, "head": found.head}
    if found.base is not None and found.head is not None:
        fields["difference"] = found.head - found.base
    if estimate is None:
        return fields | {"problem": found.problem}
    problem = too_few(estimate, min_rows)
    outcome = stats.classify(estimate, greater_is_better=greater_is_better, confidence=confidence)
    known = not estimate.problem
    interval = estimate.interval(confidence)
    error = finite(estimate.standard_error)
    detectable = stats.smallest_detectable(estimate.standard_error, df=estimate.df, confidence=confidence)
    return fields | {
        "low": finite(interval.low) if known else None,
        "high": finite(interval.high) if known else None,
        "outcome": "insufficient" if problem else outcome,
        "standard_error": error if known else None,
        "detectable": finite(detectable) if known and error else None,
        "carried": finite(estimate.carried),
        "discordant": estimate.discordant,
        "clusters": estimate.clusters,
        "method": estimate.method,
        "problem": problem,
    }


def too_few(estimate: Estimate, min_rows: int, *, metric: str = "it") -> str:
    """Why the sample can't tell: the estimate's own reason, or too few rows; empty when it can.

    `metric` is what the sentence calls what the rows carry, where nothing beside it says so.
    """
    if estimate.problem:
        return estimate.problem
    if estimate.carried >= min_rows:
        return ""
    carried = math.floor(estimate.carried)
    rows = "1 row carries" if carried == 1 else f"{carried:,} rows carry"
    return f"only {rows} {metric}, fewer than {min_rows:,}"


def overall(found: Iterable[tuple[Measured, bool]], *, confidence: float, min_rows: int) -> Overall | None:
    """Head against base in a word, over several metrics, each with whether greater is better.

    Two-sided claims that stand together by Holm; None when nothing was compared.
    """
    claims: list[tuple[float, bool]] = []
    seen = 0
    for measured, greater in found:
        estimate = measured.estimate
        if estimate is None:
            continue
        seen += 1
        if not too_few(estimate, min_rows):
            below, above = estimate.p_below(0.0), estimate.p_above(0.0)
            claims.append((min(below, above), (above < below) == greater))
    if not claims:
        return "insufficient" if seen else None
    stands = stats.holm([p for p, _ in claims], confidence)
    words = {better for (_, better), stand in zip(claims, stands, strict=True) if stand}
    if len(words) == 2:
        return "mixed"
    return ("better" if words.pop() else "worse") if words else "no_evidence"


def finite(number: float) -> float | None:
    """The number; None where it is infinite or NaN, which JSON can't hold."""
    return number if math.isfinite(number) else None


Evidence = Mapping[Key, Measured]
"""Everything that gates judge by, besides the review's records."""
