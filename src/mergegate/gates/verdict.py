"""From gates to the verdict: one gate that blocks fails it; the headline says how head compares with base."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

import msgspec

from mergegate.compare import Evidence
from mergegate.config.policy import Policy
from mergegate.gates import (
    bundle,
    complete,
    contract,
    data,
    evaluation,
    flips,
    gaps,
    golden,
    lock,
    metric,
    regression,
    strength,
    waivers,
)
from mergegate.gates.case import Case, Kind, rows
from mergegate.gates.claim import Claim, resolve
from mergegate.records.data import DatasetReview
from mergegate.records.review import LockFinding, ModelReview, Problem
from mergegate.records.verdict import GateResult, Outcome, Verdict, Waiver

KINDS: tuple[Kind, ...] = (
    lock.judge,
    complete.judge,
    contract.judge,
    data.judge,
    evaluation.judge,
    regression.judge,
    metric.judge,
    flips.judge,
    gaps.judge,
    bundle.judge,
    golden.judge,
    strength.judge,
)
"""Every kind of gate; to add one is to write its file and add it here."""

_ORDER: tuple[Outcome, ...] = ("fail", "warn", "insufficient", "skipped", "pass")
_WORDS = {
    "better": "head is better than base",
    "worse": "head is worse than base",
    "mixed": "head is better than base in some metrics and worse in others",
    "no_evidence": "no evidence of a difference between head and base",
    "insufficient": "too few rows to tell head and base apart",
}
_ALIKE = "every prediction is the same as base's"


class Judgement(msgspec.Struct, frozen=True):
    """Every gate, what blocks first; the waivers as they stand today; the verdict."""

    gates: tuple[GateResult, ...]
    waivers: tuple[Waiver, ...]
    verdict: Verdict


def judge(
    policy: Policy,
    models: tuple[ModelReview, ...],
    lock: tuple[LockFinding, ...],
    problems: tuple[Problem, ...] = (),
    *,
    evidence: Mapping[str, Evidence] | None = None,
    datasets: tuple[DatasetReview, ...] = (),
    today: date,
    scored: bool = False,
    judging: bool = False,
    lacking: tuple[str, ...] = (),
    unreadable: str = "",
    staged: bool = True,
) -> Judgement:
    """Judge a review by the policy, as of the day `today` for waivers.

    `problems` are those of no model; head's fail. Without any bar, contracts and the lock are judged still.
    `datasets` are the reviews of the policy's datasets, unchanged ones too; one without is not judged.
    `scored` and what follows as in Case.
    """
    case = Case(
        policy, models, lock, problems, evidence or {}, datasets, scored, judging, lacking, unreadable, staged
    )
    found = [result for kind in KINDS for result in kind(case)]
    resolved = iter(resolve([item for item in found if isinstance(item, Claim)]))
    results = [next(resolved) if isinstance(item, Claim) else item for item in found]
    results, standing = waivers.apply(policy.waivers, results, today, partial(_may_name, policy))
    results.sort(key=_rank)
    failed, enforced = any(result.blocking for result in results), policy.mode == "enforce"
    verdict = Verdict(
        outcome="failed" if failed else "passed",
        enforced=enforced,
        headline=_headline(results, models, several=len(policy.models) > 1, enforced=enforced),
    )
    return Judgement(tuple(results), standing, verdict)


def _may_name(policy: Policy, gate: str) -> bool:
    """Whether another review of this policy can have a gate of that id."""
    return (
        gate in (complete.ID, complete.BASE) or data.may_name(policy, gate) or strength.may_name(policy, gate)
    )


def _rank(result: GateResult) -> tuple[bool, bool, int]:
    """What blocks first; then what is of all rows, then slices; each by what is wrong with it."""
    sliced = result.measured is not None and bool(result.measured.column)
    return not result.blocking, sliced, _ORDER.index(result.outcome)


def _headline(
    results: Sequence[GateResult], models: Sequence[ModelReview], *, several: bool, enforced: bool
) -> str:
    """What blocks first, and how head compares with base; where nothing blocks, how many gates hold."""
    compared = "; ".join(filter(None, (_compared(model, several=several) for model in models)))
    blocking = [result for result in results if result.blocking]
    if not blocking:
        return "; ".join(filter(None, (compared, _tally(results)))) + "."
    first = blocking[0]
    named = first.subject and (several or first.kind == data.KIND)
    subject = f"{first.subject.removeprefix(data.PREFIX)}: " if named else ""
    more = len(blocking) - 1
    block = (" blocks" if more == 1 else "s block") if enforced else f"{'' if more == 1 else 's'} would block"
    rest = f" {more:,} more gate{block}." if more else ""
    overall = f" Overall, {compared}." if compared else ""
    return f"{subject}{first.sentence}{rest}{overall}"


def _compared(model: ModelReview, *, several: bool) -> str:
    """One model in a phrase; empty where nothing was compared."""
    parts = []
    if model.finding:
        words = _ALIKE if model.identical else _WORDS[model.finding]
        parts.append(f"{words} on the {rows(model.rows.compared)} that both judged")
    again = model.rescored
    if again and again.finding:
        on = f"on the {rows(again.rows)} of head that base's model was run on"
        parts.append(
            on if again.finding == model.finding and not model.identical else f"{_WORDS[again.finding]} {on}"
        )
    said = ", and ".join(parts)
    return f"{model.name}: {said}" if said and several else said


def _tally(results: Sequence[GateResult]) -> str:
    """How many gates hold, and what that does not say."""
    counts = {outcome: [each for each in results if each.outcome == outcome] for outcome in _ORDER}
    waived = [each for each in results if each.waiver is not None]
    holding = len(counts["pass"])
    parts = [f"{holding:,} gate{' holds' if holding == 1 else 's hold'}"]
    if counts["warn"]:
        parts.append(f"{len(counts['warn']):,} {'warns' if len(counts['warn']) == 1 else 'warn'}")
    if counts["insufficient"]:
        parts.append(f"{len(counts['insufficient']):,} can't tell")
    if counts["skipped"]:
        number = len(counts["skipped"])
        parts.append(f"{number:,} {'is' if number == 1 else 'are'} skipped")
    if waived:
        parts.append(f"{len(waived):,} {'is' if len(waived) == 1 else 'are'} waived")
    kinds = {result.kind for result in results}
    of_data_alone = data.KIND in kinds and kinds <= {data.KIND, lock.KIND}
    if not of_data_alone and not kinds & {metric.KIND, regression.KIND}:
        parts.append("the policy sets no bar for a metric")
    return ", ".join(parts)
