"""From gates to the verdict: one failed gate fails it; the headline is one sentence, no interval claimed."""

from collections.abc import Sequence

from mergegate.config.policy import Policy
from mergegate.gates import contract, evaluation, lock, metric
from mergegate.gates.case import Case, Kind
from mergegate.records.review import LockFinding, ModelReview, Problem
from mergegate.records.verdict import GateResult, Outcome, Verdict

KINDS: tuple[Kind, ...] = (lock.judge, contract.judge, evaluation.judge, metric.judge)
"""Every kind of gate; to add one is to write its file and add it here."""

_ORDER: tuple[Outcome, ...] = ("fail", "insufficient", "skipped", "pass")


def judge(
    policy: Policy,
    models: tuple[ModelReview, ...],
    lock: tuple[LockFinding, ...],
    problems: tuple[Problem, ...] = (),
) -> tuple[tuple[GateResult, ...], Verdict]:
    """Judge a review by the policy: the gates, what blocks first, and the verdict.

    `problems` are those of no model; head's fail. Without any bar, contracts and the lock are judged still.
    """
    case = Case(policy, models, lock, problems)
    results = [result for kind in KINDS for result in kind(case)]
    results.sort(key=lambda result: _ORDER.index(result.outcome))
    failed = any(result.outcome == "fail" for result in results)
    return tuple(results), Verdict(
        outcome="failed" if failed else "passed",
        enforced=policy.mode == "enforce",
        headline=_headline(results, several=len(policy.models) > 1),
    )


def _headline(results: Sequence[GateResult], *, several: bool) -> str:
    """The first failure in its own words, or how many gates hold and what that does not say."""
    failures = [result for result in results if result.outcome == "fail"]
    if failures:
        first = failures[0]
        subject = f"{first.subject}: " if several and first.subject else ""
        more = len(failures) - 1
        rest = f" {more:,} more gate{' fails' if more == 1 else 's fail'}." if more else ""
        sentence = first.sentence
        if first.kind == metric.KIND and first.value is not None:
            sentence = f"{sentence.removesuffix('.')}; a point value, without an interval."
        return f"{subject}{sentence}{rest}"
    holding = [result for result in results if result.outcome == "pass"]
    skipped = [result for result in results if result.outcome == "skipped"]
    parts = [f"{len(holding):,} gate{' holds' if len(holding) == 1 else 's hold'}"]
    if skipped:
        parts.append(f"{len(skipped):,} {'is' if len(skipped) == 1 else 'are'} skipped")
    if any(result.kind == metric.KIND for result in results):
        parts.append("metrics are point values, without an interval")
    else:
        parts.append("the policy sets no bar for a metric")
    return "; ".join(parts) + "."
