"""The lock chain: what head's dvc.lock says must hang together.

A break in head fails even where base has it too: numbers that can't be traced can't be judged. Base's own are
only noted.
"""

import re
from collections.abc import Iterator

from mergegate.amounts import amount
from mergegate.gates.case import Case
from mergegate.records.review import LockFinding
from mergegate.records.verdict import GateResult

KIND = "lock"
ID = "lock/chain"
NO_STAGE = "no dvc.yaml declares a stage, so nothing says which data and code made the files judged."
_SHOWN = 3


def judge(case: Case) -> Iterator[GateResult]:
    """One gate over all findings, with the commands that mend the breaks."""
    old = {_identity(finding) for finding in case.lock if finding.side == "base"}
    breaks = [finding for finding in case.lock if finding.side == "head" and finding.blocking]
    warnings = sum(finding.side == "head" and not finding.blocking for finding in case.lock)
    parts = [_sentence(breaks) if breaks or case.staged else NO_STAGE]
    if warnings == 1:
        parts.append("1 warning on it stands in the review.")
    elif warnings:
        parts.append(f"{warnings:,} warnings on it stand in the review.")
    if old:
        parts.append(_of_base(len(old), sum(_identity(finding) in old for finding in breaks)))
    yield GateResult(
        id=ID,
        kind=KIND,
        outcome="fail" if breaks else "pass" if case.staged else "skipped",
        sentence=" ".join(parts),
        mend=_mend(breaks),
    )


def _mend(breaks: list[LockFinding]) -> str:
    """The one command that mends them all where there is one: `dvc repro` runs every stage that has to."""
    mends = list(dict.fromkeys(finding.mend for finding in breaks if finding.mend))
    if len(mends) > 1 and all(re.fullmatch(r"dvc repro [\w@-]+", mend) for mend in mends):
        return "dvc repro"
    return " && ".join(mends)


def _sentence(breaks: list[LockFinding]) -> str:
    if not breaks:
        return "what head's dvc.lock says hangs together."
    messages = "; ".join(finding.message.rstrip(".") for finding in breaks[:_SHOWN])
    more = len(breaks) - _SHOWN
    return f"{messages}; and {more:,} more." if more > 0 else f"{messages}."


def _of_base(count: int, shared: int) -> str:
    inherited = f", {shared:,} of {'them' if count > 1 else 'it'} still in head" if shared else ""
    return f"Base's own has {amount(count, 'finding')}{inherited}."


def _identity(finding: LockFinding) -> tuple[str, str, str]:
    return finding.kind, finding.stage, finding.path
